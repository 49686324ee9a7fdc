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

/// Builds the program; returns where it is.
pub(crate) async fn build() -> Result<PathBuf> {
    // `--workspace` chooses the dependencies' features as `cargo test --workspace` does: they are compiled once.
    let status = child::run(cargo(&["build", "--workspace", "--bin", "holdfast"])).await?;
    if !status.success() {
        bail!("the program could not be built ({status})");
    }
    // xtask is built by the same cargo with the same profile, into the same folder, wherever that is.
    let own = env::current_exe().context("cannot tell where this program is")?;
    let program = own.with_file_name("holdfast");
    if !program.is_file() {
        bail!("cargo built no {}; run this verb as `cargo xtask`", program.display());
    }
    Ok(program)
}
