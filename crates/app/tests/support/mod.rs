//! A program of its own in a folder of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]
#![allow(dead_code, reason = "every test program uses its own part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use holdfast_app::api::{
    AddVault, BackupRequest, Event, JobRow, ObjectQuery, ObjectSort, PlanQuery, PlanSort, PointKey,
    Selection, VaultAuth, VaultRow, VolumeChoice,
};
use holdfast_app::{App, Environment, SANDBOX, Subscription};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tempfile::TempDir;

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// The folder of a test.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(TempDir::with_prefix("holdfast-app-").unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub fn vault(&self) -> PathBuf {
        self.path().join("vault")
    }

    pub fn environment(&self) -> Environment {
        let kubeconfig = self.path().join("kubeconfig");
        Environment {
            data_dir: self.data(),
            cache_dir: self.path().join("cache"),
            home: Some(self.path().to_owned()),
            variables: BTreeMap::from([
                ("KUBECONFIG".into(), kubeconfig.into()),
                ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ]),
            now: Timestamp::now,
            time_zone: TimeZone::UTC,
        }
    }

    /// The program, started.
    pub async fn start(&self) -> App {
        App::start(self.environment(), Instant::now()).await.unwrap()
    }

    /// A vault in this folder, made and added.
    pub async fn add_vault(&self, app: &App) -> VaultRow {
        app.add_vault(folder_vault(&self.vault(), true)).await.unwrap()
    }
}

pub fn folder_vault(path: &Path, create: bool) -> AddVault {
    AddVault {
        name: String::new(),
        url: path.display().to_string(),
        auth: VaultAuth::Auto,
        sas: None,
        create,
    }
}

pub fn backup(vault: &VaultRow, name: &str, selection: Selection) -> BackupRequest {
    BackupRequest {
        cluster_id: SANDBOX.to_owned(),
        vault_id: vault.id.clone(),
        name: name.to_owned(),
        selection,
        volumes: volumes(true),
    }
}

/// Volumes as a new backup of the window takes them.
pub fn volumes(snapshots: bool) -> VolumeChoice {
    VolumeChoice {
        snapshots,
        hooks: Vec::new(),
        timeout_seconds: 600,
        freeze_seconds: 60,
        at_once: 16,
        snapshot_class: String::new(),
    }
}

pub fn shop() -> Selection {
    Selection { include_namespaces: vec!["shop".to_owned()], ..Selection::default() }
}

pub fn key(vault: &VaultRow, point: &str) -> PointKey {
    PointKey { vault_id: vault.id.clone(), point: point.to_owned() }
}

pub fn objects(point: &PointKey, text: &str) -> ObjectQuery {
    ObjectQuery {
        point: point.clone(),
        text: text.to_owned(),
        namespace: None,
        resource: None,
        sort: ObjectSort::Kind,
        descending: false,
        offset: 0,
        limit: 1000,
    }
}

pub fn entries(text: &str) -> PlanQuery {
    PlanQuery {
        actions: Vec::new(),
        outcomes: Vec::new(),
        text: text.to_owned(),
        sort: PlanSort::Order,
        descending: false,
        offset: 0,
        limit: 1000,
    }
}

/// Waits for the end of a job.
pub async fn ended(events: &mut Subscription, id: &str) -> JobRow {
    let waiting = async {
        loop {
            match events.next().await.expect("the program goes on") {
                Event::JobEnded { job } if job.id == id => return job,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the job ends in time")
}

/// Waits until something holds.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
