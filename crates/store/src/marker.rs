//! `velero-backup.json`: the commit marker, and what a point says of itself.
//!
//! It is a Velero Backup resource, so that Velero restores from it. What is ours
//! stands in annotations. One of them is a hash of the marker itself, taken with
//! the hash's own digits as zeros: a marker that was edited is found out.

use std::collections::BTreeMap;

use bytes::Bytes;
use holdfast_model::name::PointName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::hash::{hash128, hex};
use crate::layout::PointFolder;
use crate::summary::{ClusterFacts, Manifest, PointState, PointSummary};
use crate::tarball::FORMAT_VERSION;

/// Format of a point that this version writes and reads.
const FORMAT: u64 = 1;

const CHECKSUM: &str = "holdfast.dev/checksum";
const CHECKSUM_ZERO: &str = "00000000000000000000000000000000";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Backup {
    kind: String,
    api_version: String,
    metadata: Metadata,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    status: Status,
}

#[derive(Debug, Serialize, Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    version: u32,
    #[serde(default)]
    format_version: String,
    #[serde(default)]
    phase: String,
    #[serde(default)]
    start_timestamp: Option<Timestamp>,
    #[serde(default)]
    completion_timestamp: Option<Timestamp>,
    #[serde(default)]
    warnings: u64,
    #[serde(default)]
    errors: u64,
    #[serde(default)]
    progress: Option<Progress>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    #[serde(default)]
    total_items: u64,
    #[serde(default)]
    items_backed_up: u64,
}

/// What the marker says of the blobs beside it. Only points of ours say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) writer: Uuid,
    pub(crate) objects: u64,
    pub(crate) archive_bytes: u64,
    pub(crate) raw_bytes: u64,
    /// blake3 of the archive, as hex.
    pub(crate) archive_hash: String,
    /// blake3 of the index, as hex.
    pub(crate) index_hash: String,
    /// blake3 of the document about volumes, as hex, where there is one.
    pub(crate) volumes_hash: Option<String>,
    /// Number of volume snapshots.
    pub(crate) snapshots: u64,
}

/// A marker, read.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    pub(crate) summary: PointSummary,
    pub(crate) spec: Value,
    /// `None` for points of other programs.
    pub(crate) written: Option<Written>,
}

mod key {
    pub(super) const FORMAT: &str = "holdfast.dev/format";
    pub(super) const WRITER: &str = "holdfast.dev/writer";
    pub(super) const STATE: &str = "holdfast.dev/state";
    pub(super) const CLUSTER: &str = "holdfast.dev/cluster";
    pub(super) const OBJECTS: &str = "holdfast.dev/objects";
    pub(super) const WARNINGS: &str = "holdfast.dev/warnings";
    pub(super) const ARCHIVE_BYTES: &str = "holdfast.dev/archive-bytes";
    pub(super) const ARCHIVE_RAW_BYTES: &str = "holdfast.dev/archive-raw-bytes";
    pub(super) const ARCHIVE_HASH: &str = "holdfast.dev/archive-blake3";
    pub(super) const INDEX_HASH: &str = "holdfast.dev/index-blake3";
    pub(super) const VOLUMES_HASH: &str = "holdfast.dev/volumes-blake3";
    pub(super) const SNAPSHOTS: &str = "holdfast.dev/snapshots";
    pub(super) const GIT_VERSION: &str = "velero.io/source-cluster-k8s-gitversion";
    pub(super) const MAJOR: &str = "velero.io/source-cluster-k8s-major-version";
    pub(super) const MINOR: &str = "velero.io/source-cluster-k8s-minor-version";
}

