//! What `holdfast restore` takes.

use std::path::PathBuf;
use std::time::Duration;

use holdfast_model::choice::PolicyChoice;
use holdfast_model::hooks::HookReference;
use holdfast_model::name::PointName;
use holdfast_model::plan::{ConflictPolicy, VolumeMode};
use holdfast_model::selection::ChosenObject;
use holdfast_model::target::mapping::NamespaceMappings;

use super::{Kubeconfig, SelectionArgs, Vault};

/// Whether a plan is tried before it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validation {
    None,
    Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Restore {
    /// Cluster to restore into: a context of the kubeconfig, or sandbox for the built-in one (with --kubeconfig, always a
    /// context of that file).
    #[arg(long, value_name = "CONTEXT", required_unless_present = "going_on")]
    pub cluster: Option<String>,
    #[command(flatten)]
    pub kubeconfig: Kubeconfig,
    #[command(flatten)]
    pub vault: Vault,
    /// Recovery point to restore from.
    #[arg(long, required_unless_present = "going_on")]
    pub point: Option<PointName>,
    #[command(flatten)]
    pub going_on: GoingOn,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only these objects: TYPE/NAMESPACE/NAME, or TYPE/NAME for cluster-scoped ones, such as deployments.apps/shop/web.
    #[arg(long, value_name = "OBJECTS", value_delimiter = ',')]
    pub include_objects: Vec<ChosenObject>,
    /// Objects to leave out; what their controllers would make of them is left out too.
    #[arg(long, value_name = "OBJECTS", value_delimiter = ',')]
    pub exclude_objects: Vec<ChosenObject>,
    /// Namespaces to restore into others: old:new,old2:new2.
    #[arg(long, value_name = "OLD:NEW")]
    pub namespace_mappings: Option<NamespaceMappings>,
    /// What to do about objects that exist: skip or patch.
    #[arg(long, value_parser = conflict_policy, value_name = "POLICY", default_value = "skip")]
    pub conflict_policy: ConflictPolicy,
    /// Conflict policies of single kinds or objects: TYPE=POLICY or TYPE/NAMESPACE/NAME=POLICY, with skip, patch or
    /// recreate (delete it, wait until it is gone, and create it anew); the last that names an object counts.
    #[arg(long, value_name = "CHOICES", value_delimiter = ',')]
    pub policy_for: Vec<PolicyChoice>,
    /// Change objects on the way by the resource modifiers in a ConfigMap of the target: NAMESPACE/NAME.
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = config_map)]
    pub resource_modifiers: Option<(String, String)>,
    /// The same with resource modifiers in a file; - reads them from standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "resource_modifiers")]
    pub resource_modifiers_file: Option<PathBuf>,
    /// What to do about claims: with-data or without-data (made again, empty).
    #[arg(long, value_parser = volume_mode, value_name = "MODE", default_value = "with-data")]
    pub volume_mode: VolumeMode,
    /// The storage class of the target that claims of a class get; =NEW is for claims that name none. May be repeated.
    #[arg(long = "storage-class-mapping", value_name = "OLD=NEW", value_parser = storage_class)]
    pub storage_class_mappings: Vec<(String, String)>,
    /// How long to wait, at the end, until the claims that are filled from snapshots are bound: 10m, 1h30m; 0s
    /// does not wait.
    #[arg(long, value_name = "TIME", value_parser = timeout, default_value = "10m")]
    pub volume_timeout: Duration,
    /// `RestoreHook` objects of the target whose commands are run in the pods that this restore makes, in this order:
    /// NAMESPACE/NAME.
    #[arg(long, value_name = "NAMESPACE/NAME", value_delimiter = ',')]
    pub hooks: Vec<HookReference>,
    /// Only show what would happen; nothing is written.
    #[arg(long)]
    pub plan: bool,
    /// Try the plan with the server before anything is written (server: every object as a dry run, permissions, quotas,
    /// webhooks, storage classes), or only compare (none).
    #[arg(long, value_parser = validation, value_name = "HOW", default_value = "none")]
    pub validate: Validation,
    /// Also write the plan into a file, to look at, to change and to run it with --from-plan; nothing else is written.
    #[arg(long, value_name = "FILE")]
    pub save_plan: Option<PathBuf>,
    /// With --from-plan, also run what is not any more as it was planned, as it would be planned now.
    #[arg(long, requires = "from_plan")]
    pub accept_drift: bool,
    /// Do not ask before undoing.
    #[arg(short, long, requires = "undo")]
    pub yes: bool,
}

