//! What to back up or restore, as it is typed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which cluster-scoped objects go along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ClusterScoped {
    /// Those that selected objects refer to; all for a whole cluster.
    #[default]
    Auto,
    /// All.
    All,
    /// None.
    None,
}

/// A selection. Texts are parsed when it is used; what does not parse is `invalidInput` and names the field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// Namespaces to take, `*` and `?` allowed; empty for all, now and later.
    pub include_namespaces: Vec<String>,
    /// Namespaces to leave out.
    pub exclude_namespaces: Vec<String>,
    /// Resource types to take, such as `deployments.apps`, `Secret`, `*.cert-manager.io`; empty for all.
    pub include_resources: Vec<String>,
    /// Resource types to leave out.
    pub exclude_resources: Vec<String>,
    /// Label selector as for `kubectl -l`; empty for all.
    pub label_selector: String,
    /// Which cluster-scoped objects go along.
    pub cluster_scoped: ClusterScoped,
    /// Leave Secrets out.
    pub exclude_secrets: bool,
}
