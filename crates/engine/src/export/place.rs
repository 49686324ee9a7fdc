//! Where an export goes: written beside, put in place at the end, and gone without a trace if that end never comes.
//!
//! A file is replaced by a rename. A folder that is not there yet is renamed into place whole. Into a folder that is
//! there (it may be a mount, or a work tree of git) the parts are moved one by one from a hidden folder inside of it;
//! of what it holds, only what exports write is ever replaced.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use holdfast_model::wave::Wave;
use tempfile::{NamedTempFile, TempDir};

use super::error::ExportError;
use super::names::wave_folder;

/// What a folder's kustomization is called.
pub(super) const KUSTOMIZATION: &str = "kustomization.yaml";
/// How folders of exports under way begin.
const HIDDEN: &str = ".holdfast-export-";
/// Names that a message says at most.
const NAMES_SHOWN: usize = 3;

/// A file that is not in place yet.
#[derive(Debug)]
pub(super) struct FilePlace {
    to: PathBuf,
    replace: bool,
}

impl FilePlace {
    /// Looks whether the file may be written, and begins one beside it, which only its owner can read.
    pub(super) fn open(to: &Path, replace: bool) -> Result<(Self, NamedTempFile), ExportError> {
        match fs::metadata(to) {
            Ok(found) if found.is_dir() => {
                return Err(ExportError::WrongKind { path: to.to_owned(), what: "a folder" });
            }
            Ok(_) if !replace => return Err(ExportError::Exists { path: to.to_owned() }),
            _ => {}
        }
        let file = tempfile::Builder::new().prefix(HIDDEN).tempfile_in(parent(to));
        let file = file.map_err(ExportError::write(to))?;
        Ok((Self { to: to.to_owned(), replace }, file))
    }

    /// Puts the file in place.
    pub(super) fn commit(self, file: NamedTempFile) -> Result<(), ExportError> {
        file.as_file().sync_all().map_err(ExportError::write(&self.to))?;
        let placed = if self.replace { file.persist(&self.to) } else { file.persist_noclobber(&self.to) };
        match placed {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                Err(ExportError::Exists { path: self.to })
            }
            Err(error) => Err(ExportError::Write { path: self.to, source: error.error }),
        }
    }
}

/// A folder that is not in place yet.
#[derive(Debug)]
pub(super) struct FolderPlace {
    to: PathBuf,
    temporary: TempDir,
    /// Where the files are written.
    files: PathBuf,
    /// Whether the folder was there before.
    inside: bool,
}

impl FolderPlace {
    /// Looks whether the folder may be written into, and begins one beside it, or inside of it if it is there.
    pub(super) fn open(to: &Path, replace: bool) -> Result<Self, ExportError> {
        let failed = || ExportError::write(to);
        let inside = match fs::metadata(to) {
            Ok(found) if !found.is_dir() => {
                return Err(ExportError::WrongKind { path: to.to_owned(), what: "a file" });
            }
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(failed()(error)),
        };
        if inside && !replace {
            check_empty(to)?;
        }
        let around = if inside { to } else { parent(to) };
        let temporary = tempfile::Builder::new().prefix(HIDDEN).tempdir_in(around).map_err(failed())?;
        let files = temporary.path().join("new");
        folder(&files)?;
        Ok(Self { to: to.to_owned(), temporary, files, inside })
    }

    /// Where the files are written until [`Self::commit`].
    pub(super) fn files(&self) -> &Path {
        &self.files
    }

    /// Puts the folder in place.
    pub(super) fn commit(self) -> Result<(), ExportError> {
        if self.inside {
            return self.commit_inside();
        }
        // A folder that appeared meanwhile refuses this, unless it is empty.
        fs::rename(&self.files, &self.to).map_err(ExportError::write(&self.to))
    }

    fn commit_inside(self) -> Result<(), ExportError> {
        let old = self.temporary.path().join("old");
        folder(&old)?;
        let (to, files) = (&self.to, &self.files);
        let owned = Wave::ALL.iter().map(|wave| wave_folder(*wave)).chain([KUSTOMIZATION]);
        let mut moved = Ok(());
        for name in owned {
            moved = moved
                .and_then(|()| move_if_there(&to.join(name), &old.join(name)))
                .and_then(|()| move_if_there(&files.join(name), &to.join(name)));
        }
        moved.map_err(|source| {
            // Not removed with the rest: it may hold the only copy of what was there.
            let kept = self.temporary.keep();
            ExportError::HalfReplaced { path: self.to, kept, source }
        })
    }
}

/// Makes a folder, and those around it, that only their owner can read.
pub(super) fn folder(path: &Path) -> Result<(), ExportError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(ExportError::write(path))
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn check_empty(path: &Path) -> Result<(), ExportError> {
    let entries = fs::read_dir(path).map_err(ExportError::write(path))?;
    let mut names: Vec<String> = entries
        .take(1000)
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().escape_debug().to_string())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    names.sort_unstable();
    let more = if names.len() > NAMES_SHOWN { ", …" } else { "" };
    names.truncate(NAMES_SHOWN);
    Err(ExportError::NotEmpty { path: path.to_owned(), found: names.join(", ") + more })
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
