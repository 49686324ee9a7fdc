//! After the cut, with nobody waiting: snapshots become ready, and what the point says about volumes is put together.

use std::sync::Arc;

use futures::{StreamExt, stream};
use holdfast_model::volume::Unfit;
use holdfast_store::PointWarning;
use holdfast_store::volumes::{Snapshot, VolumeState};
use serde_json::Value;
use tokio::time::{Duration, Instant, sleep};

use super::archive::{self, Objects};
use super::cut::{Cutter, Taken};
use super::prepare::Prepared;
use super::record::Claim;
use super::{Cut, OBJECTS_AT_ONCE, Surroundings, claim_type};
use crate::context::Context;
use crate::error::EngineError;
use crate::snapshots::error_of;

/// How often a snapshot that is not ready is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often, and how many times, a snapshot is looked at until it says what its content does.
const COPIED_EVERY: Duration = Duration::from_millis(100);
const COPIED_LOOKS: u32 = 100;

/// What is known of a snapshot in the end.
struct Ready {
    claim: usize,
    snapshot: Value,
    content: Value,
    /// Why it is not ready.
    problem: Option<String>,
}

pub(super) async fn finish(
    around: &Surroundings<'_>,
    cut: &mut Cut,
    mut prepared: Prepared,
) -> Result<(), EngineError> {
    around.context.check()?;
    let ready = readiness(around, cut).await?;
    let (mut snapshots, mut contents) = (Vec::new(), Vec::new());
    for ready in ready {
        let Some(taken) = cut.taken.get(&ready.claim) else { continue };
        let claim = &mut prepared.claims[ready.claim];
        settle(claim, taken, &ready);
        if let Some(item) = archive::claim(&claim.item, taken, around.point) {
            claim.item = item;
        }
        if let Some(api) = &cut.api {
            let (ty, point) = (&api.snapshots, around.point);
            snapshots.extend(archive::snapshot(ready.snapshot, ty, &ready.content, taken, point));
            contents.extend(archive::content(ready.content, &api.contents, point));
        }
        if let Some(problem) = ready.problem {
            cut.incomplete = true;
            let (namespace, name) = (claim.record.namespace.clone(), &claim.record.claim);
            let message = format!(
                "the snapshot of claim {namespace}/{name} was taken, but was not ready in time: {problem}; it may become so"
            );
            warn(around, cut, Some(&namespace), message);
        }
    }
    for problem in std::mem::take(&mut prepared.problems) {
        cut.incomplete = true;
        warn(around, cut, None, problem);
    }
    let mut items = Vec::with_capacity(prepared.claims.len());
    for claim in prepared.claims {
        items.push(claim.item);
        cut.document.volumes.push(claim.record);
    }
    cut.document.volumes.extend(prepared.unselected);
    cut.document.volumes.sort_by(|a, b| (&a.namespace, &a.claim).cmp(&(&b.namespace, &b.claim)));
    for record in cut.document.volumes.clone() {
        cut.incomplete |= record.state == VolumeState::Failed;
        if let Some(reason) = &record.reason {
            let claim = format!("claim {}/{}", record.namespace, record.claim);
            let message = if *reason == Unfit::Unbound.to_string() {
                format!("{claim} is not bound to a volume, so there is no data of it in this recovery point")
            } else {
                format!("the data of {claim} is not in this recovery point: {reason}")
            };
            warn(around, cut, Some(&record.namespace), message);
        }
    }
    cut.objects.push(Objects { ty: Arc::new(claim_type()), items });
    if let Some(api) = &cut.api {
        cut.objects.push(Objects { ty: Arc::new(api.snapshots.clone()), items: snapshots });
        cut.objects.push(Objects { ty: Arc::new(api.contents.clone()), items: contents });
    }
    Ok(())
}

fn warn(around: &Surroundings<'_>, cut: &mut Cut, namespace: Option<&String>, message: String) {
    around.context.warn(&message);
    cut.warnings.push(PointWarning {
        resource: Some("persistentvolumeclaims".to_owned()).filter(|_| namespace.is_some()),
        namespace: namespace.cloned(),
        message,
    });
}

