//! The target as it is: what it serves, its namespaces, and single objects looked up on the way.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use holdfast_cluster::{ApiError, Cluster, Discovery, ListRequest, ServedType};
use holdfast_model::resource::ResourceType;
use holdfast_model::view::ObjectView;

use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// The target cluster with what was learnt about it once.
pub(super) struct Live<'a> {
    pub cluster: &'a Cluster,
    pub discovery: Discovery,
    /// The namespaces, and whether each is being deleted; `None` where they may not be listed.
    pub namespaces: Option<BTreeMap<String, bool>>,
    looked_up: Mutex<HashMap<String, Option<Bytes>>>,
}

/// How the target serves a resource.
pub(super) enum Served<'a> {
    /// In the version of the recovery point.
    Yes,
    /// Only in these versions.
    InOtherVersions(&'a ServedType),
    /// Not at all.
    No,
}

impl<'a> Live<'a> {
    pub async fn look(cluster: &'a Cluster, context: &Context) -> Result<Self, EngineError> {
        let discovery = context.run(cluster.discover()).await?;
        let namespaces = match context.run(namespaces(cluster)).await {
            Ok(found) => Some(found),
            Err(EngineError::Api(error)) if error.is_forbidden() => None,
            Err(error) => return Err(error),
        };
        Ok(Self { cluster, discovery, namespaces, looked_up: Mutex::default() })
    }

    pub fn served(&self, ty: &ResourceType) -> Served<'_> {
        let same = |t: &&ServedType| t.ty.group == ty.group && t.ty.plural == ty.plural;
        match self.discovery.types.iter().find(same) {
            Some(t) if t.ty.version == ty.version || t.other_versions.contains(&ty.version) => Served::Yes,
            Some(t) => Served::InOtherVersions(t),
            None => Served::No,
        }
    }

    /// The served type of a kind named as `Kind.group`.
    pub fn type_of_kind(&self, group_kind: &str) -> Option<&ResourceType> {
        let (kind, group) = group_kind.split_once('.').unwrap_or((group_kind, ""));
        self.discovery.types.iter().map(|t| &t.ty).find(|ty| ty.kind == kind && ty.group == group)
    }

    /// Whether a namespace is there; unknown counts as there.
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|all| all.contains_key(name))
    }

    /// Whether a namespace is being deleted.
    pub fn is_ending(&self, name: &str) -> bool {
        self.namespaces.as_ref().is_some_and(|all| all.get(name) == Some(&true))
    }

    /// Gets one object and remembers the answer; what cannot be read counts as absent.
    pub async fn get(
        &self,
        ty: &ResourceType,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Bytes>, ApiError> {
        let key = ty.object_path(Some(namespace), name);
        if let Some(known) = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let found = match self.cluster.get(ty, Some(namespace).filter(|_| ty.namespaced), name).await {
            Ok(found) => found,
            Err(error) if is_cluster_lost(&error) => return Err(error),
            Err(_) => None,
        };
        self.looked_up.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        Ok(found)
    }
}

async fn namespaces(cluster: &Cluster) -> Result<BTreeMap<String, bool>, ApiError> {
    let mut found = BTreeMap::new();
    let ty = crate::backup::namespace_type();
    let mut lister = cluster.list(ListRequest::all(ty));
    while let Some(items) = lister.next().await? {
        for item in items {
            if let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&item) {
                let ending = view.metadata.deletion_timestamp.is_some();
                found.insert(view.metadata.name.into_owned(), ending);
            }
        }
    }
    Ok(found)
}
