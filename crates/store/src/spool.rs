//! The local copy of an archive while it is written, and the cached copy of a foreign one.
//!
//! Blocking: called from `spawn_blocking`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::error::StoreError;
use crate::folder::create_private;

/// A file read and written by position, so that many can read while one appends.
#[derive(Clone, Debug)]
pub(crate) struct SpoolFile {
    file: Arc<File>,
    /// For messages only.
    folder: PathBuf,
}

impl SpoolFile {
    /// A file without a name: it disappears with this process.
    pub(crate) fn unnamed(folder: &Path) -> Result<Self, StoreError> {
        create_private(folder)
            .and_then(|()| tempfile::tempfile_in(folder))
            .map(|file| Self::of(file, folder))
            .map_err(|source| StoreError::cache(folder, source))
    }

    pub(crate) fn of(file: File, folder: &Path) -> Self {
        Self { file: Arc::new(file), folder: folder.to_owned() }
    }

    pub(crate) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<(), StoreError> {
        write_all_at(&self.file, bytes, offset).map_err(|source| StoreError::cache(&self.folder, source))
    }

    pub(crate) fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, StoreError> {
        let mut buffer = vec![0; length];
        read_exact_at(&self.file, &mut buffer, offset)
            .map_err(|source| StoreError::cache(&self.folder, source))?;
        Ok(buffer.into())
    }

    pub(crate) fn len(&self) -> Result<u64, StoreError> {
        self.file.metadata().map(|meta| meta.len()).map_err(|source| StoreError::cache(&self.folder, source))
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        let written = file.seek_write(bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        let read = file.seek_read(buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}
