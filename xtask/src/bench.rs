//! `cargo xtask bench`: what Holdfast takes, beside the least that any program could take.
//!
//! Everything is built with the release profile and runs as a process of its own, so
//! that starting, connecting and discovering count. Floor and work alternate and the
//! medians are compared; ratios mean more than times, which belong to one machine.
//! Prints one JSON line on standard output, and what it does on standard error.

mod measure;
mod volumes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::cluster::{ClusterName, Clusters, Running};
use crate::program::cargo;
use crate::{child, setup};
use measure::{Measured, median, run_measured};

/// Objects in the point that `open` filters, whatever the size of the corpus.
const OPEN_OBJECTS: usize = 100_000;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Objects in the cluster.
    #[arg(long, default_value_t = 10_000)]
    objects: usize,
    /// Claims of a backup of volumes, on a node of its own, which needs root; 0 leaves that out.
    #[arg(long, default_value_t = 200)]
    volumes: usize,
    /// Runs of each floor and of each work.
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    setup::ensure()?;
    let bench = Bench { programs: build().await?, options };
    let result = bench.run().await?;
    println!("{result}");
    Ok(ExitCode::SUCCESS)
}

struct Programs {
    holdfast: PathBuf,
    floor: PathBuf,
}

async fn build() -> Result<Programs> {
    eprintln!("building the release profile");
    let build = cargo(&["build", "--release", "--package", "holdfast-cli", "--package", "holdfast-bench"]);
    if !child::run(build).await?.success() {
        bail!("the programs could not be built");
    }
    let own = std::env::current_exe().context("cannot tell where this program is")?;
    let release =
        own.parent().and_then(Path::parent).context("this program is in no target folder")?.join("release");
    Ok(Programs { holdfast: release.join("holdfast"), floor: release.join("holdfast-bench") })
}

struct Bench {
    programs: Programs,
    options: Options,
}

/// One cluster of the run, and where the recovery points go.
struct Place<'a> {
    kubeconfig: PathBuf,
    cluster: String,
    vault: &'a Path,
    _running: Running,
}

impl Bench {
    async fn run(&self) -> Result<Value> {
        let vault = tempfile::tempdir().context("cannot make a vault folder")?;
        let place = Self::cluster("bench", vault.path()).await?;
        eprintln!("seeding {} objects", self.options.objects);
        self.create(&place).await?;

        let (mut list, mut backup, mut plan) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..self.options.runs {
            list.push(self.floor_ms(&place, &["list"]).await?);
            backup.push(self.holdfast(&place, &["backup", "--name", &format!("point-{run}")]).await?);
        }
        let mut list_for_plan = Vec::new();
        for _ in 0..self.options.runs {
            list_for_plan.push(self.floor_ms(&place, &["list"]).await?);
            plan.push(self.holdfast(&place, &["restore", "--point", "point-0", "--plan"]).await?);
        }
        drop(place);

        let (mut create, mut restore) = (Vec::new(), Vec::new());
        for run in 0..self.options.runs {
            let empty = Self::cluster(&format!("floor-{run}"), vault.path()).await?;
            create.push(self.create(&empty).await?);
            drop(empty);
            let empty = Self::cluster(&format!("restore-{run}"), vault.path()).await?;
            restore.push(self.holdfast(&empty, &["restore", "--point", "point-0"]).await?);
        }
        let volumes = match self.options.volumes {
            0 => Value::Null,
            claims => self.volumes(claims).await?,
        };
        Ok(json!({
            "volumes": volumes,
            "objects": self.options.objects,
            "runs": self.options.runs,
            "backup": compared(&list, &backup),
            "plan": compared(&list_for_plan, &plan),
            "restore": compared(&create, &restore),
            "open": self.open().await?,
        }))
    }

    async fn cluster<'a>(name: &str, vault: &'a Path) -> Result<Place<'a>> {
        let name: ClusterName = name.parse()?;
        let clusters = Clusters::private()?;
        let running = clusters.up(std::slice::from_ref(&name)).await?;
        let kubeconfig = clusters.kubeconfig_of(&name);
        Ok(Place { kubeconfig, cluster: name.to_string(), vault, _running: running })
    }

    async fn create(&self, place: &Place<'_>) -> Result<u64> {
        self.floor_ms(place, &["create", "--objects", &self.options.objects.to_string()]).await
    }

    /// Runs a floor; what it took by its own clock, which leaves out its preparations.
    async fn floor_ms(&self, place: &Place<'_>, verb: &[&str]) -> Result<u64> {
        let mut command = Command::new(&self.programs.floor);
        command.args(verb).arg("--kubeconfig").arg(&place.kubeconfig).args(["--cluster", &place.cluster]);
        let output = child::output(command).await?;
        let result: Value = serde_json::from_str(&output).context("a floor prints one line of JSON")?;
        let ms = result["ms"].as_u64().context("a floor prints its ms")?;
        eprintln!("{verb:?}: {result}");
        Ok(ms)
    }

    /// Runs the program; what its whole process took.
    async fn holdfast(&self, place: &Place<'_>, verb: &[&str]) -> Result<Measured> {
        let mut command = Command::new(&self.programs.holdfast);
        command.args(verb).args(["--output", "json", "--cluster", &place.cluster]);
        command.arg("--kubeconfig").arg(&place.kubeconfig);
        command.arg("--vault").arg(format!("file://{}", place.vault.display()));
        let measured = run_measured(command).await?;
        eprintln!("{verb:?}: {} ms, {:.0} MiB", measured.ms, measured.peak_rss_mib);
        Ok(measured)
    }

    async fn open(&self) -> Result<Value> {
        let vault = tempfile::tempdir().context("cannot make a vault folder")?;
        let mut command = Command::new(&self.programs.floor);
        command.args(["point", "--name", "open", "--objects", &OPEN_OBJECTS.to_string(), "--vault"]);
        command.arg(vault.path());
        child::output(command).await?;
        let mut ms = Vec::new();
        for _ in 0..self.options.runs {
            let mut command = Command::new(&self.programs.holdfast);
            command.args(["points", "objects", "open", "--namespace", "bench-03", "--name", "object-0001"]);
            command.arg("--vault").arg(format!("file://{}", vault.path().display()));
            ms.push(run_measured(command).await?.ms);
        }
        Ok(json!({ "objects": OPEN_OBJECTS, "ms": median(&ms) }))
    }
}

/// How many times the floor something took, to the hundredth.
fn ratio(ms: u64, floor_ms: u64) -> f64 {
    (ms as f64 / floor_ms.max(1) as f64 * 100.0).round() / 100.0
}

fn compared(floor: &[u64], work: &[Measured]) -> Value {
    let floor_ms = median(floor);
    let ms = median(&work.iter().map(|measured| measured.ms).collect::<Vec<_>>());
    let peak = work.iter().map(|measured| measured.peak_rss_mib).fold(0.0, f64::max);
    json!({
        "floorMs": floor_ms,
        "ms": ms,
        "ratio": ratio(ms, floor_ms),
        "peakRssMiB": peak.round(),
    })
}
