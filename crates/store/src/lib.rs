//! Recovery points on object storage: the Operational tier.
//!
//! A [`Vault`] is a place on an object store: a folder, or a container of Azure Blob Storage. In it a recovery
//! point is a folder of blobs in Velero's layout, with an index of ours beside
//! them; `docs/formats.md` describes every blob. The crate knows no Kubernetes:
//! objects are bytes with a name, a type and a content hash.
//!
//! - A point exists once its marker, `velero-backup.json`, exists. The marker is
//!   the last blob written and is created, never overwritten. Whatever stands in a
//!   folder without a marker is debris.
//! - A name is reserved by a claim before anything else is written
//!   ([`Vault::begin`]), so two writers never mix their blobs.
//! - Retries are those of `object_store`; nothing here repeats a request. A write
//!   whose answer was lost is recognised by reading back what was written.
//! - Everything read from the store is checked against named limits and hashes
//!   before it is used: damaged or hostile bytes are an error that names the blob.
//! - Dropping a future stops the work. What a dropped [`PointWriter`] leaves is
//!   removed by [`Vault::sweep_debris`], or by whoever takes the name next.

mod access;
mod archive;
mod artefacts;
mod assembly;
mod azure;
mod blobs;
mod check;
mod claim;
mod commit;
mod error;
mod folder;
mod frozen;
mod gzip;
mod hash;
mod import;
mod index;
pub mod job;
mod layout;
pub mod limits;
mod marker;
mod member;
mod members;
mod parallel;
mod point;
mod process;
mod spool;
mod summary;
mod sweep;
mod tarball;
mod upload;
mod url;
mod vault;
mod verify;
pub mod volumes;
mod writer;

pub use access::{Access, Authorization, ExtraCa, Network};
pub use azure::{Sas, SasError};
pub use blobs::Completion;
pub use check::{AccessReport, AccessStep, Outcome, Step};
pub use claim::{ClaimTiming, HEARTBEAT_EVERY, SILENT_AFTER};
pub use error::StoreError;
pub use frozen::{Frozen, FrozenNote, FrozenPod, ReleaseCommand, Writing};
pub use index::{Index, Row, RowId};
pub use member::{EntryMeta, Member, MemberBuilder, Owner};
pub use point::Point;
pub use process::ProcessIdentity;
pub use summary::{ClusterFacts, Manifest, PointEntry, PointState, PointSummary, PointWarning};
pub use url::{BlobUrl, VaultUrl, VaultUrlError};
pub use vault::{Deleted, Vault};
pub use verify::{Problem, VerifyReport};
pub use writer::{PointWriter, Writer};

/// Content hash of an object, see [`holdfast_model::content`].
pub use holdfast_model::content::ContentHash;
