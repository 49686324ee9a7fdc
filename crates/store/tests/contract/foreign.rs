//! Points of Velero and of Azure's Backup extension, read only.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use holdfast_store::{Access, Completion, PointEntry, PointState, StoreError, Vault, VaultUrl};
use serde_json::json;
use std::sync::Arc;
use tar::{EntryType, Header};

use crate::stores::*;

/// An entry as Go's archive/tar writes it.
fn entry(out: &mut Vec<u8>, kind: EntryType, path: &[u8], content: &[u8]) {
    let mut header = Header::new_ustar();
    header.set_mode(0o755);
    header.set_mtime(1_800_000_000);
    header.set_size(content.len() as u64);
    header.set_entry_type(kind);
    let short = &path[..path.len().min(100)];
    header.as_old_mut().name[..short.len()].copy_from_slice(short);
    header.set_cksum();
    if path.len() > 100 {
        let record = pax("path", path);
        entry(out, EntryType::XHeader, b"PaxHeaders.0/long", &record);
    }
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
}

fn pax(key: &str, value: &[u8]) -> Vec<u8> {
    let tail = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let length =
        (1..5).map(|digits| tail.len() + digits).find(|n| n.to_string().len() + tail.len() == *n).unwrap();
    [length.to_string().as_bytes(), &tail].concat()
}

fn gzip(raw: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

fn end(mut raw: Vec<u8>) -> Vec<u8> {
    raw.resize(raw.len() + 1024, 0);
    gzip(&raw)
}

/// A tarball as Velero writes it: every object twice, in the order of the walk.
fn velero_tarball(data: &str) -> Vec<u8> {
    let maps = ty("", "configmaps", "ConfigMap", true);
    let pods = ty("", "pods", "Pod", true);
    let roles = ty("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false);
    let long = "n".repeat(230);
    let mut raw = Vec::new();
    entry(&mut raw, EntryType::Regular, b"metadata/version", b"1.1.0\n");
    for (ty, namespace, name) in [
        (&maps, "shop", "b"),
        (&pods, "shop", "web-7d-x"),
        (&roles, "", "system:controller:job-controller"),
        (&maps, "shop", "a"),
        (&maps, "shop", &long),
        (&maps, "bar", "a"),
    ] {
        let json = object(ty, namespace, name, data);
        let place =
            if namespace.is_empty() { "cluster".to_owned() } else { format!("namespaces/{namespace}") };
        for version in ["", "v1-preferredversion/"] {
            let path = format!("resources/{ty}/{version}{place}/{name}.json");
            entry(&mut raw, EntryType::Regular, path.as_bytes(), json.as_bytes());
        }
    }
    end(raw)
}

fn velero_marker(name: &str, phase: &str) -> String {
    json!({
        "kind": "Backup", "apiVersion": "velero.io/v1",
        "metadata": {
            "name": name, "namespace": "dataprotection-microsoft", "resourceVersion": "71",
            "labels": {"velero.io/storage-location": "default"},
            "annotations": {"velero.io/source-cluster-k8s-gitversion": "v1.31.1"}
        },
        "spec": {"includedNamespaces": ["*"], "hooks": {}, "ttl": "720h0m0s"},
        "status": {
            "version": 1, "formatVersion": "1.1.0", "phase": phase, "expiration": "2027-01-01T00:00:00Z",
            "startTimestamp": "2026-11-20T04:00:00Z", "completionTimestamp": null,
            "progress": {"totalItems": 6, "itemsBackedUp": 6}, "hookStatus": {}
        }
    })
    .to_string()
}

struct Foreign {
    store: TestStore,
    cache: tempfile::TempDir,
}

impl Foreign {
    async fn new(points: &[(&str, &str, Vec<u8>)]) -> Self {
        let store = TestStore::memory();
        for (name, phase, tarball) in points {
            let folder = format!("backups/{name}");
            store.put_bytes(&format!("{folder}/{name}.tar.gz"), tarball.clone().into()).await;
            store.put_bytes(&format!("{folder}/velero-backup.json"), velero_marker(name, phase).into()).await;
        }
        Self { store, cache: tempfile::tempdir().unwrap() }
    }

    async fn vault(&self) -> Vault {
        Vault::from_existing_store(Arc::new(self.store.clone()), Completion::Replaces, self.cache.path())
            .await
            .unwrap()
    }
}

async fn one(tarball: Vec<u8>) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let foreign = Foreign::new(&[("p", "Completed", tarball)]).await;
    let point = foreign.vault().await.point(&name("p")).await?;
    let lines = contents(&point).await?;
    Ok((lines, point.warnings().await?.into_iter().map(|warning| warning.message).collect()))
}

#[tokio::test]
async fn a_container_of_velero_is_read_and_never_written() {
    let foreign = Foreign::new(&[
        ("daily-1", "Completed", velero_tarball("one")),
        ("daily-2", "PartiallyFailed", velero_tarball("two")),
        ("running", "InProgress", velero_tarball("three")),
        ("with.dot", "Completed", velero_tarball("four")),
    ])
    .await;
    let vault = foreign.vault().await;
    assert!(vault.is_read_only());
    let points = vault.points().await.unwrap();
    let shown: Vec<_> =
        points.iter().map(|p| (p.name(), p.summary().map(|s| (s.state, s.objects, s.foreign)))).collect();
    let expected = [
        ("daily-2", Some((PointState::Partial, 6, true))),
        ("daily-1", Some((PointState::Completed, 6, true))),
        ("with.dot", None),
        ("running", None),
    ];
    assert_eq!(shown, expected);
    let PointEntry::Unreadable { reason, .. } = &points[3] else { panic!() };
    assert!(reason.contains("\"InProgress\""), "{reason}");
    assert!(matches!(vault.point(&name("running")).await, Err(StoreError::UnusablePhase { .. })));

    for error in [
        begin(&vault, "mine").await.unwrap_err(),
        vault.delete(&name("daily-1")).await.unwrap_err(),
        vault.sweep_debris().await.unwrap_err(),
        Vault::from_store(Arc::new(foreign.store.clone()), Completion::Replaces, foreign.cache.path())
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::ReadOnly(_)), "{error}");
    }
    let point = vault.point(&name("daily-1")).await.unwrap();
    assert!(point.verify().await.unwrap().is_good());
    assert!(point.warnings().await.unwrap().is_empty());
    assert_eq!(point.log().await.unwrap(), None);
    let log = foreign.store.take_log();
    assert!(
        log.iter().all(|line| ["get ", "head ", "list "].iter().any(|verb| line.starts_with(verb))),
        "{log:?}"
    );
}

