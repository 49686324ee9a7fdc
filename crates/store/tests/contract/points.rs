//! Creating, listing, reading and deleting points.

use std::fs;
use std::sync::Arc;

use holdfast_store::{
    Access, Completion, Manifest, MemberBuilder, PointEntry, PointState, RowId, StoreError, Vault, VaultUrl,
    Writer,
};

use crate::stores::*;

on_each_store!(a_point_is_written_listed_read_and_deleted);
async fn a_point_is_written_listed_read_and_deleted(kind: Kind) {
    let place = Place::on(kind).await;
    let vault = &place.vault;
    assert!(vault.points().await.unwrap().is_empty());
    let summary = write(vault, "monday", &Writer::new(), members("one")).await.unwrap();
    assert_eq!((summary.objects, summary.warnings, summary.foreign), (OBJECTS, 1, false));
    assert_eq!(summary.state, PointState::Partial);
    assert_eq!(summary.started, Some(started()));
    assert_eq!(summary.cluster, manifest().cluster);
    assert!(summary.archive_bytes.unwrap() < summary.raw_bytes.unwrap());

    let points = vault.points().await.unwrap();
    assert_eq!(points, [PointEntry::Readable(summary.clone())]);
    check(vault, "monday", "one").await;
    let point = vault.point(&name("monday")).await.unwrap();
    assert_eq!(point.summary(), &summary);
    assert_eq!(point.warnings().await.unwrap(), manifest().warnings);
    assert_eq!(point.log().await.unwrap().unwrap(), manifest().log);
    assert_eq!(point.spec(), &manifest().spec);
    let index = point.index().await.unwrap();
    assert_eq!(index.non_atomic(), ["pods"]);
    let maps = u16::try_from(index.types().iter().position(|ty| ty.is("", "configmaps")).unwrap()).unwrap();
    assert_eq!(index.rows_of(maps).map(|row| row.name.len()).collect::<Vec<_>>(), [1, 1, 230]);
    assert!(matches!(point.read(RowId(6)).await, Err(StoreError::NoSuchRow { row: 6, .. })));

    let deleted = vault.delete(&name("monday")).await.unwrap();
    assert_eq!(deleted.blobs, 11);
    assert_eq!(place.store.paths().await, ["vault.json"]);
    assert!(vault.points().await.unwrap().is_empty());
    assert!(matches!(vault.delete(&name("monday")).await, Err(StoreError::UnknownPoint { .. })));
}

on_each_store!(points_are_listed_newest_first);
async fn points_are_listed_newest_first(kind: Kind) {
    let place = Place::on(kind).await;
    for (point, at) in [("b", 10), ("a", 30), ("c", 20)] {
        let at = jiff::Timestamp::from_second(at).unwrap();
        let writer = place.vault.begin(&name(point), at, &Writer::new()).await.unwrap();
        writer.commit(manifest()).await.unwrap();
    }
    let points = place.vault.points().await.unwrap();
    assert_eq!(points.iter().map(PointEntry::name).collect::<Vec<_>>(), ["a", "c", "b"]);
}

on_each_store!(a_taken_name_is_refused_and_the_point_stays);
async fn a_taken_name_is_refused_and_the_point_stays(kind: Kind) {
    let place = Place::on(kind).await;
    write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
    let error = begin(&place.vault, "p").await.unwrap_err();
    assert!(matches!(error, StoreError::PointExists(_)), "{error}");
    assert_eq!(error.to_string(), "recovery point p exists already: choose another name");
    check(&place.vault, "p", "one").await;
}

on_each_store!(what_does_not_exist_and_what_was_never_finished_are_told_apart);
async fn what_does_not_exist_and_what_was_never_finished_are_told_apart(kind: Kind) {
    let place = Place::on(kind).await;
    let error = place.vault.point(&name("p")).await.unwrap_err();
    assert!(matches!(error, StoreError::UnknownPoint { .. }), "{error}");
    let writer = begin(&place.vault, "p").await.unwrap();
    let error = place.vault.point(&name("p")).await.unwrap_err();
    assert!(matches!(error, StoreError::HalfWritten { .. }), "{error}");
    assert!(place.vault.points().await.unwrap().is_empty());
    let error = begin(&place.vault, "p").await.unwrap_err();
    assert!(matches!(error, StoreError::NameInUse { .. }), "{error}");
    writer.abandon().await.unwrap();
    assert_eq!(place.store.paths().await, ["vault.json"]);
    write(&place.vault, "p", &Writer::new(), members("two")).await.unwrap();
}

