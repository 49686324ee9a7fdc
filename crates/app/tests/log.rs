//! What reaches the log file. One test, because a process has one log.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_app::api::*;
use holdfast_app::log;
use support::{Place, backup, ended, key, objects, shop};

const SIGNATURE: &str = "c2lnbmF0dXJlLW9mLXRoZS12YXVsdA%3D%3D";
const TOKEN: &str = "token-of-the-cluster";
const PASSWORD: &str = "password-of-the-proxy";

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_and_no_secret_value_is_written() {
    let place = Place::new();
    let environment = place.environment();
    let guard = log::start(&environment, LogFilter::Trace).unwrap();
    let app = place.start().await;
    // Nothing listens there: what fails is what gets told.
    let settings = Settings {
        log_level: LogFilter::Trace,
        proxy: format!("http://me:{PASSWORD}@127.0.0.1:1"),
        ..Settings::default()
    };
    app.save_settings(settings).await.unwrap();

    let vault = AddVault {
        name: "blob".to_owned(),
        url: "https://holdfasttest.blob.core.windows.net/vault".to_owned(),
        auth: VaultAuth::Sas,
        sas: Some(format!("sv=2024-11-04&sp=rwdlc&se=2099-01-01T00:00:00Z&sr=c&sig={SIGNATURE}")),
        create: true,
    };
    let report = app.check_vault(vault, "check".to_owned()).await.unwrap();
    assert!(!report.ok && report.failure.is_some(), "{report:?}");

    let kubeconfig = format!(
        "clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         users: [{{name: u, user: {{token: {TOKEN}}}}}]\n"
    );
    fs::write(place.path().join("kubeconfig"), kubeconfig).unwrap();
    let status = app.cluster_status("c".to_owned()).await.unwrap();
    assert_eq!(status.failure.unwrap().code, FailureCode::ClusterUnreachable);

    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "point", shop())).await.unwrap();
    ended(&mut events, &job).await;
    let point = key(&vault, "point");
    let secret = app.point_objects(objects(&point, "kind:Secret")).await.unwrap().rows[0].row;
    let text = app.object_text(point.clone(), secret, false).await.unwrap();
    let value = app.reveal_secret(point, secret, text.secret_keys[0].clone()).await.unwrap().value;
    tracing::warn!(target: "holdfast_app", "GET https://x/?sig={SIGNATURE} Authorization: Bearer {TOKEN}");

    drop(app);
    drop(guard);
    let files = fs::read_dir(place.data().join("logs")).unwrap().map(|file| file.unwrap().path());
    let written: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    assert!(written.contains("a job ended") && written.contains("[redacted]"), "{written}");
    let encoded = STANDARD.encode(&value);
    for secret in [SIGNATURE, TOKEN, PASSWORD, value.as_str(), encoded.as_str()] {
        assert!(!written.contains(secret), "{secret} is in the log");
    }
    assert!(!written.contains("c2lnbmF0dXJlLW9mLXRoZS12YXVsdA"));
}
