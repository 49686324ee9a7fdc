//! Reading: the LISTs of a backup, and which of their items it takes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::{ApiError, Cluster, ListRequest};
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::{ClusterScoped, Selection};
use holdfast_model::view::ObjectView;
use holdfast_model::volume::SNAPSHOT_GROUP;
use holdfast_store::{EntryMeta, Owner, PointWarning};

use super::KINDS_AT_ONCE;
use super::kinds::ClusterKind;
use super::namespaces::{Scope, is_taken, namespace_type};
use super::pack::{Batch, Item, Packers};
use super::related::Related;
use super::volumes::Found;
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};
use crate::snapshots::is_passing;

/// What the names of annotations have in common that ask for commands around a backup (Velero).
const HOOK_ANNOTATION: &[u8] = b"hook.backup.velero.io/";

pub(super) struct Plan<'a> {
    pub namespaced: Vec<Arc<ResourceType>>,
    pub cluster_scoped: Vec<ClusterKind>,
    pub selection: &'a Selection,
    pub scope: Arc<Scope>,
    /// Whether claims are held back, because what becomes of their volumes is not known yet.
    pub hold_claims: bool,
}

/// What there is to say after reading.
#[derive(Default)]
pub(super) struct ReadOutcome {
    pub warnings: Vec<PointWarning>,
    pub non_atomic: Vec<String>,
    /// What the volumes of the backup begin with.
    pub found: Found,
}

