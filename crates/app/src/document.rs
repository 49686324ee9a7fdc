//! One JSON document in the data folder: settings, the list of vaults.
//!
//! A document is replaced whole: what is read is either the old or the new one, also after a crash. Several
//! processes may share the folder; each change is made on what is there under a lock beside the file. A document
//! that cannot be parsed is kept aside under another name and begun anew.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::Failure;

/// Longest document that is read, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Where a document is.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    path: PathBuf,
    now: fn() -> Timestamp,
}

/// What was read.
pub(crate) struct Contents<T> {
    pub value: T,
    /// Where a damaged document was put.
    pub set_aside: Option<PathBuf>,
}

/// Changes when the file does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    /// That of a file, or of its absence.
    pub(crate) fn of(path: &Path) -> Self {
        let found = fs::metadata(path).and_then(|meta| Ok((meta.modified()?, meta.len())));
        Self(found.ok())
    }
}

impl Document {
    pub(crate) fn new(folder: &Path, name: &str, now: fn() -> Timestamp) -> Self {
        Self { path: folder.join(name), now }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp::of(&self.path)
    }

    /// Reads the document; defaults where there is none.
    pub(crate) fn read<T: DeserializeOwned + Default>(&self) -> Result<Contents<T>, Failure> {
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Contents { value: T::default(), set_aside: None });
            }
            Err(error) => return Err(Failure::file(&self.path, &error)),
        };
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Contents { value, set_aside: None }),
            Err(error) => {
                let aside = self.aside();
                tracing::warn!(file = %self.path.display(), kept = %aside.display(), %error, "a damaged file is begun anew");
                fs::rename(&self.path, &aside).map_err(|error| Failure::file(&self.path, &error))?;
                Ok(Contents { value: T::default(), set_aside: Some(aside) })
            }
        }
    }

    /// Changes the document under its lock. What `change` returns as an error changes nothing.
    pub(crate) fn update<T, R>(&self, change: impl FnOnce(&mut T) -> Result<R, Failure>) -> Result<R, Failure>
    where
        T: DeserializeOwned + Serialize + Default,
    {
        let failed = |error: io::Error| Failure::file(&self.path, &error);
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = File::create(self.path.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut value = self.read::<T>()?.value;
        let result = change(&mut value)?;
        self.write(folder, &value).map_err(failed)?;
        Ok(result)
    }

    fn write(&self, folder: &Path, value: &impl Serialize) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, value)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        use std::io::Read;
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn aside(&self) -> PathBuf {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.path.with_file_name(format!("{stem}.damaged-{}.json", (self.now)().as_millisecond()))
    }
}
