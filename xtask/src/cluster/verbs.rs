//! `cargo xtask cluster up|down|status|kubeconfig`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::state::{Folder, State};
use super::{ANSWER, ClusterName, Clusters, node, readiness};
use crate::setup;

/// Where nothing else is said, this cluster is meant.
const DEFAULT_NAME: &str = "source";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Start clusters, or say that they run already.
    Up {
        #[command(flatten)]
        names: Names,
        /// With a node each, on which pods run and have volumes. Needs root.
        #[arg(long)]
        node: bool,
    },
    /// Stop clusters and remove their data.
    Down {
        #[command(flatten)]
        names: Names,
        /// Every cluster.
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
    /// List the clusters.
    Status {
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
    /// Print one kubeconfig for the clusters, by default for all that run.
    Kubeconfig {
        /// A cluster; may be given several times.
        #[arg(long)]
        name: Vec<ClusterName>,
        /// Print the path of a file with all clusters that run instead.
        #[arg(long, conflicts_with = "name")]
        path: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Names {
    /// A cluster; may be given several times [default: source]
    #[arg(long)]
    name: Vec<ClusterName>,
}

impl Names {
    fn or_default(self) -> Result<Vec<ClusterName>> {
        if self.name.is_empty() { Ok(vec![DEFAULT_NAME.parse()?]) } else { Ok(self.name) }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
}

pub(crate) async fn run(verb: Verb) -> Result<ExitCode> {
    let clusters = Clusters::of_user()?;
    match verb {
        Verb::Up { names, node: false } => {
            setup::ensure()?;
            let running = clusters.up(&names.or_default()?).await?;
            println!("{}", running.kubeconfig().display());
            running.keep();
        }
        Verb::Up { names, node: true } => {
            node::possible()?;
            setup::ensure()?;
            setup::ensure_node()?;
            let running = clusters.up_with_nodes(&names.or_default()?).await?;
            eprintln!("volumes and snapshots are in {}", running.disks().display());
            println!("{}", running.kubeconfig().display());
            running.keep();
        }
        Verb::Down { names, all } => {
            let names = if all {
                clusters.list()?.into_iter().map(|state| state.name).collect()
            } else {
                names.or_default()?
            };
            for name in names {
                let existed = clusters.down(&name).await?;
                println!(
                    "{name}: {}",
                    if existed { "stopped and removed" } else { "there is no such cluster" }
                );
            }
        }
        Verb::Status { output } => {
            let mut rows = Vec::new();
            for state in clusters.list()? {
                rows.push(Row::of(&clusters, &state).await);
            }
            match output {
                Format::Table => table(&rows),
                Format::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
            }
        }
        Verb::Kubeconfig { path: true, .. } => println!("{}", clusters.kubeconfig_path().display()),
        Verb::Kubeconfig { name, path: false } => print!("{}", clusters.kubeconfig(&name)?),
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Debug, Serialize)]
struct Row {
    name: ClusterName,
    status: String,
    kubernetes: String,
    server: String,
    started: jiff::Timestamp,
    logs: PathBuf,
    node: Option<String>,
    /// The node's volumes and snapshots.
    disks: Option<PathBuf>,
}

impl Row {
    async fn of(clusters: &Clusters, state: &State) -> Self {
        let folder = Folder::new(&clusters.root, &state.name);
        Self {
            name: state.name.clone(),
            status: status(&folder, state).await,
            kubernetes: state.kubernetes.clone(),
            server: state.server(),
            started: state.started,
            logs: folder.path().to_owned(),
            node: state.node.as_ref().map(|node| node.name.clone()),
            disks: state.node.as_ref().map(|_| clusters.disks()),
        }
    }
}

async fn status(folder: &Folder, state: &State) -> String {
    let ended: Vec<_> = state.ended().iter().map(|process| process.component.clone()).collect();
    if ended.len() == state.processes.len() {
        return "stopped".to_owned();
    }
    if !ended.is_empty() {
        return format!("broken: {} ended", ended.join(", "));
    }
    if !state.ready {
        return "starting".to_owned();
    }
    let ready = async {
        readiness::is_ready(&readiness::client(&folder.kubeconfig("admin")).await.ok()?).await.then_some(())
    };
    match tokio::time::timeout(ANSWER, ready).await {
        Ok(Some(())) => "ready".to_owned(),
        _ => "does not answer".to_owned(),
    }
}

fn table(rows: &[Row]) {
    if rows.is_empty() {
        println!("No clusters. Start one: cargo xtask cluster up");
        return;
    }
    let width = |of: fn(&Row) -> usize, title: &str| rows.iter().map(of).max().unwrap_or(0).max(title.len());
    let name = width(|row| row.name.as_str().len(), "NAME");
    let status = width(|row| row.status.len(), "STATUS");
    println!("{:name$}  {:status$}  {:10}  {:23}  STARTED", "NAME", "STATUS", "KUBERNETES", "SERVER");
    for row in rows {
        println!(
            "{:name$}  {:status$}  {:10}  {:23}  {:.0}",
            row.name, row.status, row.kubernetes, row.server, row.started
        );
    }
}
