//! Volumes: which claims a backup can cut, with which class of snapshots, and what a restore makes of them.
//!
//! What is supported is data, not code: [`SUPPORTED_DRIVERS`]. Azure Backup supports volumes of the Azure Disk CSI driver and
//! skips all others; each skip has a name here, because nobody should find out by a restore.

mod class;
mod restore;

use std::fmt;

use serde_json::Value;

pub use class::{ClassError, SnapshotClass, choose_class};
pub use restore::{Fill, Fit, claim_from_snapshot, fit, raise_request};

/// The driver of Azure Disk.
const AZURE_DISK: &str = "disk.csi.azure.com";

/// CSI drivers whose volumes are cut (Azure Backup: "CSI driver-based Azure Disk Storage").
pub const SUPPORTED_DRIVERS: [&str; 1] = [AZURE_DISK];

/// Snapshots that a managed disk may have (Azure: `UserErrorPVSnapshotLimitReached`).
pub const MAX_SNAPSHOTS_PER_DISK: usize = 500;

/// API group of CSI snapshots.
pub const SNAPSHOT_GROUP: &str = "snapshot.storage.k8s.io";

/// What a claim is backed by, as far as a snapshot and a later restore need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of the `PersistentVolume`.
    pub volume: String,
    /// The CSI driver.
    pub driver: String,
    /// The driver's name of the volume.
    pub handle: String,
    /// Storage class of the claim.
    pub storage_class: String,
}

/// Why a claim is not cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has no volume, and so no data (Azure: `UserErrorPVCNotBoundToVolume`, `UserErrorPVCHasNoVolume`).
    Unbound,
    /// Its volume does not exist (Azure: `UserErrorPVNotFound`).
    NoVolume(String),
    /// It names no storage class (Azure: `UserErrorStorageClassMissingForPVC`).
    NoStorageClass,
    /// It is of another CSI driver.
    Driver(String),
    /// It is of a kind of volume that is no CSI volume at all, such as `nfs` or `hostPath`.
    Kind(String),
}

impl Unfit {
    /// Whether data stays out of the recovery point because of it.
    pub fn has_data(&self) -> bool {
        !matches!(self, Self::Unbound)
    }

    /// What to write where a driver's name belongs.
    pub fn driver(&self) -> Option<&str> {
        match self {
            Self::Driver(name) | Self::Kind(name) => Some(name),
            Self::Unbound | Self::NoVolume(_) | Self::NoStorageClass => None,
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbound => write!(f, "it is not bound to a volume, so it has no data"),
            Self::NoVolume(name) => write!(f, "its volume {name} does not exist"),
            Self::NoStorageClass => {
                write!(f, "it names no storage class, without which it could not be restored from a snapshot")
            }
            Self::Driver(name) if name == "file.csi.azure.com" => {
                write!(f, "volumes of Azure Files ({name}) are not backed up")
            }
            Self::Driver(name) if name == "blob.csi.azure.com" => {
                write!(f, "volumes of Azure Blob Storage ({name}) are not backed up")
            }
            Self::Driver(name) => {
                write!(
                    f,
                    "volumes of {name} are not backed up, only those of {}",
                    SUPPORTED_DRIVERS.join(", ")
                )
            }
            Self::Kind(kind) => write!(
                f,
                "{kind} volumes are not backed up, only CSI volumes of {}",
                SUPPORTED_DRIVERS.join(", ")
            ),
        }
    }
}

/// Whether a claim can be cut, by the claim and its volume. `volume` is `None` where there is none of that name.
///
/// # Errors
/// Why not.
pub fn assess(claim: &Value, volume: Option<&Value>) -> Result<Source, Unfit> {
    let name = text(claim, "/spec/volumeName");
    if name.is_empty() || text(claim, "/status/phase") == "Pending" {
        return Err(Unfit::Unbound);
    }
    let volume = volume.ok_or_else(|| Unfit::NoVolume(name.to_owned()))?;
    let Some(csi) = volume.pointer("/spec/csi") else { return Err(Unfit::Kind(kind_of(volume))) };
    let driver = text(csi, "/driver");
    if !SUPPORTED_DRIVERS.contains(&driver) {
        return Err(Unfit::Driver(driver.to_owned()));
    }
    let storage_class = text(claim, "/spec/storageClassName");
    if storage_class.is_empty() {
        return Err(Unfit::NoStorageClass);
    }
    Ok(Source {
        volume: name.to_owned(),
        driver: driver.to_owned(),
        handle: text(csi, "/volumeHandle").to_owned(),
        storage_class: storage_class.to_owned(),
    })
}

/// The kind of a volume that is no CSI volume: the one key of its spec that says where the data is.
fn kind_of(volume: &Value) -> String {
    const OTHERS: [&str; 9] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    let keys = volume.get("spec").and_then(Value::as_object).into_iter().flatten();
    keys.map(|(key, _)| key.as_str())
        .find(|key| !OTHERS.contains(key))
        .map_or_else(|| "unknown".to_owned(), |key| key.chars().take(63).collect())
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bound_disk_is_cut_and_everything_else_says_why_not() {
        let claim = |class: &str| json!({"spec": {"volumeName": "pv", "storageClassName": class}, "status": {"phase": "Bound"}});
        let csi = |driver: &str| json!({"spec": {"csi": {"driver": driver, "volumeHandle": "h"}}});
        let disk = csi("disk.csi.azure.com");
        assert_eq!(assess(&claim("fast"), Some(&disk)).unwrap().handle, "h");
        assert_eq!(assess(&claim(""), Some(&disk)), Err(Unfit::NoStorageClass));
        assert_eq!(assess(&claim("fast"), None), Err(Unfit::NoVolume("pv".into())));
        assert_eq!(assess(&json!({"status": {"phase": "Pending"}}), None), Err(Unfit::Unbound));
        let files = assess(&claim("fast"), Some(&csi("file.csi.azure.com"))).unwrap_err();
        assert!(files.to_string().contains("Azure Files") && files.has_data());
        for kind in ["nfs", "hostPath", "azureDisk", "local"] {
            let volume =
                json!({"spec": {"capacity": {}, "accessModes": [], kind: {}, "volumeMode": "Filesystem"}});
            assert_eq!(assess(&claim("fast"), Some(&volume)), Err(Unfit::Kind(kind.into())));
        }
    }
}
