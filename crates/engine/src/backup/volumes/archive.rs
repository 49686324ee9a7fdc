//! The snapshot objects and their claims as the archive keeps them, so that Velero finds the data as well.
//!
//! Velero starts from an annotation of the claim, reads annotations of the `VolumeSnapshot` (whose map must not be missing), and
//! takes the handle from the status of the `VolumeSnapshotContent`; a label on that makes its own deletion of the backup take
//! the snapshot along. None of this is written into the cluster.

use std::sync::Arc;

use bytes::Bytes;
use holdfast_model::name::PointName;
use holdfast_model::resource::ResourceType;
use holdfast_model::view::ObjectView;
use serde_json::{Value, json};

use super::super::pack::Item;
use super::super::read::entry_meta;
use super::cut::Taken;

const SNAPSHOT_NAME: &str = "velero.io/volume-snapshot-name";
const BACKUP_NAME: &str = "velero.io/backup-name";

/// A claim that names its snapshot.
pub(super) fn claim(item: &Item, taken: &Taken, point: &PointName) -> Option<Item> {
    let mut object: Value = serde_json::from_slice(&item.json).ok()?;
    put(&mut object, "annotations", SNAPSHOT_NAME, &taken.name);
    put(&mut object, "labels", SNAPSHOT_NAME, &label(&taken.name));
    put(&mut object, "labels", BACKUP_NAME, point.as_str());
    self::item(&object, item.bare)
}

/// A snapshot, as it was once it was ready or given up.
pub(super) fn snapshot(
    mut object: Value,
    ty: &ResourceType,
    content: &Value,
    taken: &Taken,
    point: &PointName,
) -> Option<Item> {
    whole(&mut object, ty);
    unmark(&mut object);
    let text = |pointer: &str| content.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    put(&mut object, "labels", BACKUP_NAME, point.as_str());
    put(&mut object, "annotations", "velero.io/csi-volumesnapshot-handle", &taken.handle);
    put(&mut object, "annotations", "velero.io/csi-driver-name", text("/spec/driver"));
    put(&mut object, "annotations", "velero.io/csi-vsc-deletion-policy", "Retain");
    if let Some(size) = content.pointer("/status/restoreSize").and_then(Value::as_u64) {
        put(&mut object, "annotations", "velero.io/csi-volumesnapshot-restore-size", &size.to_string());
    }
    item(&object, false)
}

/// The content of a snapshot, with its handle.
pub(super) fn content(mut object: Value, ty: &ResourceType, point: &PointName) -> Option<Item> {
    whole(&mut object, ty);
    unmark(&mut object);
    put(&mut object, "labels", BACKUP_NAME, point.as_str());
    item(&object, false)
}

/// Takes our own labels off: an object that somebody makes of it must not look like what a backup left.
fn unmark(object: &mut Value) {
    for map in ["labels", "annotations"] {
        if let Some(map) = object.pointer_mut(&format!("/metadata/{map}")).and_then(Value::as_object_mut) {
            map.retain(|key, _| !key.starts_with("holdfast.dev/"));
        }
    }
}

/// An object that was listed lacks its type.
fn whole(object: &mut Value, ty: &ResourceType) {
    if let Some(root) = object.as_object_mut() {
        root.insert("apiVersion".into(), ty.api_version().into());
        root.insert("kind".into(), ty.kind.as_str().into());
    }
}

fn put(object: &mut Value, map: &str, key: &str, value: &str) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let map = metadata.entry(map).or_insert_with(|| json!({}));
    if map.is_null() {
        *map = json!({});
    }
    if let Some(map) = map.as_object_mut() {
        map.insert(key.to_owned(), value.into());
    }
}

/// A name as a label value, which may have 63 characters.
fn label(name: &str) -> String {
    let short: String = name.chars().take(63).collect();
    short.trim_end_matches(['-', '.', '_']).to_owned()
}

fn item(object: &Value, bare: bool) -> Option<Item> {
    let json = Bytes::from(object.to_string());
    let view: ObjectView<'_> = serde_json::from_slice(&json).ok()?;
    Some(Item { meta: entry_meta(&view), json: json.clone(), bare })
}

/// Objects of one type that go into the archive.
pub(in super::super) struct Objects {
    pub ty: Arc<ResourceType>,
    pub items: Vec<Item>,
}
