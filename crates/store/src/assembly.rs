//! Putting members together into an archive and its index. Blocking.

use jiff::Timestamp;

use crate::error::StoreError;
use crate::gzip;
use crate::hash::{Hash128, hash128, hex};
use crate::index::{Index, IndexBuilder, MemberInfo};
use crate::limits::MAX_ARCHIVE_RAW_BYTES;
use crate::member::Member;
use crate::spool::SpoolFile;
use crate::tarball::write::{END, EntryWriter};

/// An archive that grows in a local file.
#[derive(Debug)]
pub(crate) struct Assembly {
    /// For messages.
    what: String,
    file: SpoolFile,
    length: u64,
    raw_bytes: u64,
    hasher: blake3::Hasher,
    index: IndexBuilder,
}

/// A finished archive.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) file: SpoolFile,
    pub(crate) length: u64,
    pub(crate) raw_bytes: u64,
    /// blake3 of all bytes, as hex.
    pub(crate) hash: String,
    pub(crate) index: IndexBuilder,
}

impl Assembly {
    /// Begins an archive with the entry that every Velero backup begins with.
    pub(crate) fn begin(what: &str, file: SpoolFile, mtime: Timestamp) -> Result<Self, StoreError> {
        let mut assembly = Self {
            what: what.to_owned(),
            file,
            length: 0,
            raw_bytes: 0,
            hasher: blake3::Hasher::new(),
            index: IndexBuilder::default(),
        };
        assembly.frame(&EntryWriter::new(mtime).prologue())?;
        Ok(assembly)
    }

    pub(crate) fn objects(&self) -> u64 {
        self.index.len() as u64
    }

    /// Bytes of the archive so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Adds a member with its objects.
    pub(crate) fn append(&mut self, member: &Member) -> Result<(), StoreError> {
        let info = self.write(&member.compressed, u64::from(member.raw_len), member.hash)?;
        self.index.add(member, info).map_err(|_| self.too_large())?;
        self.advance(&member.compressed, info);
        Ok(())
    }

    fn frame(&mut self, raw: &[u8]) -> Result<(), StoreError> {
        let compressed = gzip::compress(raw);
        let info = self.write(&compressed, raw.len() as u64, hash128(&compressed))?;
        self.index.frame(info);
        self.advance(&compressed, info);
        Ok(())
    }

    /// Writes without counting: until [`Assembly::advance`] the same place can be written again.
    fn write(&self, compressed: &[u8], raw_len: u64, hash: Hash128) -> Result<MemberInfo, StoreError> {
        if self.raw_bytes + raw_len > MAX_ARCHIVE_RAW_BYTES {
            return Err(self.too_large());
        }
        self.file.write_at(compressed, self.length)?;
        let short = |n: u64| u32::try_from(n).map_err(|_| self.too_large());
        let length = short(compressed.len() as u64)?;
        Ok(MemberInfo { offset: self.length, length, raw_len: short(raw_len)?, hash })
    }

    fn advance(&mut self, compressed: &[u8], info: MemberInfo) {
        self.hasher.update(compressed);
        self.length += u64::from(info.length);
        self.raw_bytes += u64::from(info.raw_len);
    }

    fn too_large(&self) -> StoreError {
        StoreError::TooLarge {
            what: format!("the archive of recovery point {}", self.what),
            limit: MAX_ARCHIVE_RAW_BYTES,
            advice: "make several backups of fewer namespaces each",
        }
    }

    /// Ends the tarball.
    pub(crate) fn finish(mut self) -> Result<Archive, StoreError> {
        self.frame(&END)?;
        Ok(Archive {
            file: self.file,
            length: self.length,
            raw_bytes: self.raw_bytes,
            hash: hex(self.hasher.finalize().as_bytes()),
            index: self.index,
        })
    }
}

impl Archive {
    /// Sorts the index.
    pub(crate) fn into_index(self, non_atomic: Vec<String>) -> Index {
        self.index.finish(non_atomic)
    }
}
