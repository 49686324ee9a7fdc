//! The same volumes as Velero keeps them: `<point>-volumeinfo.json.gz`.

use serde::Serialize;

use super::{VolumeState, Volumes};

/// `velero/internal/volume.BackupVolumeInfo`, as far as snapshots by CSI fill it in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeInfo<'a> {
    pvc_name: &'a str,
    pvc_namespace: &'a str,
    pv_name: &'a str,
    backup_method: &'static str,
    snapshot_data_moved: bool,
    preserve_local_snapshot: bool,
    skipped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_timestamp: Option<jiff::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_timestamp: Option<jiff::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csi_snapshot_info: Option<SnapshotInfo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pv_info: Option<PvInfo<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotInfo<'a> {
    snapshot_handle: &'a str,
    size: u64,
    driver: &'a str,
    vsc_name: &'a str,
    /// Velero's field has no tag, hence the capital.
    #[serde(rename = "ReadyToUse")]
    ready_to_use: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PvInfo<'a> {
    reclaim_policy: &'a str,
}

/// The list as JSON. Velero finds entries by the name of their `PersistentVolume`, so claims without one are left out.
pub(crate) fn volume_info(volumes: &Volumes) -> Vec<u8> {
    let list: Vec<_> = volumes
        .volumes
        .iter()
        .filter_map(|record| {
            let snapshot = record.snapshot.as_ref();
            Some(VolumeInfo {
                pvc_name: &record.claim,
                pvc_namespace: &record.namespace,
                pv_name: record.volume.as_deref()?,
                backup_method: if snapshot.is_some() { "CSISnapshot" } else { "" },
                snapshot_data_moved: false,
                preserve_local_snapshot: false,
                skipped: record.state == VolumeState::Skipped,
                skipped_reason: record.reason.as_deref().filter(|_| record.state == VolumeState::Skipped),
                result: match record.state {
                    VolumeState::Snapshotted => Some("succeeded"),
                    VolumeState::Failed => Some("failed"),
                    VolumeState::Skipped => None,
                },
                start_timestamp: snapshot.and_then(|snapshot| snapshot.cut),
                completion_timestamp: snapshot.and_then(|snapshot| snapshot.cut),
                csi_snapshot_info: snapshot.map(|snapshot| SnapshotInfo {
                    snapshot_handle: &snapshot.handle,
                    size: snapshot.restore_size.unwrap_or_default(),
                    driver: &snapshot.driver,
                    vsc_name: &snapshot.content,
                    ready_to_use: snapshot.ready,
                }),
                pv_info: record.reclaim_policy.as_deref().map(|reclaim_policy| PvInfo { reclaim_policy }),
            })
        })
        .collect();
    #[expect(clippy::expect_used, reason = "structs of strings, numbers and times are always JSON")]
    let json = serde_json::to_vec(&list).expect("volume info as JSON");
    json
}
