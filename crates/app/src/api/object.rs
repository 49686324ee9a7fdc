//! Objects inside a recovery point.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PointKey;

/// What objects are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ObjectSort {
    /// By kind, then namespace, then name.
    #[default]
    Kind,
    /// By name.
    Name,
    /// By namespace, then kind, then name.
    Namespace,
    /// By size.
    Bytes,
}

/// Which objects to show.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectQuery {
    /// The point.
    pub point: PointKey,
    /// Words as typed, all of which must hold: `kind:Deployment`, `ns:shop`, `name:web`, `label:app=web`, or a part
    /// of name, namespace or kind. A leading `-` negates.
    pub text: String,
    /// Only this namespace; the empty name is for cluster-scoped objects.
    #[serde(default)]
    #[ts(optional)]
    pub namespace: Option<String>,
    /// Only this resource, such as `deployments.apps`.
    #[serde(default)]
    #[ts(optional)]
    pub resource: Option<String>,
    /// Order.
    pub sort: ObjectSort,
    /// The other way round.
    pub descending: bool,
    /// First row.
    pub offset: u64,
    /// Number of rows; at most 1,000.
    pub limit: u64,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    /// Number within the point.
    pub row: u32,
    /// API group; empty for core.
    pub group: String,
    /// Version.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Plural with group.
    pub resource: String,
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Size of its JSON.
    pub bytes: u64,
    /// Owner that controls it, as `Kind.group/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub owner: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// Some rows of those that match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectPage {
    /// How many match.
    pub total: u64,
    /// How many the point holds.
    pub of: u64,
    /// First row of this page.
    pub offset: u64,
    /// The rows.
    pub rows: Vec<ObjectRow>,
}

/// A namespace of the tree, with its kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TreeGroup {
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Number of objects that match.
    pub objects: u64,
    /// Kind, resource and number of each kind that matches, by kind.
    pub kinds: Vec<(String, String, u64)>,
}

/// One object as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ObjectText {
    /// YAML; values of a Secret are `••••`.
    pub yaml: String,
    /// Keys of a Secret whose values can be revealed one by one; empty for other kinds.
    pub secret_keys: Vec<String>,
}

/// One value of a Secret.
#[derive(Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Revealed {
    /// The value: as text where it is UTF-8, else Base64.
    pub value: String,
    /// Whether `value` is Base64 because the bytes are no text.
    pub binary: bool,
}

/// The value stays out of logs.
impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revealed").field("binary", &self.binary).finish_non_exhaustive()
    }
}
