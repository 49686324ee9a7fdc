//! Support of the tests that drive `holdfast` as a user runs it, against real Kubernetes API servers.
//!
//! [`lab::Lab`] is what a test holds: two clusters, a vault, a home of its own and the
//! built program. [`cluster::Cluster`] looks at a cluster without Holdfast's own code,
//! so that the two cannot be wrong together. What a restore may change is one table,
//! [`exceptions::TABLE`].
//!
//! Everything here ends the test by a panic that says what was being done.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "support of tests")]
#![allow(clippy::missing_panics_doc, reason = "every function here panics when the test cannot go on")]

pub mod azure;
pub mod cluster;
pub mod corpus;
pub mod exceptions;
pub mod foreign;
pub mod key;
pub mod lab;
pub mod lock;
pub mod many;
pub mod mount;
pub mod objects;
pub mod patches;
pub mod random;
pub mod report;
mod restricted;
pub mod run;
pub mod snapshot;
pub mod terminal;
pub mod webhook;
