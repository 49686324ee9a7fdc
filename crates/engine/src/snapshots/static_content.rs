//! Snapshots that are in the storage system and not in the cluster: brought in by their handle, and deleted by it.
//!
//! What the controllers do (external-snapshotter v8.6.0, `pkg/sidecar-controller/snapshot_controller.go` and
//! `pkg/common-controller/snapshot_controller.go`), and what is built on it here:
//!
//! - A `VolumeSnapshotContent` with `source.snapshotHandle` needs no `VolumeSnapshot`, nor that one's namespace: the driver's
//!   csi-snapshotter asks the driver for the handle (`ListSnapshots`) as soon as the content is there, and writes `readyToUse`
//!   and `snapshotHandle`, or its error, into the status. So whether a snapshot can be used is known before anything else is
//!   written. A driver without `ListSnapshots` says ready of any handle.
//! - csi-snapshotter repeats what failed, and takes the error away when that works. Only "can not find snapshot" is final.
//! - The finalizer by which deleting a content waits for the driver is put on by the snapshot-controller, but only once the
//!   content is bound to a `VolumeSnapshot`. A content that was never bound and shall delete its snapshot has to be created with
//!   it: without, the API server forgets it at once and the snapshot stays. csi-snapshotter then deletes the snapshot only if
//!   the status names it by then.
//! - A bound content goes only when its `VolumeSnapshot` goes: the annotation that lets csi-snapshotter release it is put on
//!   then. With the policy Retain, neither deletion reaches the storage system.

use std::future::Future;
use std::time::Duration;

use holdfast_cluster::{ApiError, Cluster, WriteOptions};
use holdfast_model::resource::ResourceType;
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::objects::{delete, get, patch_content};
use super::{CLAIM_ANNOTATION, HELPER_PREFIX, SnapshotApi, error_of};

/// Holds a content until csi-snapshotter is done with it.
const BOUND_PROTECTION: &str = "snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection";
const POLL: Duration = Duration::from_millis(500);
/// How long objects that hold nothing may take to go.
const GOING: Duration = Duration::from_secs(15);

/// Labels of what we make.
pub(crate) type Labels<'a> = &'a [(&'a str, &'a str)];

/// A content to be made for a snapshot that exists.
pub(crate) struct StaticContent<'a> {
    /// Its name.
    pub name: &'a str,
    /// The driver's name of the snapshot.
    pub handle: &'a str,
    /// The CSI driver.
    pub driver: &'a str,
    /// `Filesystem` or `Block`: provisioners refuse to fill a claim of the other mode where they know it.
    pub volume_mode: Option<&'a str>,
    /// Namespace and name of the `VolumeSnapshot` that it is for. It need not exist.
    pub snapshot: (&'a str, &'a str),
    /// What it is found again by.
    pub labels: Labels<'a>,
    /// The claim that waits for it, as `namespace/name`.
    pub claim: Option<&'a str>,
}

/// Why a snapshot cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    /// The storage system does not have it.
    #[error("{0}")]
    Missing(String),
    /// The driver refuses it, and did so until the end of the wait.
    #[error("{0}")]
    Refused(String),
    /// Nothing has looked at it.
    #[error("the snapshotter of {driver} did not look at it within {} s; does it run in the target?", .limit.as_secs())]
    Silent {
        /// The CSI driver.
        driver: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Somebody deleted the content.
    #[error("its VolumeSnapshotContent was deleted meanwhile")]
    Gone,
    /// The API server refuses.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// What the driver says of a snapshot that it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It can be used.
    Ready,
    /// It is there, and still being made.
    Unready,
}

/// How deleting a snapshot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    /// The driver deleted it.
    Deleted,
    /// The storage system did not have it any more.
    AlreadyGone,
}

impl StaticContent<'_> {
    fn body(&self, ty: &ResourceType) -> Value {
        let labels: Map<String, Value> =
            self.labels.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
        let (namespace, name) = self.snapshot;
        let mut body = json!({
            "apiVersion": ty.api_version(), "kind": ty.kind,
            "metadata": {"name": self.name, "labels": labels},
            "spec": {"deletionPolicy": "Retain", "driver": self.driver, "source": {"snapshotHandle": self.handle},
                "volumeSnapshotRef": {"apiVersion": ty.api_version(), "kind": "VolumeSnapshot",
                    "namespace": namespace, "name": name}},
        });
        if let Some(mode) = self.volume_mode {
            body["spec"]["sourceVolumeMode"] = mode.into();
        }
        if let Some(claim) = self.claim {
            body["metadata"]["annotations"] = json!({CLAIM_ANNOTATION: claim});
        }
        body
    }

    /// Makes it, with the policy Retain. One that exists counts as this one: names are made of what nobody else has.
    pub(crate) async fn create(&self, cluster: &Cluster, api: &SnapshotApi) -> Result<(), ApiError> {
        create(cluster, &api.contents, None, &self.body(&api.contents)).await
    }
}

