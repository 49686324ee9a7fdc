//! One planning run: kind by kind, what would happen to each selected object.
//!
//! Of a kind with many selected objects the target's collection is listed once and
//! each live object is matched by its content hash, so that what is identical is
//! never read from the recovery point; of a kind with few, each object is fetched.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use holdfast_cluster::{ApiError, ListRequest};
use holdfast_model::content::Canonicalizer;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::resource::ResourceType;
use holdfast_model::target;
use holdfast_model::target::storage_class::names_storage_classes;
use holdfast_model::view::ObjectView;
use holdfast_store::{Index, Point, Row, RowId};
use serde_json::Value;

use super::RestoreRequest;
use super::compare::{Decision, existing, identical};
use super::form;
use super::live::{Live, Served};
use super::volumes::{Facts, Fate};
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// Up to this many objects of a kind are fetched one by one rather than by listing the kind.
const FETCHED_ONE_BY_ONE: usize = 8;
/// Up to this many target namespaces are listed one by one rather than all at once.
const NAMESPACES_LISTED_ONE_BY_ONE: usize = 4;

/// A planning run.
pub(super) struct Planner<'a> {
    pub point: &'a Point,
    pub index: &'a Index,
    pub request: &'a RestoreRequest,
    pub live: &'a Live<'a>,
    /// Sorted.
    pub selected: Vec<RowId>,
    /// What runs that this one goes on with left on objects that they created.
    pub marks: Vec<String>,
    /// The live objects that bear such a mark, with their UIDs.
    pub marked: Mutex<Vec<(RowId, String)>>,
    /// What is known about volumes.
    pub facts: Facts,
    /// What becomes of the data of claims that were asked about.
    pub fates: Mutex<HashMap<RowId, Arc<Fate>>>,
    pub context: &'a Context,
}

/// Where a row goes: namespace and name.
type Target = (Arc<str>, Arc<str>);

impl<'a> Planner<'a> {
    pub(super) fn is_selected(&self, row: RowId) -> bool {
        self.selected.binary_search(&row).is_ok()
    }

    pub(super) fn type_id(&self, group: &str, plural: &str) -> Option<u16> {
        (0u16..).zip(self.index.types()).find(|(_, ty)| ty.is(group, plural)).map(|(id, _)| id)
    }

    pub(super) fn by_type(&self) -> Vec<(&'a ResourceType, Vec<Row<'a>>)> {
        let mut types: BTreeMap<u16, Vec<Row<'a>>> = BTreeMap::new();
        for row in self.selected.iter().filter_map(|id| self.index.row(*id)) {
            types.entry(row.type_id).or_default().push(row);
        }
        types.into_values().map(|rows| (rows[0].ty, rows)).collect()
    }

    /// Plans the selected objects of one kind.
    pub(super) async fn kind(
        &self,
        ty: &ResourceType,
        rows: Vec<Row<'a>>,
    ) -> Result<Vec<PlanEntry>, EngineError> {
        let mut entries = Vec::with_capacity(rows.len());
        let mut open: HashMap<Target, Row<'a>> = HashMap::with_capacity(rows.len());
        // Before anything else: a target without CSI snapshots does not lack these.
        let rows = self.take_passing(rows, &mut entries).await?;
        let defined = match self.unserved(ty) {
            Err(reason) => {
                entries.extend(rows.iter().map(|row| {
                    Self::entry(row, &self.target(row), Decision::because(Action::Blocked, &reason))
                }));
                return Ok(entries);
            }
            Ok(defined) => defined,
        };
        for row in rows {
            let target = self.target(&row);
            match self.before_comparing(&row, &target).await? {
                Some(decision) => entries.push(Self::entry(&row, &target, decision)),
                None => match open.entry(target) {
                    hash_map::Entry::Vacant(place) => {
                        place.insert(row);
                    }
                    hash_map::Entry::Occupied(taken) => {
                        let first = form::describe(taken.get());
                        let reason = format!("{first} goes to the same name; map the two namespaces apart");
                        let target = taken.key().clone();
                        entries.push(Self::entry(&row, &target, Decision::because(Action::Blocked, reason)));
                    }
                },
            }
        }
        let unknown = if defined { self.compare(ty, &mut open, &mut entries).await? } else { None };
        for (target, row) in open {
            let mut decision = self.absent(&row).await?;
            if self.is_modified(&row) {
                decision.note(&form::of(self.point, &row, self.request, self.context).await?.notes);
            }
            if let (Action::Create, Some(error)) = (decision.action, &unknown) {
                decision.action = Action::Unchecked;
                decision.add(&format!("whether it exists could not be found out: {error}"));
            }
            entries.push(Self::entry(&row, &target, decision));
        }
        self.context.advance(entries.len() as u64, 0, Some(&ty.to_string()));
        Ok(entries)
    }

