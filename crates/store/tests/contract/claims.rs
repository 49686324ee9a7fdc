//! Who has a name, and who takes it over.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use holdfast_store::{Access, HEARTBEAT_EVERY, SILENT_AFTER, StoreError, Vault, VaultUrl, Writer};

use crate::stores::*;

on_each_store!(of_eight_writers_that_race_for_a_name_one_wins);
async fn of_eight_writers_that_race_for_a_name_one_wins(kind: Kind) {
    let place = Place::on(kind).await;
    for round in 0..5 {
        let point = format!("round-{round}");
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (vault, point) = (place.vault.clone(), point.clone());
                tokio::spawn(async move {
                    write(&vault, &point, &Writer::new(), members(&format!("writer-{number}"))).await
                })
            })
            .collect();
        let mut winners = Vec::new();
        for (number, task) in tasks.into_iter().enumerate() {
            match task.await.unwrap() {
                Ok(_) => winners.push(number),
                Err(StoreError::NameInUse { .. } | StoreError::PointExists(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        check(&place.vault, &point, &format!("writer-{}", winners[0])).await;
    }
    assert!(place.store.paths().await.iter().all(|path| !path.starts_with("live/")));
}

on_each_store!(a_writer_that_was_asleep_never_commits_over_the_one_that_took_over);
async fn a_writer_that_was_asleep_never_commits_over_the_one_that_took_over(kind: Kind) {
    let place = Place::on(kind).await;
    let sleeper = Writer { process: None, ..Writer::new() };
    let mut asleep = place.vault.begin(&name("p"), started(), &sleeper).await.unwrap();
    for member in members("asleep") {
        asleep.append(member).await.unwrap();
    }
    place.store.age("claim-1", SILENT_AFTER);
    place.store.age(&sleeper.id.to_string(), SILENT_AFTER.saturating_sub(HEARTBEAT_EVERY));
    let refused = begin(&place.vault, "p").await.unwrap_err();
    assert!(matches!(refused, StoreError::NameInUse { silent_seconds: 840.., .. }), "{refused}");

    // Some stores tell whole seconds only.
    place.store.age("claim-1", Duration::from_secs(2));
    place.store.age(&sleeper.id.to_string(), Duration::from_secs(62));
    let mut awake = begin(&place.vault, "p").await.unwrap();
    for member in members("awake") {
        awake.append(member).await.unwrap();
    }
    let before = place.store.paths().await;
    let error = asleep.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Superseded(_)), "{error}");
    assert_eq!(place.store.paths().await, before);
    awake.commit(manifest()).await.unwrap();
    check(&place.vault, "p", "awake").await;
}

on_each_store!(a_writer_taken_over_between_its_archive_and_its_marker_does_not_commit);
async fn a_writer_taken_over_between_its_archive_and_its_marker_does_not_commit(kind: Kind) {
    let place = Place::on(kind).await;
    let mut point = begin(&place.vault, "p").await.unwrap();
    point.append(members("one").remove(0)).await.unwrap();
    place.store.answer_write("p.tar.gz", "operational/backups/p/holdfast-claim-2.json");
    let error = point.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Superseded(_)), "{error}");
    let paths = place.store.paths().await;
    assert!(paths.contains(&"operational/backups/p/p.tar.gz".to_owned()), "{paths:?}");
    assert!(place.vault.points().await.unwrap().is_empty());
}

on_each_store!(a_writer_whose_claim_is_gone_does_not_commit);
async fn a_writer_whose_claim_is_gone_does_not_commit(kind: Kind) {
    let place = Place::on(kind).await;
    let point = begin(&place.vault, "p").await.unwrap();
    place.store.remove("operational/backups/p/holdfast-claim-1.json").await;
    let error = point.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Superseded(_)), "{error}");
    assert!(place.vault.points().await.unwrap().is_empty());
}

on_each_store!(a_writer_with_a_claim_of_the_same_number_from_another_life_does_not_commit);
async fn a_writer_with_a_claim_of_the_same_number_from_another_life_does_not_commit(kind: Kind) {
    let place = Place::on(kind).await;
    let asleep = begin(&place.vault, "p").await.unwrap();
    place.store.remove("operational/backups/p/holdfast-claim-1.json").await;
    let awake = begin(&place.vault, "p").await.unwrap();
    assert!(matches!(asleep.commit(manifest()).await, Err(StoreError::Superseded(_))));
    awake.commit(manifest()).await.unwrap();
}

