//! What checks the Go sources of the test cluster and of its nodes.

use tokio::process::Command;

use crate::cluster::GO_FLAGS;
use crate::places;
use crate::stages::Stages;

/// Fails on what compiles and is wrong all the same.
pub(crate) async fn check(stages: &mut Stages) {
    let mut kubernetes = Command::new("go");
    kubernetes.arg("vet").args(GO_FLAGS).arg("./...").current_dir(places::cluster_sources());
    stages.check("go vet", kubernetes).await;
    stages.check("go vet of the node", node("vet")).await;
}

/// Runs the tests of what a node has besides Kubernetes.
pub(crate) fn test() -> Command {
    node("test")
}

/// As it is built: then nothing is compiled twice.
fn node(verb: &str) -> Command {
    let mut command = Command::new("go");
    command.arg(verb).args(GO_FLAGS).arg("./...").env("CGO_ENABLED", "0").current_dir(places::node_sources());
    command
}

/// Lists the files that are not formatted.
pub(crate) fn unformatted() -> Command {
    let mut command = Command::new("gofmt");
    command.args(["-l", "tests"]).current_dir(places::checkout());
    command
}
