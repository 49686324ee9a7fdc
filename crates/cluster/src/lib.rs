//! Kubernetes access: connect, discover, list, apply.
//!
//! [`Kubeconfig`] holds contexts as kubectl sees them and connects one of them to a [`Cluster`]. A cluster
//! answers in raw bytes: [`Lister`] cuts objects out of a LIST while it arrives, and single objects go in and
//! out as they stand on the wire. Nothing here knows where a backup is kept.
//!
//! Retries happen in one place, `retry.rs`, for every request. The only thing repeated above it is a page of a
//! LIST whose body broke off. A command in a container is never repeated: it may have run. Every future may be dropped at any time: that is how work is cancelled, and it
//! leaves no process and no request behind.

mod api_error;
mod cluster;
mod connect;
mod discovery;
mod error;
mod exec;
mod kubeconfig;
mod list;
mod retry;
mod text;
mod transport;

pub use api_error::{ApiError, Cause, StatusError};
pub use cluster::{Cluster, DeleteOptions, ServerVersion, WriteOptions};
pub use connect::Surroundings;
pub use discovery::{Discovery, ServedType, UnavailableGroup, Verbs};
pub use error::ClusterError;
pub use exec::{ExecEnd, ExecOutput, ExecRequest};
pub use kubeconfig::{ContextInfo, Kubeconfig, MAX_KUBECONFIG_BYTES};
pub use list::{DEFAULT_PAGE_SIZE, ListRequest, Lister};

/// Largest object accepted from a cluster, in bytes. etcd holds 1.5 MiB by default and aggregated APIs may
/// serve more; what is beyond this is an attack or a defect.
pub const MAX_OBJECT_BYTES: usize = 16 * 1024 * 1024;