/// Makes the `VolumeSnapshot` of a static content.
pub(crate) async fn create_snapshot(
    cluster: &Cluster,
    api: &SnapshotApi,
    namespace: &str,
    name: &str,
    claim: &str,
    labels: Labels<'_>,
) -> Result<(), ApiError> {
    let ty = &api.snapshots;
    let labels: Map<String, Value> =
        labels.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
    let body = json!({
        "apiVersion": ty.api_version(), "kind": ty.kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": {CLAIM_ANNOTATION: claim}},
        "spec": {"source": {"volumeSnapshotContentName": name}},
    });
    create(cluster, ty, Some(namespace), &body).await
}

async fn create(
    cluster: &Cluster,
    ty: &ResourceType,
    namespace: Option<&str>,
    body: &Value,
) -> Result<(), ApiError> {
    match cluster.create(ty, namespace, body.to_string().into(), WriteOptions::default()).await {
        Err(error) if !error.is_already_exists() => Err(error),
        _ => Ok(()),
    }
}

/// What it takes to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The snapshot can be used.
    Ready,
    /// The driver has it, ready or not.
    Known,
}

/// Waits until the driver has looked at the snapshot of a content.
pub(crate) async fn await_found(
    cluster: &Cluster,
    api: &SnapshotApi,
    name: &str,
    driver: &str,
    wanted: Wanted,
    limit: Duration,
) -> Result<Found, Unusable> {
    let deadline = Instant::now() + limit;
    loop {
        let Some(content) = get(cluster, &api.contents, None, name).await? else {
            return Err(Unusable::Gone);
        };
        if is_ready(&content) {
            return Ok(Found::Ready);
        }
        if wanted == Wanted::Known && handle_of(&content).is_some() {
            return Ok(Found::Unready);
        }
        let error = error_of(&content);
        if let Some(words) = error.filter(|words| is_missing(words)) {
            return Err(Unusable::Missing(words.to_owned()));
        }
        if Instant::now() >= deadline {
            return match error {
                Some(words) => Err(Unusable::Refused(words.to_owned())),
                None if handle_of(&content).is_some() => Ok(Found::Unready),
                None => Err(Unusable::Silent { driver: driver.to_owned(), limit }),
            };
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Waits until a `VolumeSnapshot` can be used; false where it cannot in time.
pub(crate) async fn await_snapshot(
    cluster: &Cluster,
    api: &SnapshotApi,
    namespace: &str,
    name: &str,
    limit: Duration,
) -> Result<bool, ApiError> {
    until(limit, async || {
        Ok(get(cluster, &api.snapshots, Some(namespace), name)
            .await?
            .is_some_and(|snapshot| is_ready(&snapshot)))
    })
    .await
}

/// Removes a `VolumeSnapshot` and its content, both of policy Retain: the snapshot in the storage system stays.
///
/// The content goes only after its `VolumeSnapshot`, which goes only when no claim is being filled from it. What does not go
/// in time goes by itself later: nothing that is asked for here has to be asked for again.
pub(crate) async fn release(
    cluster: &Cluster,
    api: &SnapshotApi,
    namespace: &str,
    name: &str,
) -> Result<(), ApiError> {
    delete(cluster, &api.snapshots, Some(namespace), name).await?;
    until(GOING, async || Ok(get(cluster, &api.snapshots, Some(namespace), name).await?.is_none())).await?;
    delete(cluster, &api.contents, None, name).await
}

/// Removes a content of policy Retain.
pub(crate) async fn remove_content(cluster: &Cluster, api: &SnapshotApi, name: &str) -> Result<(), ApiError> {
    delete(cluster, &api.contents, None, name).await
}

/// Deletes a snapshot in the storage system, whose objects are gone from the cluster, by its handle.
///
/// The content that this takes has the policy Retain but for the moment when the driver is known to have the snapshot and the
/// content is deleted. When it does not go in time the policy is Retain again, so that nobody deletes the snapshot by
/// clearing up.
///
/// # Errors
/// Why the snapshot remains, or may remain.
pub(crate) async fn delete_snapshot(
    cluster: &Cluster,
    api: &SnapshotApi,
    handle: &str,
    driver: &str,
    labels: Labels<'_>,
    timeout: Duration,
) -> Result<Removed, String> {
    let deadline = Instant::now() + timeout;
    let name = format!("{HELPER_PREFIX}{}", Uuid::new_v4().simple());
    let content = StaticContent {
        name: &name,
        handle,
        driver,
        volume_mode: None,
        // Nobody makes a VolumeSnapshot of this name, so the content stays unbound, and the driver alone decides about it.
        snapshot: ("holdfast-deletion", &name),
        labels,
        claim: None,
    };
    let mut body = content.body(&api.contents);
    body["metadata"]["finalizers"] = json!([BOUND_PROTECTION]);
    let remains = |problem: &dyn std::fmt::Display| format!("the snapshot {handle} remains: {problem}");
    create(cluster, &api.contents, None, &body).await.map_err(|error| remains(&error))?;
    let asked = ask(cluster, api, &name, driver, timeout).await;
    let outcome = match asked {
        Ok(()) => {
            let left = deadline.saturating_duration_since(Instant::now()).max(POLL);
            match gone(cluster, api, &name, left).await {
                Ok(true) => return Ok(Removed::Deleted),
                // What the driver has begun is not stopped by that.
                Ok(false) => Err(format!(
                    "the snapshot {handle} may remain: {driver} did not delete it within {} s; the events of \
                     VolumeSnapshotContent {name} say why",
                    timeout.as_secs()
                )),
                Err(error) => Err(remains(&error)),
            }
        }
        Err(Unusable::Missing(_)) => Ok(Removed::AlreadyGone),
        Err(error) => Err(remains(&error)),
    };
    give_up(cluster, api, &name).await.map_err(|error| {
        format!(
            "VolumeSnapshotContent {name} could not be removed, and its snapshot {handle} may remain: {error}"
        )
    })?;
    outcome
}

/// Waits until the driver has the snapshot, and asks for its deletion.
async fn ask(
    cluster: &Cluster,
    api: &SnapshotApi,
    name: &str,
    driver: &str,
    limit: Duration,
) -> Result<(), Unusable> {
    await_found(cluster, api, name, driver, Wanted::Known, limit).await?;
    set_policy(cluster, api, name, "Delete").await?;
    delete(cluster, &api.contents, None, name).await?;
    Ok(())
}

/// Takes a content away whose snapshot shall stay, or is gone.
pub(super) async fn give_up(cluster: &Cluster, api: &SnapshotApi, name: &str) -> Result<(), ApiError> {
    match set_policy(cluster, api, name, "Retain").await {
        Err(error) if !error.is_not_found() => return Err(error),
        _ => {}
    }
    delete(cluster, &api.contents, None, name).await?;
    if !gone(cluster, api, name, GOING).await? {
        // Nobody releases it: no snapshotter of the driver runs.
        let patch = json!({"metadata": {"finalizers": null}});
        match patch_content(cluster, api, name, &patch).await {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

async fn set_policy(cluster: &Cluster, api: &SnapshotApi, name: &str, policy: &str) -> Result<(), ApiError> {
    patch_content(cluster, api, name, &json!({"spec": {"deletionPolicy": policy}})).await
}

async fn gone(cluster: &Cluster, api: &SnapshotApi, name: &str, limit: Duration) -> Result<bool, ApiError> {
    until(limit, async || Ok(get(cluster, &api.contents, None, name).await?.is_none())).await
}

/// Asks until the answer is yes; false where it is not in time.
async fn until<F: Future<Output = Result<bool, ApiError>>>(
    limit: Duration,
    mut ask: impl FnMut() -> F,
) -> Result<bool, ApiError> {
    let deadline = Instant::now() + limit;
    loop {
        if ask().await? {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn is_ready(object: &Value) -> bool {
    object.pointer("/status/readyToUse").and_then(Value::as_bool) == Some(true)
}

fn handle_of(content: &Value) -> Option<&str> {
    content.pointer("/status/snapshotHandle").and_then(Value::as_str)
}

/// Whether the driver's words mean that there is no such snapshot: csi-snapshotter's for an empty answer, gRPC's code, and
/// Azure's. Anything else may pass, or is about the request rather than the snapshot.
fn is_missing(words: &str) -> bool {
    ["can not find snapshot for snapshotID", "code = NotFound", "ResourceNotFound", "ResourceGroupNotFound"]
        .iter()
        .any(|known| words.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_retained_and_says_whose_it_is() {
        let ty = ResourceType {
            group: "snapshot.storage.k8s.io".into(),
            version: "v1".into(),
            plural: "volumesnapshotcontents".into(),
            kind: "VolumeSnapshotContent".into(),
            namespaced: false,
        };
        let content = StaticContent {
            name: "holdfast-1",
            handle: "/subscriptions/s/snapshots/x",
            driver: "disk.csi.azure.com",
            volume_mode: Some("Block"),
            snapshot: ("shop", "holdfast-1"),
            labels: &[("holdfast.dev/restore", "job")],
            claim: Some("shop/data"),
        };
        let body = content.body(&ty);
        assert_eq!(body["spec"]["deletionPolicy"], "Retain");
        assert_eq!(body["spec"]["source"], json!({"snapshotHandle": "/subscriptions/s/snapshots/x"}));
        assert_eq!(body["spec"]["volumeSnapshotRef"]["namespace"], "shop");
        assert_eq!(body["spec"]["sourceVolumeMode"], "Block");
        assert_eq!(body["metadata"]["labels"]["holdfast.dev/restore"], "job");
        assert_eq!(body["metadata"]["annotations"][CLAIM_ANNOTATION], "shop/data");
    }

    #[test]
    fn only_the_words_for_a_missing_snapshot_are_taken_for_it() {
        assert!(is_missing(
            "Failed to check and update snapshot content: failed to list snapshot for content x: \"can not find snapshot for snapshotID y\""
        ));
        assert!(is_missing("rpc error: code = NotFound desc = x"));
        for passing in ["rpc error: code = Unavailable", "secrets \"x\" not found", "AuthorizationFailed"] {
            assert!(!is_missing(passing), "{passing}");
        }
    }
}
