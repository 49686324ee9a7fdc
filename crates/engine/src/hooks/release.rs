//! Releasing pods that a backup held when it was killed.
//!
//! A note in the vault says which pods those are. What is run in them is what the cluster still says: commands that neither the
//! pod's annotations nor the `BackupHook` objects give are not run, so whoever may write to the vault may not run commands.

use std::collections::HashSet;
use std::time::Duration;

use holdfast_cluster::{Cluster, Discovery};
use holdfast_model::hooks::{BackupHooks, HookReference, MAX_TIMEOUT, backup_commands};
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::HookPhase;
use holdfast_store::{Frozen, FrozenPod, ProcessIdentity, ReleaseCommand, Vault, Writing};

use super::{Fate, Order, Pod, backup_hooks, pod_type, run};
use crate::context::Context;
use crate::error::EngineError;

/// The name of a cluster that holds whatever a kubeconfig calls it: the UID of its `kube-system` namespace. Empty where that
/// may not be read.
pub(crate) async fn identity(cluster: &Cluster) -> String {
    let found = cluster.get(&crate::backup::namespace_type(), None, "kube-system").await.ok().flatten();
    let uid = found.and_then(|json| {
        let object: serde_json::Value = serde_json::from_slice(&json).ok()?;
        object.pointer("/metadata/uid")?.as_str().map(str::to_owned)
    });
    uid.unwrap_or_default()
}

/// What came of one pod.
enum Release {
    /// It was released.
    Released,
    /// There is no such pod here, so nothing holds it here.
    NotHere,
    /// It may still be held.
    Held(String),
}

/// Runs the post hooks that killed backups owe pods of this cluster. Returns how many pods were released.
///
/// Backups that run are left alone, and the pods they hold. What cannot be released stays noted, is said in the log, and is
/// tried again next time; a pod that is gone, or was made anew, is not held any more.
///
/// # Errors
/// Those of the vault and of discovery, and cancellation between two pods.
pub async fn release_frozen(cluster: &Cluster, vault: &Vault, context: &Context) -> Result<u64, EngineError> {
    if vault.is_read_only() {
        return Ok(0);
    }
    let notes = context.run(vault.frozen()).await?;
    if notes.is_empty() {
        return Ok(0);
    }
    let own = context.run(async { Ok::<_, EngineError>(identity(cluster).await) }).await?;
    let discovery = context.run(cluster.discover()).await?;
    let mut dead = Vec::new();
    // Pods that are held by who lives, and those that are done.
    let mut settled = HashSet::new();
    for (note, frozen) in notes {
        match is_alive(vault, &frozen).await {
            Ok(true) => settled.extend(frozen.pods.into_iter().map(|pod| pod.uid)),
            Ok(false) => dead.push((note, frozen)),
            // Whatever is wrong with that point must not keep others from being made.
            Err(EngineError::Store(error)) if !error.is_of_storage() => {
                let point = &frozen.point;
                context
                    .log(LogLevel::Warning, format!("pods that backup {point} may hold are left: {error}"));
            }
            Err(error) => return Err(error),
        }
    }
    let mut released = 0;
    for (note, frozen) in dead {
        // UIDs are unique, so a pod that is found is the one; that one is not found says something only in its own cluster.
        let is_own = !own.is_empty() && frozen.cluster == own;
        let mut all = true;
        for pod in &frozen.pods {
            context.check()?;
            if !settled.insert(pod.uid.clone()) {
                continue;
            }
            match release(cluster, &discovery, &frozen, pod, context).await {
                Release::Released => released += 1,
                Release::NotHere => all &= is_own,
                Release::Held(why) => {
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

/// Whether the backup that wrote a note still runs, as far as can be known.
pub(crate) async fn is_alive(vault: &Vault, frozen: &Frozen) -> Result<bool, EngineError> {
    if frozen.process.as_ref().is_some_and(ProcessIdentity::is_gone) {
        return Ok(false);
    }
    Ok(vault.writing(&frozen.point, frozen.writer).await? == Writing::Alive)
}

async fn release(
    cluster: &Cluster,
    discovery: &Discovery,
    frozen: &Frozen,
    pod: &FrozenPod,
    context: &Context,
) -> Release {
    let found = match cluster.get(&pod_type(), Some(&pod.namespace), &pod.pod).await {
        Ok(found) => found,
        Err(error) => return Release::Held(error.to_string()),
    };
    let live =
        found.and_then(|json| serde_json::from_slice(&json).ok()).and_then(|object| Pod::read(&object));
    let Some(live) = live.filter(|live| live.uid == pod.uid && !live.has_ended()) else {
        return Release::NotHere;
    };
    let message =
        format!("releasing pod {}/{}, which backup {} left held", pod.namespace, pod.pod, frozen.point);
    context.log(LogLevel::Info, message);
    let hooks = hooks_of(cluster, discovery, &pod.release, context).await;
    let said = backup_commands(&live.hooked(), &hooks).post;
    let mut held = None;
    for command in &pod.release {
        let is_said = said
            .iter()
            .any(|exec| exec.container == command.container && exec.exec.command == command.command);
        if !is_said {
            let words = command.command.join(" ");
            held.get_or_insert(format!(
                "neither its annotations nor {} give the command `{words}` any more, so it was not run; run it by hand",
                command.hook
            ));
            continue;
        }
        let order = Order {
            namespace: &pod.namespace,
            pod: &pod.pod,
            container: &command.container,
            hook: &command.hook,
            phase: HookPhase::Post,
            command: &command.command,
            timeout: Duration::from_millis(command.timeout_millis).min(MAX_TIMEOUT),
        };
        let ran = run(cluster, &order, context).await;
        // One that ran and failed is said in the log; running it for ever would not make it better.
        if ran.fate != Fate::Ended {
            held = held.or(ran.run.failure);
        }
    }
    held.map_or(Release::Released, Release::Held)
}

/// The `BackupHook` objects that commands come from, as far as they are there and can be read.
async fn hooks_of(
    cluster: &Cluster,
    discovery: &Discovery,
    commands: &[ReleaseCommand],
    context: &Context,
) -> Vec<BackupHooks> {
    let mut references: Vec<HookReference> = Vec::new();
    for command in commands {
        let reference = command.hook.split_once(": ").and_then(|(object, _)| object.parse().ok());
        references.extend(reference.filter(|reference| !references.contains(reference)));
    }
    let mut hooks = Vec::new();
    for reference in references {
        let one = std::slice::from_ref(&reference);
        hooks.extend(backup_hooks(cluster, discovery, one, context).await.unwrap_or_default());
    }
    hooks
}
