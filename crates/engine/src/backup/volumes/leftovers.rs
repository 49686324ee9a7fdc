//! What killed backups left in a cluster: snapshot objects with our labels.
//!
//! The vault knows what became of their writer. Where it committed its point, the objects go and the snapshots stay that the
//! point has the handles of; what it gave up on, and everything of a writer that is dead and committed nothing, goes with its
//! snapshots; where the writer lives, nothing is touched.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_cluster::{Cluster, ListRequest};
use holdfast_model::name::PointName;
use holdfast_store::job::LogLevel;
use holdfast_store::{StoreError, Vault, Writing};
use serde_json::Value;
use uuid::Uuid;

use super::Marks;
use super::cut::{Cutter, Taken, content_of};
use crate::context::Context;
use crate::error::EngineError;
use crate::snapshots::{POINT_LABEL, SnapshotApi, VAULT_LABEL, WRITER_LABEL, objects};

/// Objects of one writer.
#[derive(Default)]
struct Left {
    /// Namespace and name of `VolumeSnapshot`s, with their contents.
    snapshots: Vec<(String, String, String)>,
    contents: Vec<String>,
}

/// Clears what killed backups into this vault left. Returns how many snapshots were found.
///
/// # Errors
/// Those of vault and cluster that concern more than these objects, and cancellation.
pub(crate) async fn clear(
    cluster: &Cluster,
    api: &SnapshotApi,
    vault: &Vault,
    context: &Context,
) -> Result<u64, EngineError> {
    let Some(id) = vault.id() else { return Ok(0) };
    let mut left: BTreeMap<(String, Uuid), Left> = BTreeMap::new();
    for (ty, is_snapshot) in [(&api.snapshots, true), (&api.contents, false)] {
        let mut request = ListRequest::all(ty.clone());
        request.label_selector = Some(format!("{VAULT_LABEL}={id},{WRITER_LABEL}"));
        let objects = match objects::list(cluster, request, None, context).await? {
            Ok(objects) => objects,
            Err(error) => {
                context.log(
                    LogLevel::Info,
                    format!("what earlier backups may have left was not looked for: {error}"),
                );
                return Ok(0);
            }
        };
        for object in objects {
            let text = |pointer: &str| {
                object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let label = |key: &str| object.pointer("/metadata/labels")?.get(key)?.as_str();
            let (Some(point), Some(writer)) = (label(POINT_LABEL), label(WRITER_LABEL)) else { continue };
            let Ok(writer) = writer.parse() else { continue };
            // What is bound to a given handle was never made by a backup, whatever labels it was given.
            let is_static = ["snapshotHandle", "volumeSnapshotContentName"]
                .iter()
                .any(|key| object.pointer("/spec/source").is_some_and(|source| source.get(*key).is_some()));
            if is_static {
                continue;
            }
            let left = left.entry((point.to_owned(), writer)).or_default();
            if is_snapshot {
                let Some(content) = content_of(&object) else { continue };
                left.snapshots.push((text("/metadata/namespace"), text("/metadata/name"), content));
            } else {
                left.contents.push(text("/metadata/name"));
            }
        }
    }
    let mut found = 0;
    for ((point, writer), mut left) in left {
        let Ok(name) = point.parse::<PointName>() else { continue };
        let told = context.run(async {
            let state = vault.writing(&name, writer).await?;
            let wanted = match state {
                Writing::Committed => wanted(vault, &name).await?,
                Writing::Alive | Writing::Gone => BTreeSet::new(),
            };
            Ok::<_, StoreError>((state, wanted))
        });
        let (state, wanted) = match told.await {
            Ok(told) => told,
            // A point that cannot be read must not keep others from being made, and its snapshots are not touched.
            Err(EngineError::Store(error)) if !error.is_of_storage() => {
                context.log(LogLevel::Warning, format!("what backup {point} left is not cleared: {error}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        if state == Writing::Alive {
            continue;
        }
        let bound: Vec<_> = left.snapshots.iter().map(|(_, _, content)| content.clone()).collect();
        left.contents.retain(|content| !bound.contains(content));
        let marks = Marks { vault: id, point: name, writer };
        let cutter = Cutter { cluster, api, marks: &marks, context };
        let many = left.snapshots.len() + left.contents.len();
        context.log(LogLevel::Info, format!("clearing {many} snapshot objects that backup {point} left"));
        found += many as u64;
        for (namespace, snapshot, content) in left.snapshots {
            if wanted.contains(&snapshot) {
                let (handle, cut) = (String::new(), None);
                cutter.forget(&Taken { namespace, name: snapshot, content, handle, cut }).await;
            } else {
                cutter.discard(&namespace, &snapshot, Some(&content)).await;
            }
        }
        for content in left.contents {
            cutter.remove_content(&content, wanted.contains(&content)).await;
        }
    }
    Ok(found)
}

/// The names of snapshots and contents that a committed point refers to. One that it gave up on is not among them.
async fn wanted(vault: &Vault, point: &PointName) -> Result<BTreeSet<String>, StoreError> {
    let volumes = vault.point(point).await?.volumes().await?;
    let names =
        volumes.snapshots().flat_map(|(_, snapshot)| [snapshot.name.clone(), snapshot.content.clone()]);
    Ok(names.collect())
}
