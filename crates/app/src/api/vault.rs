//! Backup vaults.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Failure;

/// Where a vault is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum VaultKind {
    /// A folder.
    Folder,
    /// An Azure blob container.
    Blob,
}

/// How to sign in to a blob container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum VaultAuth {
    /// The environment, then the Azure CLI.
    #[default]
    Auto,
    /// The Azure CLI.
    Cli,
    /// Client secret or workload identity in the environment.
    Environment,
    /// Managed identity.
    ManagedIdentity,
    /// A shared access signature, kept in the keyring.
    Sas,
}

/// A vault to add or to test. The SAS is handed over separately and never comes back.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AddVault {
    /// As shown; empty for the last part of the address.
    pub name: String,
    /// `file:///path`, an absolute path, or `https://account.blob.core.windows.net/container[/prefix]`.
    pub url: String,
    /// How to sign in; ignored for folders.
    pub auth: VaultAuth,
    /// A SAS for [`VaultAuth::Sas`]; kept in the keyring.
    #[serde(default)]
    #[ts(optional)]
    pub sas: Option<String>,
    /// Create the vault where there is none.
    pub create: bool,
}

/// One vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VaultRow {
    /// Identity in this program.
    pub id: String,
    /// As shown.
    pub name: String,
    /// Address.
    pub url: String,
    /// Where it is kept.
    pub kind: VaultKind,
    /// How it signs in.
    pub auth: VaultAuth,
    /// Whether points can only be read here.
    pub read_only: bool,
    /// Number of recovery points at the last look.
    pub points: u64,
    /// What their archives take, at the last look.
    pub bytes: u64,
    /// Why it cannot be worked with, at the last look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub failure: Option<Failure>,
    /// When it was looked at last; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub as_of: Option<String>,
}

/// One step of a test of access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccessStep {
    /// What was tried, such as `List blobs`.
    pub name: String,
    /// Whether it went well; absent where an earlier failure made it pointless.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ok: Option<bool>,
    /// What came of it.
    pub message: String,
}

/// What a test of access found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccessReport {
    /// Whether the vault can be used for backups.
    pub ok: bool,
    /// Whether there is a vault already.
    pub exists: bool,
    /// Whether it can only be read.
    pub read_only: bool,
    /// The identity that was used, as far as it is known.
    pub identity: String,
    /// The steps, in order.
    pub steps: Vec<AccessStep>,
    /// What is wrong, naming the role that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub failure: Option<Failure>,
}
