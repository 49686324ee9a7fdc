//! What a selection would take, counted without asking the cluster for every change of the selection.
//!
//! [`Inventory::read`] lists the cluster once: names, labels and references of its
//! objects, no content; where that is enough it asks the server for metadata alone, so that Secrets are not even
//! sent. [`Inventory::matching`] then decides by the very rules of [`super::run`]. An inventory is as old as its
//! reading; a backup taken later may find something else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_cluster::{ApiError, Cluster, Discovery, ListRequest};
use holdfast_model::references::looks_inside;
use holdfast_model::resource::ResourceType;
use holdfast_model::selection::{ClusterScoped, LabelSelector, Selection};
use holdfast_model::view::ObjectView;
use jiff::Timestamp;

use super::KINDS_AT_ONCE;
use super::kinds::{self, ClusterKind};
use super::namespaces::{Scope, is_taken, namespace_type};
use super::related::{Reach, Related};
use crate::context::Context;
use crate::error::{EngineError, is_cluster_lost};

/// The objects of a cluster at one time, as far as selections ask about them.
#[derive(Debug)]
pub struct Inventory {
    discovery: Discovery,
    /// By resource.
    kinds: HashMap<ResourceType, Collection>,
    /// Whether namespaces were named because they may not be listed: their own objects are not known then.
    named: bool,
    as_of: Timestamp,
}

/// The objects of one resource.
#[derive(Debug, Default)]
struct Collection {
    items: Vec<Item>,
    /// Why the list is not complete.
    problem: Option<String>,
}

#[derive(Debug)]
struct Item {
    namespace: Arc<str>,
    name: Box<str>,
    labels: Option<Arc<str>>,
    /// Absent where the object refers to nothing.
    reach: Option<Box<Reach>>,
}

/// What a selection matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Types with their numbers of objects; none is zero.
    pub kinds: Vec<(Arc<ResourceType>, u64)>,
    /// Namespaces that hold at least one matching object.
    pub namespaces: BTreeSet<String>,
    /// What a backup would miss and warn of.
    pub gaps: Vec<String>,
}

impl Inventory {
    /// Lists everything that any selection may take.
    ///
    /// # Errors
    /// Fails when the cluster cannot be worked with, when its namespaces may not be listed, and on cancellation.
    /// A kind that cannot be listed is a gap of the selections that take it.
    pub async fn read(cluster: &Cluster, context: &Context) -> Result<Self, EngineError> {
        let as_of = context.now();
        let discovery = discover(cluster, context).await?;
        let (namespaces, error) = list(cluster, ListRequest::all(namespace_type()), context).await?;
        if let Some(error) = error {
            return Err(error.into());
        }
        let mut kinds = collections(cluster, &discovery, &[], context).await?;
        kinds.insert(namespace_type(), Collection { items: namespaces, problem: None });
        Ok(Self { discovery, kinds, named: false, as_of })
    }

    /// Lists what is in these namespaces, for whoever may not list namespaces. Serves selections that name no other.
    ///
    /// # Errors
    /// As [`Inventory::read`], without having to list namespaces.
    pub async fn read_named(
        cluster: &Cluster,
        names: &[&str],
        context: &Context,
    ) -> Result<Self, EngineError> {
        let as_of = context.now();
        let discovery = discover(cluster, context).await?;
        let mut kinds = collections(cluster, &discovery, names, context).await?;
        let items = names.iter().map(|name| Item::named(name)).collect();
        kinds.insert(namespace_type(), Collection { items, problem: None });
        Ok(Self { discovery, kinds, named: true, as_of })
    }

