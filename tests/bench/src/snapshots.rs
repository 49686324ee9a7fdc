//! The floor of a backup of volumes: a bare loop that takes a snapshot of every claim, without hooks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::{StreamExt, TryStreamExt, stream};
use kube::Client;
use serde_json::{Value, json};

use crate::floor::{delete, get, millis, post};
use crate::volumes::NAMESPACE;

const API: &str = "/apis/snapshot.storage.k8s.io/v1";
const CLASS: &str = "csi-azuredisk-vsc";
/// How often a snapshot is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How long all of them may take to come, and to go.
const PATIENCE: Duration = Duration::from_mins(5);

/// Takes a snapshot of each of `claims` claims, `at_once` at the same time, each until it is cut; then removes them.
pub(crate) async fn take(client: &Client, claims: usize, at_once: usize) -> Result<Value> {
    let clock = Instant::now();
    stream::iter(0..claims)
        .map(|n| take_one(client, n, clock))
        .buffer_unordered(at_once)
        .try_collect::<()>()
        .await?;
    let ms = millis(clock);
    let spread = spread(client).await?;
    stream::iter(0..claims)
        .map(async |n| delete(client, &format!("{}/{}", path(), name(n))).await)
        .buffer_unordered(at_once)
        .try_collect::<()>()
        .await?;
    // The next run is not to wait for what this one leaves to be done.
    let clock = Instant::now();
    while count(client).await? > 0 {
        patient(clock)?;
        tokio::time::sleep(POLL).await;
    }
    Ok(json!({ "ms": ms, "firstToLastCutMs": spread }))
}

fn path() -> String {
    format!("{API}/namespaces/{NAMESPACE}/volumesnapshots")
}

fn name(n: usize) -> String {
    format!("floor-{n:04}")
}

async fn take_one(client: &Client, n: usize, clock: Instant) -> Result<()> {
    let body = json!({"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshot", "metadata": {"name": name(n)},
        "spec": {"volumeSnapshotClassName": CLASS, "source": {"persistentVolumeClaimName": format!("claim-{n:04}")}}});
    post(client, &(path(), body.to_string().into())).await?;
    let uri = format!("{}/{}", path(), name(n));
    loop {
        let snapshot: Value = serde_json::from_slice(&get(client, &uri).await?)?;
        if snapshot["status"]["creationTime"].is_string() {
            return Ok(());
        }
        patient(clock)?;
        tokio::time::sleep(POLL).await;
    }
}

fn patient(clock: Instant) -> Result<()> {
    if clock.elapsed() > PATIENCE {
        bail!("the snapshots of the floor took more than {} s", PATIENCE.as_secs());
    }
    Ok(())
}

/// Milliseconds from the first cut to the last, by the driver's clock.
async fn spread(client: &Client) -> Result<u64> {
    let contents = contents(client).await?;
    let cuts = contents.iter().map(|content| content["status"]["creationTime"].as_u64());
    let cuts: Vec<u64> = cuts.collect::<Option<_>>().context("a content without the moment of its cut")?;
    let (first, last) = (cuts.iter().min(), cuts.iter().max());
    Ok(first.zip(last).map(|(first, last)| (last - first) / 1_000_000).unwrap_or_default())
}

async fn count(client: &Client) -> Result<usize> {
    Ok(contents(client).await?.len())
}

/// The contents of snapshots in the namespace.
async fn contents(client: &Client) -> Result<Vec<Value>> {
    let list: Value = serde_json::from_slice(&get(client, &format!("{API}/volumesnapshotcontents")).await?)?;
    let items = list["items"].as_array().into_iter().flatten();
    Ok(items.filter(|item| item["spec"]["volumeSnapshotRef"]["namespace"] == NAMESPACE).cloned().collect())
}