    /// Decides about what only stands for claims' data, and returns the other rows.
    async fn take_passing(
        &self,
        rows: Vec<Row<'a>>,
        entries: &mut Vec<PlanEntry>,
    ) -> Result<Vec<Row<'a>>, EngineError> {
        let mut others = Vec::with_capacity(rows.len());
        for row in rows {
            match self.passing(&row).await? {
                Some(why) => {
                    entries.push(Self::entry(
                        &row,
                        &self.target(&row),
                        Decision::because(Action::Derived, why),
                    ));
                }
                None => others.push(row),
            }
        }
        Ok(others)
    }

    /// Whether there may be live objects of a type; an error says why none can be made.
    fn unserved(&self, ty: &ResourceType) -> Result<bool, String> {
        match self.live.served(ty) {
            Served::Yes => Ok(true),
            Served::InOtherVersions(served) => {
                let mut versions = vec![served.ty.version.clone()];
                versions.extend(served.other_versions.iter().cloned());
                Err(format!("the target serves {ty} only as {}, not as {}", versions.join(", "), ty.version))
            }
            Served::No => {
                let definition = self.type_id("apiextensions.k8s.io", "customresourcedefinitions");
                let row = definition.and_then(|id| self.index.find(id, "", &ty.to_string()));
                if row.is_some_and(|row| self.is_selected(row.id) && !self.request.is_left_out(&row)) {
                    return Ok(false);
                }
                let group = if ty.group.is_empty() { &ty.version } else { &ty.group };
                let unavailable = self
                    .live
                    .discovery
                    .unavailable
                    .iter()
                    .find(|u| u.group_version.starts_with(group.as_str()));
                Err(match unavailable {
                    Some(unavailable) => {
                        format!("the target's API {group} does not answer: {}", unavailable.reason)
                    }
                    None => format!(
                        "the target serves no {ty}; restore its definition with it (--include-cluster-resources auto or true), or install it"
                    ),
                })
            }
        }
    }

    /// What is decided without looking at the live object.
    async fn before_comparing(
        &self,
        row: &Row<'_>,
        target: &Target,
    ) -> Result<Option<Decision>, EngineError> {
        if self.request.is_left_out(row) {
            return Ok(Some(Decision::because(Action::Skip, "left out of this restore by name")));
        }
        if let Some(why) = self.derived(row).await? {
            return Ok(Some(Decision::because(Action::Derived, why)));
        }
        if target::has_unrestorable(row.ty) {
            let object = form::stored(self.point, row, self.context).await?;
            if let Some(why) = target::not_restorable(row.ty, &object) {
                return Ok(Some(Decision::because(Action::Skip, why)));
            }
        }
        let namespace: &str = if row.ty.is("", "namespaces") { &target.1 } else { &target.0 };
        if self.live.is_ending(namespace) {
            let reason =
                format!("namespace {namespace} is being deleted in the target; plan again when it is gone");
            return Ok(Some(Decision::because(Action::Blocked, reason)));
        }
        if !namespace.is_empty()
            && !self.live.has_namespace(namespace)
            && let Some(why) = self.namespace_left_out(row.namespace)
        {
            let reason = format!("namespace {namespace} is not in the target and {why}");
            return Ok(Some(Decision::because(Action::Blocked, reason)));
        }
        // A `default` account that says nothing of its own is made with its namespace.
        if row.ty.is("", "serviceaccounts") && row.name == "default" && !self.live.has_namespace(namespace) {
            let object = form::of(self.point, row, self.request, self.context).await?.object;
            if form::says_nothing(&object) {
                return Ok(Some(Decision::because(Action::Derived, "made with its namespace")));
            }
        }
        Ok(None)
    }

    /// Why the namespace of an object is not made where it is missing.
    fn namespace_left_out(&self, namespace: &str) -> Option<&'static str> {
        let id = self.type_id("", "namespaces")?;
        if self.request.selection.excludes_type(&self.index.types()[usize::from(id)], &[]) {
            return Some("namespaces are excluded");
        }
        let left_out = self.index.find(id, "", namespace).is_some_and(|row| self.request.is_left_out(&row));
        left_out.then_some("is left out of this restore by name")
    }

    /// Decides about the open rows that exist, and takes them out of `open`. When the kind cannot be read
    /// (forbidden, its conversion webhook down), returns why.
    async fn compare(
        &self,
        ty: &ResourceType,
        open: &mut HashMap<Target, Row<'a>>,
        entries: &mut Vec<PlanEntry>,
    ) -> Result<Option<ApiError>, EngineError> {
        if open.is_empty() {
            return Ok(None);
        }
        let compared = if open.len() <= FETCHED_ONE_BY_ONE {
            self.fetch(ty, open, entries).await
        } else {
            self.list(ty, open, entries).await
        };
        match compared {
            Ok(()) => Ok(None),
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => Ok(Some(error)),
            Err(error) => Err(error),
        }
    }

    async fn fetch(
        &self,
        ty: &ResourceType,
        open: &mut HashMap<Target, Row<'a>>,
        entries: &mut Vec<PlanEntry>,
    ) -> Result<(), EngineError> {
        for target in open.keys().cloned().collect::<Vec<_>>() {
            let namespace = Some(&*target.0).filter(|_| ty.namespaced);
            if let Some(json) = self.context.run(self.live.cluster.get(ty, namespace, &target.1)).await? {
                let Some(row) = open.remove(&target) else { continue };
                let decision = self.existing(&row, &json, &mut Canonicalizer::default()).await?;
                entries.push(Self::entry(&row, &target, decision));
            }
        }
        Ok(())
    }

    async fn list(
        &self,
        ty: &ResourceType,
        open: &mut HashMap<Target, Row<'a>>,
        entries: &mut Vec<PlanEntry>,
    ) -> Result<(), EngineError> {
        let namespaces: BTreeSet<Arc<str>> = open.keys().map(|target| Arc::clone(&target.0)).collect();
        let few = namespaces.len() <= NAMESPACES_LISTED_ONE_BY_ONE;
        let each: Vec<Option<Arc<str>>> =
            namespaces.into_iter().filter(|name| self.live.has_namespace(name)).map(Some).collect();
        if ty.namespaced && few {
            return self.list_in(ty, each, open, entries).await;
        }
        match self.list_in(ty, vec![None], open, entries).await {
            // Whoever may not list all namespaces may still list these.
            Err(EngineError::Api(error)) if error.is_forbidden() && ty.namespaced => {
                self.list_in(ty, each, open, entries).await
            }
            listed => listed,
        }
    }

    async fn list_in(
        &self,
        ty: &ResourceType,
        collections: Vec<Option<Arc<str>>>,
        open: &mut HashMap<Target, Row<'a>>,
        entries: &mut Vec<PlanEntry>,
    ) -> Result<(), EngineError> {
        let mut canonicalizer = Canonicalizer::default();
        for namespace in collections {
            let mut request = ListRequest::all(ty.clone());
            request.namespace = namespace.as_deref().map(str::to_owned);
            let mut lister = self.live.cluster.list(request);
            while let Some(items) = self.context.run(lister.next()).await? {
                for json in items {
                    let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&json) else {
                        continue;
                    };
                    let namespace = view.metadata.namespace.as_deref().unwrap_or_default();
                    let target = (Arc::from(namespace), Arc::from(&*view.metadata.name));
                    let Some(row) = open.remove(&target) else { continue };
                    let decision = self.existing(&row, &json, &mut canonicalizer).await?;
                    entries.push(Self::entry(&row, &target, decision));
                }
            }
        }
        Ok(())
    }

    /// Decides about one object that exists.
    async fn existing(
        &self,
        row: &Row<'_>,
        json: &Bytes,
        canonicalizer: &mut Canonicalizer,
    ) -> Result<Decision, EngineError> {
        self.note_mark(row, json);
        // Mappings and modifiers change the object, so its hash says nothing then.
        let plain = self.request.mappings.is_empty()
            && !self.is_modified(row)
            && (self.request.storage_classes.is_empty() || !names_storage_classes(row.ty));
        let is_default_account = row.ty.is("", "serviceaccounts") && row.name == "default";
        if plain && !is_default_account && canonicalizer.hash(json) == row.hash {
            return Ok(identical(row.ty));
        }
        let form = form::of(self.point, row, self.request, self.context).await?;
        let live: Value = serde_json::from_slice(json)
            .map_err(|source| EngineError::NotAnObject { object: form::describe(row), source })?;
        let owned = self.request.is_chosen(row) && self.has_owners(row, &form).await?;
        let mut decision = existing(row.ty, &form, &live, self.request.policy(row), owned);
        if decision.action == Action::Patch
            && row.ty.is("apps", "statefulsets")
            && let Some(blocked) = self.set_with_empty_claims(row).await?
        {
            decision = blocked;
        }
        decision.note(&form.notes);
        Ok(decision)
    }

    /// Whether modifiers may change an object.
    fn is_modified(&self, row: &Row<'_>) -> bool {
        self.request.modifiers.as_ref().is_some_and(|modifiers| modifiers.concerns(&form::subject(row)))
    }

    /// Notes an object that a run which this one goes on with created.
    fn note_mark(&self, row: &Row<'_>, json: &[u8]) {
        let has = |mark: &String| memchr::memmem::find(json, mark.as_bytes()).is_some();
        if self.marks.iter().any(has)
            && let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(json)
            && let Some(uid) = view.metadata.uid
        {
            self.marked.lock().unwrap_or_else(PoisonError::into_inner).push((row.id, uid.into_owned()));
        }
    }

    /// Whether every owner that the object had is in the target or comes with this restore.
    async fn has_owners(&self, row: &Row<'_>, form: &form::Form) -> Result<bool, EngineError> {
        for owner in &form.owners {
            let kind = owner.group_kind();
            let there = self.row_of_kind(&kind, row.namespace, &owner.name).is_some()
                || self.is_live(&kind, row.namespace, &owner.name).await?;
            if !there {
                return Ok(false);
            }
        }
        Ok(!form.owners.is_empty())
    }

    fn target(&self, row: &Row<'_>) -> Target {
        let mappings = &self.request.mappings;
        let name = if row.ty.is("", "namespaces") { mappings.target(row.name) } else { row.name };
        (Arc::from(mappings.target(row.namespace)), Arc::from(name))
    }

    fn entry(row: &Row<'_>, target: &Target, decision: Decision) -> PlanEntry {
        PlanEntry {
            row: row.id.0,
            target_namespace: Arc::clone(&target.0),
            target_name: (*target.1 != *row.name).then(|| Arc::clone(&target.1)),
            action: decision.action,
            detail: decision.detail,
            earlier: None,
        }
    }

    /// Target namespaces that objects go to, that are not there, and that no entry makes.
    pub(super) fn blank_namespaces(&self, entries: &[PlanEntry]) -> Vec<String> {
        let is_namespace = |entry: &&PlanEntry| {
            self.index.row(RowId(entry.row)).is_some_and(|row| row.ty.is("", "namespaces"))
        };
        let made: BTreeSet<&str> = entries
            .iter()
            .filter(is_namespace)
            .filter_map(|entry| match &entry.target_name {
                Some(name) => Some(&**name),
                None => self.index.row(RowId(entry.row)).map(|row| row.name),
            })
            .collect();
        let needed: BTreeSet<&str> = entries
            .iter()
            .filter(|entry| matches!(entry.action, Action::Create | Action::Unchecked))
            .map(|entry| &*entry.target_namespace)
            .filter(|name| !name.is_empty() && !self.live.has_namespace(name) && !made.contains(name))
            .collect();
        needed.into_iter().map(str::to_owned).collect()
    }
}
