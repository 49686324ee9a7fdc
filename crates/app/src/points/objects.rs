//! Objects of a point: filtered, sorted and paged in its index, which is in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use holdfast_store::{Row, RowId};

use super::opened::OpenPoint;
use super::words::{Known, Subject, Words};
use crate::api::{Failure, ObjectPage, ObjectQuery, ObjectRow, TreeGroup};
use crate::{App, blocking};

/// Most rows of one page.
pub(crate) const MAX_PAGE: u64 = 1000;

impl App {
    /// Some of the objects that match.
    pub async fn point_objects(&self, query: ObjectQuery) -> Result<ObjectPage, Failure> {
        let open = self.open_point(&query.point).await?;
        blocking("looking for objects", move || page(&open, &query)).await?
    }

    /// Namespaces and kinds of all objects that match.
    pub async fn point_tree(&self, query: ObjectQuery) -> Result<Vec<TreeGroup>, Failure> {
        let open = self.open_point(&query.point).await?;
        blocking("counting objects", move || tree(&open, &query)).await?
    }
}

/// The rows of a page, out of those that match in their order.
pub(crate) fn page(open: &Arc<OpenPoint>, query: &ObjectQuery) -> Result<ObjectPage, Failure> {
    let mut filter = Filter::new(open, query)?;
    let order = open.order(query.sort);
    let ordered: Box<dyn Iterator<Item = &u32>> =
        if query.descending { Box::new(order.iter().rev()) } else { Box::new(order.iter()) };
    let (first, limit) = (query.offset, query.limit.min(MAX_PAGE));
    let (mut total, mut rows) = (0, Vec::new());
    for row in ordered.filter_map(|number| open.index.row(RowId(*number))) {
        if filter.takes(&row) {
            if total >= first && total < first.saturating_add(limit) {
                rows.push(object_row(open, &row));
            }
            total += 1;
        }
    }
    Ok(ObjectPage { total, of: open.index.len() as u64, offset: first, rows })
}

/// What the index says of one object.
fn object_row(open: &OpenPoint, row: &Row<'_>) -> ObjectRow {
    let labels = row.labels.and_then(|labels| serde_json::from_str(labels).ok()).unwrap_or_default();
    ObjectRow {
        row: row.id.0,
        group: row.ty.group.clone(),
        version: row.ty.version.clone(),
        kind: row.ty.kind.clone(),
        resource: open.resources[usize::from(row.type_id)].clone(),
        namespace: row.namespace.to_owned(),
        name: row.name.to_owned(),
        bytes: u64::from(row.length),
        owner: row.owner.map(|(kind, name)| format!("{kind}/{name}")),
        labels,
    }
}

fn tree(open: &Arc<OpenPoint>, query: &ObjectQuery) -> Result<Vec<TreeGroup>, Failure> {
    let mut filter = Filter::new(open, query)?;
    let mut groups: BTreeMap<&str, BTreeMap<u16, u64>> = BTreeMap::new();
    let mut last: Option<(&str, u16, u64)> = None;
    let mut add = |run: Option<(&'_ str, u16, u64)>| {
        if let Some((namespace, type_id, objects)) = run {
            // The index outlives the tree: the borrow is that of `open`.
            *groups.entry(namespace_of(open, namespace)).or_default().entry(type_id).or_default() += objects;
        }
    };
    // Neighbours mostly share namespace and type.
    for row in open.index.rows().filter(|row| filter.takes(row)) {
        match &mut last {
            Some((namespace, type_id, objects)) if *namespace == row.namespace && *type_id == row.type_id => {
                *objects += 1;
            }
            _ => add(last.replace((row.namespace, row.type_id, 1))),
        }
    }
    add(last);
    let kinds = |counts: BTreeMap<u16, u64>| {
        let mut kinds: Vec<(String, String, u64)> = counts
            .into_iter()
            .map(|(type_id, objects)| {
                let at = usize::from(type_id);
                (open.index.types()[at].kind.clone(), open.resources[at].clone(), objects)
            })
            .collect();
        kinds.sort();
        kinds
    };
    let group = |(namespace, counts): (&str, BTreeMap<u16, u64>)| TreeGroup {
        namespace: namespace.to_owned(),
        objects: counts.values().sum(),
        kinds: kinds(counts),
    };
    Ok(groups.into_iter().map(group).collect())
}

fn namespace_of<'a>(open: &'a OpenPoint, namespace: &str) -> &'a str {
    open.namespaces
        .binary_search_by(|known| known.as_str().cmp(namespace))
        .map_or("", |at| &open.namespaces[at])
}

/// What a query asks of each row.
struct Filter<'a> {
    open: &'a OpenPoint,
    words: Words,
    namespace: Option<&'a str>,
    /// Of each type, whether it is asked for.
    types: Option<Vec<bool>>,
}

impl<'a> Filter<'a> {
    fn new(open: &'a OpenPoint, query: &'a ObjectQuery) -> Result<Self, Failure> {
        let known = Known { kinds: &open.kinds, namespaces: &open.namespaces };
        let wanted = |resource: &String| open.resources.iter().map(|known| known == resource).collect();
        Ok(Self {
            open,
            words: Words::parse(&query.text, &known)?,
            namespace: query.namespace.as_deref(),
            types: query.resource.as_ref().map(wanted),
        })
    }

    fn takes(&mut self, row: &Row<'_>) -> bool {
        self.namespace.is_none_or(|namespace| namespace == row.namespace)
            && self.types.as_ref().is_none_or(|types| types[usize::from(row.type_id)])
            && self.words.hold(&Subject {
                kind: &row.ty.kind,
                resource: &self.open.resources[usize::from(row.type_id)],
                namespace: row.namespace,
                name: row.name,
                labels: row.labels,
                more: "",
            })
    }
}
