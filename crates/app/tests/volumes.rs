//! Volumes as the window shows them: asked for, cut, told of by the point and by its job.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use holdfast_app::SANDBOX;
use holdfast_app::api::*;
use support::{Place, backup, ended, key, shop, volumes};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_cuts_volumes_and_its_point_and_job_tell_of_them() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;

    let job = app.start_backup(backup(&vault, "with", shop())).await.unwrap();
    ended(&mut events, &job).await;
    let told = app.point_volumes(key(&vault, "with")).await.unwrap();
    assert!(told.claims > 0 && told.volumes.len() as u64 == told.claims, "{told:?}");
    let cut: Vec<_> = told.volumes.iter().filter(|row| row.state == VolumeState::Snapshotted).collect();
    assert!(!cut.is_empty(), "{told:?}");
    assert!(cut.iter().all(|row| row.bytes.is_some() && row.snapshot.as_ref().unwrap().cut.is_some()));
    let row = app.points().await.unwrap().points.remove(0);
    assert_eq!(row.snapshots, Some(cut.len() as u64));
    assert_eq!(app.job_volumes(vault.id.clone(), job.clone()).await.unwrap(), Some(told));
    let details = app.point(key(&vault, "with")).await.unwrap();
    for warning in details.warnings.iter().filter(|warning| warning.claim.is_some()) {
        assert_eq!(warning.resource.as_deref(), Some("persistentvolumeclaims"), "{warning:?}");
    }

    let request = BackupRequest { volumes: volumes(false), ..backup(&vault, "without", shop()) };
    let command = app.backup_command(request.clone()).await.unwrap();
    assert!(command.ends_with(" --snapshot-volumes false"), "{command}");
    let without = app.start_backup(request).await.unwrap();
    ended(&mut events, &without).await;
    let told = app.point_volumes(key(&vault, "without")).await.unwrap();
    assert!(told.volumes.is_empty() && told.claims > 0, "{told:?}");

    // Where the point is gone, its job tells of no other of its name.
    let deletion = app.delete_point(key(&vault, "with")).await.unwrap();
    ended(&mut events, &deletion).await;
    assert_eq!(app.job_volumes(vault.id.clone(), job.clone()).await.unwrap(), None);
    // Points keep whole seconds.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = app.start_backup(backup(&vault, "with", shop())).await.unwrap();
    ended(&mut events, &again).await;
    assert_eq!(app.job_volumes(vault.id.clone(), job).await.unwrap(), None);
    assert!(app.job_volumes(vault.id.clone(), again).await.unwrap().is_some());
    assert_eq!(app.job_volumes(vault.id.clone(), deletion).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_about_volumes_is_checked_and_said_as_a_command() {
    let place = Place::new();
    let app = place.start().await;
    let vault = place.add_vault(&app).await;
    let request = |change: fn(&mut VolumeChoice)| {
        let mut request = backup(&vault, "x", shop());
        change(&mut request.volumes);
        request
    };
    let command = app
        .backup_command(request(|volumes| {
            volumes.hooks = vec!["default/postgresql".to_owned(), "shop/redis".to_owned()];
            volumes.timeout_seconds = 1800;
            volumes.freeze_seconds = 90;
            volumes.at_once = 4;
            volumes.snapshot_class = " cold ".to_owned();
        }))
        .await
        .unwrap();
    let asked = "--snapshot-timeout 30m --freeze-timeout 90s --snapshot-concurrency 4 \
                 --snapshot-class disk.csi.azure.com=cold --hooks 'default/postgresql,shop/redis'";
    assert!(command.ends_with(asked), "{command}");
    for (odd, field) in [
        (request(|volumes| volumes.hooks = vec!["postgresql".to_owned()]), "hooks"),
        (request(|volumes| volumes.timeout_seconds = 0), "timeoutSeconds"),
        (request(|volumes| volumes.freeze_seconds = 1_000_000), "freezeSeconds"),
        (request(|volumes| volumes.at_once = 0), "atOnce"),
    ] {
        let failure = app.start_backup(odd).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::InvalidInput);
        assert!(failure.message.starts_with(field), "{}", failure.message);
    }
    let problems = app.check_hooks(vec!["default/postgresql".to_owned(), "x".to_owned()]).await.unwrap();
    assert!(problems[0].is_empty() && problems[1].contains("NAMESPACE/NAME"), "{problems:?}");

    let classes = app.storage_classes(SANDBOX.to_owned()).await.unwrap();
    assert!(classes.iter().any(|class| class.provisioner == "disk.csi.azure.com"), "{classes:?}");
    assert_eq!(app.backup_hooks(SANDBOX.to_owned()).await.unwrap(), Vec::<String>::new());

    assert_eq!(app.lint_hooks(" \n".to_owned()).await.unwrap(), HooksLint::default());
    let templates = app.hook_templates().await.unwrap();
    let lint = app.lint_hooks(templates[0].text.clone()).await.unwrap();
    assert_eq!((lint.backup.len(), lint.problems.len()), (1, 0), "{lint:?}");
    assert!(!app.lint_hooks("kind: Pod\n".to_owned()).await.unwrap().problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_classes_are_mapped_and_come_back_with_a_plan() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "one", shop())).await.unwrap();
    ended(&mut events, &job).await;
    let class = |from: &str, to: &str| StorageClassMapping { from: from.to_owned(), to: to.to_owned() };
    let request = RestoreRequest {
        point: key(&vault, "one"),
        cluster_id: SANDBOX.to_owned(),
        selection: shop(),
        objects: Vec::new(),
        exclusions: Vec::new(),
        mappings: Vec::new(),
        conflict_policy: ConflictPolicy::Skip,
        policies: Vec::new(),
        volume_mode: VolumeMode::WithoutData,
        storage_classes: vec![class("managed-csi", "premium"), class("old", " "), class("", "standard")],
        volume_timeout_seconds: Some(90),
        modifiers: String::new(),
        hooks: Vec::new(),
    };
    let plan = app.plan_restore(request.clone(), "r".to_owned()).await.unwrap();
    let asked =
        "--storage-class-mapping =standard --storage-class-mapping managed-csi=premium --volume-timeout 90s";
    assert!(plan.command.ends_with(asked), "{}", plan.command);
    let text = app.plan_text(plan.id).await.unwrap();
    let open =
        app.open_plan(vault.id.clone(), SANDBOX.to_owned(), text, false, "o".to_owned()).await.unwrap();
    assert_eq!(open.request.storage_classes, [class("", "standard"), class("managed-csi", "premium")]);
    assert_eq!(open.request.volume_timeout_seconds, Some(90));
    for (hooks, words) in [("default/postgresql", "restorehooks"), ("postgresql", "NAMESPACE/NAME")] {
        let hooked = RestoreRequest { hooks: vec![hooks.to_owned()], ..request.clone() };
        let failure = app.plan_restore(hooked, "h".to_owned()).await.unwrap_err();
        assert!(format!("{failure:?}").contains(words), "{failure:?}");
    }
    let twice = RestoreRequest { storage_classes: vec![class("a", "b"), class("a", "c")], ..request };
    let failure = app.plan_restore(twice, "t".to_owned()).await.unwrap_err();
    assert!(failure.message.starts_with("storageClasses"), "{}", failure.message);
}
