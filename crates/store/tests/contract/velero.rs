//! What Velero and its users find in a point of ours.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use flate2::read::MultiGzDecoder;
use holdfast_store::{Access, Manifest, PointState, Vault, VaultUrl, Writer};
use serde_json::{Value, json};

use crate::stores::*;

async fn written(state: PointState) -> Place {
    let place = Place::memory().await;
    let mut point = begin(&place.vault, "monday").await.unwrap();
    for member in members("one") {
        point.append(member).await.unwrap();
    }
    point.commit(Manifest { state, ..manifest() }).await.unwrap();
    place
}

async fn json_of(place: &Place, file: &str) -> Value {
    let bytes = place.store.bytes(&format!("operational/backups/monday/{file}")).await;
    let mut text = Vec::new();
    if file.ends_with("gz") {
        MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap();
    } else {
        text.extend_from_slice(&bytes);
    }
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[tokio::test]
async fn the_marker_is_a_finished_backup_that_velero_never_collects() {
    for (state, phase, errors) in
        [(PointState::Completed, "Completed", 0), (PointState::Partial, "PartiallyFailed", 1)]
    {
        let place = written(state).await;
        let marker = json_of(&place, "velero-backup.json").await;
        let expected = [
            ("/kind", json!("Backup")),
            ("/apiVersion", json!("velero.io/v1")),
            ("/metadata/name", json!("monday")),
            ("/metadata/namespace", json!("velero")),
            ("/metadata/labels/velero.io~1storage-location", json!("default")),
            ("/metadata/annotations/velero.io~1source-cluster-k8s-gitversion", json!("v1.33.2")),
            ("/metadata/annotations/velero.io~1source-cluster-k8s-major-version", json!("1")),
            ("/metadata/annotations/velero.io~1source-cluster-k8s-minor-version", json!("33")),
            ("/metadata/annotations/holdfast.dev~1cluster", json!("shop-prod")),
            ("/spec/includedNamespaces", json!(["shop"])),
            ("/status/version", json!(1)),
            ("/status/formatVersion", json!("1.1.0")),
            ("/status/phase", json!(phase)),
            ("/status/startTimestamp", json!("2026-11-23T04:00:00Z")),
            ("/status/completionTimestamp", json!("2026-11-23T04:00:09Z")),
            ("/status/warnings", json!(1)),
            ("/status/errors", json!(errors)),
            ("/status/progress", json!({"totalItems": OBJECTS, "itemsBackedUp": OBJECTS})),
        ];
        for (pointer, value) in expected {
            assert_eq!(marker.pointer(pointer), Some(&value), "{pointer}");
        }
        assert_eq!(marker.pointer("/status/expiration"), None);
        let annotations = marker["metadata"]["annotations"].as_object().unwrap();
        assert!(annotations.values().all(Value::is_string));
        let labels = marker["metadata"]["labels"].as_object().unwrap();
        assert!(!labels.contains_key("velero.io/backup-name"));
    }
}

#[tokio::test]
async fn the_marker_is_the_last_blob_written_and_all_others_are_there() {
    let place = written(PointState::Completed).await;
    let log = place.store.take_log();
    let puts: Vec<&str> =
        log.iter().filter_map(|line| line.strip_prefix("put operational/backups/monday/")).collect();
    assert_eq!(puts.first(), Some(&"holdfast-claim-1.json"));
    assert_eq!(puts.last(), Some(&"velero-backup.json"));
    let mut files = puts[1..].to_vec();
    files.sort_unstable();
    let expected = [
        "monday-holdfast-index.gz",
        "monday-itemoperations.json.gz",
        "monday-logs.gz",
        "monday-podvolumebackups.json.gz",
        "monday-resource-list.json.gz",
        "monday-results.gz",
        "monday-volumeinfo.json.gz",
        "monday-volumesnapshots.json.gz",
        "monday.tar.gz",
        "velero-backup.json",
    ];
    assert_eq!(files, expected);
}

#[tokio::test]
async fn a_location_with_the_prefix_operational_holds_nothing_that_velero_refuses() {
    let place = written(PointState::Completed).await;
    let allowed = ["backups", "restores", "restic", "metadata", "plugins", "kopia"];
    for path in place.store.paths().await {
        if let Some(below) = path.strip_prefix("operational/") {
            assert!(allowed.contains(&below.split('/').next().unwrap()), "{path}");
        }
    }
}

#[tokio::test]
async fn the_blobs_beside_the_archive_are_what_velero_decodes() {
    let place = written(PointState::Partial).await;
    for list in ["volumeinfo", "podvolumebackups", "volumesnapshots", "itemoperations"] {
        assert_eq!(json_of(&place, &format!("monday-{list}.json.gz")).await, json!([]), "{list}");
    }
    let long = "n".repeat(230);
    let resources = json!({
        "v1/Namespace": ["shop"],
        "v1/ConfigMap": ["shop/a", "shop/b", format!("shop/{long}")],
        "v1/Pod": ["shop/web-7d-x"],
        "rbac.authorization.k8s.io/v1/ClusterRole": ["system:controller:job-controller"],
    });
    assert_eq!(json_of(&place, "monday-resource-list.json.gz").await, resources);
    let results = json_of(&place, "monday-results.gz").await;
    assert_eq!(
        results["warnings"]["cluster"],
        json!(["[widgets.example.io] the group example.io/v1 does not answer"])
    );
    assert_eq!(results.as_object().unwrap().keys().collect::<Vec<_>>(), ["errors", "warnings"]);
}

struct Entry {
    mode: u32,
    mtime: u64,
    regular: bool,
    content: String,
}

#[tokio::test]
async fn the_tarball_has_the_version_first_and_every_object_once() {
    let place = written(PointState::Completed).await;
    let bytes = place.store.bytes("operational/backups/monday/monday.tar.gz").await;
    let mut archive = tar::Archive::new(MultiGzDecoder::new(&bytes[..]));
    let mut order = Vec::new();
    let mut entries = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        let header = entry.header();
        let (mode, mtime) = (header.mode().unwrap(), header.mtime().unwrap());
        let regular = header.entry_type().is_file();
        order.push(path.clone());
        assert!(entries.insert(path, Entry { mode, mtime, regular, content }).is_none());
    }
    assert_eq!(order[0], "metadata/version");
    assert_eq!(entries["metadata/version"].content, "1.1.0\n");
    for (path, entry) in &entries {
        assert_eq!((entry.mode, entry.regular), (0o755, true), "{path}");
        assert_eq!(entry.mtime, u64::try_from(started().as_second()).unwrap(), "{path}");
    }
    let long = "n".repeat(230);
    let mut expected = vec![
        "metadata/version".to_owned(),
        "resources/clusterroles.rbac.authorization.k8s.io/cluster/system:controller:job-controller.json"
            .to_owned(),
        "resources/configmaps/namespaces/shop/a.json".to_owned(),
        "resources/configmaps/namespaces/shop/b.json".to_owned(),
        format!("resources/configmaps/namespaces/shop/{long}.json"),
        "resources/namespaces/cluster/shop.json".to_owned(),
        "resources/pods/namespaces/shop/web-7d-x.json".to_owned(),
    ];
    expected.sort();
    assert_eq!(entries.keys().cloned().collect::<Vec<_>>(), expected);
    let maps = ty("", "configmaps", "ConfigMap", true);
    assert_eq!(
        entries["resources/configmaps/namespaces/shop/a.json"].content,
        object(&maps, "shop", "a", "one")
    );
}

