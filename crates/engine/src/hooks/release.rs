//! Releasing pods that a backup held when it was killed.

use std::time::Duration;

use holdfast_cluster::Cluster;
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::HookPhase;
use holdfast_store::{Frozen, FrozenPod, ProcessIdentity, Vault, Writing};

use super::{Order, Pod, pod_type, run};
use crate::context::Context;
use crate::error::EngineError;

/// The name of a cluster that holds whatever a kubeconfig calls it: the UID of its `kube-system` namespace; its address where
/// that may not be read.
pub(crate) async fn identity(cluster: &Cluster) -> String {
    let found = cluster.get(&crate::backup::namespace_type(), None, "kube-system").await.ok().flatten();
    let uid = found.and_then(|json| {
        let object: serde_json::Value = serde_json::from_slice(&json).ok()?;
        object.pointer("/metadata/uid")?.as_str().map(str::to_owned)
    });
    uid.unwrap_or_else(|| cluster.server().to_owned())
}

/// Runs the post hooks that killed backups of this cluster owe. Returns how many pods were released.
///
/// Backups that run are left alone. What cannot be released stays noted, is said in the log, and is tried again next time; a
/// pod that is gone, or was made anew, is not held any more.
///
/// # Errors
/// Those of the vault, and cancellation between two pods.
pub async fn release_frozen(cluster: &Cluster, vault: &Vault, context: &Context) -> Result<u64, EngineError> {
    if vault.is_read_only() {
        return Ok(0);
    }
    let notes = context.run(vault.frozen()).await?;
    if notes.is_empty() {
        return Ok(0);
    }
    let own = context.run(async { Ok::<_, EngineError>(identity(cluster).await) }).await?;
    let mut released = 0;
    for (note, frozen) in notes {
        context.check()?;
        if frozen.cluster != own || is_alive(vault, &frozen).await? {
            continue;
        }
        let mut all = true;
        for pod in &frozen.pods {
            match release(cluster, &frozen, pod, context).await {
                Ok(was_held) => released += u64::from(was_held),
                Err(why) => {
                    all = false;
                    let message = format!(
                        "pod {}/{} may still be held by the hooks of backup {}: {why}",
                        pod.namespace, pod.pod, frozen.point
                    );
                    context.log(LogLevel::Warning, message);
                }
            }
        }
        if all {
            vault.drop_frozen(&note).await?;
        }
    }
    Ok(released)
}

async fn is_alive(vault: &Vault, frozen: &Frozen) -> Result<bool, EngineError> {
    if frozen.process.as_ref().is_some_and(ProcessIdentity::is_gone) {
        return Ok(false);
    }
    Ok(vault.writing(&frozen.point, frozen.writer).await? == Writing::Alive)
}

/// Whether the pod was still there to be released.
async fn release(
    cluster: &Cluster,
    frozen: &Frozen,
    pod: &FrozenPod,
    context: &Context,
) -> Result<bool, String> {
    let found = cluster.get(&pod_type(), Some(&pod.namespace), &pod.pod).await.map_err(|e| e.to_string())?;
    let live =
        found.and_then(|json| serde_json::from_slice(&json).ok()).and_then(|object| Pod::read(&object));
    if live.is_none_or(|live| live.uid != pod.uid || live.has_ended()) {
        return Ok(false);
    }
    let message =
        format!("releasing pod {}/{}, which backup {} left held", pod.namespace, pod.pod, frozen.point);
    context.log(LogLevel::Info, message);
    let mut lost = None;
    for command in &pod.release {
        let order = Order {
            namespace: &pod.namespace,
            pod: &pod.pod,
            container: &command.container,
            hook: &command.hook,
            phase: HookPhase::Post,
            command: &command.command,
            timeout: Duration::from_millis(command.timeout_millis),
        };
        let ran = run(cluster, &order, context).await;
        // One that ran and failed is said in the log; running it for ever would not make it better.
        if !ran.ended {
            lost = lost.or(ran.run.failure);
        }
    }
    lost.map_or(Ok(true), Err)
}
