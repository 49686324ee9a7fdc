//! The sandbox: a Kubernetes API in this process, with a small shop in it.
//!
//! [`Sandbox`] is a [`tower::Service`] that answers HTTP requests as a Kubernetes API server does, as far as Holdfast
//! asks: `/version`, discovery, LIST in pages with label selectors, GET, POST, JSON merge patch, DELETE, `dryRun=All`,
//! and refusals as `Status` documents in the real server's words. Small controllers make what Kubernetes would make:
//! ReplicaSets, pods, endpoints, volumes for claims, snapshots of volumes and volumes from them, the `default`
//! ServiceAccount; deleting an object deletes what it owns.
//!
//! It is for the first run, for screenshots and for fast tests. It is *not* a proof of how Kubernetes behaves: that is
//! what the real API server in `tests/cluster` is for. What it leaves out:
//!
//! - Deletion is immediate: no finalizers, no grace periods, no `Terminating`.
//! - Objects are not validated against schemas, and no defaults are filled in except for Services.
//! - No watch, no PUT, no server-side apply, no subresources, no permissions, no quotas.
//! - Claims are bound at once, whatever the binding mode; a rollout is over the moment it begins.
//! - Volumes hold nothing, and so do their snapshots, which are ready the moment they are asked for. The snapshots' types
//!   are built in, where a real cluster has definitions for them.
//! - Nothing runs in a pod: commands are refused.
//!
//! With a folder ([`Sandbox::open`]) its state outlives the process and may be used by several processes at once: every
//! change is one line appended to a journal under a file lock (see `journal.rs`), so a killed process leaves either the
//! whole change or nothing. Nothing is repeated here; retries are the client's.

mod api;
mod controllers;
mod error;
mod journal;
mod kinds;
mod rules;
mod sample;
mod sandbox;
mod server;
mod world;

pub use error::SandboxError;
pub use sandbox::Sandbox;
