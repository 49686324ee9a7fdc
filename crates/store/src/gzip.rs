//! gzip, one member at a time. Nothing here trusts a length that the input claims.

use std::io::{Read, Write};

use flate2::bufread::{GzDecoder, MultiGzDecoder};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

/// Level 1: twice as fast as the default for a tenth more bytes, measured on Kubernetes objects.
const LEVEL: u32 = 1;

/// Compresses to one member. The same bytes give the same member: no time, no name.
pub(crate) fn compress(raw: &[u8]) -> Vec<u8> {
    let out = Vec::with_capacity(raw.len() / 6 + 64);
    let mut encoder: GzEncoder<Vec<u8>> = GzBuilder::new().mtime(0).write(out, Compression::new(LEVEL));
    #[expect(clippy::expect_used, reason = "the only I/O is appending to a Vec, which cannot fail")]
    encoder.write_all(raw).and_then(|()| encoder.finish()).expect("writing to memory")
}

/// Why a member cannot be unpacked.
pub(crate) type Unpack = &'static str;

/// Unpacks exactly one member that fills `compressed` and has `raw_len` bytes inside.
pub(crate) fn member(compressed: &[u8], raw_len: usize) -> Result<Vec<u8>, Unpack> {
    let mut decoder = GzDecoder::new(compressed);
    // One spare byte lets the decoder see the end, and its checksum, without growing the buffer.
    let mut raw = Vec::with_capacity(raw_len + 1);
    read_at_most(&mut decoder, &mut raw, raw_len)?;
    if raw.len() != raw_len {
        return Err("a compressed part is shorter than it should be");
    }
    if !decoder.into_inner().is_empty() {
        return Err("a compressed part has bytes behind its end");
    }
    Ok(raw)
}

/// Unpacks the first member, of at most `max` bytes, and tells how long it is compressed.
pub(crate) fn first_member(blob: &[u8], max: usize) -> Result<(Vec<u8>, usize), Unpack> {
    let mut decoder = GzDecoder::new(blob);
    let mut raw = Vec::new();
    read_at_most(&mut decoder, &mut raw, max)?;
    Ok((raw, blob.len() - decoder.into_inner().len()))
}

/// Unpacks all members, of at most `max` bytes together.
pub(crate) fn text(blob: &[u8], max: u64) -> Result<Vec<u8>, Unpack> {
    let mut decoder = MultiGzDecoder::new(blob);
    let mut raw = Vec::new();
    read_at_most(&mut decoder, &mut raw, usize::try_from(max).unwrap_or(usize::MAX))?;
    Ok(raw)
}

fn read_at_most(decoder: &mut impl Read, raw: &mut Vec<u8>, max: usize) -> Result<(), Unpack> {
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.take(limit).read_to_end(raw).map_err(|_| "it is not intact gzip data")?;
    if read > max { Err("it unpacks to more than it should") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_back_only_with_its_exact_lengths() {
        let raw = b"abc".repeat(1000);
        let mut packed = compress(&raw);
        assert_eq!(packed, compress(&raw));
        assert_eq!(member(&packed, raw.len()), Ok(raw.clone()));
        assert!(member(&packed, raw.len() - 1).is_err());
        assert!(member(&packed, raw.len() + 1).is_err());
        assert!(member(&packed[..packed.len() - 1], raw.len()).is_err());
        let first = packed.len();
        packed.extend(compress(b"x"));
        assert!(member(&packed, raw.len()).is_err());
        assert_eq!(first_member(&packed, 5000), Ok((raw.clone(), first)));
        assert!(first_member(&packed, 2999).is_err());
        assert_eq!(text(&packed, 5000).unwrap().len(), raw.len() + 1);
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = compress(&vec![0; 10 << 20]);
        assert!(first_member(&bomb, 1 << 20).is_err());
        assert!(text(&bomb, 1 << 20).is_err());
    }
}