    /// When it was begun.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.kinds.values().map(|kind| kind.items.len()).sum()
    }

    /// What a backup with this selection would take.
    ///
    /// # Errors
    /// [`EngineError::NoNamespace`], as a backup would fail.
    pub fn matching(&self, selection: &Selection) -> Result<Matching, EngineError> {
        let namespaces = self.collection(&namespace_type());
        let mut scope = Scope::begin(selection);
        for namespace in &namespaces.items {
            scope.offer(selection, &namespace.name, None);
        }
        scope.finish(selection)?;
        let chosen = kinds::choose(&self.discovery, selection);
        let warnings = chosen.warnings.into_iter().chain(scope.warnings.iter().cloned());
        let mut count = Count {
            labels: Labels::new(&selection.labels),
            related: Related::new(selection.cluster_scoped == ClusterScoped::Auto),
            scope: scope.namespaces.keys().map(String::as_str).collect(),
            namespaces: BTreeSet::new(),
            kinds: BTreeMap::new(),
            gaps: warnings.map(|warning| warning.message).collect(),
        };
        for ty in chosen.namespaced {
            count.namespaced(&ty, self.collection(&ty));
        }
        if selection.cluster_scoped != ClusterScoped::None {
            for kind in Related::stages(chosen.cluster_scoped).into_iter().flatten() {
                count.cluster_scoped(&kind, self.collection(&kind.ty), selection);
            }
        }
        if self.named {
            let gap = |name| format!("the Namespace object {name} itself will not be in the recovery point");
            // First, before the many kinds that such an identity may not read either.
            count.gaps.splice(0..0, scope.namespaces.keys().map(gap));
        } else {
            count.namespace_objects(namespaces, selection);
        }
        Ok(Matching {
            kinds: count.kinds.into_iter().filter(|(_, objects)| *objects > 0).collect(),
            namespaces: count.namespaces.into_iter().map(str::to_owned).collect(),
            gaps: count.gaps,
        })
    }

    fn collection(&self, ty: &ResourceType) -> &Collection {
        static NONE: Collection = Collection { items: Vec::new(), problem: None };
        self.kinds.get(ty).unwrap_or(&NONE)
    }
}

struct Count<'a> {
    labels: Labels<'a>,
    related: Related,
    scope: HashSet<&'a str>,
    namespaces: BTreeSet<&'a str>,
    kinds: BTreeMap<Arc<ResourceType>, u64>,
    gaps: Vec<String>,
}

impl<'a> Count<'a> {
    fn namespaced(&mut self, ty: &Arc<ResourceType>, collection: &'a Collection) {
        self.gap(ty, collection);
        for item in &collection.items {
            if self.scope.contains(&*item.namespace) && self.labels.match_item(item) {
                self.namespaces.insert(&item.namespace);
                self.take(ty, item);
            }
        }
    }

    fn cluster_scoped(&mut self, kind: &ClusterKind, collection: &'a Collection, selection: &Selection) {
        let all = kind.selected && selection.takes_all_cluster_scoped();
        if !all && !self.related.wants_type(&kind.ty) {
            return;
        }
        self.gap(&kind.ty, collection);
        let none = Reach::default();
        for item in &collection.items {
            let reach = item.reach.as_deref().unwrap_or(&none);
            if (all && self.labels.match_item(item)) || self.related.wants_reach(&kind.ty, &item.name, reach)
            {
                self.take(&kind.ty, item);
            }
        }
    }

    fn namespace_objects(&mut self, namespaces: &'a Collection, selection: &Selection) {
        let ty = Arc::new(namespace_type());
        if selection.excludes_type(&ty, &[]) {
            return;
        }
        let type_selected = selection.selects_type(&ty, &["ns".to_owned(), "namespace".to_owned()]);
        for item in namespaces.items.iter().filter(|item| self.scope.contains(&*item.name)) {
            if self.namespaces.contains(&*item.name) || (type_selected && self.labels.match_item(item)) {
                *self.kinds.entry(Arc::clone(&ty)).or_default() += 1;
            }
        }
    }

    fn take(&mut self, ty: &Arc<ResourceType>, item: &Item) {
        *self.kinds.entry(Arc::clone(ty)).or_default() += 1;
        let reach = item.reach.as_deref().cloned().unwrap_or_default();
        self.related.note_reach(ty, &item.namespace, &item.name, reach);
    }

    fn gap(&mut self, ty: &ResourceType, collection: &Collection) {
        if let Some(problem) = &collection.problem {
            self.gaps.push(format!("{ty} cannot be listed, or not to their end: {problem}"));
        }
    }
}

