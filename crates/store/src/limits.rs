//! The largest things that are read or written. What exceeds them is refused by name.

/// Longest JSON of one object, in bytes. etcd refuses values over 1.5 MiB unless it is told otherwise.
pub const MAX_OBJECT_BYTES: usize = 16 << 20;

/// Longest uncompressed member of an archive or an index, in bytes.
pub const MAX_MEMBER_BYTES: usize = 64 << 20;

/// Longest uncompressed archive, in bytes: what a hostile or foreign archive may make us unpack.
pub const MAX_ARCHIVE_RAW_BYTES: u64 = 8 << 30;

/// How much larger than its compressed form a foreign archive may get, beyond [`RATIO_ALLOWANCE`].
///
/// gzip can reach 1,030; tar files of Kubernetes objects stay under 60.
pub const MAX_COMPRESSION_RATIO: u64 = 200;

/// Uncompressed bytes to which [`MAX_COMPRESSION_RATIO`] is not applied.
pub const RATIO_ALLOWANCE: u64 = 64 << 20;

/// Longest index blob, compressed, in bytes.
pub const MAX_INDEX_BYTES: u64 = 512 << 20;

/// Longest index, uncompressed, in bytes.
pub const MAX_INDEX_RAW_BYTES: u64 = 2 << 30;

/// Longest `velero-backup.json`, in bytes.
pub const MAX_MARKER_BYTES: u64 = 4 << 20;

/// Longest claim, heartbeat or `vault.json`, in bytes.
pub const MAX_NOTE_BYTES: u64 = 64 << 10;

/// Longest log, results or resource list, compressed or not, in bytes.
pub const MAX_TEXT_BYTES: u64 = 256 << 20;

/// Longest log that is written, in bytes; what is behind is cut off.
pub const MAX_LOG_BYTES: usize = 64 << 20;

/// Longest path of a tar entry, in bytes.
pub const MAX_PATH_BYTES: usize = 4096;

/// Longest name of an object or namespace, in bytes. Kubernetes stops at 253.
pub const MAX_NAME_BYTES: usize = 1024;

/// Longest label object of one object, as JSON text, in bytes.
pub const MAX_LABELS_BYTES: usize = 1 << 20;

/// Most resource types in one point.
pub const MAX_TYPES: usize = 10_000;

/// Longest document of a job, in bytes.
pub const MAX_JOB_BYTES: u64 = 1 << 20;

/// Longest segment of a job's journal, compressed or not, in bytes. Segments are cut at a sixteenth of it, between lines,
/// and a line holds at most one object.
pub const MAX_JOURNAL_SEGMENT_BYTES: u64 = 64 << 20;

/// Longest log of a job, compressed or not, in bytes.
pub const MAX_JOB_LOG_BYTES: u64 = 8 << 20;