/// A restore that was begun before: its job in the vault, or a file with its report as JSON.
#[derive(Debug, clap::Args)]
#[group(id = "going_on", multiple = false, conflicts_with_all = [
    "point", "include_namespaces", "exclude_namespaces", "include_resources", "exclude_resources", "selector",
    "include_objects", "exclude_objects", "namespace_mappings", "policy_for", "resource_modifiers",
    "resource_modifiers_file", "include_cluster_resources", "exclude_secrets", "conflict_policy", "volume_mode",
    "storage_class_mappings", "volume_timeout", "hooks",
])]
pub(crate) struct GoingOn {
    /// Run a plan that --save-plan has written, if the objects are still as they were planned.
    #[arg(long, value_name = "FILE")]
    pub from_plan: Option<PathBuf>,
    /// Try again what failed in a restore, and only that: the id of its job, or a file with its report as JSON.
    #[arg(long, value_name = "REPORT")]
    pub retry: Option<String>,
    /// Go on with a restore that was cancelled or killed: the id of its job, or a file with its report as JSON.
    #[arg(long, value_name = "REPORT")]
    pub resume: Option<String>,
    /// Undo a restore: what it patched and recreated gets its old form, and what it created is deleted.
    #[arg(long, value_name = "REPORT", conflicts_with_all = ["save_plan", "validate", "accept_drift"])]
    pub undo: Option<String>,
}

fn conflict_policy(text: &str) -> Result<ConflictPolicy, String> {
    match text {
        "skip" => Ok(ConflictPolicy::Skip),
        "patch" => Ok(ConflictPolicy::Patch),
        _ => Err("use skip or patch".to_owned()),
    }
}

fn config_map(text: &str) -> Result<(String, String), String> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        _ => Err("write NAMESPACE/NAME".to_owned()),
    }
}

fn validation(text: &str) -> Result<Validation, String> {
    match text {
        "none" => Ok(Validation::None),
        "server" => Ok(Validation::Server),
        _ => Err("use server or none".to_owned()),
    }
}

fn storage_class(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((old, new)) if !new.trim().is_empty() => Ok((old.trim().to_owned(), new.trim().to_owned())),
        _ => Err("write OLD=NEW, or =NEW for claims that name no class".to_owned()),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let time: jiff::SignedDuration =
        text.parse().map_err(|_| "write a time such as 10m or 1h30m".to_owned())?;
    Duration::try_from(time).map_err(|_| "a time to wait cannot be negative".to_owned())
}

fn volume_mode(text: &str) -> Result<VolumeMode, String> {
    match text {
        "with-data" => Ok(VolumeMode::WithData),
        "without-data" => Ok(VolumeMode::WithoutData),
        _ => Err("use with-data or without-data".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_kubectl_has_them_and_classes_as_pairs() {
        assert_eq!(timeout("10m"), Ok(Duration::from_mins(10)));
        assert_eq!(timeout("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(timeout("0s"), Ok(Duration::ZERO));
        assert!(timeout("-5m").is_err() && timeout("soon").is_err());
        assert_eq!(storage_class("old=new"), Ok(("old".to_owned(), "new".to_owned())));
        assert_eq!(storage_class("=new"), Ok((String::new(), "new".to_owned())));
        assert!(storage_class("old=").is_err() && storage_class("old").is_err());
    }
}
