//! Cutting one claim: its `VolumeSnapshot`, until the storage system has the moment.
//!
//! Order: the snapshot is created in the claim's namespace, with the point's labels; it is cut once its content has a handle and a
//! time. csi-snapshotter writes them there first; the snapshot controller copies them to the `VolumeSnapshot` a while later, for
//! which no database should have to wait. Then, with nobody held any more, the content becomes Retain and gets the labels as
//! well ([`Cutter::keep`]), so that the data outlives whatever happens to these objects. What fails on the way is taken away
//! again.

use std::time::Duration;

use holdfast_cluster::{ApiError, Cluster, WriteOptions};
use holdfast_model::resource::ResourceType;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Marks;
use crate::context::Context;
use crate::snapshots::{DISCARDED_ANNOTATION, SnapshotApi, error_of, objects};

/// How often a snapshot is looked at: soon at first, because a cut takes a fraction of a second and a database may be waiting.
const LOOK_EVERY: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];
/// Looks of the first kind.
const SOON: u32 = 20;
/// Of which only each so many goes to the `VolumeSnapshot`, for what went wrong; the others go to its content.
const SNAPSHOT_EVERY: u32 = 5;

/// A snapshot that the storage system has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub namespace: String,
    /// The `VolumeSnapshot`.
    pub name: String,
    /// The `VolumeSnapshotContent`.
    pub content: String,
    pub handle: String,
    pub cut: Option<Timestamp>,
}

/// What is cut, and under which name.
#[derive(Clone, Debug)]
pub(super) struct Cutting<'a> {
    pub namespace: &'a str,
    pub claim: &'a str,
    /// Of the `VolumeSnapshot`.
    pub name: &'a str,
    pub class: &'a str,
}

/// Where snapshots are taken.
pub(super) struct Cutter<'a> {
    pub cluster: &'a Cluster,
    pub api: &'a SnapshotApi,
    pub marks: &'a Marks,
    pub context: &'a Context,
}

