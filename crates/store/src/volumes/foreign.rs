//! The volumes of points that Velero or Azure's extension wrote.
//!
//! Since Velero 1.18 the snapshot objects are in the archive alone: a claim names its VolumeSnapshot by an annotation, that
//! names its `VolumeSnapshotContent` in its status, and that holds the handle. Before, lists of both stood beside the archive
//! as well (written through 1.16, by Azure's extension to this day); what the archive lacks is looked up there. Volumes that
//! were moved or copied file by file are in a Kopia repository, which is not read: they count as Failed, with that reason.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Snapshot, VolumeRecord, VolumeState, Volumes};
use crate::error::StoreError;
use crate::index::{Index, Row};
use crate::point::Point;

const SNAPSHOTS: &str = "snapshot.storage.k8s.io";
const SNAPSHOT_NAME: &str = "velero.io/volume-snapshot-name";
const DATA_UPLOAD: &str = "velero.io/data-upload-name";
const HANDLE: &str = "velero.io/csi-volumesnapshot-handle";
const DRIVER: &str = "velero.io/csi-driver-name";

/// An entry of `<point>-volumeinfo.json.gz`, as far as it is used.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Info {
    pvc_name: String,
    pvc_namespace: String,
    backup_method: String,
    snapshot_data_moved: bool,
    skipped_reason: Option<String>,
    #[serde(rename = "csiSnapshotInfo")]
    csi: Option<CsiInfo>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CsiInfo {
    snapshot_handle: String,
    driver: String,
    vsc_name: String,
    size: u64,
}

struct Reader<'a> {
    point: &'a Point,
    index: &'a Index,
    infos: Vec<Info>,
    /// Snapshots and contents that stand in lists beside the archive, by `namespace/name`.
    listed: HashMap<String, Value>,
}

pub(super) async fn volumes(point: &Point) -> Result<Volumes, StoreError> {
    let index = point.index().await?;
    let mut reader = Reader { point, index: &index, infos: Vec::new(), listed: HashMap::new() };
    reader.infos = reader.list("volumeinfo").await;
    for list in ["csi-volumesnapshots", "csi-volumesnapshotcontents"] {
        for object in reader.list::<Value>(list).await {
            let key = format!("{}/{}", text(&object, "/metadata/namespace"), text(&object, "/metadata/name"));
            reader.listed.insert(key, object);
        }
    }
    let mut volumes = Volumes::default();
    if let Some(claims) = type_of(&index, "", "persistentvolumeclaims") {
        for row in index.rows_of(claims) {
            if let Some(record) = reader.claim(&row).await? {
                volumes.volumes.push(record);
            }
        }
    }
    Ok(volumes)
}

