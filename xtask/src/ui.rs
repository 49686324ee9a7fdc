//! The front end of the window: its packages, its pages, its types.
//!
//! Packages are installed when the lockfile changed, pages built when a source did; both are known by a hash that is
//! written down in `target/ui` once the work is done, so an interrupted one is done again.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::lock::Lock;
use crate::program::cargo;
use crate::{child, places, setup};

/// What decides the packages.
const LOCKFILE: &str = "package-lock.json";
/// Folders in `ui` that are made, not written.
const MADE: [&str; 2] = ["node_modules", "dist"];

/// `cargo xtask ui`.
pub(crate) async fn run() -> Result<ExitCode> {
    setup::ensure_build()?;
    build().await?;
    println!("The front end is built: {}", folder().join("dist").display());
    Ok(ExitCode::SUCCESS)
}

/// `cargo xtask bindings`.
pub(crate) async fn bindings() -> Result<ExitCode> {
    let mut command = cargo(&["test", "--package", "holdfast-app", "--test", "bindings"]);
    command.env("HOLDFAST_WRITE_BINDINGS", "1");
    let status = child::run(command).await?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs the packages and builds the pages, where either is out of date.
pub(crate) async fn build() -> Result<()> {
    let notes = places::checkout().join("target/ui");
    fs::create_dir_all(&notes).with_context(|| format!("cannot create {}", notes.display()))?;
    let _lock = Lock::take(&notes.join("lock"), "another command builds the front end").await?;
    let packages = folder().join("node_modules/.package-lock.json");
    let locked = hash([folder().join(LOCKFILE)])?;
    step(
        &notes.join("installed"),
        &locked,
        &packages,
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    )
    .await?;
    let sources = hash(sources()?)?;
    step(&notes.join("built"), &sources, &folder().join("dist/index.html"), &["run", "build"]).await
}

/// npm, in the front end's folder.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(folder()).env("NO_COLOR", "1");
    npm
}

fn folder() -> PathBuf {
    places::checkout().join("ui")
}

/// Runs npm unless a note says that it was run for the same input before, and what it makes is there.
async fn step(note: &Path, input: &str, made: &Path, arguments: &[&str]) -> Result<()> {
    if made.is_file() && fs::read_to_string(note).is_ok_and(|known| known == input) {
        return Ok(());
    }
    let npm = npm(arguments);
    eprintln!("Running in ui: {}", child::shown(&npm));
    let status = child::run(npm).await?;
    if !status.success() {
        bail!("npm {} failed ({status}); what it said stands above", arguments.join(" "));
    }
    fs::write(note, input).with_context(|| format!("cannot write {}", note.display()))
}

/// All files of the front end that somebody wrote, sorted.
fn sources() -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry.path();
            if MADE.iter().any(|made| path == self::folder().join(made)) {
                continue;
            }
            let kind = entry.file_type().with_context(|| format!("cannot read {}", path.display()))?;
            if kind.is_dir() {
                folders.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

fn hash(files: impl IntoIterator<Item = PathBuf>) -> Result<String> {
    let mut hash = blake3::Hasher::new();
    for path in files {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for part in [path.as_os_str().as_encoded_bytes(), &bytes] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash.finalize().to_hex().to_string())
}
