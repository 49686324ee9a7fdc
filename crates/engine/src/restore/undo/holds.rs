//! What lives in a namespace, or of a definition, that the restore did not make.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::{ApiError, ListRequest};
use holdfast_model::resource::ResourceType;
use holdfast_model::view::ObjectView;

use super::super::journal::TargetObject;
use super::super::live::Live;
use crate::backup::KINDS_AT_ONCE;
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// Objects that are named; of the others there is only "and others".
const NAMED: usize = 3;

/// Kinds whose objects controllers keep making in every namespace, and events, which say what happened to others.
const INCIDENTAL: [(&str, &str); 6] = [
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "endpoints"),
    ("discovery.k8s.io", "endpointslices"),
    ("coordination.k8s.io", "leases"),
    ("metrics.k8s.io", "pods"),
];

/// Names what `object`, a Namespace or a definition, holds beside what the restore `created`; `None` where that is nothing,
/// or for other kinds.
pub(super) async fn others_in(
    live: &Live<'_>,
    object: &TargetObject,
    created: &HashSet<TargetObject>,
    context: &Context,
) -> Result<Option<String>, EngineError> {
    let kinds: Vec<&ResourceType> = if object.ty.is("", "namespaces") {
        live.discovery.types.iter().map(|served| &served.ty).filter(|ty| ty.namespaced).collect()
    } else if object.ty.is("apiextensions.k8s.io", "customresourcedefinitions") {
        let of_it = |ty: &&ResourceType| ty.to_string() == object.name;
        live.discovery.types.iter().map(|served| &served.ty).filter(of_it).collect()
    } else {
        return Ok(None);
    };
    let namespace = object.ty.is("", "namespaces").then_some(object.name.as_str());
    let kinds = kinds.into_iter().filter(|ty| !INCIDENTAL.iter().any(|(group, plural)| ty.is(group, plural)));
    let listing: Vec<_> = kinds.map(|ty| others_of(live, ty, namespace, created, context)).collect();
    let found: Vec<String> = stream::iter(listing).buffer_unordered(KINDS_AT_ONCE).try_concat().await?;
    if found.is_empty() {
        return Ok(None);
    }
    let more = if found.len() > NAMED { " and others" } else { "" };
    Ok(Some(format!("{}{more}", found[..found.len().min(NAMED)].join(", "))))
}

async fn others_of(
    live: &Live<'_>,
    ty: &ResourceType,
    namespace: Option<&str>,
    created: &HashSet<TargetObject>,
    context: &Context,
) -> Result<Vec<String>, EngineError> {
    let mut request = ListRequest::all(ty.clone());
    request.namespace = namespace.map(str::to_owned);
    request.metadata_only = true;
    let mut lister = live.cluster.list(request);
    let mut found = Vec::new();
    loop {
        let items = match context.run(lister.next()).await {
            Ok(Some(items)) => items,
            Ok(None) => return Ok(found),
            // What may not be listed may not hold the namespace back; deleting it is the server's to refuse.
            Err(EngineError::Api(error)) if may_be_ignored(&error) => return Ok(found),
            Err(error) => return Err(error),
        };
        for item in items {
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&item) else { continue };
            let place = view.metadata.namespace.as_deref().unwrap_or_default().to_owned();
            let name = view.metadata.name.clone().into_owned();
            // What has an owner goes with it, and the owner is looked at itself.
            let is_made = !view.metadata.owners().is_empty()
                || (ty.is("", "configmaps") && name == "kube-root-ca.crt")
                || (ty.is("", "serviceaccounts") && name == "default");
            let object = TargetObject { ty: ty.clone(), namespace: place, name };
            let is_ours = created.iter().any(|c| c.name == object.name && same(c, &object));
            if !is_made && !is_ours && found.len() <= NAMED {
                found.push(format!("{} {}", object.ty, object.name));
            }
        }
    }
}

/// Whether two name one object, in whatever version.
fn same(a: &TargetObject, b: &TargetObject) -> bool {
    a.ty.is(&b.ty.group, &b.ty.plural) && a.namespace == b.namespace
}

fn may_be_ignored(error: &ApiError) -> bool {
    !is_cluster_lost(error)
}
