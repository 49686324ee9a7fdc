//! What checks the Go sources of the test cluster.

use tokio::process::Command;

use crate::cluster::GO_FLAGS;
use crate::places;

/// Fails on what compiles and is wrong all the same.
pub(crate) fn vet() -> Command {
    let mut command = Command::new("go");
    command.arg("vet").args(GO_FLAGS).arg("./...").current_dir(places::cluster_sources());
    command
}

/// Lists the files that are not formatted.
pub(crate) fn unformatted() -> Command {
    let mut command = Command::new("gofmt");
    command.args(["-l", "."]).current_dir(places::cluster_sources());
    command
}
