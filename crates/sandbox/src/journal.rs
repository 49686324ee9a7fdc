//! The state file: a journal that several processes append to.
//!
//! ```text
//! {"holdfastSandbox":1,"generation":"<uuid>"}            header
//! {"version":230,"changes":[{"put":{...}}, ...]}          everything there was when the file was made
//! {"version":231,"changes":[{"delete":{...}}]}            one line per request that changed something
//! ```
//!
//! - Writers hold the lock file `lock` beside it; so writes never interleave, and a writer has read everything before
//!   it decides. Readers take no lock: a line counts once it ends.
//! - A writer that was killed leaves at most a line without its end, which the next writer cuts off.
//! - The file is replaced whole (temporary file, then rename) when it is made, reset, or has grown to several times
//!   what it says. Its new generation tells every process to read it from the beginning.
//! - Nothing is synced to disk: after a power failure the file may be damaged, which is reported when it is read. It is
//!   a sandbox; a reset brings it back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::SandboxError;
use crate::world::{Change, World};

/// Format of the file.
const FORMAT: u32 = 1;
/// Largest state file that is read: a few hundred times the sample.
const MAX_STATE_BYTES: u64 = 256 * 1024 * 1024;
/// Longest header.
const MAX_HEADER_BYTES: u64 = 256;
/// The file is made anew when its changes take this many times the space of what it began with...
const GROWTH: u64 = 4;
/// ...and at least this.
const MIN_GROWTH_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Header {
    holdfast_sandbox: u32,
    generation: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    version: u64,
    changes: std::borrow::Cow<'a, [Change]>,
}

/// How far this process has read the file.
pub(crate) struct Journal {
    path: PathBuf,
    lock: PathBuf,
    generation: Option<Uuid>,
    /// Bytes read: up to the end of the last complete line.
    offset: u64,
    /// Bytes up to the end of the first line of changes.
    base: u64,
}

/// What there was to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is no file.
    Nothing,
    /// The file that was read before, with what was added to it, if anything.
    More,
    /// Another file, read from its beginning.
    Anew,
}

