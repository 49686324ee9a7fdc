//! `cargo xtask lint`: everything that can be said about the sources without running them. Each check counts as one
//! test, and all of them run whatever the others find.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::lock::Lock;
use crate::program::cargo;
use crate::stages::Stages;
use crate::{child, go, places, setup, strategies, ui};

const CARGO_DENY_VERSION: &str = "0.20.2";

pub(crate) async fn run() -> Result<ExitCode> {
    let mut stages = Stages::new();
    if stages.prepare("setup", async { setup::ensure() }).await.is_some() {
        stages.check("cargo fmt", cargo(&["fmt", "--all", "--check"])).await;
        stages.check_silent("gofmt", go::unformatted()).await;
        stages
            .check("cargo clippy", cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
            .await;
        if stages.prepare("front end", ui::build()).await.is_some() {
            stages.check("tsc", ui::npm(&["run", "check"])).await;
            stages.check("biome", ui::npm(&["run", "lint"])).await;
        }
        if let Some(deny) = stages.prepare("cargo-deny is here", cargo_deny()).await {
            let mut command = Command::new(deny);
            // Not `advisories`: its database comes from the network, and a build without it must give the same answer.
            command
                .args(["--workspace", "check", "bans", "licenses", "sources"])
                .current_dir(places::checkout());
            stages.check("cargo deny", command).await;
        }
        go::check(&mut stages).await;
        stages.prepare("patch strategies", strategies::check()).await;
    }
    Ok(stages.finish())
}

/// The path of cargo-deny; builds it when the cache does not have that version.
async fn cargo_deny() -> Result<PathBuf> {
    let root = places::cache()?.join("tools").join(format!("cargo-deny-{CARGO_DENY_VERSION}"));
    let program = root.join("bin/cargo-deny");
    fs::create_dir_all(&root).with_context(|| format!("cannot create {}", root.display()))?;
    let _lock = Lock::take(&root.join("lock"), "another command builds cargo-deny").await?;
    if program.is_file() {
        return Ok(program);
    }
    eprintln!("Building cargo-deny {CARGO_DENY_VERSION} into {}: a few minutes, once.", root.display());
    let mut install = Command::new("cargo");
    install.args(["install", "cargo-deny", "--locked", "--version", CARGO_DENY_VERSION, "--root"]).arg(&root);
    // Its own folder: in the checkout's the build would wait for, and evict, the project's own.
    install.current_dir(&root).env_remove("CARGO_TARGET_DIR");
    let status = child::run(install).await?;
    if !status.success() {
        bail!("cargo-deny could not be built ({status})");
    }
    Ok(program)
}