on_each_store!(a_point_without_objects_is_a_point);
async fn a_point_without_objects_is_a_point(kind: Kind) {
    let place = Place::on(kind).await;
    let summary = begin(&place.vault, "p").await.unwrap().commit(manifest()).await.unwrap();
    assert_eq!(summary.objects, 0);
    let point = place.vault.point(&name("p")).await.unwrap();
    assert!(point.index().await.unwrap().is_empty());
    assert!(point.verify().await.unwrap().is_good());
}

on_each_store!(an_archive_of_several_parts_is_uploaded_beside_the_writing);
async fn an_archive_of_several_parts_is_uploaded_beside_the_writing(kind: Kind) {
    let place = Place::on(kind).await;
    let maps = ty("", "configmaps", "ConfigMap", true);
    let mut writer = begin(&place.vault, "big").await.unwrap();
    for seed in 0..8 {
        let noise = noise(seed, 3 << 20);
        writer.append(member(&maps, &[("shop", &format!("map-{seed}"), &noise)])).await.unwrap();
    }
    assert_eq!(writer.objects(), 8);
    let summary = writer.commit(manifest()).await.unwrap();
    assert!(summary.archive_bytes.unwrap() > 16 << 20);
    let log = place.store.take_log();
    assert!(log.iter().filter(|line| line.starts_with("part ")).count() >= 3, "{log:?}");
    let point = place.vault.point(&name("big")).await.unwrap();
    assert_eq!(contents(&point).await.unwrap().len(), 8);
    let report = point.verify().await.unwrap();
    assert!(report.is_good() && report.objects == 8 && report.members == 10, "{report:?}");
}

on_each_store!(one_object_costs_one_request_and_its_neighbours_none);
async fn one_object_costs_one_request_and_its_neighbours_none(kind: Kind) {
    let place = Place::on(kind).await;
    write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
    let point = place.vault.point(&name("p")).await.unwrap();
    let index = point.index().await.unwrap();
    place.store.take_log();
    let rows: Vec<_> = index.rows().filter(|row| row.member == 2).map(|row| row.id).collect();
    assert_eq!(rows.len(), 2);
    futures::future::try_join_all(rows.iter().map(|row| point.read(*row))).await.unwrap();
    assert_eq!(place.store.take_log(), ["get operational/backups/p/p.tar.gz"]);
}

on_each_store!(a_description_that_is_no_object_is_refused_and_leaves_nothing);
async fn a_description_that_is_no_object_is_refused_and_leaves_nothing(kind: Kind) {
    let place = Place::on(kind).await;
    let bad = Manifest { spec: serde_json::json!([]), ..manifest() };
    let error = begin(&place.vault, "p").await.unwrap().commit(bad).await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidSpec(_)), "{error}");
    assert_eq!(place.store.paths().await, ["vault.json"]);
}

#[tokio::test]
async fn a_vault_in_a_folder_is_created_for_its_user_and_found_again() {
    let root = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let folder = root.path().join("backups of mine/#1");
    let url: VaultUrl = folder.to_str().unwrap().parse().unwrap();
    assert_eq!(url.to_string().parse::<VaultUrl>().unwrap(), url);
    assert!(matches!(
        Vault::open(&url, &Access::default(), cache.path()).await,
        Err(StoreError::VaultMissing(_))
    ));
    let vault = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap();
    write(&vault, "p", &Writer::new(), members("one")).await.unwrap();
    let again = Vault::open(&url, &Access::default(), cache.path()).await.unwrap();
    assert!(again.id().is_some());
    assert_eq!((again.id(), again.is_read_only()), (vault.id(), false));
    check(&again, "p", "one").await;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&folder).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700);
    }
    vault.delete(&name("p")).await.unwrap();
    assert_eq!(fs::read_dir(folder.join("operational/backups")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.join("live")).unwrap().count(), 0);
}

