//! The first member of an index blob.

use holdfast_model::resource::ResourceType;
use serde::{Deserialize, Serialize};

/// Format of the index that this version writes and reads.
pub(super) const FORMAT: u32 = 1;

/// Longest header, uncompressed, in bytes.
pub(super) const MAX_HEADER_BYTES: usize = 64 << 20;

/// Rows in one member of the index.
pub(super) const ROWS_PER_PART: usize = 4096;

/// Uncompressed bytes after which the next member with label sets begins.
pub(super) const LABELS_PER_PART: usize = 512 << 10;

/// The header, as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) format: u32,
    pub(super) content_hash: String,
    pub(super) rows: u32,
    pub(super) label_sets: u32,
    pub(super) types: Vec<ResourceType>,
    pub(super) namespaces: Vec<String>,
    pub(super) owner_kinds: Vec<String>,
    pub(super) non_atomic: Vec<String>,
    /// Members of the archive: offset, compressed length, uncompressed length, hash of the compressed bytes.
    pub(super) members: Vec<(u64, u32, u32, String)>,
    /// Members of this blob that hold label sets: compressed and uncompressed length.
    pub(super) label_parts: Vec<Part>,
    /// Members of this blob that hold rows.
    pub(super) row_parts: Vec<Part>,
}

/// Compressed and uncompressed length of one member of the index blob.
pub(super) type Part = (u32, u32);

/// Only to learn the format of a header whose other fields may be unknown.
#[derive(Debug, Deserialize)]
pub(super) struct AnyHeader {
    pub(super) format: u32,
}
