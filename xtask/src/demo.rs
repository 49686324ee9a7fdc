//! `cargo xtask demo`: a loss and its repair in the built-in sandbox: in the window where there is a display, otherwise
//! told step by step by the terminal program.
//!
//! In the terminal it fails when a step fails, and when the sandbox is in the end not what it was before the loss. The user's own sandbox
//! is not touched: vault and state are in a temporary folder.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use tokio::process::Command;

use crate::{child, clock, program, setup, ui};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave the sandbox and the vault for a look around.
    #[arg(long)]
    keep: bool,
    /// Tell it in the terminal although there is a display.
    #[arg(long)]
    terminal: bool,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    if display && !options.terminal {
        return window(&options).await;
    }
    setup::ensure_build()?;
    let program = program::build().await?;
    let began = Instant::now();
    let folder =
        tempfile::Builder::new().prefix("holdfast-demo-").tempdir().context("cannot make a folder")?;
    let story = Story::new(program, folder.path());
    story.tell().await?;

    println!("\nThe demo took {}.", clock::words(began.elapsed()));
    if options.keep {
        println!("\nSandbox and vault are left for you:");
        println!("  export HOLDFAST_DATA_DIR={}", story.data.display());
        println!("  {} points list --vault {}", story.program.display(), story.vault);
        println!("Afterwards: rm -r {}", folder.keep().display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The same with one's own hands: the window on a sandbox of the demo's own.
async fn window(options: &Options) -> Result<ExitCode> {
    setup::ensure_window()?;
    ui::build().await?;
    let (program, desktop) = (program::build().await?, program::build_desktop().await?);
    let folder =
        tempfile::Builder::new().prefix("holdfast-demo-").tempdir().context("cannot make a folder")?;
    let story = Story::new(program, folder.path());
    println!("\nThe window opens. It says what to do next: back up the sandbox, break it, bring it back.");
    println!("Sandbox, settings and vault are in {} until it is closed.", folder.path().display());
    let mut command = Command::new(desktop);
    command.env("HOLDFAST_DATA_DIR", &story.data).env("HOLDFAST_CACHE_DIR", &story.cache);
    let status = child::run(command).await?;
    if options.keep {
        println!("Left for you: {}", folder.keep().display());
    }
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Story {
    program: PathBuf,
    data: PathBuf,
    cache: PathBuf,
    vault: String,
}

impl Story {
    fn new(program: PathBuf, folder: &Path) -> Self {
        let vault = format!("file://{}", folder.join("vault").display());
        Self { program, data: folder.join("data"), cache: folder.join("cache"), vault }
    }

    async fn tell(&self) -> Result<()> {
        let vault = self.vault.as_str();
        println!(
            "The sandbox is a small cluster inside of Holdfast: a shop with its billing and its monitoring."
        );

        heading(1, "A backup of the whole cluster");
        self.holdfast(&["clusters"]).await?;
        self.holdfast(&["backup", "--cluster", "sandbox", "--vault", vault, "--name", "before-the-loss"])
            .await?;

        heading(2, "What the vault has now");
        self.holdfast(&["points", "list", "--vault", vault]).await?;
        self.holdfast(&["points", "show", "before-the-loss", "--vault", vault]).await?;

        heading(3, "The loss");
        println!("Somebody deletes the namespace shop, and stops everything in billing.");
        self.holdfast(&["sandbox", "lose", "shop"]).await?;
        self.holdfast(&["sandbox", "drift", "billing"]).await?;

        heading(4, "What a restore would do: a plan, nothing is written");
        println!("The shop's claims are filled from the snapshots that the backup took of their volumes.");
        let restore = [
            "restore",
            "--cluster",
            "sandbox",
            "--vault",
            vault,
            "--point",
            "before-the-loss",
            "--conflict-policy",
            "patch",
        ];
        let plan = [&restore[..], &["--plan"]].concat();
        self.holdfast(&plan).await?;

        heading(5, "The restore");
        self.holdfast(&restore).await?;

        heading(6, "Is everything back?");
        println!("The same plan once more:");
        self.holdfast(&plan).await?;
        let (same, derived) = self.compare(&[&plan[..], &["--output", "json"]].concat()).await?;
        println!(
            "\nYes: {same} objects are what they were, and {derived} the cluster makes by itself. The ones above are left out for good reasons."
        );
        Ok(())
    }

    /// Shows a command, runs it and shows its output.
    async fn holdfast(&self, arguments: &[&str]) -> Result<()> {
        let mut shown = Command::new("holdfast");
        println!("\n$ {}", child::shown(shown.args(arguments)));
        let began = Instant::now();
        let status = child::run(self.command(arguments)).await?;
        if !status.success() {
            bail!("`holdfast {}` ended with {status}", arguments[0]);
        }
        println!("({})", clock::words(began.elapsed()));
        Ok(())
    }

    /// The numbers of identical and derived objects in a plan, which may have no others than volumes of claims that
    /// were made again and a Job that had ended.
    async fn compare(&self, plan: &[&str]) -> Result<(usize, usize)> {
        let text = child::output(self.command(plan)).await?;
        let plan: Plan = serde_json::from_str(&text).context("the plan as JSON cannot be read")?;
        let count = |action: &str| plan.items.iter().filter(|item| item.action == action).count();
        let (same, derived) = (count("Identical"), count("Derived"));
        let settled = |item: &&Item| {
            ["Identical", "Derived"].contains(&item.action.as_str())
                || (item.action == "Skip" && ["PersistentVolume", "Job"].contains(&item.kind.as_str()))
        };
        if let Some(Item { action, kind, namespace, name }) = plan.items.iter().find(|item| !settled(item)) {
            bail!("not everything is back: {kind} {namespace}/{name} is planned as {action}");
        }
        if same == 0 {
            bail!("the plan has no object that is identical, so it proves nothing");
        }
        Ok((same, derived))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("HOLDFAST_DATA_DIR", &self.data).env("HOLDFAST_CACHE_DIR", &self.cache);
        command
    }
}

/// As much of `holdfast restore --plan --output json` as is looked at here.
#[derive(Deserialize)]
struct Plan {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    action: String,
    kind: String,
    namespace: String,
    name: String,
}

fn heading(number: u32, text: &str) {
    println!("\n--- {number} of 6: {text} ---");
}
