//! What `holdfast backup` takes.

use std::time::Duration;

use holdfast_engine::backup::{MAX_SNAPSHOTS_AT_ONCE, VolumeOptions};
use holdfast_model::hooks::HookReference;
use holdfast_model::name::PointName;

use super::{Kubeconfig, SelectionArgs, Vault};

/// Longest time that any option takes.
const LONGEST: Duration = Duration::from_hours(48);

#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// Cluster to back up: a context of the kubeconfig, or sandbox for the built-in one (with --kubeconfig, always a
    /// context of that file).
    #[arg(long, value_name = "CONTEXT")]
    pub cluster: String,
    #[command(flatten)]
    pub kubeconfig: Kubeconfig,
    #[command(flatten)]
    pub vault: Vault,
    /// Name of the recovery point; by default the cluster's name and the time.
    #[arg(long)]
    pub name: Option<PointName>,
    #[command(flatten)]
    pub selection: SelectionArgs,
    #[command(flatten)]
    volumes: Volumes,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Volumes and hooks")]
#[expect(clippy::struct_field_names, reason = "options are named as they are written")]
struct Volumes {
    /// Take snapshots of volumes of the Azure Disk CSI driver, and run hooks: true or false.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    snapshot_volumes: bool,
    /// How long each snapshot may take, such as 10m.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10m")]
    snapshot_timeout: Duration,
    /// How long a pod may be held by its hooks for the cut of its volumes. What is not cut by then is not in the point.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1m")]
    freeze_timeout: Duration,
    /// Snapshots that are taken at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_SNAPSHOTS_AT_ONCE)))]
    snapshot_concurrency: u16,
    /// Snapshot class for the volumes of a CSI driver: DRIVER=CLASS. Otherwise the one labelled for it, the default one,
    /// or the only one.
    #[arg(long, value_name = "DRIVER=CLASS", value_parser = class, value_delimiter = ',')]
    snapshot_class: Vec<(String, String)>,
    /// `BackupHook` objects to go by, in this order: NAMESPACE/NAME.
    #[arg(long = "hooks", value_name = "NAMESPACE/NAME", value_delimiter = ',')]
    hooks: Vec<HookReference>,
}

impl Backup {
    /// What to do about volumes.
    pub(crate) fn volumes(&self) -> VolumeOptions {
        VolumeOptions {
            snapshots: self.volumes.snapshot_volumes,
            timeout: self.volumes.snapshot_timeout,
            freeze_timeout: self.volumes.freeze_timeout,
            at_once: self.volumes.snapshot_concurrency.into(),
            classes: self.volumes.snapshot_class.iter().cloned().collect(),
            hooks: self.volumes.hooks.clone(),
        }
    }
}

fn class(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((driver, class)) if !driver.is_empty() && !class.is_empty() => Ok((driver.into(), class.into())),
        _ => Err("expected DRIVER=CLASS, such as disk.csi.azure.com=csi-azuredisk-vsc".into()),
    }
}

/// A length of time that is not negative.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let length: jiff::SignedDuration =
        text.parse().map_err(|_| "expected a length of time, such as 90s, 10m or 1h".to_owned())?;
    let length = Duration::try_from(length).map_err(|_| "a length of time cannot be negative".to_owned())?;
    if length > LONGEST {
        return Err(format!("at most {} hours", LONGEST.as_secs() / 3600));
    }
    Ok(length)
}
