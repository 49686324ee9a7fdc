//! What the program keeps on disk: damage, other processes, vaults and kubeconfigs that change under it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::fmt::Write;
use std::fs;
use std::time::Instant;

use holdfast_app::api::*;
use support::{Place, backup, ended, folder_vault, shop, until};

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_are_kept_aside_and_said_once() {
    let place = Place::new();
    fs::create_dir_all(place.data()).unwrap();
    fs::write(place.data().join("settings.json"), "{\"compact\": tr").unwrap();
    fs::write(place.data().join("vaults.json"), [0xff, 0x00, 0x01]).unwrap();
    fs::write(place.data().join("read-model.sqlite"), vec![7u8; 9000]).unwrap();
    let app = place.start().await;
    assert_eq!(app.settings().await.unwrap(), Settings::default());
    assert!(app.vaults().await.unwrap().is_empty());
    let told = |overview: &Overview| {
        overview.attention.iter().filter(|item| item.kind == AttentionKind::FileReset).count()
    };
    assert_eq!(told(&app.overview().await.unwrap()), 2);
    let kept = fs::read_dir(place.data()).unwrap().filter_map(Result::ok);
    let kept: Vec<_> = kept.filter(|file| file.file_name().to_string_lossy().contains("damaged")).collect();
    assert_eq!(kept.len(), 2);
    place.add_vault(&app).await;
    drop(app);
    let again = place.start().await;
    assert_eq!(told(&again.overview().await.unwrap()), 0);
    assert_eq!(again.vaults().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_of_another_version_is_made_anew() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "kept", shop())).await.unwrap();
    ended(&mut events, &job).await;
    drop(app);
    let file = place.data().join("read-model.sqlite");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    connection.close().unwrap();
    let app = place.start().await;
    until("the vault is looked at again", || async { app.points().await.unwrap().points.len() == 1 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_gone_still_shows_what_it_held() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "kept", shop())).await.unwrap();
    ended(&mut events, &job).await;
    let away = place.path().join("away");
    fs::rename(place.vault(), &away).unwrap();

    let row = app.refresh_vault(vault.id.clone()).await.unwrap();
    assert_eq!(row.failure.as_ref().unwrap().code, FailureCode::VaultGone, "{row:?}");
    assert_eq!(row.points, 1);
    let list = app.points().await.unwrap();
    assert_eq!((list.points.len(), list.failures.len()), (1, 1));
    let overview = app.overview().await.unwrap();
    assert!(overview.attention.iter().any(|item| item.kind == AttentionKind::VaultFailing));
    let failure = app.start_backup(backup(&vault, "more", shop())).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::VaultGone);

    // Shown at the next start, too, before the vault is looked at; and well again when it is back.
    drop(app);
    let app = place.start().await;
    assert_eq!(app.points().await.unwrap().points.len(), 1);
    fs::rename(&away, place.vault()).unwrap();
    let row = app.refresh_vault(vault.id.clone()).await.unwrap();
    assert_eq!((row.failure, row.points), (None, 1));
    app.forget_vault(vault.id).await.unwrap();
    assert!(app.points().await.unwrap().points.is_empty());
    assert!(place.vault().join("vault.json").is_file(), "nothing in a forgotten vault is touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_share_a_folder() {
    let place = Place::new();
    let (one, two) = (place.start().await, place.start().await);
    let vault = place.add_vault(&one).await;
    until("the other program hears of the vault", || async { two.vaults().await.unwrap().len() == 1 }).await;
    let twice = two.add_vault(folder_vault(&place.vault(), true)).await.unwrap_err();
    assert_eq!(twice.code, FailureCode::AlreadyExists);

    let (mut first, mut second) = (one.subscribe(), two.subscribe());
    let jobs = (
        one.start_backup(backup(&vault, "from-one", shop())).await.unwrap(),
        two.start_backup(backup(&vault, "from-two", shop())).await.unwrap(),
    );
    assert_eq!(ended(&mut first, &jobs.0).await.state, JobState::Completed);
    assert_eq!(ended(&mut second, &jobs.1).await.state, JobState::Completed);
    for app in [&one, &two] {
        app.refresh_vault(vault.id.clone()).await.unwrap();
        assert_eq!(app.points().await.unwrap().points.len(), 2);
        assert_eq!(app.jobs().await.unwrap().jobs.len(), 2);
    }
    let saved = Settings { compact: true, ..Settings::default() };
    one.save_settings(saved.clone()).await.unwrap();
    until("the other program has the settings", || async { two.settings().await.unwrap() == saved }).await;
}