#[tokio::test]
async fn a_point_of_velero_is_indexed_once_and_then_read_from_the_cache() {
    let foreign = Foreign::new(&[("p", "Completed", velero_tarball("one"))]).await;
    let archive = "get backups/p/p.tar.gz".to_owned();
    let mut seen = Vec::new();
    for round in 0..3 {
        foreign.store.take_log();
        let point = foreign.vault().await.point(&name("p")).await.unwrap();
        assert_eq!(point.summary().cluster.version, "v1.31.1");
        let index = point.index().await.unwrap();
        let types: Vec<_> =
            index.types().iter().map(|ty| (ty.to_string(), ty.kind.clone(), ty.namespaced)).collect();
        let expected = [
            ("configmaps", "ConfigMap", true),
            ("pods", "Pod", true),
            ("clusterroles.rbac.authorization.k8s.io", "ClusterRole", false),
        ];
        assert_eq!(
            types,
            expected.map(|(ty, kind, namespaced)| (ty.to_owned(), kind.to_owned(), namespaced))
        );
        let lines = contents(&point).await.unwrap();
        assert_eq!(lines.len(), 6);
        assert!(lines.iter().all(|line| line.contains("{\"text\":\"one\"}")));
        seen.push(lines);
        assert_eq!(foreign.store.take_log().contains(&archive), round == 0, "round {round}");
    }
    assert!(seen.iter().all(|lines| *lines == seen[0]));
    // The rows of one of ours with the same objects are the same.
    let ours = Place::memory().await;
    let maps = ty("", "configmaps", "ConfigMap", true);
    let pods = ty("", "pods", "Pod", true);
    let members = vec![member(&maps, &[("bar", "a", "one")]), member(&pods, &[("shop", "web-7d-x", "one")])];
    write(&ours.vault, "p", &holdfast_store::Writer::new(), members).await.unwrap();
    let ours = contents(&ours.vault.point(&name("p")).await.unwrap()).await.unwrap();
    assert!(ours.iter().all(|line| seen[0].contains(line)), "{ours:?}\n{seen:?}");
}

#[tokio::test]
async fn a_changed_archive_and_a_damaged_cache_are_read_anew() {
    let foreign = Foreign::new(&[("p", "Completed", velero_tarball("one"))]).await;
    let read = async || contents(&foreign.vault().await.point(&name("p")).await.unwrap()).await.unwrap();
    let first = read().await;
    foreign.store.put_bytes("backups/p/p.tar.gz", velero_tarball("two").into()).await;
    let second = read().await;
    assert!(first[0].contains("one") && second[0].contains("two"));
    let entries: Vec<_> = std::fs::read_dir(foreign.cache.path().join("points")).unwrap().collect();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        std::fs::write(entry.unwrap().path().join("index.gz"), b"damaged").unwrap();
    }
    assert_eq!(read().await, second);
}

#[tokio::test]
async fn of_several_entries_for_one_object_the_last_counts() {
    let maps = ty("", "configmaps", "ConfigMap", true);
    let mut raw = Vec::new();
    for data in ["first", "second", "last"] {
        let json = object(&maps, "shop", "a", data);
        entry(&mut raw, EntryType::Regular, b"resources/configmaps/namespaces/shop/a.json", json.as_bytes());
    }
    let (lines, _) = one(end(raw)).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("last"));
}

