//! The region of a cluster: snapshots can be used in it alone.

use std::collections::BTreeSet;

use holdfast_cluster::{Cluster, ListRequest};
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use super::objects::list;
use crate::context::Context;
use crate::error::EngineError;

/// Says which region a node is in (well-known label of Kubernetes).
const LABEL: &str = "topology.kubernetes.io/region";
/// Nodes that are asked: those of a cluster are in one region.
const NODES: u32 = 50;

/// What the first nodes say; empty where none says it, or nodes may not be listed.
pub(crate) async fn regions(cluster: &Cluster, context: &Context) -> Result<BTreeSet<String>, EngineError> {
    let ty = ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "nodes".into(),
        kind: "Node".into(),
        namespaced: false,
    };
    let mut request = ListRequest::all(ty);
    (request.page_size, request.prefetch, request.metadata_only) = (NODES, false, true);
    let nodes = list(cluster, request, Some(NODES as usize), context).await?.unwrap_or_default();
    let region = |node: &Value| node.get("metadata")?.get("labels")?.get(LABEL)?.as_str().map(str::to_owned);
    Ok(nodes.iter().filter_map(region).collect())
}