/// A kubeconfig with this many contexts, padded to a size.
fn kubeconfig(contexts: usize, bytes: usize) -> String {
    let mut text = String::from("apiVersion: v1\nkind: Config\ncurrent-context: c-1\nclusters:\n");
    let pad = "A".repeat(bytes / contexts.max(1));
    for n in 0..contexts {
        writeln!(
            text,
            "- name: c-{n}\n  cluster: {{server: 'https://127.0.0.1:1', certificate-authority-data: {pad}}}"
        )
        .unwrap();
    }
    text.push_str("contexts:\n");
    for n in 0..contexts {
        writeln!(text, "- name: c-{n}\n  context: {{cluster: c-{n}, user: u}}").unwrap();
    }
    text.push_str("users:\n- name: u\n  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: sign-me-in, interactiveMode: Never}}\n");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_is_watched_and_its_commands_are_asked_for() {
    let place = Place::new();
    let app = place.start().await;
    assert_eq!(app.clusters().await.unwrap().len(), 1);
    let file = place.path().join("kubeconfig");
    fs::write(&file, kubeconfig(3, 0)).unwrap();
    let mut events = app.subscribe();
    let told = tokio::time::timeout(support::PATIENCE, async {
        loop {
            if let Some(Event::Changed { topics }) = events.next().await
                && topics.contains(&Topic::Clusters)
            {
                return;
            }
        }
    });
    told.await.expect("the window is told");
    let clusters = app.clusters().await.unwrap();
    assert_eq!(clusters.len(), 4);
    assert!(clusters[2].current, "{clusters:?}");

    let asked = app.cluster_status("c-1".to_owned()).await.unwrap();
    let failure = asked.failure.unwrap();
    assert_eq!(
        (failure.code, failure.details.as_deref()),
        (FailureCode::PluginNotAllowed, Some("sign-me-in"))
    );
    app.allow_plugin("sign-me-in".to_owned()).await.unwrap();
    let allowed = app.cluster_status("c-1".to_owned()).await.unwrap().failure.unwrap();
    assert_eq!(allowed.code, FailureCode::ClusterUnauthorized, "{allowed:?}");
    assert_eq!(app.cluster_status("nowhere".to_owned()).await.unwrap_err().code, FailureCode::NotFound);

    fs::write(&file, "contexts: [").unwrap();
    let broken = app.overview().await.unwrap();
    assert_eq!(broken.attention[0].kind, AttentionKind::KubeconfigBroken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_of_contexts_does_not_hold_up_the_window() {
    let place = Place::new();
    fs::write(place.path().join("kubeconfig"), kubeconfig(500, 30 << 20)).unwrap();
    let app = place.start().await;
    let reading = tokio::spawn({
        let app = app.clone();
        async move { app.clusters().await.unwrap().len() }
    });
    // While that is read, other calls are answered.
    let clock = Instant::now();
    app.settings().await.unwrap();
    app.vaults().await.unwrap();
    let meanwhile = clock.elapsed();
    assert_eq!(reading.await.unwrap(), 501);
    let clock = Instant::now();
    app.clusters().await.unwrap();
    let again = clock.elapsed();
    println!("500 contexts in 30 MB: other calls {meanwhile:?}, listed again {again:?}");
    assert!(meanwhile.as_millis() < 1000 && again.as_millis() < 500, "{meanwhile:?} {again:?}");
}
