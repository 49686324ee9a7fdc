//! `holdfast-bench`: what `cargo xtask bench` measures Holdfast against.
//!
//! The floors are the least that any program could do: LIST the same kinds and throw
//! the answers away, POST the same objects and ignore the answers. They use kube's
//! client as it comes, none of Holdfast's own code, and print one JSON line with
//! `ms`. They are built with the same profile as the program they are compared with.

mod corpus;
mod floor;
mod point;
mod snapshots;
mod volumes;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;

#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Args)]
struct Target {
    #[arg(long)]
    kubeconfig: PathBuf,
    #[arg(long)]
    cluster: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// POST the corpus as fast as a bare loop can.
    Create {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        objects: usize,
        #[arg(long, default_value_t = 32)]
        at_once: usize,
    },
    /// LIST every kind that can be listed and created, and throw the answers away.
    List {
        #[command(flatten)]
        target: Target,
        #[arg(long, default_value_t = 4)]
        at_once: usize,
        #[arg(long, default_value_t = 500)]
        page_size: u32,
    },
    /// Make claims, and databases in pods that hooks freeze.
    Volumes {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        claims: usize,
        #[arg(long)]
        pods: usize,
    },
    /// Take a snapshot of each of these claims as fast as a bare loop can, and remove them.
    Snapshots {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        claims: usize,
        #[arg(long, default_value_t = 16)]
        at_once: usize,
    },
    /// Write a recovery point without a cluster, to open and filter.
    Point {
        #[arg(long)]
        vault: PathBuf,
        #[arg(long)]
        name: String,
        #[arg(long)]
        objects: usize,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let result = match Args::parse().verb {
        Verb::Create { target, objects, at_once } => {
            floor::create(&connect(&target).await?, objects, at_once).await?
        }
        Verb::List { target, at_once, page_size } => {
            floor::list(&connect(&target).await?, at_once, page_size).await?
        }
        Verb::Volumes { target, claims, pods } => {
            volumes::create(&connect(&target).await?, claims, pods).await?
        }
        Verb::Snapshots { target, claims, at_once } => {
            snapshots::take(&connect(&target).await?, claims, at_once).await?
        }
        Verb::Point { vault, name, objects } => {
            point::write(&vault, &name, objects).await?;
            json!({ "objects": objects })
        }
    };
    println!("{result}");
    Ok(())
}

async fn connect(target: &Target) -> Result<kube::Client> {
    let kubeconfig = Kubeconfig::read_from(&target.kubeconfig).context("cannot read the kubeconfig")?;
    let options = KubeConfigOptions { context: Some(target.cluster.clone()), ..KubeConfigOptions::default() };
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    // As Holdfast does on loopback, so that both sides ask for the same bytes.
    config.disable_compression = true;
    Ok(kube::Client::try_from(config)?)
}