/// Reads everything that the plan selects into members.
pub(super) async fn everything(
    cluster: &Cluster,
    plan: Plan<'_>,
    packers: Packers,
    context: &Context,
) -> Result<ReadOutcome, EngineError> {
    let by_reference = plan.selection.cluster_scoped == ClusterScoped::Auto;
    let reader = Reader {
        cluster,
        selection: plan.selection,
        scope: &plan.scope,
        hold_claims: plan.hold_claims,
        packers,
        context,
        seen: Mutex::new(Seen { related: Related::new(by_reference), ..Seen::default() }),
    };
    stream::iter(plan.namespaced)
        .map(|ty| reader.namespaced(ty))
        .buffer_unordered(KINDS_AT_ONCE)
        .try_collect::<()>()
        .await?;
    if plan.selection.cluster_scoped != ClusterScoped::None {
        for stage in Related::stages(plan.cluster_scoped) {
            stream::iter(stage)
                .map(|kind| reader.cluster_scoped(kind))
                .buffer_unordered(KINDS_AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
    }
    reader.namespace_objects().await?;
    let seen = reader.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(seen.outcome)
}

#[derive(Default)]
struct Seen {
    /// Namespaces with at least one selected object.
    namespaces: BTreeSet<String>,
    related: Related,
    outcome: ReadOutcome,
}

struct Reader<'a> {
    cluster: &'a Cluster,
    selection: &'a Selection,
    scope: &'a Scope,
    hold_claims: bool,
    packers: Packers,
    context: &'a Context,
    seen: Mutex<Seen>,
}

impl Reader<'_> {
    fn seen<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn namespaced(&self, ty: Arc<ResourceType>) -> Result<(), EngineError> {
        let mut batch = Batch::new(Arc::clone(&ty));
        if self.scope.one_by_one {
            for namespace in self.scope.namespaces.keys() {
                self.list(&mut batch, &ty, Some(namespace), &|_| true).await?;
            }
        } else {
            self.list(&mut batch, &ty, None, &|_| true).await?;
        }
        self.packers.pack(&mut batch).await
    }

    async fn cluster_scoped(&self, kind: ClusterKind) -> Result<(), EngineError> {
        let all = kind.selected && self.selection.takes_all_cluster_scoped();
        if !all && !self.seen(|seen| seen.related.wants_type(&kind.ty)) {
            return Ok(());
        }
        let mut batch = Batch::new(Arc::clone(&kind.ty));
        let wanted = |view: &ObjectView<'_>| {
            let labelled = || {
                self.selection.labels.matches_json(view.metadata.labels.map(serde_json::value::RawValue::get))
            };
            (all && labelled()) || self.seen(|seen| seen.related.wants(&kind.ty, view))
        };
        self.list(&mut batch, &kind.ty, None, &wanted).await?;
        self.packers.pack(&mut batch).await
    }

    /// Lists one collection into the batch. What concerns only this kind becomes a warning.
    async fn list(
        &self,
        batch: &mut Batch,
        ty: &Arc<ResourceType>,
        namespace: Option<&str>,
        wanted: &(dyn Fn(&ObjectView<'_>) -> bool + Sync),
    ) -> Result<(), EngineError> {
        let mut request = ListRequest::all(Arc::clone(ty));
        request.namespace = namespace.map(str::to_owned);
        // Related cluster-scoped objects are wanted whatever their labels are.
        if ty.namespaced && !self.selection.labels.is_empty() {
            request.label_selector = Some(self.selection.labels.to_string());
        }
        let name = ty.to_string();
        let holds = self.hold_claims && ty.is("", "persistentvolumeclaims");
        let mut lister = self.cluster.list(request);
        let (mut taken, mut told) = (0u64, 0u64);
        let mut bytes = 0;
        let mut unreadable = None;
        let ended = loop {
            match lister.next().await {
                Ok(Some(items)) => {
                    self.context.check()?;
                    for json in items {
                        let item = match self.take(ty, json, wanted) {
                            Ok(Some(item)) => item,
                            Ok(None) => continue,
                            Err(error) => {
                                unreadable.get_or_insert(error);
                                continue;
                            }
                        };
                        taken += 1;
                        bytes += item.json.len() as u64;
                        if holds {
                            self.seen(|seen| seen.outcome.found.claims.push(item));
                            continue;
                        }
                        if batch.push(item) {
                            self.packers.pack(batch).await?;
                            self.context.advance(taken - told, std::mem::take(&mut bytes), Some(&name));
                            told = taken;
                        }
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.context.advance(taken - told, bytes, Some(&name));
        if lister.non_atomic() {
            self.seen(|seen| seen.outcome.non_atomic.push(name.clone()));
        }
        let problem = match ended {
            Ok(()) => {
                unreadable.map(|error| format!("the server lists something that is no object: {error}"))
            }
            Err(error) if is_cluster_lost(&error) => return Err(error.into()),
            Err(error) if taken == 0 && self.is_gone(ty, &error).await? => None,
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = problem {
            let message = if taken == 0 {
                format!("{name} are not in this recovery point: {problem}")
            } else {
                format!("{name} are in this recovery point only in part ({taken} objects): {problem}")
            };
            let namespace = namespace.map(str::to_owned);
            let warning = PointWarning { resource: Some(name), namespace, message };
            self.context.warn(&warning.message);
            self.seen(|seen| seen.outcome.warnings.push(warning));
        }
        Ok(())
    }

    /// Whether a kind that was served when the backup began no longer is: its definition was deleted, and its
    /// objects with it, so that nothing is missing.
    async fn is_gone(&self, ty: &ResourceType, error: &ApiError) -> Result<bool, EngineError> {
        if error.status().is_none_or(|status| status.code != 404) {
            return Ok(false);
        }
        let now = self.cluster.discover().await?;
        let served = now.types.iter().any(|t| t.ty.is(&ty.group, &ty.plural));
        let silent = now.unavailable.iter().any(|u| u.group_version == ty.api_version());
        Ok(!served && !silent)
    }

    /// Decides about one item, and notes what a taken one refers to.
    fn take(
        &self,
        ty: &Arc<ResourceType>,
        json: Bytes,
        wanted: &(dyn Fn(&ObjectView<'_>) -> bool + Sync),
    ) -> Result<Option<Item>, serde_json::Error> {
        let view: ObjectView<'_> = serde_json::from_slice(&json)?;
        let meta = &view.metadata;
        let namespace = meta.namespace.as_deref().unwrap_or_default();
        if ty.namespaced && !self.scope.has(namespace) || !is_taken(&view) || !wanted(&view) {
            return Ok(None);
        }
        if ty.group == SNAPSHOT_GROUP {
            let labels = view.metadata.label_map();
            if is_passing(ty, |key| labels.contains_key(key)) {
                return Ok(None);
            }
        }
        let is_looked_at = self.hold_claims && ty.is("", "pods") && concerns_volumes(&view);
        let entry = entry_meta(&view);
        self.seen(|seen| {
            if ty.namespaced && !seen.namespaces.contains(namespace) {
                seen.namespaces.insert(namespace.to_owned());
            }
            seen.related.note(ty, &view);
            if is_looked_at {
                seen.outcome.found.with_pods.insert(namespace.to_owned());
            }
        });
        let bare = view.api_version.is_none() || view.kind.is_none();
        Ok(Some(Item { meta: entry, json, bare }))
    }

    /// Velero's rule: a Namespace goes along when the filters take it or when it holds something selected.
    async fn namespace_objects(&self) -> Result<(), EngineError> {
        let ty = Arc::new(namespace_type());
        if self.selection.excludes_type(&ty, &[]) {
            return Ok(());
        }
        let mut batch = Batch::new(Arc::clone(&ty));
        let type_selected = self.selection.selects_type(&ty, &["ns".to_owned(), "namespace".to_owned()]);
        let seen = self.seen(|seen| seen.namespaces.clone());
        for (name, json) in &self.scope.namespaces {
            let Some(json) = json else { continue };
            let wanted = |view: &ObjectView<'_>| {
                let labels = view.metadata.labels.map(serde_json::value::RawValue::get);
                seen.contains(name) || (type_selected && self.selection.labels.matches_json(labels))
            };
            // It was read as an object when the scope was resolved.
            if let Ok(Some(item)) = self.take(&ty, json.clone(), &wanted) {
                self.context.advance(1, json.len() as u64, Some("namespaces"));
                if batch.push(item) {
                    self.packers.pack(&mut batch).await?;
                }
            }
        }
        self.packers.pack(&mut batch).await
    }
}

/// Whether a pod has hooks in its annotations, or mounts a claim.
fn concerns_volumes(pod: &ObjectView<'_>) -> bool {
    let has = |raw: Option<&serde_json::value::RawValue>, what: &[u8]| {
        raw.is_some_and(|raw| memchr::memmem::find(raw.get().as_bytes(), what).is_some())
    };
    has(pod.metadata.annotations, HOOK_ANNOTATION)
        || has(pod.spec, b"\"persistentVolumeClaim\"")
        || has(pod.spec, b"\"ephemeral\"")
}

pub(super) fn entry_meta(view: &ObjectView<'_>) -> EntryMeta {
    let meta = &view.metadata;
    let owner = meta.owner_references.and_then(|_| {
        let controller = meta.owners().into_iter().find(|owner| owner.controller == Some(true))?;
        Some(Owner { kind: controller.group_kind(), name: controller.name })
    });
    EntryMeta {
        namespace: meta.namespace.as_deref().unwrap_or_default().to_owned(),
        name: meta.name.clone().into_owned(),
        uid: meta.uid.as_deref().and_then(|uid| uid.parse().ok()),
        owner,
        labels: meta.labels.map(|raw| raw.get().into()),
        hash: [0; 16],
    }
}