/// Exclusive use of the file until dropped.
pub(crate) struct Locked(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Journal {
    /// The journal of a folder, which is created for the user alone: a sandbox may hold what was restored into it.
    pub(crate) fn at(folder: &Path) -> Result<Self, SandboxError> {
        let failed = |source| SandboxError::Io { doing: "written", path: folder.to_owned(), source };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(failed)?;
        Ok(Self {
            path: folder.join("state.jsonl"),
            lock: folder.join("lock"),
            generation: None,
            offset: 0,
            base: 0,
        })
    }

    fn io(&self, doing: &'static str) -> impl FnOnce(io::Error) -> SandboxError {
        let path = self.path.clone();
        move |source| SandboxError::Io { doing, path, source }
    }

    fn damaged(&self, reason: String) -> SandboxError {
        SandboxError::Damaged { path: self.path.clone(), reason }
    }

    /// Waits for the lock, which is held for milliseconds at a time.
    pub(crate) fn lock(&self) -> Result<Locked, SandboxError> {
        let open = || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&self.lock)?;
            file.lock()?;
            Ok(file)
        };
        open().map(Locked).map_err(|source| SandboxError::Io {
            doing: "locked",
            path: self.lock.clone(),
            source,
        })
    }

    /// Brings `world` up to what the file says.
    pub(crate) fn catch_up(&mut self, world: &mut World) -> Result<Found, SandboxError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(self.io("read")(error)),
        };
        let length = file.metadata().map_err(self.io("read"))?.len();
        if length > MAX_STATE_BYTES {
            return Err(self.damaged(format!("it has more than {MAX_STATE_BYTES} bytes")));
        }
        let mut text = Vec::new();
        let mut reader = BufReader::new(&mut file);
        reader.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut text).map_err(self.io("read"))?;
        let header: Header = match serde_json::from_slice(&text) {
            Ok(header) if text.ends_with(b"\n") => header,
            Ok(_) => return Err(self.damaged("line 1: it breaks off".to_owned())),
            Err(error) => return Err(self.damaged(format!("line 1: {error}"))),
        };
        if header.holdfast_sandbox != FORMAT {
            let found = header.holdfast_sandbox;
            return Err(self.damaged(format!(
                "it has format {found} of another version of Holdfast, this one reads format {FORMAT}"
            )));
        }
        let anew = self.generation != Some(header.generation) || length < self.offset;
        if anew {
            *world = World::default();
            self.generation = None;
            self.offset = text.len() as u64;
            self.base = 0;
        }
        if length > self.offset {
            reader.seek(SeekFrom::Start(self.offset)).map_err(self.io("read"))?;
            self.read_lines(&mut reader, world)?;
        }
        if self.base == 0 {
            return Err(self.damaged("line 2: it is missing".to_owned()));
        }
        self.generation = Some(header.generation);
        Ok(if anew { Found::Anew } else { Found::More })
    }

    fn read_lines(&mut self, reader: &mut impl BufRead, world: &mut World) -> Result<(), SandboxError> {
        let mut text = Vec::new();
        loop {
            text.clear();
            let count = reader.read_until(b'\n', &mut text).map_err(self.io("read"))?;
            if !text.ends_with(b"\n") {
                return Ok(());
            }
            let line: Line<'_> = serde_json::from_slice(&text)
                .map_err(|error| self.damaged(format!("at byte {}: {error}", self.offset)))?;
            line.changes.iter().for_each(|change| world.apply(change));
            world.version = line.version;
            self.offset += count as u64;
            if self.base == 0 {
                self.base = self.offset;
            }
        }
    }

    /// Adds the changes of one request. The lock must be held, and the file be read to its end.
    pub(crate) fn append(
        &mut self,
        _lock: &Locked,
        world: &World,
        changes: &[Change],
    ) -> Result<(), SandboxError> {
        if self.offset > self.base.saturating_mul(GROWTH).max(MIN_GROWTH_BYTES) {
            return self.write_whole(world);
        }
        let text = line(world.version, changes);
        let write = || {
            let mut file = OpenOptions::new().write(true).open(&self.path)?;
            // What a killed writer left behind the last complete line.
            file.set_len(self.offset)?;
            file.seek(SeekFrom::Start(self.offset))?;
            file.write_all(&text)
        };
        write().map_err(self.io("written"))?;
        self.offset += text.len() as u64;
        Ok(())
    }

    /// Replaces the file by what `world` holds.
    pub(crate) fn replace(&mut self, _lock: &Locked, world: &World) -> Result<(), SandboxError> {
        self.write_whole(world)
    }

    fn write_whole(&mut self, world: &World) -> Result<(), SandboxError> {
        let all: Vec<Change> = world
            .objects()
            .map(|(key, object)| Change::Put { key: key.clone(), object: Arc::clone(object) })
            .collect();
        let header = Header { holdfast_sandbox: FORMAT, generation: Uuid::new_v4() };
        #[expect(clippy::expect_used, reason = "a number and a UUID are always JSON")]
        let mut text = serde_json::to_vec(&header).expect("a header as JSON");
        text.push(b'\n');
        text.extend(line(world.version, &all));
        let temporary = self.path.with_extension("new");
        let write = || {
            let mut options = OpenOptions::new();
            options.create(true).truncate(true).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&temporary)?.write_all(&text)?;
            fs::rename(&temporary, &self.path)
        };
        write().map_err(self.io("written"))?;
        self.generation = Some(header.generation);
        self.offset = text.len() as u64;
        self.base = self.offset;
        Ok(())
    }
}

fn line(version: u64, changes: &[Change]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "keys are strings and objects are JSON values")]
    let mut text = serde_json::to_vec(&Line { version, changes: changes.into() }).expect("changes as JSON");
    text.push(b'\n');
    text
}
