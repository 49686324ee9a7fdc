//! `cargo xtask test`: every test there is, against two fresh clusters of this run's own.
//!
//! Tests find what they need in the environment: `HOLDFAST_TEST_KUBECONFIG`, a kubeconfig with the contexts `source` and
//! `target`; `HOLDFAST_TEST_AZURITE` and `HOLDFAST_TEST_AZURITE_CA`, the account of an emulator of Azure Blob Storage and
//! the authority of its certificate; `HOLDFAST_BIN`, the program as a user runs it; and `HOLDFAST_LONG`, present when
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
    if stages.prepare("setup", async { setup::ensure() }).await.is_some() {
        rust(&mut stages, options.long).await;
        stages.tests("vitest", ui::npm(&["test"])).await;
        stages.check("go vet", go::vet()).await;
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
    let mut tests = tests(&program, &clusters.kubeconfig(), &azurite, long);
    tests.env("HOLDFAST_DESKTOP_BIN", desktop).env("HOLDFAST_SCREENSHOTS", screenshots());
    stages.tests("cargo test", tests).await;
    stages.announce("taking the clusters down");
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

fn tests(program: &Path, kubeconfig: &Path, azurite: &Azurite, long: bool) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.env("HOLDFAST_BIN", program).env("HOLDFAST_TEST_KUBECONFIG", kubeconfig);
    command.envs(azurite.variables());
    if long {
        command.env("HOLDFAST_LONG", "1").env("HOLDFAST_FUZZ_CASES", LONG_FUZZ_CASES);
    } else {
        command.env_remove("HOLDFAST_LONG").env_remove("HOLDFAST_FUZZ_CASES");
    }
    command
}