on_each_store!(a_blob_that_changed_before_the_marker_stops_the_commit);
async fn a_blob_that_changed_before_the_marker_stops_the_commit(kind: Kind) {
    let place = Place::on(kind).await;
    let mut point = begin(&place.vault, "p").await.unwrap();
    point.append(members("one").remove(0)).await.unwrap();
    place.store.answer_write("p.tar.gz", "operational/backups/p/p.tar.gz");
    let error = point.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Truncated { .. }), "{error}");
    assert_eq!(place.store.paths().await, ["vault.json"]);
}

on_each_store!(what_a_writer_thought_dead_still_wrote_is_replaced);
async fn what_a_writer_thought_dead_still_wrote_is_replaced(kind: Kind) {
    let place = Place::on(kind).await;
    place.store.answer_write("holdfast-claim-1.json", "operational/backups/p/p-logs.gz");
    write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
    check(&place.vault, "p", "one").await;
}

on_each_store!(a_network_that_fails_at_the_marker_leaves_the_name_to_the_next_writer_in_time);
async fn a_network_that_fails_at_the_marker_leaves_the_name_to_the_next_writer_in_time(kind: Kind) {
    let place = Place::on(kind).await;
    let writer = Writer { process: None, ..Writer::new() };
    let mut point = place.vault.begin(&name("p"), started(), &writer).await.unwrap();
    point.append(members("one").remove(0)).await.unwrap();
    // Eight small blobs and the archive arrive.
    place.store.break_write(9, Fault::Gone);
    let error = point.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::CommitUnknown { .. }), "{error}");
    place.store.heal();
    assert!(place.vault.points().await.unwrap().is_empty());
    for sign_of_life in ["claim-1", &writer.id.to_string()] {
        place.store.age(sign_of_life, SILENT_AFTER + Duration::from_secs(1));
    }
    write(&place.vault, "p", &Writer::new(), members("two")).await.unwrap();
    check(&place.vault, "p", "two").await;
}

#[cfg(target_os = "linux")]
on_each_store!(the_claim_of_a_process_that_ended_on_this_machine_is_taken_over_at_once);
async fn the_claim_of_a_process_that_ended_on_this_machine_is_taken_over_at_once(kind: Kind) {
    let place = Place::on(kind).await;
    let dead = Writer { process: Some(crate::faults::dead_process()), ..Writer::new() };
    let mut writer = place.vault.begin(&name("p"), started(), &dead).await.unwrap();
    writer.append(members("dead").remove(0)).await.unwrap();
    drop(writer);
    write(&place.vault, "p", &Writer::new(), members("alive")).await.unwrap();
    check(&place.vault, "p", "alive").await;
    let paths = place.store.paths().await;
    assert!(paths.contains(&"operational/backups/p/holdfast-claim-2.json".to_owned()), "{paths:?}");
    assert!(paths.iter().all(|path| !path.starts_with("live/")), "{paths:?}");
}

on_each_store!(a_writer_that_lost_the_answer_to_its_claim_goes_on_with_it);
async fn a_writer_that_lost_the_answer_to_its_claim_goes_on_with_it(kind: Kind) {
    let place = Place::on(kind).await;
    let writer = Writer::new();
    drop(place.vault.begin(&name("p"), started(), &writer).await.unwrap());
    write(&place.vault, "p", &writer, members("one")).await.unwrap();
    check(&place.vault, "p", "one").await;
}

on_each_store!(a_folder_of_somebody_else_is_not_written_to);
async fn a_folder_of_somebody_else_is_not_written_to(kind: Kind) {
    let place = Place::on(kind).await;
    place.store.put_bytes("operational/backups/p/p-logs.gz", "x".into()).await;
    let error = begin(&place.vault, "p").await.unwrap_err();
    assert!(matches!(error, StoreError::FolderInUse(_)), "{error}");
    assert!(place.vault.sweep_debris().await.unwrap().is_empty());
    assert!(matches!(place.vault.delete(&name("p")).await, Err(StoreError::ReadOnly(_))));
    assert_eq!(place.store.bytes("operational/backups/p/p-logs.gz").await, "x");
}

on_each_store!(claims_that_cannot_be_read_count_by_their_age);
async fn claims_that_cannot_be_read_count_by_their_age(kind: Kind) {
    let place = Place::on(kind).await;
    place.store.put_bytes("operational/backups/p/holdfast-claim-7.json", "not json".into()).await;
    assert!(matches!(begin(&place.vault, "p").await, Err(StoreError::NameInUse { .. })));
    place.store.age("claim-7", SILENT_AFTER + Duration::from_secs(1));
    write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
    check(&place.vault, "p", "one").await;
    let paths = place.store.paths().await;
    assert!(paths.contains(&"operational/backups/p/holdfast-claim-8.json".to_owned()), "{paths:?}");
}

