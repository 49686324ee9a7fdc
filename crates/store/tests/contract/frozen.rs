//! What others may take away from a writer: only what it can no longer commit.

use std::time::Duration;

use holdfast_store::volumes::{Snapshot, VolumeRecord, VolumeState, Volumes};
use holdfast_store::{
    Frozen, FrozenPod, Manifest, ReleaseCommand, SILENT_AFTER, StoreError, Writer, Writing,
};

use crate::faults::dead_process;
use crate::stores::*;

on_each_store!(a_writer_that_is_taken_for_dead_cannot_commit_any_more);
async fn a_writer_that_is_taken_for_dead_cannot_commit_any_more(kind: Kind) {
    let place = Place::on(kind).await;
    let sleeper = Writer { process: None, ..Writer::new() };
    let mut asleep = place.vault.begin(&name("p"), started(), &sleeper).await.unwrap();
    for member in members("asleep") {
        asleep.append(member).await.unwrap();
    }
    assert_eq!(place.vault.writing(&name("p"), sleeper.id).await.unwrap(), Writing::Alive);
    for what in ["claim-1", &sleeper.id.to_string()] {
        place.store.age(what, SILENT_AFTER + Duration::from_secs(62));
    }
    assert_eq!(place.vault.writing(&name("p"), sleeper.id).await.unwrap(), Writing::Gone);
    let error = asleep.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Superseded(_)), "{error}");
    assert!(place.vault.points().await.unwrap().is_empty());
    // The name is free, and whoever has it now is not that writer.
    let writer = Writer::new();
    write(&place.vault, "p", &writer, members("next")).await.unwrap();
    assert_eq!(place.vault.writing(&name("p"), writer.id).await.unwrap(), Writing::Committed);
    assert_eq!(place.vault.writing(&name("p"), sleeper.id).await.unwrap(), Writing::Gone);
    assert_eq!(place.vault.points().await.unwrap().len(), 1);
}

on_each_store!(notes_of_held_pods_come_back_until_they_are_dropped);
async fn notes_of_held_pods_come_back_until_they_are_dropped(kind: Kind) {
    let place = Place::on(kind).await;
    let release = ReleaseCommand {
        hook: "shop/hooks: thaw".into(),
        container: "db".into(),
        command: vec!["thaw".into()],
        timeout_millis: 1000,
    };
    let pod =
        FrozenPod { namespace: "shop".into(), pod: "db-0".into(), uid: "u".into(), release: vec![release] };
    let mut frozen = Frozen {
        cluster: "c".into(),
        point: name("p"),
        writer: Writer::new().id,
        process: Some(dead_process()),
        noted: started(),
        pods: vec![pod],
    };
    let note = place.vault.note_frozen(&frozen).await.unwrap();
    assert_eq!(place.vault.frozen().await.unwrap(), [(note.clone(), frozen.clone())]);
    place.vault.drop_frozen(&note).await.unwrap();
    assert!(place.vault.frozen().await.unwrap().is_empty());
    // What could not be read again is not written, so nothing is held by it.
    frozen.pods[0].release[0].command = vec!["x".repeat(2 << 20)];
    let error = place.vault.note_frozen(&frozen).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error}");
}

on_each_store!(volumes_are_told_again_and_a_change_is_found);
async fn volumes_are_told_again_and_a_change_is_found(kind: Kind) {
    let place = Place::on(kind).await;
    let mut volumes = Volumes::new(Some("westeurope".into()));
    volumes.volumes.push(VolumeRecord {
        namespace: "shop".into(),
        claim: "data".into(),
        state: VolumeState::Snapshotted,
        reason: None,
        volume: Some("pvc-1".into()),
        driver: Some("disk.csi.azure.com".into()),
        volume_handle: Some("/disks/1".into()),
        storage_class: Some("managed-csi".into()),
        access_modes: vec!["ReadWriteOnce".into()],
        volume_mode: Some("Filesystem".into()),
        filesystem: Some("ext4".into()),
        size: Some("8Gi".into()),
        reclaim_policy: Some("Delete".into()),
        pods: vec!["db-0".into()],
        snapshot: Some(Snapshot {
            handle: "/snapshots/1".into(),
            driver: "disk.csi.azure.com".into(),
            class: Some("class".into()),
            name: "holdfast-data-1".into(),
            content: "snapcontent-1".into(),
            restore_size: Some(8 << 30),
            cut: Some(started()),
            ready: true,
            incremental: Some(true),
            resource_group: None,
        }),
    });
    let mut point = place.vault.begin(&name("p"), started(), &Writer::new()).await.unwrap();
    for member in members("p") {
        point.append(member).await.unwrap();
    }
    let summary = point.commit(Manifest { volumes: Some(volumes.clone()), ..manifest() }).await.unwrap();
    assert_eq!(summary.snapshots, Some(1));
    let point = place.vault.point(&name("p")).await.unwrap();
    assert_eq!(point.volumes().await.unwrap(), volumes);
    assert_eq!(point.summary().snapshots, Some(1));
    assert!(point.verify().await.unwrap().is_good());
    // A point without volumes has none, and says so.
    write(&place.vault, "q", &Writer::new(), members("q")).await.unwrap();
    let without = place.vault.point(&name("q")).await.unwrap();
    assert_eq!(
        (without.volumes().await.unwrap(), without.summary().snapshots),
        (Volumes::default(), Some(0))
    );
}