#[tokio::test]
async fn folders_that_are_no_vault_are_refused_by_what_they_are() {
    let root = tempfile::tempdir().unwrap();
    let url = |path: &str| root.path().join(path).to_str().unwrap().parse::<VaultUrl>().unwrap();
    let open = |path: &str| {
        let url = url(path);
        let cache = root.path().join("cache");
        async move { Vault::open(&url, &Access::default(), &cache).await.unwrap_err() }
    };
    write_file(&root.path().join("file"), b"");
    write_file(&root.path().join("other/readme"), b"");
    write_file(&root.path().join("newer/vault.json"), b"{\"format\":2,\"new\":{}}");
    write_file(&root.path().join("broken/vault.json"), b"{\"format\":1}");
    assert!(matches!(open("missing").await, StoreError::VaultMissing(_)));
    assert!(matches!(open("file").await, StoreError::NotAFolder(_)));
    assert!(matches!(open("file/below").await, StoreError::NotAFolder(_)));
    assert!(matches!(open("other").await, StoreError::NotAVault(_)));
    assert!(matches!(open("newer").await, StoreError::VaultFormat { found: 2, .. }));
    assert!(matches!(open("broken").await, StoreError::Damaged { .. }));
    let create = Vault::open_or_create(&url("file/below"), &Access::default(), root.path()).await;
    assert!(matches!(create, Err(StoreError::NotAFolder(_))), "{create:?}");
}

#[tokio::test]
async fn eight_programs_that_create_a_vault_at_once_open_the_same_one() {
    let store = TestStore::folder();
    let cache = tempfile::tempdir().unwrap();
    let vaults = futures::future::try_join_all(
        (0..8).map(|_| Vault::from_store(Arc::new(store.clone()), Completion::Replaces, cache.path())),
    )
    .await
    .unwrap();
    assert!(vaults.iter().all(|vault| vault.id() == vaults[0].id()));
}

on_each_store!(an_object_that_came_twice_is_read_as_it_came_last);
async fn an_object_that_came_twice_is_read_as_it_came_last(kind: Kind) {
    let place = Place::on(kind).await;
    let maps = ty("", "configmaps", "ConfigMap", true);
    let twice = vec![member(&maps, &[("shop", "a", "old")]), member(&maps, &[("shop", "a", "new")])];
    let summary = write(&place.vault, "p", &Writer::new(), twice).await.unwrap();
    assert_eq!(summary.objects, 1);
    let point = place.vault.point(&name("p")).await.unwrap();
    assert!(contents(&point).await.unwrap()[0].contains("new"));
    assert!(point.verify().await.unwrap().is_good());
}

on_each_store!(members_of_several_objects_keep_every_byte);
async fn members_of_several_objects_keep_every_byte(kind: Kind) {
    let place = Place::on(kind).await;
    let maps = ty("", "configmaps", "ConfigMap", true);
    let mut builder = MemberBuilder::new(Arc::clone(&maps), started());
    let bodies: Vec<String> =
        (0..200).map(|n| object(&maps, "shop", &format!("m{n:03}"), &noise(1, n * 7))).collect();
    for (n, body) in bodies.iter().enumerate() {
        let meta = holdfast_store::EntryMeta {
            namespace: "shop".into(),
            name: format!("m{n:03}"),
            uid: None,
            owner: None,
            labels: None,
            hash: holdfast_model::content::hash(body.as_bytes()),
        };
        let (start, end) = body.as_bytes().split_at(n % body.len());
        builder.push(meta, &[start, end]).unwrap();
    }
    write(&place.vault, "p", &Writer::new(), vec![builder.finish().unwrap()]).await.unwrap();
    let point = place.vault.point(&name("p")).await.unwrap();
    for row in point.index().await.unwrap().rows() {
        assert_eq!(point.read(row.id).await.unwrap(), bodies[row.id.0 as usize]);
    }
    assert!(point.verify().await.unwrap().is_good());
}