#[tokio::test]
async fn what_is_no_object_is_passed_over_by_name() {
    let maps = ty("", "configmaps", "ConfigMap", true);
    let good = object(&maps, "shop", "a", "one");
    let mut raw = Vec::new();
    let mut put =
        |kind, path: &str, content: &str| entry(&mut raw, kind, path.as_bytes(), content.as_bytes());
    put(EntryType::Directory, "resources/", "");
    put(EntryType::Regular, "resources/configmaps/namespaces/shop/a.json", &good);
    put(EntryType::Symlink, "resources/configmaps/namespaces/shop/link.json", "");
    put(EntryType::Regular, "resources/configmaps/namespaces/shop/notes.txt", "x");
    put(EntryType::Regular, "resources/configmaps/namespaces/shop/broken.json", "{");
    put(EntryType::Regular, "resources/configmaps/namespaces/shop/other-name.json", &good);
    put(EntryType::Regular, "resources/configmaps/namespaces/bar/a.json", &good);
    put(EntryType::Regular, "resources/configmaps.apps/namespaces/shop/a.json", &good);
    put(EntryType::Regular, "resources/configmaps/cluster/a.json", &good);
    let traversal = good.replace("\"v1\"", "\"v1/../../x\"");
    put(EntryType::Regular, "resources/configmaps.v1/namespaces/shop/a.json", &traversal);
    let (lines, notes) = one(end(raw)).await.unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(notes.len(), 8, "{notes:#?}");
    for (note, named) in notes.iter().zip(["link", "notes.txt", "broken", "other-name", "bar/a"]) {
        assert!(note.contains(named), "{note}");
    }
}

#[tokio::test]
async fn entries_that_lead_astray_are_an_error_that_names_them() {
    for path in [
        "resources/configmaps/namespaces/../../../../etc/cron.d/x.json",
        "/resources/configmaps/namespaces/shop/a.json",
        "resources/configmaps/namespaces/shop/deep/a.json",
        "resources/configmaps/a.json",
        "../a.json",
    ] {
        let mut raw = Vec::new();
        entry(&mut raw, EntryType::Regular, path.as_bytes(), b"{}");
        let error = one(end(raw)).await.unwrap_err();
        assert!(matches!(&error, StoreError::HostileEntry { entry, .. } if entry == path), "{error}");
    }
    let mut raw = Vec::new();
    entry(&mut raw, EntryType::Symlink, b"../../etc/passwd", b"");
    assert!(matches!(one(end(raw)).await, Err(StoreError::HostileEntry { .. })));
}

#[tokio::test]
async fn bombs_are_refused_long_before_they_are_unpacked() {
    // Zeros, in entries that are skipped, so that only the stream is large.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let chunk = vec![0; 8 << 20];
    let mut head = Vec::new();
    entry(&mut head, EntryType::Regular, b"x", &chunk);
    for _ in 0..20 {
        encoder.write_all(&head).unwrap();
    }
    let error = one(encoder.finish().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
    let mut raw = Vec::new();
    entry(&mut raw, EntryType::Regular, b"resources/pods/cluster/a.json", &vec![b' '; (16 << 20) + 1]);
    let error = one(end(raw)).await.unwrap_err();
    assert!(
        error.to_string().starts_with("resources/pods/cluster/a.json in backups/p/p.tar.gz is larger"),
        "{error}"
    );
}

#[tokio::test]
async fn archives_that_are_cut_off_or_no_archives_are_an_error() {
    let whole = velero_tarball("one");
    let mut unended = Vec::new();
    entry(&mut unended, EntryType::Regular, b"metadata/version", b"1.1.0\n");
    for tarball in [
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 4].to_vec(),
        gzip(b"not a tarball"),
        b"not gzip".to_vec(),
        Vec::new(),
        gzip(&unended),
    ] {
        let error = one(tarball).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Damaged { blob, .. } if blob == "backups/p/p.tar.gz"),
            "{error}"
        );
    }
    let foreign = Foreign::new(&[("p", "Completed", whole)]).await;
    foreign.store.remove("backups/p/p.tar.gz").await;
    let error = foreign.vault().await.point(&name("p")).await.unwrap_err();
    assert!(matches!(error, StoreError::BlobMissing { .. }), "{error}");
}

#[tokio::test]
async fn a_folder_of_velero_is_recognised() {
    let root = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    write_file(&root.path().join("backups/p/p.tar.gz"), &velero_tarball("one"));
    write_file(&root.path().join("backups/p/velero-backup.json"), velero_marker("p", "Completed").as_bytes());
    let url: VaultUrl = root.path().to_str().unwrap().parse().unwrap();
    let vault = Vault::open(&url, &Access::default(), cache.path()).await.unwrap();
    assert!(vault.is_read_only());
    assert_eq!(contents(&vault.point(&name("p")).await.unwrap()).await.unwrap().len(), 6);
    let error = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error}");
}
