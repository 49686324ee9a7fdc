//! Reading tar entries from a stream that nobody vouches for.
//!
//! Understands ustar, GNU long names and PAX paths: what GNU tar, Go and this
//! program write. Lengths that a header claims are checked against limits before
//! anything is allocated for them.

use std::io::{self, Read};

use tar::{EntryType, Header, PaxExtensions};

use super::{BLOCK, padding};
use crate::limits::MAX_PATH_BYTES;

/// Longest extension header, in bytes: a path and what else PAX may say.
const MAX_EXTENSION: u64 = MAX_PATH_BYTES as u64 + 4096;

/// Why a tarball cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TarError {
    /// The stream below failed, or its gzip data is damaged.
    #[error("it is not intact gzip data, or ends too early")]
    Read(#[from] io::Error),
    /// The tar structure is broken.
    #[error("{0}")]
    Broken(&'static str),
}

/// Head of an entry. Its content is next in the stream and must be read or skipped.
#[derive(Debug)]
pub(crate) struct EntryHead {
    /// Path as bytes, not checked.
    pub(crate) path: Vec<u8>,
    /// Whether it is a regular file.
    pub(crate) regular: bool,
    /// Whether it is a directory.
    pub(crate) directory: bool,
    /// Bytes of content.
    pub(crate) size: u64,
}

/// Walks the entries of a tarball.
#[derive(Debug)]
pub(crate) struct TarReader<R> {
    stream: R,
    position: u64,
    needs_end: bool,
}

impl<R: Read> TarReader<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { stream, position: 0, needs_end: true }
    }

    /// Reads one part of a tarball, cut between two entries.
    pub(crate) fn part(stream: R) -> Self {
        Self { stream, position: 0, needs_end: false }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next entry, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<EntryHead>, TarError> {
        let mut long: Option<Vec<u8>> = None;
        loop {
            let Some(header) = self.header()? else {
                return if long.is_some() {
                    Err(TarError::Broken("it ends inside an entry"))
                } else {
                    Ok(None)
                };
            };
            let size = header.entry_size().map_err(|_| TarError::Broken("an entry has no readable size"))?;
            match header.entry_type() {
                EntryType::GNULongName => {
                    let mut path = self.extension(size)?;
                    while path.last() == Some(&0) {
                        path.pop();
                    }
                    long = Some(path);
                }
                EntryType::XHeader => {
                    let data = self.extension(size)?;
                    for record in PaxExtensions::new(&data) {
                        let record =
                            record.map_err(|_| TarError::Broken("an extended header is not readable"))?;
                        match record.key_bytes() {
                            b"path" => long = Some(record.value_bytes().to_vec()),
                            b"size" => return Err(TarError::Broken("an entry is larger than 8 GiB")),
                            _ => {}
                        }
                    }
                }
                EntryType::GNULongLink | EntryType::XGlobalHeader => {
                    self.extension(size)?;
                }
                kind => {
                    let path = long.take().unwrap_or_else(|| header.path_bytes().into_owned());
                    return Ok(Some(EntryHead {
                        path,
                        regular: matches!(kind, EntryType::Regular | EntryType::Continuous),
                        directory: kind.is_dir(),
                        size,
                    }));
                }
            }
        }
    }

    /// The content of the entry just returned.
    pub(crate) fn content(&mut self, size: usize) -> Result<Vec<u8>, TarError> {
        let mut content = vec![0; size];
        self.read_exact(&mut content)?;
        self.skip_bytes(padding(size) as u64)?;
        Ok(content)
    }

    /// Passes over the content of the entry just returned.
    pub(crate) fn skip(&mut self, size: u64) -> Result<(), TarError> {
        self.skip_bytes(size)?;
        let tail = usize::try_from(size % BLOCK as u64).unwrap_or(0);
        self.skip_bytes(padding(tail) as u64)
    }

    /// Reads what follows the end of the tarball, so that the checksums below are checked too.
    pub(crate) fn drain(&mut self) -> Result<(), TarError> {
        io::copy(&mut self.stream, &mut io::sink())?;
        Ok(())
    }

    fn header(&mut self) -> Result<Option<Header>, TarError> {
        let mut header = Header::new_old();
        let mut zero_blocks = 0;
        loop {
            let at_start = self.fill(header.as_mut_bytes())?;
            if at_start == 0 {
                let ended = zero_blocks > 0 || !self.needs_end;
                return if ended { Ok(None) } else { Err(TarError::Broken("it has no end mark")) };
            }
            if at_start < BLOCK {
                return Err(TarError::Broken("it ends inside an entry"));
            }
            if header.as_bytes().iter().any(|b| *b != 0) {
                break;
            }
            zero_blocks += 1;
            if zero_blocks == 2 {
                return Ok(None);
            }
        }
        let claimed = header.cksum().map_err(|_| TarError::Broken("an entry has no readable checksum"))?;
        let mut check = header.clone();
        check.set_cksum();
        if check.cksum().ok() != Some(claimed) {
            return Err(TarError::Broken("an entry's checksum is wrong"));
        }
        Ok(Some(header))
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, TarError> {
        if size > MAX_EXTENSION {
            return Err(TarError::Broken("an entry's path is too long"));
        }
        self.content(usize::try_from(size).unwrap_or(0))
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, TarError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.stream.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        self.position += filled as u64;
        Ok(filled)
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), TarError> {
        if self.fill(buffer)? == buffer.len() {
            Ok(())
        } else {
            Err(TarError::Broken("it ends inside an entry"))
        }
    }

    fn skip_bytes(&mut self, count: u64) -> Result<(), TarError> {
        let skipped = io::copy(&mut self.stream.by_ref().take(count), &mut io::sink())?;
        self.position += skipped;
        if skipped == count { Ok(()) } else { Err(TarError::Broken("it ends inside an entry")) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::write::{END, EntryWriter};
    use super::*;

    fn sample() -> Vec<u8> {
        let writer = EntryWriter::new(Timestamp::from_second(1_800_000_000).unwrap());
        let mut raw = writer.prologue();
        writer.append(&mut raw, &format!("resources/pods/cluster/{}.json", "n".repeat(200)), &[b"{}", b" "]);
        writer.append(&mut raw, "resources/pods/cluster/exact.json", &[&[b'x'; 512]]);
        raw.extend_from_slice(&END);
        raw
    }

    fn walk(raw: &[u8]) -> Result<Vec<(String, usize)>, TarError> {
        let mut reader = TarReader::new(raw);
        let mut found = Vec::new();
        while let Some(entry) = reader.next()? {
            let size = usize::try_from(entry.size).unwrap().min(1 << 20);
            found.push((String::from_utf8_lossy(&entry.path).into_owned(), reader.content(size)?.len()));
        }
        Ok(found)
    }

    #[test]
    fn entries_come_back_with_long_paths() {
        let found = walk(&sample()).unwrap();
        assert_eq!(found[0], ("metadata/version".to_owned(), 6));
        assert_eq!(found[1], (format!("resources/pods/cluster/{}.json", "n".repeat(200)), 3));
        assert_eq!(found[2].1, 512);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_tarball_without_end_is_cut_off() {
        let raw = sample();
        for length in [0, 100, 512, 1024, raw.len() - 1024, raw.len() - 1600] {
            assert!(walk(&raw[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(at in 0usize..4096, byte: u8, cut in 0usize..6000) {
            let mut raw = sample();
            let at = at % raw.len();
            raw[at] = byte;
            raw.truncate(cut);
            let _ = walk(&raw);
        }
    }
}
