//! Writing tar entries into memory, byte for byte the same for the same input.

use jiff::Timestamp;
use tar::{EntryType, Header};

use super::{BLOCK, FORMAT_VERSION, padding};

/// Velero creates each directory with the mode of the first file in it, so a file must be executable (1.5).
const MODE: u32 = 0o755;

/// Longest path that fits into the header itself.
const SHORT_PATH: usize = 100;

/// Two blocks of zeros: the end of a tarball.
pub(crate) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Appends entries that differ only in path and content.
#[derive(Clone, Debug)]
pub(crate) struct EntryWriter {
    template: Header,
}

impl EntryWriter {
    /// `mtime` becomes the modification time of every entry.
    pub(crate) fn new(mtime: Timestamp) -> Self {
        let mut template = Header::new_gnu();
        template.set_entry_type(EntryType::Regular);
        template.set_mode(MODE);
        template.set_uid(0);
        template.set_gid(0);
        template.set_mtime(u64::try_from(mtime.as_second()).unwrap_or(0));
        Self { template }
    }

    /// Appends one regular file and returns where its content begins in `raw`.
    pub(crate) fn append(&self, raw: &mut Vec<u8>, path: &str, pieces: &[&[u8]]) -> usize {
        let length = pieces.iter().map(|p| p.len()).sum::<usize>();
        let path = path.as_bytes();
        if path.len() > SHORT_PATH {
            self.long_path(raw, path);
        }
        let mut header = self.template.clone();
        set_name(&mut header, path);
        header.set_size(length as u64);
        header.set_cksum();
        raw.extend_from_slice(header.as_bytes());
        let start = raw.len();
        for piece in pieces {
            raw.extend_from_slice(piece);
        }
        raw.resize(raw.len() + padding(length), 0);
        start
    }

    /// The GNU extension for long paths, which GNU tar, Go and Velero read.
    fn long_path(&self, raw: &mut Vec<u8>, path: &[u8]) {
        let mut header = self.template.clone();
        set_name(&mut header, b"././@LongLink");
        header.set_entry_type(EntryType::GNULongName);
        header.set_size(path.len() as u64 + 1);
        header.set_cksum();
        raw.extend_from_slice(header.as_bytes());
        raw.extend_from_slice(path);
        raw.resize(raw.len() + 1 + padding(path.len() + 1), 0);
    }

    /// The entry with which every Velero backup begins.
    pub(crate) fn prologue(&self) -> Vec<u8> {
        let mut raw = Vec::with_capacity(2 * BLOCK);
        self.append(&mut raw, "metadata/version", &[FORMAT_VERSION.as_bytes(), b"\n"]);
        raw
    }
}

/// Cuts a name that does not fit; the extension then holds the whole.
fn set_name(header: &mut Header, path: &[u8]) {
    let short = &path[..path.len().min(SHORT_PATH)];
    header.as_old_mut().name[..short.len()].copy_from_slice(short);
}