/// A label selector that is asked about each set of labels once.
struct Labels<'a> {
    selector: &'a LabelSelector,
    /// By the address of the text: equal sets share theirs.
    known: HashMap<usize, bool>,
}

impl<'a> Labels<'a> {
    fn new(selector: &'a LabelSelector) -> Self {
        Self { selector, known: HashMap::new() }
    }

    fn match_item(&mut self, item: &Item) -> bool {
        if self.selector.is_empty() {
            return true;
        }
        let labels = item.labels.as_deref();
        let selector = self.selector;
        *self
            .known
            .entry(labels.map_or(0, |text| text.as_ptr().addr()))
            .or_insert_with(|| selector.matches_json(labels))
    }
}

/// Texts that many objects share.
#[derive(Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.0.insert(Arc::clone(&new));
        new
    }
}

async fn discover(cluster: &Cluster, context: &Context) -> Result<Discovery, EngineError> {
    context.phase("discovering", None);
    let discovery = context.run(cluster.discover()).await?;
    context.phase("listing", None);
    Ok(discovery)
}

/// The objects of all types but namespaces; `names` are the namespaces to look into, one by one, none for all at once.
async fn collections(
    cluster: &Cluster,
    discovery: &Discovery,
    names: &[&str],
    context: &Context,
) -> Result<HashMap<ResourceType, Collection>, EngineError> {
    let all = kinds::choose(discovery, &Selection::default());
    let types = all.namespaced.into_iter().chain(all.cluster_scoped.into_iter().map(|kind| kind.ty));
    let requests = types.flat_map(|ty| {
        let each: Vec<Option<String>> = match names {
            [_, ..] if ty.namespaced => names.iter().map(|name| Some((*name).to_owned())).collect(),
            _ => vec![None],
        };
        let request = move |namespace| ListRequest { namespace, ..ListRequest::all(Arc::clone(&ty)) };
        each.into_iter().map(request)
    });
    let mut lists = stream::iter(requests)
        .map(|request| async move {
            let ty = Arc::clone(&request.ty);
            list(cluster, request, context).await.map(|found| (ty, found))
        })
        .buffer_unordered(KINDS_AT_ONCE);
    let mut kinds: HashMap<ResourceType, Collection> = HashMap::new();
    while let Some((ty, (items, error))) = lists.try_next().await? {
        let collection = kinds.entry((*ty).clone()).or_default();
        collection.items.extend(items);
        collection.problem = collection.problem.take().or(error.map(|error| error.to_string()));
    }
    Ok(kinds)
}

/// The objects of one list, and why they are not all of them.
async fn list(
    cluster: &Cluster,
    request: ListRequest,
    context: &Context,
) -> Result<(Vec<Item>, Option<ApiError>), EngineError> {
    let ty = Arc::clone(&request.ty);
    let name = ty.to_string();
    let mut lister = cluster.list(ListRequest { metadata_only: !looks_inside(&ty), ..request });
    let (mut items, mut shared) = (Vec::new(), Shared::default());
    loop {
        let page = match context.run(lister.next()).await {
            Ok(Some(page)) => page,
            Ok(None) => return Ok((items, None)),
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => return Ok((items, Some(error))),
            Err(error) => return Err(error),
        };
        context.advance(page.len() as u64, 0, Some(&name));
        for json in page {
            // What is no object is a warning of the backup.
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&json) else { continue };
            if is_taken(&view) {
                items.push(Item::new(&ty, &view, &mut shared));
            }
        }
    }
}

impl Item {
    /// A namespace of which only the name is known.
    fn named(name: &str) -> Self {
        Self { namespace: "".into(), name: name.into(), labels: None, reach: None }
    }

    fn new(ty: &ResourceType, view: &ObjectView<'_>, shared: &mut Shared) -> Self {
        let meta = &view.metadata;
        let reach = Reach::of(ty, view);
        Self {
            namespace: shared.get(meta.namespace.as_deref().unwrap_or_default()),
            name: meta.name.as_ref().into(),
            labels: meta.labels.map(|raw| shared.get(raw.get())),
            reach: (!reach.is_empty()).then(|| Box::new(reach)),
        }
    }
}
