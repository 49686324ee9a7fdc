//! Support of the tests on clusters with nodes: pods that write, CSI volumes, snapshots.
//!
//! [`lab::Lab`] is what a test holds: two clusters with a node each, whose volumes and snapshots are like those of one
//! region. [`disks::Disks`] looks at these from outside and has them fail. [`ledger`] is a workload whose snapshots are
//! consistent only while it is frozen.
//!
//! Everything here ends the test by a panic that says what was being done.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "support of tests")]
#![allow(clippy::missing_panics_doc, reason = "every function here panics when the test cannot go on")]

pub mod disks;
pub mod lab;
pub mod ledger;
pub mod pods;
pub mod volumes;
