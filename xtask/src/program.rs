//! `holdfast` itself, built by cargo as developers build it.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::{child, places};

/// cargo, in the checkout.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(places::checkout());
    command
}

/// Builds the terminal program; returns where it is.
pub(crate) async fn build() -> Result<PathBuf> {
    binary("holdfast").await
}

/// Builds the window's program, whose pages must be built; returns where it is.
pub(crate) async fn build_desktop() -> Result<PathBuf> {
    binary("holdfast-desktop").await
}

async fn binary(name: &str) -> Result<PathBuf> {
    // `--workspace` chooses the dependencies' features as `cargo test --workspace` does: they are compiled once.
    let status = child::run(cargo(&["build", "--workspace", "--bin", name])).await?;
    if !status.success() {
        bail!("{name} could not be built ({status})");
    }
    // xtask is built by the same cargo with the same profile, into the same folder, wherever that is.
    let own = env::current_exe().context("cannot tell where this program is")?;
    let program = own.with_file_name(name);
    if !program.is_file() {
        bail!("cargo built no {}; run this verb as `cargo xtask`", program.display());
    }
    Ok(program)
}
