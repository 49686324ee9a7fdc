//! Every developer verb of this repository: `cargo xtask <verb>`.

mod azurite;
mod bench;
mod child;
mod clock;
mod cluster;
mod demo;
mod go;
mod lint;
mod lock;
mod places;
mod program;
mod setup;
mod stages;
mod strategies;
mod tally;
mod test;
mod ui;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", about = "Every developer verb of this repository.")]
enum Verb {
    /// Install what this machine needs to build and test.
    Setup,
    /// Local Kubernetes clusters to develop against.
    #[command(subcommand)]
    Cluster(cluster::verbs::Verb),
    /// Run an emulator of Azure Blob Storage to develop against, until Ctrl-C.
    Azurite,
    /// Build the front end, where its sources changed since.
    Ui,
    /// Write the TypeScript types of what crosses to the web view.
    Bindings,
    /// Write how strategic merge patches treat Kubernetes' own kinds.
    Strategies,
    /// Run every test, against clusters of its own.
    Test(test::Options),
    /// Check formatting, lints, licences and dependencies.
    Lint,
    /// Show a backup, a loss and a restore, step by step.
    Demo(demo::Options),
    /// Measure backup, plan, restore and open beside the least that any program could take.
    Bench(bench::Options),
}

impl Verb {
    async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Setup => setup::run().await,
            Self::Cluster(verb) => cluster::verbs::run(verb).await,
            Self::Azurite => azurite::run().await,
            Self::Ui => ui::run().await,
            Self::Bindings => ui::bindings().await,
            Self::Strategies => strategies::run().await,
            Self::Test(options) => test::run(options).await,
            Self::Lint => lint::run().await,
            Self::Demo(options) => demo::run(options).await,
            Self::Bench(options) => bench::run(options).await,
        }
    }
}

fn main() -> ExitCode {
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
        .and_then(|runtime| runtime.block_on(until_interrupted(Verb::parse())));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-C and SIGTERM drop the verb where it stands; the values it holds end the programs and clusters they stand for.
async fn until_interrupted(verb: Verb) -> Result<ExitCode> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = verb.run() => outcome,
        _ = interrupt.recv() => Err(anyhow::anyhow!("interrupted")),
        _ = terminate.recv() => Err(anyhow::anyhow!("terminated")),
    }
}
