//! From chunks that arrive to a stream that a decoder reads, and a guard against what it unpacks to.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use bytes::{Buf, Bytes};
use flate2::bufread::MultiGzDecoder;
use tokio::sync::mpsc;

use crate::error::StoreError;
use crate::limits::{MAX_ARCHIVE_RAW_BYTES, MAX_COMPRESSION_RATIO, RATIO_ALLOWANCE};

/// Bytes of one request.
pub(super) const STEP: u64 = 8 << 20;

/// Chunks from a channel as a blocking stream, hashed on the way.
#[derive(Debug)]
pub(super) struct BlobReader {
    chunks: mpsc::Receiver<Result<Bytes, StoreError>>,
    current: Bytes,
    hasher: blake3::Hasher,
    error: Option<StoreError>,
    arrived: Rc<Cell<u64>>,
}

impl BlobReader {
    pub(super) fn new(chunks: mpsc::Receiver<Result<Bytes, StoreError>>) -> Self {
        Self {
            chunks,
            current: Bytes::new(),
            hasher: blake3::Hasher::new(),
            error: None,
            arrived: Rc::default(),
        }
    }

    /// The failure of the storage, if there was one.
    pub(super) fn take_error(&mut self) -> Option<StoreError> {
        self.error.take()
    }

    /// Hash of all that arrived.
    pub(super) fn hash(&self) -> blake3::Hash {
        self.hasher.finalize()
    }
}

impl BufRead for BlobReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.current.is_empty() {
            match self.chunks.blocking_recv() {
                Some(Ok(chunk)) => {
                    self.hasher.update(&chunk);
                    self.arrived.set(self.arrived.get() + chunk.len() as u64);
                    self.current = chunk;
                }
                Some(Err(error)) => {
                    self.error = Some(error);
                    return Err(io::ErrorKind::BrokenPipe.into());
                }
                None => break,
            }
        }
        Ok(&self.current)
    }

    fn consume(&mut self, amount: usize) {
        self.current.advance(amount.min(self.current.len()));
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// The uncompressed stream, which fails when it outgrows what an honest archive unpacks to.
pub(super) struct Guarded<'a> {
    decoder: MultiGzDecoder<&'a mut BlobReader>,
    arrived: Rc<Cell<u64>>,
    raw: u64,
    tripped: Rc<Cell<bool>>,
}

impl<'a> Guarded<'a> {
    pub(super) fn new(reader: &'a mut BlobReader) -> Self {
        let arrived = Rc::clone(&reader.arrived);
        Self { decoder: MultiGzDecoder::new(reader), arrived, raw: 0, tripped: Rc::default() }
    }

    /// Turns true when the guard stops the stream.
    pub(super) fn tripped(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.tripped)
    }
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.raw += count as u64;
        // What has arrived, not what was decoded: at most two chunks too generous.
        let expected = RATIO_ALLOWANCE + self.arrived.get().saturating_mul(MAX_COMPRESSION_RATIO);
        if self.raw > MAX_ARCHIVE_RAW_BYTES || self.raw > expected {
            self.tripped.set(true);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(count)
    }
}
