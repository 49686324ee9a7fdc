//! `cargo xtask test`: every test there is, against fresh clusters of this run's own: first two control planes for all
//! tests that need no more, then, when those are gone, two clusters with a node each for `tests/node`.
//!
//! Tests find what they need in the environment: `HOLDFAST_TEST_KUBECONFIG`, a kubeconfig with the contexts `source` and
//! `target`; `HOLDFAST_TEST_AZURITE` and `HOLDFAST_TEST_AZURITE_CA`, the account of an emulator of Azure Blob Storage and
//! the authority of its certificate; `HOLDFAST_TEST_NODES` and `HOLDFAST_TEST_DISKS`, in place of the first for tests with
//! nodes, a kubeconfig with the contexts `source` and `target` and the folder of their volumes and snapshots; `HOLDFAST_BIN`, the program as a user runs it; and `HOLDFAST_LONG`, present when
//! long forms are wanted. Clusters and emulator are taken down before the sum is printed, and also when the run is
//! interrupted.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use tokio::process::Command;

use crate::azurite::Azurite;
use crate::cluster::{Clusters, Running};
use crate::program::{self, cargo};
use crate::stages::Stages;
use crate::{go, places, setup, ui};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Also the long forms: hours of kills, simulated years, races by the ten thousand.
    #[arg(long)]
    long: bool,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let mut stages = Stages::new();
    let installed = async {
        setup::ensure()?;
        setup::ensure_node()
    };
    if stages.prepare("setup", installed).await.is_some() {
        rust(&mut stages, options.long).await;
        stages.tests("vitest", ui::npm(&["test"])).await;
        go::check(&mut stages).await;
        stages.check("go test", go::test()).await;
    }
    Ok(stages.finish())
}

async fn rust(stages: &mut Stages, long: bool) {
    if stages.prepare("front end", ui::build()).await.is_none() {
        return;
    }
    let Some(program) = stages.prepare("cargo build", program::build()).await else {
        return;
    };
    let Some(desktop) = stages.prepare("cargo build of the window", program::build_desktop()).await else {
        return;
    };
    let Some(clusters) = stages.prepare("clusters", clusters()).await else {
        return;
    };
    let Some(azurite) = stages.prepare("Azurite", Azurite::start()).await else {
        return;
    };
    let mut tests = tests(&["--exclude", "holdfast-node-tests"], &program, &azurite, long);
    tests.env("HOLDFAST_TEST_KUBECONFIG", clusters.kubeconfig());
    tests.env("HOLDFAST_DESKTOP_BIN", desktop).env("HOLDFAST_SCREENSHOTS", screenshots());
    stages.tests("cargo test", tests).await;
    stages.announce("taking the clusters down");
    drop(clusters);
    nodes(stages, &program, &azurite, long).await;
}

/// The tests on clusters with nodes, whose files are all called `node_`. Four control planes at once would be too many for
/// a small machine.
async fn nodes(stages: &mut Stages, program: &Path, azurite: &Azurite, long: bool) {
    let Some(clusters) = stages.prepare("clusters with nodes", clusters_with_nodes()).await else {
        return;
    };
    let mut tests = tests(&["--test", "node_*"], program, azurite, long);
    tests.env("HOLDFAST_TEST_NODES", clusters.kubeconfig()).env("HOLDFAST_TEST_DISKS", clusters.disks());
    stages.tests("cargo test with nodes", tests).await;
    stages.announce("taking the clusters with nodes down");
}

/// Cases of each fuzzed property in the long form: about an hour on two cores.
const LONG_FUZZ_CASES: &str = "1000000";

/// Pictures of the window, kept for a look.
fn screenshots() -> PathBuf {
    places::checkout().join("target/screenshots")
}

async fn clusters() -> Result<Running> {
    Clusters::private()?.up(&["source".parse()?, "target".parse()?]).await
}

async fn clusters_with_nodes() -> Result<Running> {
    Clusters::private()?.up_with_nodes(&["source".parse()?, "target".parse()?]).await
}

fn tests(which: &[&str], program: &Path, azurite: &Azurite, long: bool) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(which).env("HOLDFAST_BIN", program);
    command.envs(azurite.variables());
    if long {
        command.env("HOLDFAST_LONG", "1").env("HOLDFAST_FUZZ_CASES", LONG_FUZZ_CASES);
    } else {
        command.env_remove("HOLDFAST_LONG").env_remove("HOLDFAST_FUZZ_CASES");
    }
    command
}