#[tokio::test]
async fn the_tarball_ends_with_two_blocks_of_zeros() {
    let place = written(PointState::Completed).await;
    let bytes = place.store.bytes("operational/backups/monday/monday.tar.gz").await;
    let mut raw = Vec::new();
    MultiGzDecoder::new(&bytes[..]).read_to_end(&mut raw).unwrap();
    assert_eq!(raw.len() % 512, 0);
    assert!(raw[raw.len() - 1024..].iter().all(|byte| *byte == 0));
    assert_ne!(raw[raw.len() - 1536], 0, "an entry ends right before them");
}

fn tar(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("tar").current_dir(folder).args(arguments).env("TZ", "UTC").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn gnu_tar_lists_and_extracts_the_archive() {
    let root = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let url: VaultUrl = root.path().to_str().unwrap().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap();
    write(&vault, "monday", &Writer::new(), members("one")).await.unwrap();
    let folder = root.path().join("operational/backups/monday");

    let listing = tar(&folder, &["-tvzf", "monday.tar.gz"]);
    assert_eq!(listing.lines().count() as u64, OBJECTS + 1);
    for line in listing.lines() {
        assert!(line.starts_with("-rwxr-xr-x 0/0") && line.contains("2026-11-23 04:00"), "{line}");
    }
    let out = root.path().join("out");
    fs::create_dir(&out).unwrap();
    tar(&out, &["-xzf", folder.join("monday.tar.gz").to_str().unwrap()]);
    let maps = ty("", "configmaps", "ConfigMap", true);
    let long = "n".repeat(230);
    for name in ["a", "b", &long] {
        let path = out.join(format!("resources/configmaps/namespaces/shop/{name}.json"));
        assert_eq!(fs::read_to_string(path).unwrap(), object(&maps, "shop", name, "one"));
    }
    let role =
        "resources/clusterroles.rbac.authorization.k8s.io/cluster/system:controller:job-controller.json";
    assert!(fs::read_to_string(out.join(role)).unwrap().contains("ClusterRole"));
}