#[tokio::test(start_paused = true)]
async fn a_writer_shows_every_minute_that_it_lives() {
    let place = Place::memory().await;
    let writer = Writer::new();
    let heartbeat = format!("live/{}", writer.id);
    let point = place.vault.begin(&name("p"), started(), &writer).await.unwrap();
    let mut seen = vec![place.store.bytes(&heartbeat).await];
    for _ in 0..3 {
        tokio::time::sleep(HEARTBEAT_EVERY).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        seen.push(place.store.bytes(&heartbeat).await);
        assert_ne!(seen[seen.len() - 2], seen[seen.len() - 1]);
    }
    point.commit(manifest()).await.unwrap();
    tokio::time::sleep(HEARTBEAT_EVERY * 3).await;
    assert!(!place.store.paths().await.contains(&heartbeat));
}

on_each_store!(a_sweep_removes_dead_folders_only);
async fn a_sweep_removes_dead_folders_only(kind: Kind) {
    let place = Place::on(kind).await;
    write(&place.vault, "whole", &Writer::new(), members("one")).await.unwrap();
    let alive = begin(&place.vault, "alive").await.unwrap();
    let dead = Writer { process: None, ..Writer::new() };
    let mut writer = place.vault.begin(&name("dead"), started(), &dead).await.unwrap();
    writer.append(members("dead").remove(0)).await.unwrap();
    drop(writer);
    assert!(place.vault.sweep_debris().await.unwrap().is_empty());
    place.store.age("dead/holdfast-claim-1", SILENT_AFTER + Duration::from_secs(1));
    place.store.age(&dead.id.to_string(), SILENT_AFTER + Duration::from_secs(1));
    assert_eq!(place.vault.sweep_debris().await.unwrap(), [name("dead")]);
    let paths = place.store.paths().await;
    assert!(paths.iter().all(|path| !path.contains("dead")), "{paths:?}");
    assert_eq!(paths.iter().filter(|path| path.starts_with("live/")).count(), 1, "{paths:?}");
    alive.commit(manifest()).await.unwrap();
    check(&place.vault, "whole", "one").await;
}

#[tokio::test]
async fn a_sweep_of_a_folder_removes_what_killed_uploads_left() {
    let root = tempfile::tempdir().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let url: VaultUrl = root.path().to_str().unwrap().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap();
    write(&vault, "p", &Writer::new(), members("one")).await.unwrap();
    let alive = begin(&vault, "alive").await.unwrap();
    let old = SystemTime::now() - Duration::from_hours(1);
    let plant = |path: &str, when: SystemTime| {
        let path = root.path().join(path);
        write_file(&path, b"part");
        File::options().write(true).open(&path).unwrap().set_modified(when).unwrap();
        path
    };
    let swept =
        [plant("operational/backups/p/p.tar.gz#1", old), plant("live/x#12", old), plant("vault.json#1", old)];
    let kept = [
        plant("operational/backups/p/p.tar.gz#2", SystemTime::now()),
        plant("operational/backups/alive/alive.tar.gz#1", old),
    ];
    vault.sweep_debris().await.unwrap();
    assert!(swept.iter().all(|path| !path.exists()));
    assert!(kept.iter().all(|path| path.exists()));
    alive.commit(manifest()).await.unwrap();
    vault.delete(&name("p")).await.unwrap();
    assert!(!root.path().join("operational/backups/p").exists());
    assert!(fs::exists(root.path().join("operational/backups/alive/velero-backup.json")).unwrap());
}

#[tokio::test]
async fn a_point_is_deleted_with_what_killed_writers_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let url: VaultUrl = folder.path().join("vault").to_str().unwrap().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), &folder.path().join("cache")).await.unwrap();
    write(&vault, "p", &Writer::new(), members("p")).await.unwrap();
    let point = folder.path().join("vault/operational/backups/p");
    for left in ["p.tar.gz#1", "velero-backup.json#1", "holdfast-claim-1.json#1"] {
        fs::write(point.join(left), "half").unwrap();
    }
    vault.delete(&name("p")).await.unwrap();
    let left: Vec<_> = fs::read_dir(&point).into_iter().flatten().collect();
    assert!(!point.exists(), "{left:?}");
}
