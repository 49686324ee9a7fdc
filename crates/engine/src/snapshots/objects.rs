//! Requests for single objects, and for lists of them, as values.

use holdfast_cluster::{ApiError, Cluster, DeleteOptions, ListRequest, WriteOptions};
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use super::SnapshotApi;
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// An object, if it is there.
pub(crate) async fn get(
    cluster: &Cluster,
    ty: &ResourceType,
    namespace: Option<&str>,
    name: &str,
) -> Result<Option<Value>, ApiError> {
    let found = cluster.get(ty, namespace, name).await?;
    Ok(found.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// Deletes an object, if it is there.
pub(crate) async fn delete(
    cluster: &Cluster,
    ty: &ResourceType,
    namespace: Option<&str>,
    name: &str,
) -> Result<(), ApiError> {
    let options = DeleteOptions { uid: None, resource_version: None, owned_first: false };
    match cluster.delete(ty, namespace, name, options).await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// Changes a `VolumeSnapshotContent`.
pub(crate) async fn patch_content(
    cluster: &Cluster,
    api: &SnapshotApi,
    name: &str,
    patch: &Value,
) -> Result<(), ApiError> {
    let body = patch.to_string().into();
    cluster.merge_patch(&api.contents, None, name, body, WriteOptions::default()).await.map(drop)
}

/// All objects that a request lists, or the first so many of them. The inner error concerns this list alone.
pub(crate) async fn list(
    cluster: &Cluster,
    request: ListRequest,
    first: Option<usize>,
    context: &Context,
) -> Result<Result<Vec<Value>, ApiError>, EngineError> {
    let mut lister = cluster.list(request);
    let mut found = Vec::new();
    loop {
        match context.run(lister.next()).await {
            Ok(Some(items)) => {
                found.extend(items.iter().filter_map(|item| serde_json::from_slice(item).ok()));
                if first.is_some_and(|first| found.len() >= first) {
                    return Ok(Ok(found));
                }
            }
            Ok(None) => return Ok(Ok(found)),
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => return Ok(Err(error)),
            Err(error) => return Err(error),
        }
    }
}