impl Cutter<'_> {
    /// Takes a snapshot, at the latest until `deadline`: a database may be waiting.
    ///
    /// # Errors
    /// Why there is none. What is left of it then bears the point's labels; [`Self::discard`] removes it.
    pub(super) async fn cut(&self, what: &Cutting<'_>, deadline: Instant) -> Result<Taken, String> {
        if Instant::now() >= deadline {
            return Err("no snapshot was taken in time: others were before it".into());
        }
        let taking = async {
            let content = self.create(what).await?;
            self.wait(what, content, deadline).await
        };
        let taken = tokio::time::timeout_at(deadline, taking).await;
        taken.unwrap_or_else(|_| Err("no snapshot was taken in time: the cluster did not answer".into()))
    }

    /// Creates the snapshot; the name that its content will have, where the answer tells.
    async fn create(&self, what: &Cutting<'_>) -> Result<Option<String>, String> {
        let body = json!({
            "apiVersion": self.api.snapshots.api_version(),
            "kind": "VolumeSnapshot",
            "metadata": {"name": what.name, "namespace": what.namespace, "labels": self.marks.labels()},
            "spec": {
                "volumeSnapshotClassName": what.class,
                "source": {"persistentVolumeClaimName": what.claim},
            },
        });
        let created = self.cluster.create(
            &self.api.snapshots,
            Some(what.namespace),
            body.to_string().into(),
            WriteOptions::default(),
        );
        match created.await {
            Ok(created) => Ok(serde_json::from_slice(&created).ok().and_then(|made| content_of(&made))),
            // The answer to the first try was lost: names are unique to this run.
            Err(error) if error.is_already_exists() => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn wait(
        &self,
        what: &Cutting<'_>,
        mut content: Option<String>,
        deadline: Instant,
    ) -> Result<Taken, String> {
        let mut said = None;
        let mut looks = 0;
        loop {
            if let Some(name) = &content
                && let Some(taken) = self.taken(what, name).await?
            {
                return Ok(taken);
            }
            if content.is_none() || looks >= SOON || looks % SNAPSHOT_EVERY == SNAPSHOT_EVERY - 1 {
                let snapshot = self.get(&self.api.snapshots, Some(what.namespace), what.name).await;
                let Some(snapshot) = snapshot.map_err(|error| error.to_string())? else {
                    return Err("its snapshot was deleted while it was taken".into());
                };
                content = content_of(&snapshot);
                // The snapshotter tries again by itself, so an error is the reason only if it is the last that was heard.
                said = error_of(&snapshot).map(str::to_owned).or(said);
                if said.is_some() && self.claim_is_gone(what).await {
                    return Err("the claim was deleted meanwhile".into());
                }
            }
            if self.context.cancel.is_cancelled() {
                return Err("the backup was cancelled".into());
            }
            let pause = LOOK_EVERY[usize::from(looks >= SOON)];
            looks += 1;
            if Instant::now() + pause > deadline {
                return Err(match said {
                    Some(said) => format!("no snapshot was taken in time: {said}"),
                    None => "no snapshot was taken in time, and nobody says why: is the CSI driver running?"
                        .into(),
                });
            }
            sleep(pause).await;
        }
    }

    /// What was taken, once the content has handle and time.
    async fn taken(&self, what: &Cutting<'_>, content: &str) -> Result<Option<Taken>, String> {
        let found = self.get(&self.api.contents, None, content).await.map_err(|error| error.to_string())?;
        let Some(status) = found.as_ref().and_then(|found| found.get("status")) else { return Ok(None) };
        let handle = status.get("snapshotHandle").and_then(Value::as_str);
        let moment = status.get("creationTime").and_then(Value::as_i64);
        let (Some(handle), Some(moment)) = (handle, moment) else { return Ok(None) };
        Ok(Some(Taken {
            namespace: what.namespace.to_owned(),
            name: what.name.to_owned(),
            content: content.to_owned(),
            handle: handle.to_owned(),
            cut: Timestamp::from_nanosecond(moment.into()).ok(),
        }))
    }

    /// Makes a content outlive its snapshot.
    ///
    /// # Errors
    /// Why it may not, in words.
    pub(super) async fn keep(&self, taken: &Taken) -> Result<(), String> {
        let patch =
            json!({"metadata": {"labels": self.marks.labels()}, "spec": {"deletionPolicy": "Retain"}});
        self.patch_content(&taken.content, &patch).await.map_err(|error| error.to_string())
    }

    async fn claim_is_gone(&self, what: &Cutting<'_>) -> bool {
        let ty = super::claim_type();
        matches!(self.get(&ty, Some(what.namespace), what.claim).await, Ok(None))
    }

    /// Removes a snapshot, in the cluster and in the storage system. What cannot be removed now is found by its labels later.
    pub(super) async fn discard(&self, namespace: &str, name: &str, content: Option<&str>) {
        let mut content = content.map(str::to_owned);
        if content.is_none()
            && let Ok(Some(snapshot)) = self.get(&self.api.snapshots, Some(namespace), name).await
        {
            content = content_of(&snapshot);
        }
        if let Some(content) = &content {
            // Whatever the class says: this one is not kept.
            if let Err(error) = self.patch_content(content, &self.unwanted()).await
                && !error.is_not_found()
            {
                // Without that the snapshot could outlive everything that knows its handle.
                self.note(Err(error));
                return;
            }
        }
        self.delete(&self.api.snapshots, Some(namespace), name).await;
        if let Some(content) = &content {
            self.delete(&self.api.contents, None, content).await;
        }
    }

    /// A patch for contents whose snapshots go. It says something new each time: csi-snapshotter does not look again at a content
    /// that was deleted while its snapshot was being taken before it changes, or a quarter of an hour has passed.
    fn unwanted(&self) -> Value {
        json!({
            // By the labels it is found even when its VolumeSnapshot has gone before it.
            "metadata": {
                "annotations": {DISCARDED_ANNOTATION: self.context.now().to_string()},
                "labels": self.marks.labels(),
            },
            "spec": {"deletionPolicy": "Delete"},
        })
    }

    /// Removes the objects of a snapshot that a committed point refers to; the storage system keeps it.
    pub(super) async fn forget(&self, taken: &Taken) {
        let patch = json!({"spec": {"deletionPolicy": "Retain"}});
        if let Err(error) = self.patch_content(&taken.content, &patch).await
            && !error.is_not_found()
        {
            // Better objects that stay than data that goes.
            self.note(Err(error));
            return;
        }
        self.delete(&self.api.snapshots, Some(&taken.namespace), &taken.name).await;
        self.delete(&self.api.contents, None, &taken.content).await;
    }

    /// Removes a content whose snapshot object is gone; with `keep` the storage system keeps the data.
    pub(super) async fn remove_content(&self, name: &str, keep: bool) {
        let patch = if keep { json!({"spec": {"deletionPolicy": "Retain"}}) } else { self.unwanted() };
        match self.patch_content(name, &patch).await {
            Ok(()) => self.delete(&self.api.contents, None, name).await,
            Err(error) => self.note(Err(error)),
        }
    }

    /// Waits until the objects of snapshots are gone, which takes their controller a moment.
    pub(super) async fn wait_gone(&self, taken: &[Taken], patience: Duration) {
        let deadline = Instant::now() + patience;
        for one in taken {
            for (ty, namespace, name) in [
                (&self.api.snapshots, Some(one.namespace.as_str()), &one.name),
                (&self.api.contents, None, &one.content),
            ] {
                while Instant::now() < deadline && matches!(self.get(ty, namespace, name).await, Ok(Some(_)))
                {
                    sleep(LOOK_EVERY[0]).await;
                }
            }
        }
    }

    pub(super) async fn get(
        &self,
        ty: &ResourceType,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Value>, ApiError> {
        objects::get(self.cluster, ty, namespace, name).await
    }

    async fn patch_content(&self, name: &str, patch: &Value) -> Result<(), ApiError> {
        objects::patch_content(self.cluster, self.api, name, patch).await
    }

    async fn delete(&self, ty: &ResourceType, namespace: Option<&str>, name: &str) {
        self.note(objects::delete(self.cluster, ty, namespace, name).await);
    }

    fn note(&self, done: Result<(), ApiError>) {
        if let Err(error) = done
            && !error.is_not_found()
        {
            let message =
                format!("a snapshot object stays until the next backup or `holdfast cleanup`: {error}");
            self.context.log(holdfast_store::job::LogLevel::Warning, message);
        }
    }
}

/// The content of a `VolumeSnapshot`: the one that it is bound to, or the one that the snapshot controller binds it to, whose
/// name it makes of the UID.
pub(super) fn content_of(snapshot: &Value) -> Option<String> {
    let text =
        |pointer: &str| snapshot.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let bound = text("/status/boundVolumeSnapshotContentName").map(str::to_owned);
    bound.or_else(|| text("/metadata/uid").map(|uid| format!("snapcontent-{uid}")))
}
