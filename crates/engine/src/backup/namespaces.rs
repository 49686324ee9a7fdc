//! Which namespaces a backup reads.

use std::collections::BTreeMap;

use bytes::Bytes;
use holdfast_cluster::{ApiError, Cluster, ListRequest};
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::{EXCLUDED_NAMESPACES, Selection, is_excluded_by_label};
use holdfast_model::view::ObjectView;
use holdfast_store::PointWarning;

use crate::context::Context;
use crate::error::EngineError;

/// More named namespaces than this are read across all namespaces and sorted out here.
const NAMESPACES_LISTED_ONE_BY_ONE: usize = 16;

/// The namespaces in scope, with their Namespace objects.
#[derive(Default)]
pub(super) struct Scope {
    pub namespaces: BTreeMap<String, Option<Bytes>>,
    /// List each of these on its own, rather than all namespaces at once.
    pub one_by_one: bool,
    pub warnings: Vec<PointWarning>,
}

impl Scope {
    pub fn has(&self, namespace: &str) -> bool {
        self.namespaces.contains_key(namespace)
    }
}

/// The type of Namespace objects.
pub fn namespace_type() -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "namespaces".into(),
        kind: "Namespace".into(),
        namespaced: false,
    }
}

/// Lists the namespaces and applies the selection, the exclude label and the always-skipped names.
pub(super) async fn resolve(
    cluster: &Cluster,
    selection: &Selection,
    context: &Context,
) -> Result<Scope, EngineError> {
    let named = selection.named_namespaces();
    let mut scope = Scope::begin(selection);
    match context.run(list(cluster, selection, &mut scope)).await {
        Ok(()) => {}
        Err(EngineError::Api(error)) if error.is_forbidden() => {
            let Some(named) = &named else {
                return Err(error.into());
            };
            // Whoever may not list namespaces may still read the ones they name.
            for name in named.iter().filter(|name| selection.selects_namespace(name)) {
                scope.namespaces.insert((*name).to_owned(), None);
                scope.warn(
                    name,
                    format!("the Namespace object {name} itself is not in this recovery point: {error}"),
                );
            }
            scope.one_by_one = true;
            return Ok(scope);
        }
        Err(error) => return Err(error),
    }
    scope.finish(selection)?;
    Ok(scope)
}

impl Scope {
    /// A scope that no namespace was offered to yet.
    pub fn begin(selection: &Selection) -> Self {
        let named = selection.named_namespaces();
        let mut scope = Self {
            one_by_one: named.as_ref().is_some_and(|names| names.len() <= NAMESPACES_LISTED_ONE_BY_ONE),
            ..Self::default()
        };
        for name in named.iter().flatten().filter(|name| EXCLUDED_NAMESPACES.contains(*name)) {
            scope.warn(name, format!("namespace {name} is always skipped, although it was asked for"));
        }
        scope
    }

    /// Takes in a namespace that is there, is not being deleted and does not ask to be left out, if the selection
    /// does.
    pub fn offer(&mut self, selection: &Selection, name: &str, json: Option<Bytes>) {
        if selection.selects_namespace(name) {
            self.namespaces.insert(name.to_owned(), json);
        }
    }

    /// Says which of the namespaces that were asked for are not there.
    pub fn finish(&mut self, selection: &Selection) -> Result<(), EngineError> {
        let wanted = selection.namespaces.include.iter().filter(|pattern| !pattern.is_everything());
        let missing: Vec<String> = wanted
            .filter(|pattern| !self.namespaces.keys().any(|name| pattern.matches(name)))
            .filter(|pattern| pattern.literal().is_none_or(|name| !EXCLUDED_NAMESPACES.contains(&name)))
            .map(ToString::to_string)
            .collect();
        if self.namespaces.is_empty() && !missing.is_empty() {
            return Err(EngineError::NoNamespace { names: missing.join(", ") });
        }
        for name in missing {
            self.warn(&name, format!("no namespace to back up is called \"{name}\""));
        }
        Ok(())
    }

    fn warn(&mut self, namespace: &str, message: String) {
        self.warnings.push(PointWarning { resource: None, namespace: Some(namespace.to_owned()), message });
    }
}

async fn list(cluster: &Cluster, selection: &Selection, scope: &mut Scope) -> Result<(), ApiError> {
    let mut lister = cluster.list(ListRequest::all(namespace_type()));
    while let Some(items) = lister.next().await? {
        for item in items {
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&item) else {
                continue;
            };
            if is_taken(&view) {
                scope.offer(selection, &view.metadata.name, Some(item.clone()));
            }
        }
    }
    Ok(())
}

/// Whether an object is neither being deleted nor asks to be left out.
pub(super) fn is_taken(view: &ObjectView<'_>) -> bool {
    view.metadata.deletion_timestamp.is_none() && !is_excluded_by_label(view.metadata.labels)
}