/// Makes the marker of a point. `errors` is what Velero shows beside the warnings.
pub(crate) fn compose(
    folder: &PointFolder,
    started: Timestamp,
    manifest: &Manifest,
    written: &Written,
    errors: u64,
) -> Bytes {
    let warnings = manifest.warnings.len() as u64;
    let cluster = &manifest.cluster;
    let state = match manifest.state {
        PointState::Completed => "Completed",
        PointState::Partial => "Partial",
    };
    let annotations: BTreeMap<String, String> = [
        (key::FORMAT, FORMAT.to_string()),
        (key::WRITER, written.writer.to_string()),
        (key::STATE, state.to_owned()),
        (key::CLUSTER, cluster.name.clone()),
        (key::OBJECTS, written.objects.to_string()),
        (key::WARNINGS, warnings.to_string()),
        (key::ARCHIVE_BYTES, written.archive_bytes.to_string()),
        (key::ARCHIVE_RAW_BYTES, written.raw_bytes.to_string()),
        (key::ARCHIVE_HASH, written.archive_hash.clone()),
        (key::INDEX_HASH, written.index_hash.clone()),
        (key::GIT_VERSION, cluster.version.clone()),
        (key::MAJOR, cluster.major.clone()),
        (key::MINOR, cluster.minor.clone()),
        (CHECKSUM, CHECKSUM_ZERO.to_owned()),
    ]
    .into_iter()
    .chain(written.volumes_hash.clone().map(|hash| (key::VOLUMES_HASH, hash)))
    .chain((written.snapshots > 0).then(|| (key::SNAPSHOTS, written.snapshots.to_string())))
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let backup = Backup {
        kind: "Backup".to_owned(),
        api_version: "velero.io/v1".to_owned(),
        metadata: Metadata {
            name: folder.name().to_owned(),
            namespace: "velero".to_owned(),
            labels: Some([("velero.io/storage-location".to_owned(), "default".to_owned())].into()),
            annotations: Some(annotations),
        },
        spec: manifest.spec.clone(),
        // No expiration: Velero collects a backup whose expiration has passed, and never one without.
        status: Status {
            version: 1,
            format_version: FORMAT_VERSION.to_owned(),
            phase: match manifest.state {
                PointState::Completed => "Completed",
                PointState::Partial => "PartiallyFailed",
            }
            .to_owned(),
            start_timestamp: Some(started),
            completion_timestamp: Some(whole_second(manifest.completed)),
            warnings,
            errors,
            progress: Some(Progress { total_items: written.objects, items_backed_up: written.objects }),
        },
    };
    #[expect(clippy::expect_used, reason = "a struct of strings, numbers and a JSON value is always JSON")]
    let mut bytes = serde_json::to_vec_pretty(&backup).expect("marker as JSON");
    let digits = checksum_digits(&bytes);
    let hash = hex(&hash128(&bytes));
    if let Some(digits) = digits {
        bytes[digits].copy_from_slice(hash.as_bytes());
    }
    bytes.into()
}

