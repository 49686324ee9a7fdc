//! A backup of many claims, some of them under databases that hooks hold: how long the cuts take, and for how long a pod is held.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::process::Command;

use super::measure::median;
use super::{Bench, ratio};
use crate::child;
use crate::cluster::Clusters;

/// Pods with hooks among the claims.
const PODS: usize = 20;

impl Bench {
    /// Needs a node, and with it root.
    pub(super) async fn volumes(&self, claims: usize) -> Result<Value> {
        let vault = tempfile::tempdir().context("cannot make a vault folder")?;
        let clusters = Clusters::private()?;
        let name = "bench".parse()?;
        let _running = clusters.up_with_nodes(std::slice::from_ref(&name)).await?;
        let kubeconfig = clusters.kubeconfig_of(&name);
        eprintln!("making {claims} claims, {PODS} of them under databases");
        self.floor(&kubeconfig, "volumes", claims, &["--pods", &PODS.to_string()]).await?;

        let (mut floors, mut whole, mut cuts, mut held) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for run in 0..self.options.runs {
            let floor = self.floor(&kubeconfig, "snapshots", claims, &[]).await?;
            eprintln!("{claims} snapshots by a bare loop: {floor}");
            floors.push(floor["firstToLastCutMs"].as_u64().context("a floor says how long its cuts took")?);
            let result = self.backup(&kubeconfig, vault.path(), &format!("point-{run}")).await?;
            let spread = spread(&result).context("a backup names the moments of its cuts")?;
            eprintln!("{claims} claims: {} ms, first to last cut {spread} ms", result["durationMs"]);
            cuts.push(spread);
            whole.push(result["durationMs"].as_u64().context("a backup says how long it took")?);
            let freezes = result["freezes"].as_array().into_iter().flatten();
            held.extend(freezes.filter_map(|freeze| freeze["millis"].as_u64()));
        }
        let (floor, cut) = (median(&floors), median(&cuts));
        Ok(json!({
            "claims": claims,
            "ms": median(&whole),
            "firstToLastCutMs": cut,
            "floorFirstToLastCutMs": floor,
            "ratio": ratio(cut, floor),
            "heldPods": PODS,
            "heldMs": { "median": median(&held), "longest": held.iter().max() },
        }))
    }

    /// Runs a verb of the floor's program on the claims; what it prints.
    async fn floor(&self, kubeconfig: &Path, verb: &str, claims: usize, more: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.programs.floor);
        command.arg(verb).arg("--kubeconfig").arg(kubeconfig).args(["--cluster", "bench"]);
        command.args(["--claims", &claims.to_string()]).args(more);
        serde_json::from_str(&child::output(command).await?).context("a floor prints one line of JSON")
    }

    async fn backup(&self, kubeconfig: &Path, vault: &Path, name: &str) -> Result<Value> {
        let mut command = Command::new(&self.programs.holdfast);
        command.args(["backup", "--output", "json", "--cluster", "bench", "--name", name]);
        command.args(["--include-namespaces", "bench-volumes"]).arg("--kubeconfig").arg(kubeconfig);
        command.arg("--vault").arg(format!("file://{}", vault.display()));
        serde_json::from_str(&child::output(command).await?).context("a backup prints one document")
    }
}

/// Milliseconds from the first cut to the last.
fn spread(result: &Value) -> Option<u64> {
    let volumes = result["volumes"].as_array()?;
    let cuts =
        volumes.iter().map(|volume| volume["snapshot"]["cut"].as_str()?.parse::<jiff::Timestamp>().ok());
    let cuts: Vec<jiff::Timestamp> = cuts.collect::<Option<_>>()?;
    let (first, last) = (cuts.iter().min()?, cuts.iter().max()?);
    u64::try_from(last.duration_since(*first).as_millis()).ok()
}
