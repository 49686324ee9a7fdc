//! The tarball of a point: what its entries are called, how they are written and read.

pub(crate) mod path;
pub(crate) mod read;
pub(crate) mod write;

/// Size of a tar block, in bytes.
pub(crate) const BLOCK: usize = 512;

/// Content of the first entry; Velero's format version.
pub(crate) const FORMAT_VERSION: &str = "1.1.0";

/// Bytes of zeros after an entry of `length` bytes.
pub(crate) const fn padding(length: usize) -> usize {
    (BLOCK - length % BLOCK) % BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_fills_the_block() {
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }
}
