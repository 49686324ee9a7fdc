//! What a backup looks at before it cuts: the volumes of its claims, the snapshot classes, the pods, the region.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::{ApiError, Cluster, ListRequest};
use holdfast_model::resource::ResourceType;
use holdfast_model::volume::SnapshotClass;
use serde_json::Value;

use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};
use crate::hooks::{Pod, pod_type};
use crate::snapshots::{SnapshotApi, objects};

/// Requests of one kind that are under way at once.
const AT_ONCE: usize = 16;
/// Up to this many namespaces are asked for their pods one by one.
const NAMESPACES_ONE_BY_ONE: usize = 16;

/// The volumes of these names; what cannot be read is the reason why not.
pub(super) async fn volumes(
    cluster: &Cluster,
    names: BTreeSet<String>,
    context: &Context,
) -> Result<BTreeMap<String, Result<Option<Value>, String>>, EngineError> {
    let ty = core("persistentvolumes", "PersistentVolume");
    let fetched: Vec<_> = names
        .into_iter()
        .map(|name| {
            let ty = ty.clone();
            async move {
                let found = context.run(cluster.get(&ty, None, &name)).await;
                match found {
                    Ok(json) => {
                        Ok((name, Ok(json.and_then(|json| serde_json::from_slice::<Value>(&json).ok()))))
                    }
                    Err(EngineError::Api(error)) if !is_cluster_lost(&error) => {
                        Ok((name, Err(error.to_string())))
                    }
                    Err(error) => Err(error),
                }
            }
        })
        .collect();
    stream::iter(fetched).buffer_unordered(AT_ONCE).try_collect().await
}

/// The snapshot classes, or why they cannot be listed.
pub(super) async fn classes(
    cluster: &Cluster,
    api: &SnapshotApi,
    context: &Context,
) -> Result<Result<Vec<SnapshotClass>, String>, EngineError> {
    let listed = list(cluster, &api.classes, None, context).await?;
    Ok(listed
        .map(|classes| classes.iter().filter_map(SnapshotClass::read).collect())
        .map_err(|e| e.to_string()))
}

/// The pods of these namespaces, by namespace and name, and what could not be listed.
pub(super) async fn pods(
    cluster: &Cluster,
    namespaces: &BTreeSet<String>,
    context: &Context,
) -> Result<(Vec<Pod>, Vec<String>), EngineError> {
    let ty = pod_type();
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    let all = if namespaces.len() > NAMESPACES_ONE_BY_ONE {
        list(cluster, &ty, None, context).await?.ok()
    } else {
        None
    };
    if let Some(all) = all {
        objects = all;
    } else {
        for namespace in namespaces {
            match list(cluster, &ty, Some(namespace), context).await? {
                Ok(found) => objects.extend(found),
                Err(error) => problems.push(error.to_string()),
            }
        }
    }
    let mut pods: Vec<Pod> = objects.iter().filter_map(Pod::read).collect();
    pods.retain(|pod| namespaces.contains(&pod.namespace));
    pods.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    Ok((pods, problems))
}

/// Lists a kind. The inner error concerns this kind alone.
async fn list(
    cluster: &Cluster,
    ty: &ResourceType,
    namespace: Option<&str>,
    context: &Context,
) -> Result<Result<Vec<Value>, ApiError>, EngineError> {
    let mut request = ListRequest::all(ty.clone());
    request.namespace = namespace.map(str::to_owned);
    objects::list(cluster, request, None, context).await
}

/// A cluster-scoped type of the core group.
fn core(plural: &str, kind: &str) -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: plural.into(),
        kind: kind.into(),
        namespaced: false,
    }
}
