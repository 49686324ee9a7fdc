//! `cargo xtask demo`: a loss and its repair, told step by step with the real program against a real cluster.
//!
//! It fails when a step fails, and when the cluster is in the end not what it was before the loss.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;
use tokio::process::Command;

use crate::cluster::{ClusterName, Clusters};
use crate::{child, clock, program, sample, setup};

/// Deployments and StatefulSets of the shop ask for this many pods. None of them runs: there is no node.
const SHOP_PODS: usize = 5;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave the cluster and the vault for a look around.
    #[arg(long)]
    keep: bool,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    setup::ensure()?;
    let program = program::build().await?;
    let began = Instant::now();
    let clusters = Clusters::of_user()?;
    let name: ClusterName = "demo".parse()?;
    if clusters.down(&name).await? {
        println!("The cluster of an earlier demo was taken down.");
    }
    println!("Starting a Kubernetes cluster of its own for this demo.");
    let running = clusters.up(std::slice::from_ref(&name)).await?;
    let vault =
        tempfile::Builder::new().prefix("holdfast-demo-").tempdir().context("cannot make a vault folder")?;

    let story = Story {
        program,
        kubeconfig: clusters.kubeconfig_of(&name),
        vault: format!("file://{}", vault.path().display()),
        client: clusters.client(&name).await?,
    };
    story.tell().await?;

    println!("\nThe demo took {}.", clock::words(began.elapsed()));
    if options.keep {
        println!("\nCluster and vault are left for you:");
        println!("  export KUBECONFIG={}", story.kubeconfig.display());
        println!("  {} points list --vault {}", story.program.display(), story.vault);
        println!("Afterwards: cargo xtask cluster down --name {name}; rm -r {}", vault.keep().display());
        running.keep();
    } else {
        println!("Taking the cluster down.");
    }
    Ok(ExitCode::SUCCESS)
}

struct Story {
    program: PathBuf,
    kubeconfig: PathBuf,
    vault: String,
    client: kube::Client,
}

impl Story {
    async fn tell(&self) -> Result<()> {
        let vault = self.vault.as_str();
        let loaded = sample::load(&self.client).await?;
        sample::wait_for_pods(&self.client, "shop", SHOP_PODS).await?;
        println!(
            "It holds a small shop: {loaded} objects in the namespaces shop and billing and around them, and"
        );
        println!(
            "what Kubernetes makes of them. There is no node, so its pods wait and its claims have no disks."
        );
        println!("\nTo follow in another terminal:\n  export KUBECONFIG={}", self.kubeconfig.display());
        println!("  alias holdfast={}", self.program.display());

        heading(1, "A backup of the whole cluster");
        self.holdfast(&["backup", "--cluster", "demo", "--vault", vault, "--name", "before-the-loss"])
            .await?;

        heading(2, "What the vault has now");
        self.holdfast(&["points", "list", "--vault", vault]).await?;
        self.holdfast(&["points", "show", "before-the-loss", "--vault", vault]).await?;

        heading(3, "The loss");
        println!("Somebody deletes the namespace shop, and sets the tax rate in billing to 0.");
        let began = Instant::now();
        sample::set_entry(&self.client, "billing", "rates", "vat-percent", "0").await?;
        sample::delete_namespace(&self.client, "shop").await?;
        println!("The shop is gone; Kubernetes took {} over it.", clock::words(began.elapsed()));

        heading(4, "What a restore would do: a plan, nothing is written");
        println!("The claims never had disks, so they are asked for without their data.");
        let restore = [
            "restore",
            "--cluster",
            "demo",
            "--vault",
            vault,
            "--point",
            "before-the-loss",
            "--conflict-policy",
            "patch",
            "--volume-mode",
            "without-data",
        ];
        let plan = [&restore[..], &["--plan"]].concat();
        self.holdfast(&plan).await?;

        heading(5, "The restore");
        self.holdfast(&restore).await?;

        heading(6, "Is everything back?");
        sample::wait_for_pods(&self.client, "shop", SHOP_PODS).await?;
        println!("The controllers have made the shop's {SHOP_PODS} pods again. The same plan once more:");
        self.holdfast(&plan).await?;
        let (same, derived) = self.compare(&[&plan[..], &["--output", "json"]].concat()).await?;
        println!(
            "\nYes: {same} objects are what they were, and Kubernetes itself keeps the other {derived}."
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

    /// The numbers of identical and derived objects in a plan, which must have no others.
    async fn compare(&self, plan: &[&str]) -> Result<(usize, usize)> {
        let text = child::output(self.command(plan)).await?;
        let plan: Plan = serde_json::from_str(&text).context("the plan as JSON cannot be read")?;
        let count = |action: &str| plan.items.iter().filter(|item| item.action == action).count();
        let (same, derived) = (count("Identical"), count("Derived"));
        if let Some(other) =
            plan.items.iter().find(|item| !["Identical", "Derived"].contains(&item.action.as_str()))
        {
            let Item { action, kind, namespace, name } = other;
            bail!("not everything is back: {kind} {namespace}/{name} is planned as {action}");
        }
        if same == 0 {
            bail!("the plan has no object that is identical, so it proves nothing");
        }
        Ok((same, derived))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("KUBECONFIG", &self.kubeconfig);
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
