//! The points that were opened last, with their indexes and the orders that their rows were asked for in.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use holdfast_store::{Index, Point, PointSummary, RowId};

use crate::App;
use crate::api::{Failure, ObjectSort, PointKey};
use crate::selection::point_name;

/// Points that are kept open. An index takes about 100 bytes an object.
const KEPT: usize = 4;

/// The newest few, last used first.
#[derive(Default)]
pub(crate) struct OpenPoints(Mutex<Vec<Arc<OpenPoint>>>);

/// A point with its index.
#[derive(Debug)]
pub(crate) struct OpenPoint {
    pub key: PointKey,
    pub point: Point,
    pub index: Arc<Index>,
    /// All namespaces, sorted; the empty one is for cluster-scoped objects.
    pub namespaces: Vec<String>,
    /// Kinds, plurals and resources, for words that name one.
    pub kinds: Vec<String>,
    /// `plural.group` of each type.
    pub resources: Vec<String>,
    by_kind: OnceLock<Vec<u32>>,
    by_name: OnceLock<Vec<u32>>,
    by_namespace: OnceLock<Vec<u32>>,
    by_bytes: OnceLock<Vec<u32>>,
}

impl OpenPoints {
    fn get(&self, key: &PointKey) -> Option<Arc<OpenPoint>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = open.iter().position(|point| point.key == *key)?;
        let point = open.remove(at);
        open.insert(0, Arc::clone(&point));
        Some(point)
    }

    fn put(&self, point: Arc<OpenPoint>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|other| other.key != point.key);
        open.insert(0, point);
        open.truncate(KEPT);
    }

    pub(crate) fn forget(&self, key: &PointKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|point| point.key != *key);
    }

    pub(crate) fn forget_vault(&self, vault_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|point| point.key.vault_id != vault_id);
    }
}

impl App {
    /// A point as it was opened last, or opened now.
    pub(crate) async fn open_point(&self, key: &PointKey) -> Result<Arc<OpenPoint>, Failure> {
        match self.inner.points.get(key) {
            Some(point) => Ok(point),
            None => self.reopen_point(key).await,
        }
    }

    /// A point as it is now: the same name may stand for another one since. What is the same stays open.
    pub(crate) async fn reopen_point(&self, key: &PointKey) -> Result<Arc<OpenPoint>, Failure> {
        let (_, vault) = self.vault(&key.vault_id).await?;
        let point = match vault.point(&point_name(&key.point)?).await {
            Ok(point) => point,
            Err(error) => {
                self.inner.points.forget(key);
                return Err(error.into());
            }
        };
        let same = |open: &Arc<OpenPoint>| is_same(open.point.summary(), point.summary());
        if let Some(open) = self.inner.points.get(key).filter(same) {
            return Ok(open);
        }
        let index = point.index().await?;
        let open = Arc::new(OpenPoint::new(key.clone(), point, index));
        self.inner.points.put(Arc::clone(&open));
        Ok(open)
    }
}

fn is_same(a: &PointSummary, b: &PointSummary) -> bool {
    a == b
}

impl OpenPoint {
    fn new(key: PointKey, point: Point, index: Arc<Index>) -> Self {
        let mut namespaces: Vec<&str> = Vec::new();
        for row in index.rows() {
            // Rows of one type are sorted by namespace.
            if namespaces.last() != Some(&row.namespace) {
                namespaces.push(row.namespace);
            }
        }
        namespaces.sort_unstable();
        namespaces.dedup();
        let namespaces = namespaces.into_iter().map(str::to_owned).collect();
        let names = |ty: &holdfast_model::resource::ResourceType| {
            [ty.kind.clone(), ty.plural.clone(), ty.to_string()]
        };
        let kinds = index.types().iter().flat_map(names).collect();
        let resources = index.types().iter().map(ToString::to_string).collect();
        Self {
            key,
            point,
            index,
            namespaces,
            kinds,
            resources,
            by_kind: OnceLock::new(),
            by_name: OnceLock::new(),
            by_namespace: OnceLock::new(),
            by_bytes: OnceLock::new(),
        }
    }

    /// All rows in an order, made on first use.
    pub(crate) fn order(&self, sort: ObjectSort) -> &[u32] {
        let order = match sort {
            ObjectSort::Kind => &self.by_kind,
            ObjectSort::Name => &self.by_name,
            ObjectSort::Namespace => &self.by_namespace,
            ObjectSort::Bytes => &self.by_bytes,
        };
        order.get_or_init(|| self.sorted(sort))
    }

    /// Rows with equal keys stay in the index's order: by type, namespace and name.
    fn sorted(&self, sort: ObjectSort) -> Vec<u32> {
        let index = &self.index;
        let kinds = self.kind_ranks();
        let mut rows: Vec<_> = index.rows().collect();
        match sort {
            ObjectSort::Kind => rows.sort_by_key(|row| kinds[usize::from(row.type_id)]),
            ObjectSort::Name => rows.sort_by(|a, b| a.name.cmp(b.name)),
            ObjectSort::Namespace => {
                rows.sort_by(|a, b| {
                    let kind = |type_id: u16| kinds[usize::from(type_id)];
                    a.namespace.cmp(b.namespace).then_with(|| kind(a.type_id).cmp(&kind(b.type_id)))
                });
            }
            ObjectSort::Bytes => rows.sort_by_key(|row| row.length),
        }
        rows.into_iter().map(|row| row.id.0).collect()
    }

    /// The place of each type when types are sorted by kind.
    fn kind_ranks(&self) -> Vec<usize> {
        let types = self.index.types();
        let mut order: Vec<usize> = (0..types.len()).collect();
        // As people sort: capitals inside of a word do not matter.
        order.sort_by_cached_key(|at| (types[*at].kind.to_ascii_lowercase(), types[*at].group.clone()));
        let mut ranks = vec![0; types.len()];
        for (rank, at) in order.into_iter().enumerate() {
            ranks[at] = rank;
        }
        ranks
    }

    /// A row by its number.
    pub(crate) fn row(&self, row: u32) -> Result<holdfast_store::Row<'_>, Failure> {
        let found = self.index.row(RowId(row));
        found.ok_or_else(|| {
            Failure::not_found(format!("the recovery point {} has no object {row}", self.key.point))
        })
    }
}
