//! Settings and what the program says of itself.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Light, dark, or as the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Appearance {
    /// As the system.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How absolute times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TimeDisplay {
    /// In the computer's time zone.
    #[default]
    Local,
    /// In UTC.
    Utc,
}

/// What is written to the log file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the usual levels")]
pub enum LogFilter {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// What a person can set. Unknown fields of a newer version are kept out, missing ones are defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Light, dark, or as the system.
    pub appearance: Appearance,
    /// Smaller rows.
    pub compact: bool,
    /// How absolute times are shown.
    pub times: TimeDisplay,
    /// Kubeconfig files, merged in this order; empty for `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig_files: Vec<String>,
    /// Proxy for blob storage and for clusters without one of their own, such as `http://proxy:3128`; empty for the environment's.
    pub proxy: String,
    /// PEM file with further certificate authorities; empty for none.
    pub ca_file: String,
    /// What is written to the log file.
    pub log_level: LogFilter,
    /// Sign-in commands of kubeconfigs that may be run.
    pub allowed_plugins: Vec<String>,
}

/// What the program says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppInfo {
    /// Version.
    pub version: String,
    /// `linux`, `macos` or `windows`.
    pub platform: String,
    /// Folder of settings and read model.
    pub data_dir: String,
    /// The log file.
    pub log_file: String,
    /// Where a vault is proposed, as an address.
    pub suggested_vault: String,
}
