//! What the command line says.

mod backup;
mod restore;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use holdfast_azure::Method;
use holdfast_engine::export::ExportFormat;
use holdfast_engine::report::ReportFormat;
use holdfast_model::name::PointName;
use holdfast_model::selection::{
    ChosenObject, ClusterScoped, Filter, LabelSelector, NamespacePattern, ResourcePattern, Selection,
};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_store::VaultUrl;
use holdfast_store::job::{JobId, JobKind, JobState};

use crate::commands::hooks::{Extension, Hooks};
use crate::commands::modifiers::Modifiers;

pub(crate) use backup::Backup;
pub(crate) use restore::{Restore, Validation};

/// Back up AKS clusters and restore them.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, propagate_version = true)]
pub(crate) struct Args {
    /// How results are printed.
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    Json,
    Yaml,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the built-in sandbox and the clusters that the kubeconfig knows.
    Clusters(Clusters),
    /// Take a recovery point of a cluster.
    Backup(Backup),
    /// List, look into and delete recovery points.
    Points(Points),
    /// Restore from a recovery point, or show what a restore would do.
    Restore(Box<Restore>),
    /// Check and try resource modifiers, the rules that change objects on their way into a cluster.
    Modifiers(Modifiers),
    /// Check hooks, the commands that are run in pods around a backup and after a restore, and give some to begin with.
    Hooks(Hooks),
    /// What a cluster needs for hooks.
    Extension(Extension),
    /// List, look into and cancel backups, restores and deletions, also those of other machines.
    Jobs(Jobs),
    /// Release pods that a killed backup held, and remove what killed backups and restores of a vault left in a cluster. What
    /// belongs to work that runs is left alone.
    Cleanup(Cleanup),
    /// Lose something in the built-in sandbox, to try out a restore, and bring the sandbox back.
    Sandbox(Sandbox),
    /// Test the access to a backup vault, and keep its credentials.
    Vaults(Vaults),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Kubeconfig {
    /// Kubeconfig file; otherwise the files in KUBECONFIG, otherwise ~/.kube/config.
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub command: SandboxCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Put the sample back as it was.
    Reset,
    /// Delete a namespace of the sandbox with all that is in it.
    Lose {
        /// Such as shop, billing or monitoring.
        namespace: String,
    },
    /// Scale every Deployment of a namespace of the sandbox to 0, for a restore with --conflict-policy patch.
    Drift {
        /// Such as shop, billing or monitoring.
        namespace: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Clusters {
    #[command(flatten)]
    pub kubeconfig: Kubeconfig,
    /// Also ask each cluster for its version; may ask for a sign-in.
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "options are named as they are written")]
pub(crate) struct Vault {
    /// Address of the backup vault: `file:///srv/backups`, or `https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]`.
    #[arg(long, value_name = "URL")]
    pub vault: VaultUrl,
    /// Who signs in to a vault in Azure: auto, cli, environment, managed-identity, workload-identity or sas.
    #[arg(long, value_name = "METHOD", env = "HOLDFAST_AUTH", default_value_t = Method::Auto, hide_env_values = true)]
    pub auth: Method,
    /// Certificates to trust beside the system's, as PEM: those of an emulator, or of a proxy with its own authority.
    #[arg(long, value_name = "FILE", env = "HOLDFAST_CA_FILE", hide_env_values = true)]
    pub ca_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Vaults {
    #[command(subcommand)]
    pub command: VaultsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultsCommand {
    /// Try what a backup will do in a vault, and say what is missing.
    Check {
        #[command(flatten)]
        vault: Vault,
    },
    /// Keep a shared access signature for a vault in Azure.
    #[command(subcommand)]
    Credential(Credential),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Credential {
    /// Read a shared access signature from standard input and keep it in the keyring.
    Set(CredentialVault),
    /// Forget the shared access signature of a vault.
    Remove(CredentialVault),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CredentialVault {
    /// Address of the backup vault: `https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]`.
    #[arg(long, value_name = "URL")]
    pub vault: VaultUrl,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SelectionArgs {
    /// Namespaces to take, with * and ?; all by default.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub include_namespaces: Vec<NamespacePattern>,
    /// Namespaces to leave out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub exclude_namespaces: Vec<NamespacePattern>,
    /// Resource types to take, such as deployments.apps, secrets or v1/Secret; all by default.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub include_resources: Vec<ResourcePattern>,
    /// Resource types to leave out.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    pub exclude_resources: Vec<ResourcePattern>,
    /// Label selector as for kubectl -l; all its requirements must hold.
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<LabelSelector>,
    /// Cluster-scoped objects: those that selected ones refer to (all for a whole cluster), all, or none.
    #[arg(long, value_name = "WHICH", value_parser = cluster_scoped, default_value = "auto")]
    pub include_cluster_resources: ClusterScoped,
    /// Leave Secrets out. They are taken by default.
    #[arg(long)]
    pub exclude_secrets: bool,
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        let mut exclude_resources = self.exclude_resources.clone();
        if self.exclude_secrets {
            exclude_resources.extend("v1/Secret".parse());
        }
        Selection {
            namespaces: Filter {
                include: self.include_namespaces.clone(),
                exclude: self.exclude_namespaces.clone(),
            },
            resources: Filter { include: self.include_resources.clone(), exclude: exclude_resources },
            labels: self.selector.clone().unwrap_or_default(),
            cluster_scoped: self.include_cluster_resources,
        }
    }
}

fn cluster_scoped(text: &str) -> Result<ClusterScoped, String> {
    match text {
        "auto" => Ok(ClusterScoped::Auto),
        "true" => Ok(ClusterScoped::All),
        "false" => Ok(ClusterScoped::None),
        _ => Err("use auto, true or false".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Points {
    #[command(subcommand)]
    pub command: PointsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PointsCommand {
    /// List the recovery points of a vault, newest first.
    List {
        #[command(flatten)]
        vault: Vault,
    },
    /// Show what a recovery point says of itself.
    Show {
        #[command(flatten)]
        vault: Vault,
        point: PointName,
        /// Also read all of it and check every hash.
        #[arg(long)]
        verify: bool,
    },
    /// List the objects in a recovery point.
    Objects(Objects),
    /// Print one object of a recovery point as it was stored.
    Get(Get),
    /// Write objects of a recovery point as files that kubectl applies.
    Export(Export),
    /// Delete a recovery point, and the volume snapshots that hold its data.
    Delete(DeletePoint),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DeletePoint {
    #[command(flatten)]
    pub vault: Vault,
    pub point: PointName,
    /// Cluster whose CSI driver deletes the snapshots: any that reaches them. Needed for points with snapshots.
    #[arg(long, value_name = "CONTEXT")]
    pub cluster: Option<String>,
    #[command(flatten)]
    pub kubeconfig: Kubeconfig,
    /// Leave the snapshots where they are, and paid for; the log of the job names them.
    #[arg(long, conflicts_with = "cluster")]
    pub keep_snapshots: bool,
    /// How long the storage system may take to delete a snapshot, such as 2m.
    #[arg(long, value_name = "DURATION", value_parser = backup::duration, default_value = "2m")]
    pub snapshot_timeout: Duration,
    /// Do not ask.
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Cleanup {
    /// Cluster to clear up in: a context of the kubeconfig, or sandbox for the built-in one.
    #[arg(long, value_name = "CONTEXT")]
    pub cluster: String,
    #[command(flatten)]
    pub kubeconfig: Kubeconfig,
    #[command(flatten)]
    pub vault: Vault,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub vault: Vault,
    pub point: PointName,
    /// File or folder to write.
    #[arg(long, value_name = "PATH")]
    pub to: PathBuf,
    /// What to write: folder (a file for each object), yaml (one file), tar (that folder) or kustomize (that folder with a
    /// kustomization.yaml); by default what the ending of PATH says, otherwise folder.
    #[arg(long, value_parser = export_format, value_name = "FORMAT")]
    pub format: Option<ExportFormat>,
    #[command(flatten)]
    pub selection: SelectionArgs,
    /// Only these objects: TYPE/NAMESPACE/NAME, or TYPE/NAME for cluster-scoped ones, such as deployments.apps/shop/web.
    #[arg(long, value_name = "OBJECTS", value_delimiter = ',')]
    pub include_objects: Vec<ChosenObject>,
    /// Namespaces to export under another name: old:new,old2:new2.
    #[arg(long, value_name = "OLD:NEW")]
    pub namespace_mappings: Option<NamespaceMappings>,
    /// Replace the file, or in a folder what an earlier export wrote there.
    #[arg(long)]
    pub force: bool,
}

fn export_format(text: &str) -> Result<ExportFormat, String> {
    match text {
        "folder" => Ok(ExportFormat::Folder),
        "yaml" => Ok(ExportFormat::Yaml),
        "tar" => Ok(ExportFormat::Tar),
        "kustomize" => Ok(ExportFormat::Kustomize),
        _ => Err("use folder, yaml, tar or kustomize".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Objects {
    #[command(flatten)]
    pub vault: Vault,
    pub point: PointName,
    /// Only objects of this namespace, with * and ?.
    #[arg(short, long, value_name = "NAME")]
    pub namespace: Option<NamespacePattern>,
    /// Only objects of this type, such as deployments.apps or Secret.
    #[arg(short, long, value_name = "TYPE")]
    pub kind: Option<ResourcePattern>,
    /// Only objects whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    pub name: Option<String>,
    /// Only objects with these labels, as for kubectl -l.
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<LabelSelector>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    #[command(flatten)]
    pub vault: Vault,
    pub point: PointName,
    /// Type of the object, or TYPE/NAME.
    #[arg(value_name = "TYPE")]
    pub kind: String,
    /// Name of the object.
    pub name: Option<String>,
    /// Namespace of the object; not needed where only one namespace has an object of that name.
    #[arg(short, long)]
    pub namespace: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    pub command: JobsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List the jobs of a vault, newest first: what runs and what ran.
    List {
        #[command(flatten)]
        vault: Vault,
        /// Only jobs of this kind: backup, restore, undo or delete.
        #[arg(long, value_parser = job_kind, value_name = "KIND")]
        kind: Option<JobKind>,
        /// Only jobs in this state: running, completed, partial, failed, cancelled or interrupted.
        #[arg(long, value_parser = job_state, value_name = "STATE")]
        state: Option<JobState>,
        /// At most this many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show what a job did or does.
    Show {
        #[command(flatten)]
        vault: Vault,
        id: JobId,
        /// Also its log.
        #[arg(long)]
        log: bool,
        /// Also what happened to each object of a restore.
        #[arg(long)]
        items: bool,
    },
    /// Write what a job did, to each object if it is a restore, as a file.
    Report(Report),
    /// Ask the process that runs a job to stop it.
    Cancel {
        #[command(flatten)]
        vault: Vault,
        id: JobId,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    #[command(flatten)]
    pub vault: Vault,
    pub id: JobId,
    /// json, csv, xlsx or html; by default what the ending of FILE says, otherwise json.
    #[arg(long, value_parser = report_format, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// File to write, replacing what is there; otherwise it goes to standard output.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
}

fn report_format(text: &str) -> Result<ReportFormat, String> {
    ReportFormat::of_ending(text).ok_or_else(|| "use json, csv, xlsx or html".to_owned())
}

fn job_kind(text: &str) -> Result<JobKind, String> {
    match text {
        "backup" => Ok(JobKind::Backup),
        "restore" => Ok(JobKind::Restore),
        "delete" => Ok(JobKind::Delete),
        "undo" => Ok(JobKind::Undo),
        _ => Err("use backup, restore, undo or delete".to_owned()),
    }
}

fn job_state(text: &str) -> Result<JobState, String> {
    match text {
        "running" => Ok(JobState::Running),
        "completed" => Ok(JobState::Completed),
        "partial" => Ok(JobState::Partial),
        "failed" => Ok(JobState::Failed),
        "cancelled" => Ok(JobState::Cancelled),
        "interrupted" => Ok(JobState::Interrupted),
        _ => Err("use running, completed, partial, failed, cancelled or interrupted".to_owned()),
    }
}
