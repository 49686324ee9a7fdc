//! The selection as a Velero `BackupSpec`, so that `velero backup describe` tells what was asked for.

use holdfast_model::selection::ClusterScoped;
use serde_json::{Value, json};

use super::BackupRequest;

pub(super) fn velero_spec(request: &BackupRequest) -> Value {
    let selection = &request.selection;
    let all_if_empty = |patterns: Vec<String>| {
        if patterns.is_empty() { vec!["*".to_owned()] } else { patterns }
    };
    let texts = |patterns: &[holdfast_model::selection::ResourcePattern]| {
        patterns.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let names = |patterns: &[holdfast_model::selection::NamespacePattern]| {
        patterns.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut spec = json!({
        "includedNamespaces": all_if_empty(names(&selection.namespaces.include)),
        "excludedNamespaces": names(&selection.namespaces.exclude),
        "includedResources": all_if_empty(texts(&selection.resources.include)),
        "excludedResources": texts(&selection.resources.exclude),
        "snapshotVolumes": request.volumes.snapshots,
        "storageLocation": "default",
    });
    if !selection.labels.is_empty() {
        spec["labelSelector"] = selection.labels.to_kubernetes();
    }
    match selection.cluster_scoped {
        ClusterScoped::Auto => {}
        ClusterScoped::All => spec["includeClusterResources"] = json!(true),
        ClusterScoped::None => spec["includeClusterResources"] = json!(false),
    }
    spec
}
