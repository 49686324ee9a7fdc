//! What there is in a namespace, or of a kind: names and owners, without contents.

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::ListRequest;
use holdfast_model::resource::ResourceType;
use holdfast_model::view::{ObjectView, OwnerReference};

use super::live::Live;
use crate::backup::KINDS_AT_ONCE;
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// One object.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    pub ty: &'a ResourceType,
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub owners: Vec<OwnerReference>,
}

/// Why something was not counted.
#[derive(Debug)]
pub(super) enum Uncounted {
    /// A kind cannot be listed; there may be objects of it.
    Kind(String),
    /// Nothing can be.
    All(EngineError),
}

/// Counts the objects of `kinds`, in one namespace or (`None`) everywhere.
pub(super) async fn count<'a>(
    live: &Live<'_>,
    kinds: Vec<&'a ResourceType>,
    namespace: Option<&str>,
    context: &Context,
) -> Result<Vec<Counted<'a>>, Uncounted> {
    let listing: Vec<_> = kinds.into_iter().map(|ty| of_kind(live, ty, namespace, context)).collect();
    stream::iter(listing).buffer_unordered(KINDS_AT_ONCE).try_concat().await
}

async fn of_kind<'a>(
    live: &Live<'_>,
    ty: &'a ResourceType,
    namespace: Option<&str>,
    context: &Context,
) -> Result<Vec<Counted<'a>>, Uncounted> {
    let mut request = ListRequest::all(ty.clone());
    request.namespace = namespace.map(str::to_owned);
    request.metadata_only = true;
    let mut lister = live.cluster.list(request);
    let mut found = Vec::new();
    loop {
        let items = match context.run(lister.next()).await {
            Ok(Some(items)) => items,
            Ok(None) => return Ok(found),
            Err(EngineError::Api(error)) if error.status().is_some_and(|s| matches!(s.code, 404 | 405)) => {
                return Ok(found);
            }
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => {
                return Err(Uncounted::Kind(format!("{ty}, which cannot be listed: {error}")));
            }
            Err(error) => return Err(Uncounted::All(error)),
        };
        for item in items {
            if let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&item) {
                found.push(Counted {
                    ty,
                    owners: view.metadata.owners(),
                    namespace: view.metadata.namespace.unwrap_or_default().into_owned(),
                    name: view.metadata.name.into_owned(),
                    uid: view.metadata.uid.unwrap_or_default().into_owned(),
                });
            }
        }
    }
}
