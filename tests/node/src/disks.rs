//! The volumes and snapshots of both clusters, seen from outside: folders and records of the CSI drivers. And what is
//! to go wrong with them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use holdfast_e2e::terminal::required;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// What a driver keeps of one volume or snapshot.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// What Kubernetes calls it.
    pub handle: String,
    /// The driver's name.
    pub driver: String,
    /// Bytes.
    pub size: u64,
    /// The handle of what its data was copied from; empty for a new volume.
    #[serde(default)]
    pub source: String,
    /// A snapshot's moment.
    pub created: Timestamp,
    /// When a snapshot was, or will be, ready.
    pub ready_at: Option<Timestamp>,
    /// Those of its class, with small letters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The claim that a volume was made for; of a snapshot its volume's.
    #[serde(default)]
    pub claim: String,
    /// The claim's namespace.
    #[serde(default)]
    pub namespace: String,
    /// `namespace/name` of the `VolumeSnapshot` that a snapshot was made for.
    #[serde(default)]
    pub snapshot: String,
    /// The folder of its files.
    #[serde(skip)]
    pub data: PathBuf,
}

impl Record {
    /// Takes it out of the storage system, behind the back of Kubernetes.
    pub fn remove(&self) {
        std::fs::remove_dir_all(self.data.parent().expect("data is in a folder"))
            .expect("a record cannot be removed");
    }
}

/// The folder of both drivers of both clusters.
#[derive(Clone, Debug)]
pub struct Disks {
    folder: PathBuf,
}

impl Disks {
    /// The folder that `HOLDFAST_TEST_DISKS` names.
    pub fn from_env() -> Self {
        Self { folder: required("HOLDFAST_TEST_DISKS") }
    }

    /// All volumes.
    pub fn volumes(&self) -> Vec<Record> {
        self.records("volumes")
    }

    /// All snapshots.
    pub fn snapshots(&self) -> Vec<Record> {
        self.records("snapshots")
    }

    /// The volumes of claims in namespaces that begin with this.
    pub fn volumes_of(&self, namespaces: &str) -> Vec<Record> {
        belonging(self.volumes(), namespaces)
    }

    /// The snapshots of claims in namespaces that begin with this.
    pub fn snapshots_of(&self, namespaces: &str) -> Vec<Record> {
        belonging(self.snapshots(), namespaces)
    }

    /// The volume of a claim.
    pub fn volume(&self, namespace: &str, claim: &str) -> Option<Record> {
        self.volumes().into_iter().find(|volume| volume.namespace == namespace && volume.claim == claim)
    }

    /// What has a handle.
    pub fn by_handle(&self, handle: &str) -> Option<Record> {
        let mut all = self.volumes();
        all.extend(self.snapshots());
        all.into_iter().find(|record| record.handle.eq_ignore_ascii_case(handle))
    }

    fn records(&self, kind: &str) -> Vec<Record> {
        let entries = match fs::read_dir(self.folder.join(kind)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            entries => entries.expect("the disks cannot be listed"),
        };
        let folders = entries.map(|entry| entry.unwrap().path());
        let mut records: Vec<Record> = folders.filter_map(|folder| record(&folder)).collect();
        records.sort_by(|a, b| a.handle.cmp(&b.handle));
        records
    }

    /// Has the drivers fail as these switches say, until the guard is dropped: fields of `faults.json`, such as
    /// `{"never_ready": true, "only_claims": ["shop/data"]}`. Waits until no other test has them fail. Without
    /// `only_claims` every test is hit, so that the lab has to be [alone](crate::lab::Lab::alone).
    pub async fn fail(&self, faults: &Value) -> Faults {
        let lock = File::create(self.folder.join("faults.lock")).expect("no lock of the faults");
        let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock));
        let lock = lock.await.unwrap().expect("the faults cannot be locked");
        let guard = Faults { path: self.folder.join("faults.json"), _lock: lock };
        guard.change(faults);
        guard
    }
}

fn belonging(records: Vec<Record>, namespaces: &str) -> Vec<Record> {
    records.into_iter().filter(|record| record.namespace.starts_with(namespaces)).collect()
}

/// `None` where it was removed meanwhile.
fn record(folder: &Path) -> Option<Record> {
    let text = fs::read_to_string(folder.join("record.json")).ok()?;
    let record: Record = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} has no record: {error}", folder.display()));
    Some(Record { data: folder.join("data"), ..record })
}

/// Faults that are on. Dropping it ends them.
#[derive(Debug)]
pub struct Faults {
    path: PathBuf,
    _lock: File,
}

impl Faults {
    /// Other faults in their place.
    pub fn change(&self, faults: &Value) {
        let unfinished = self.path.with_extension("unfinished");
        fs::write(&unfinished, faults.to_string()).expect("the faults cannot be written");
        fs::rename(&unfinished, &self.path).expect("the faults cannot be set");
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