/// Whether a key stands somewhere in JSON text.
fn mentions(json: &[u8], key: &str) -> bool {
    let needle = format!("\"{key}\"");
    json.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Drops the fraction: Kubernetes timestamps have none.
pub(crate) fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// Where the digits of the checksum stand. The annotations come before anything whose keys others choose.
fn checksum_digits(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let needle = format!("\"{CHECKSUM}\": \"");
    let start = bytes.windows(needle.len()).position(|window| window == needle.as_bytes())? + needle.len();
    (start + CHECKSUM_ZERO.len() <= bytes.len()).then(|| start..start + CHECKSUM_ZERO.len())
}

fn checksum_holds(bytes: &[u8]) -> bool {
    let Some(digits) = checksum_digits(bytes) else { return false };
    let mut zeroed = bytes.to_vec();
    zeroed[digits.clone()].copy_from_slice(CHECKSUM_ZERO.as_bytes());
    hex(&hash128(&zeroed)).as_bytes() == &bytes[digits]
}

/// Reads a marker of ours, of Velero, or of anyone who meant to write one.
pub(crate) fn parse(folder: &PointFolder, bytes: &[u8]) -> Result<Marker, StoreError> {
    let blob = folder.marker();
    let damaged = |problem: &str| StoreError::damaged(&blob, problem);
    let backup: Backup =
        serde_json::from_slice(bytes).map_err(|error| StoreError::damaged(&blob, error.to_string()))?;
    if backup.kind != "Backup" || backup.api_version != "velero.io/v1" {
        return Err(damaged("it is not a Backup of velero.io/v1"));
    }
    if backup.metadata.name != folder.name() {
        return Err(StoreError::tampered(&blob, "it names another backup than its folder"));
    }
    let name: PointName = folder.name().parse().map_err(|_| {
        damaged("its name is longer than 63 characters or has a '.', which Holdfast does not support")
    })?;
    let annotations = backup.metadata.annotations.unwrap_or_default();
    let get = |key: &str| annotations.get(key).map(String::as_str);
    let written = match get(key::FORMAT) {
        Some(format) if checksum_holds(bytes) => Some(written(&annotations, format).map_err(damaged)?),
        Some(_) => return Err(StoreError::tampered(&blob, "its own checksum does not match")),
        // Velero's, or one of ours in which a change made another key of this one or of its parents.
        None if mentions(bytes, key::FORMAT) || mentions(bytes, CHECKSUM) => {
            return Err(StoreError::tampered(&blob, "it has lost some of its annotations"));
        }
        None => None,
    };
    let status = backup.status;
    let state = match (status.phase.as_str(), written.is_some()) {
        ("Completed", _) => PointState::Completed,
        ("PartiallyFailed", _) => PointState::Partial,
        (phase, _) => {
            return Err(StoreError::UnusablePhase {
                name: name.to_string(),
                phase: phase.chars().take(80).collect(),
            });
        }
    };
    let progress = status.progress.unwrap_or_default();
    let owned = |key: &str| get(key).unwrap_or_default().to_owned();
    Ok(Marker {
        summary: PointSummary {
            name,
            state,
            started: status.start_timestamp,
            completed: status.completion_timestamp,
            objects: written.as_ref().map_or(progress.items_backed_up, |w| w.objects),
            archive_bytes: written.as_ref().map(|w| w.archive_bytes),
            raw_bytes: written.as_ref().map(|w| w.raw_bytes),
            cluster: ClusterFacts {
                name: owned(key::CLUSTER),
                version: owned(key::GIT_VERSION),
                major: owned(key::MAJOR),
                minor: owned(key::MINOR),
            },
            warnings: status.warnings,
            snapshots: written.as_ref().map(|w| w.snapshots),
            foreign: written.is_none(),
        },
        spec: backup.spec,
        written,
    })
}

fn written(annotations: &BTreeMap<String, String>, format: &str) -> Result<Written, &'static str> {
    if format.parse() != Ok(FORMAT) {
        return Err("a newer version of Holdfast wrote it: update Holdfast");
    }
    let text = |key: &str| annotations.get(key).ok_or("one of its annotations is missing");
    let number = |key: &str| text(key)?.parse::<u64>().map_err(|_| "one of its annotations is not a number");
    Ok(Written {
        writer: text(key::WRITER)?.parse().map_err(|_| "its writer is not a UUID")?,
        objects: number(key::OBJECTS)?,
        archive_bytes: number(key::ARCHIVE_BYTES)?,
        raw_bytes: number(key::ARCHIVE_RAW_BYTES)?,
        archive_hash: text(key::ARCHIVE_HASH)?.clone(),
        index_hash: text(key::INDEX_HASH)?.clone(),
        volumes_hash: annotations.get(key::VOLUMES_HASH).cloned(),
        snapshots: if annotations.contains_key(key::SNAPSHOTS) { number(key::SNAPSHOTS)? } else { 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::own_points;

    fn sample() -> (PointFolder, Bytes) {
        let folder = PointFolder::new(&own_points(), "monday");
        let manifest = Manifest {
            completed: "2026-11-23T04:00:09.75Z".parse().unwrap(),
            state: PointState::Partial,
            cluster: ClusterFacts { name: "\"holdfast.dev/checksum\": \"".into(), ..ClusterFacts::default() },
            warnings: Vec::new(),
            spec: serde_json::json!({"holdfast.dev/checksum": "mine"}),
            log: Vec::new(),
            non_atomic: Vec::new(),
            volumes: None,
        };
        let written = Written {
            writer: Uuid::from_u128(7),
            objects: 3,
            archive_bytes: 100,
            raw_bytes: 1000,
            archive_hash: "a".into(),
            index_hash: "b".into(),
            volumes_hash: None,
            snapshots: 0,
        };
        let marker = compose(&folder, "2026-11-23T04:00:00Z".parse().unwrap(), &manifest, &written, 1);
        (folder, marker)
    }

    #[test]
    fn a_marker_comes_back_as_it_was_written() {
        let (folder, bytes) = sample();
        let marker = parse(&folder, &bytes).unwrap();
        assert_eq!(marker.summary.completed, Some("2026-11-23T04:00:09Z".parse().unwrap()));
        assert_eq!(marker.summary.cluster.name, "\"holdfast.dev/checksum\": \"");
        assert_eq!(marker.spec, serde_json::json!({"holdfast.dev/checksum": "mine"}));
        assert_eq!(marker.written.unwrap().archive_bytes, 100);
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let (folder, bytes) = sample();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                let found = parse(&folder, &changed);
                assert!(found.is_err(), "byte {at}, bit {bit}: {found:?}");
            }
            assert!(parse(&folder, &bytes[..at]).is_err());
        }
    }

    #[test]
    fn a_marker_of_another_folder_or_of_a_later_format_is_refused() {
        let (_, bytes) = sample();
        let other = PointFolder::new(&own_points(), "tuesday");
        assert!(matches!(parse(&other, &bytes), Err(StoreError::Tampered { .. })));
        let (folder, _) = sample();
        let newer =
            String::from_utf8(bytes.to_vec()).unwrap().replace("dev/format\": \"1", "dev/format\": \"2");
        let mut newer = newer.into_bytes();
        let digits = checksum_digits(&newer).unwrap();
        newer[digits.clone()].copy_from_slice(CHECKSUM_ZERO.as_bytes());
        let hash = hex(&hash128(&newer));
        newer[digits].copy_from_slice(hash.as_bytes());
        let error = parse(&folder, &newer).unwrap_err().to_string();
        assert!(error.contains("update Holdfast"), "{error}");
    }
}