impl Reader<'_> {
    /// A list beside the archive; one that is missing or no list counts as empty: all of them are optional.
    async fn list<T: for<'de> Deserialize<'de>>(&self, what: &str) -> Vec<T> {
        let text = self.point.text(&self.point.inner.folder.json(what)).await;
        let list: Option<Vec<Value>> =
            text.ok().flatten().and_then(|json| serde_json::from_slice(&json).ok()).flatten();
        list.into_iter().flatten().filter_map(|item| serde_json::from_value(item).ok()).collect()
    }

    async fn object(&self, row: &Row<'_>) -> Result<Value, StoreError> {
        let json = self.point.read(row.id).await?;
        Ok(serde_json::from_slice(&json).unwrap_or_default())
    }

    /// An object of the archive, or of a list beside it.
    async fn find(&self, plural: &str, namespace: &str, name: &str) -> Result<Option<Value>, StoreError> {
        let row = type_of(self.index, SNAPSHOTS, plural).and_then(|ty| self.index.find(ty, namespace, name));
        match row {
            Some(row) => self.object(&row).await.map(Some),
            None => Ok(self.listed.get(&format!("{namespace}/{name}")).cloned()),
        }
    }

    /// The record of a bound claim; claims without a volume have no data.
    async fn claim(&self, row: &Row<'_>) -> Result<Option<VolumeRecord>, StoreError> {
        let claim = self.object(row).await?;
        let volume_name = text(&claim, "/spec/volumeName");
        if volume_name.is_empty() {
            return Ok(None);
        }
        let mut record = VolumeRecord {
            reason: Some("the backup made no snapshot of it".to_owned()),
            volume: Some(volume_name.to_owned()),
            storage_class: some(text(&claim, "/spec/storageClassName")),
            access_modes: strings(claim.pointer("/spec/accessModes")),
            volume_mode: some(text(&claim, "/spec/volumeMode")),
            size: some(text(&claim, "/status/capacity/storage"))
                .or_else(|| some(text(&claim, "/spec/resources/requests/storage"))),
            ..VolumeRecord::new(row.namespace, row.name)
        };
        let volume =
            type_of(self.index, "", "persistentvolumes").and_then(|ty| self.index.find(ty, "", volume_name));
        if let Some(volume) = volume {
            let volume = self.object(&volume).await?;
            record.driver = some(text(&volume, "/spec/csi/driver"));
            record.volume_handle = some(text(&volume, "/spec/csi/volumeHandle"));
            record.filesystem = some(text(&volume, "/spec/csi/fsType"));
            record.reclaim_policy = some(text(&volume, "/spec/persistentVolumeReclaimPolicy"));
        }
        let info = self.infos.iter().find(|i| i.pvc_namespace == row.namespace && i.pvc_name == row.name);
        let annotation = |key: &str| claim.get("metadata")?.get("annotations")?.get(key)?.as_str();
        let moved = annotation(DATA_UPLOAD).is_some()
            || info.is_some_and(|i| i.snapshot_data_moved || i.backup_method == "PodVolumeBackup");
        if moved {
            record.state = VolumeState::Failed;
            record.reason = Some(
                "its data is in a Kopia repository, which Holdfast does not read: restore it with Velero"
                    .to_owned(),
            );
            return Ok(Some(record));
        }
        if let Some(snapshot) = self.snapshot(row.namespace, annotation(SNAPSHOT_NAME), info).await? {
            record.state = VolumeState::Snapshotted;
            record.reason = None;
            record.driver.get_or_insert_with(|| snapshot.driver.clone());
            record.snapshot = Some(snapshot);
        } else if annotation(SNAPSHOT_NAME).is_some() {
            record.state = VolumeState::Failed;
            record.reason =
                Some("the backup names a snapshot of it, but not that snapshot's handle".to_owned());
        } else if let Some(reason) = info.and_then(|i| i.skipped_reason.clone()).filter(|r| !r.is_empty()) {
            record.reason = Some(reason);
        }
        Ok(Some(record))
    }

    async fn snapshot(
        &self,
        namespace: &str,
        name: Option<&str>,
        info: Option<&Info>,
    ) -> Result<Option<Snapshot>, StoreError> {
        let csi = info.and_then(|info| info.csi.as_ref()).filter(|csi| csi.snapshot_handle != "unknown");
        let Some(name) = name else {
            return Ok(csi.filter(|csi| !csi.snapshot_handle.is_empty()).map(|csi| Snapshot {
                handle: csi.snapshot_handle.clone(),
                driver: csi.driver.clone(),
                class: None,
                name: String::new(),
                content: csi.vsc_name.clone(),
                restore_size: (csi.size > 0).then_some(csi.size),
                cut: None,
                ready: true,
                incremental: None,
                resource_group: None,
            }));
        };
        let snapshot = self.find("volumesnapshots", namespace, name).await?.unwrap_or_default();
        let content_name = text(&snapshot, "/status/boundVolumeSnapshotContentName");
        let content = self.find("volumesnapshotcontents", "", content_name).await?.unwrap_or_default();
        let annotation =
            |key: &str| snapshot.get("metadata")?.get("annotations")?.get(key)?.as_str().map(str::to_owned);
        let handle = some(text(&content, "/status/snapshotHandle"))
            .or_else(|| some(text(&content, "/spec/source/snapshotHandle")))
            .or_else(|| annotation(HANDLE))
            .or_else(|| csi.and_then(|csi| some(&csi.snapshot_handle)));
        let driver = some(text(&content, "/spec/driver"))
            .or_else(|| annotation(DRIVER))
            .or_else(|| csi.and_then(|csi| some(&csi.driver)));
        let (Some(handle), Some(driver)) = (handle, driver) else { return Ok(None) };
        let size = content.pointer("/status/restoreSize").and_then(Value::as_u64);
        let cut = text(&snapshot, "/status/creationTime").parse::<Timestamp>().ok();
        Ok(Some(Snapshot {
            handle,
            driver,
            class: some(text(&snapshot, "/spec/volumeSnapshotClassName")),
            name: name.to_owned(),
            content: content_name.to_owned(),
            restore_size: size.or_else(|| csi.map(|csi| csi.size).filter(|size| *size > 0)),
            cut,
            ready: content.pointer("/status/readyToUse").and_then(Value::as_bool).unwrap_or(true),
            incremental: None,
            resource_group: None,
        }))
    }
}

fn type_of(index: &Index, group: &str, plural: &str) -> Option<u16> {
    (0u16..).zip(index.types()).find(|(_, ty)| ty.is(group, plural)).map(|(id, _)| id)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