fn settle(claim: &mut Claim, taken: &Taken, ready: &Ready) {
    let Some(plan) = &claim.plan else { return };
    claim.record.state = VolumeState::Snapshotted;
    claim.record.reason = None;
    claim.record.snapshot = Some(Snapshot {
        handle: taken.handle.clone(),
        driver: plan.source.driver.clone(),
        class: Some(plan.class.name.clone()),
        name: taken.name.clone(),
        content: taken.content.clone(),
        restore_size: ready.content.pointer("/status/restoreSize").and_then(Value::as_u64),
        cut: taken.cut,
        ready: ready.problem.is_none(),
        incremental: plan.class.incremental,
        resource_group: plan.class.resource_group.clone(),
    });
}

/// Waits until all snapshots are ready, or the time is over.
async fn readiness(around: &Surroundings<'_>, cut: &Cut) -> Result<Vec<Ready>, EngineError> {
    let Some(api) = cut.api.as_ref().filter(|_| !cut.taken.is_empty()) else { return Ok(Vec::new()) };
    around.context.phase("waiting for snapshots", Some(cut.taken.len() as u64));
    let cutter = Cutter { cluster: around.cluster, api, marks: &cut.marks, context: around.context };
    let deadline = Instant::now() + around.options.timeout;
    let waiting: Vec<_> =
        cut.taken.iter().map(|(claim, taken)| Box::pin(wait(&cutter, *claim, taken, deadline))).collect();
    let ready: Vec<_> = stream::iter(waiting).buffer_unordered(OBJECTS_AT_ONCE).collect().await;
    let mut ready = ready.into_iter().collect::<Result<Vec<Ready>, EngineError>>()?;
    ready.sort_by_key(|ready| ready.claim);
    Ok(ready)
}

async fn wait(
    cutter: &Cutter<'_>,
    claim: usize,
    taken: &Taken,
    deadline: Instant,
) -> Result<Ready, EngineError> {
    let context = cutter.context;
    loop {
        let content = context.run(cutter.get(&cutter.api.contents, None, &taken.content)).await?;
        let ready = content.as_ref().and_then(|content| content.pointer("/status/readyToUse")?.as_bool());
        let gone = content.is_none();
        if ready == Some(true) || gone || Instant::now() + LOOK_EVERY > deadline {
            let content = content.unwrap_or_default();
            let problem = match (ready, gone) {
                (Some(true), _) => None,
                (_, true) => Some("its VolumeSnapshotContent was deleted".to_owned()),
                _ => Some(error_of(&content).unwrap_or("the driver says nothing").to_owned()),
            };
            let snapshot = copied(cutter, taken, ready == Some(true)).await?;
            context.advance(1, 0, Some(&taken.name));
            return Ok(Ready { claim, snapshot, content, problem });
        }
        pause(context, LOOK_EVERY).await?;
    }
}

/// The `VolumeSnapshot`, once the snapshot controller has copied to it what its content says: the archive is to have both alike.
/// Where that does not come, it is taken as it is.
async fn copied(cutter: &Cutter<'_>, taken: &Taken, ready: bool) -> Result<Value, EngineError> {
    let mut looks = 0;
    loop {
        let getting = cutter.get(&cutter.api.snapshots, Some(&taken.namespace), &taken.name);
        let snapshot = cutter.context.run(getting).await?.unwrap_or_default();
        let status = |key: &str| snapshot.get("status").and_then(|status| status.get(key));
        let is_bound = status("boundVolumeSnapshotContentName").is_some_and(|name| *name == taken.content);
        let is_ready = status("readyToUse").and_then(Value::as_bool) == Some(true);
        looks += 1;
        if snapshot.is_null() || is_bound && (is_ready || !ready) || looks >= COPIED_LOOKS {
            return Ok(snapshot);
        }
        pause(cutter.context, COPIED_EVERY).await?;
    }
}

async fn pause(context: &Context, time: Duration) -> Result<(), EngineError> {
    let pausing = async {
        sleep(time).await;
        Ok::<_, EngineError>(())
    };
    context.run(pausing).await
}
