//! Which rows of a recovery point a restore takes.

use std::collections::BTreeSet;

use holdfast_model::resource::ResourceType;
use holdfast_model::selection::{ChosenObject, ClusterScoped, Selection};
use holdfast_model::view::ObjectView;
use holdfast_store::{Index, Point, Row, RowId};

use super::RestoreRequest;
use crate::backup::Related;
use crate::context::Context;
use crate::error::EngineError;

/// The selected rows in index order.
pub(crate) async fn rows(
    point: &Point,
    index: &Index,
    request: &RestoreRequest,
    context: &Context,
) -> Result<Vec<RowId>, EngineError> {
    let selection = &request.selection;
    let choosing = !request.objects.is_empty();
    let mut selected: Vec<RowId> = Vec::new();
    let mut namespaces: BTreeSet<&str> = BTreeSet::new();
    let referring = match selection.cluster_scoped {
        ClusterScoped::Auto => choosing || !selection.is_whole_cluster(),
        ClusterScoped::All => choosing,
        ClusterScoped::None => false,
    };
    let mut related = Related::new(referring);
    for (type_id, ty) in types(index) {
        if !ty.namespaced || !selection.selects_type(ty, &[]) {
            continue;
        }
        for row in index.rows_of(type_id) {
            let fits =
                selection.selects_namespace(row.namespace) && selection.labels.matches_json(row.labels);
            if fits && request.is_chosen(&row) {
                selected.push(row.id);
                namespaces.insert(row.namespace);
                if referring {
                    note(&mut related, point, &row, context).await?;
                }
            }
        }
    }
    if selection.takes_all_cluster_scoped() || (choosing && selection.cluster_scoped != ClusterScoped::None) {
        let taken = |row: &Row<'_>| {
            selection.selects_type(row.ty, &[])
                && selection.labels.matches_json(row.labels)
                && request.is_chosen(row)
        };
        for row in cluster_scoped(index, selection).filter(taken) {
            selected.push(row.id);
            if referring {
                note(&mut related, point, &row, context).await?;
            }
        }
    }
    if referring {
        selected.extend(referred(point, index, selection, related, context).await?);
    }
    selected.extend(namespace_rows(index, request, &namespaces));
    selected.sort_unstable();
    selected.dedup();
    Ok(selected)
}

/// The cluster-scoped rows that selected ones refer to, directly or through one another.
async fn referred(
    point: &Point,
    index: &Index,
    selection: &Selection,
    mut related: Related,
    context: &Context,
) -> Result<BTreeSet<RowId>, EngineError> {
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for row in cluster_scoped(index, selection) {
            if found.contains(&row.id) || !related.wants_type(row.ty) {
                continue;
            }
            let json = context.run(point.read(row.id)).await?;
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&json) else {
                continue;
            };
            if related.wants(row.ty, &view) {
                related.note(row.ty, &view);
                found.insert(row.id);
            }
        }
        if found.len() == before {
            return Ok(found);
        }
    }
}

/// The chosen objects that the point does not have, or that the selection leaves out.
pub(crate) fn missing(index: &Index, selected: &[RowId], request: &RestoreRequest) -> Vec<String> {
    let rows: Vec<Row<'_>> = selected.iter().filter_map(|id| index.row(*id)).collect();
    let is_there = |object: &&ChosenObject| rows.iter().any(|row| object.is(row.ty, row.namespace, row.name));
    request.objects.iter().filter(|object| !is_there(object)).map(ToString::to_string).collect()
}

fn types(index: &Index) -> impl Iterator<Item = (u16, &ResourceType)> {
    (0u16..).zip(index.types())
}

fn cluster_scoped<'a>(index: &'a Index, selection: &'a Selection) -> impl Iterator<Item = Row<'a>> {
    types(index)
        .filter(|(_, ty)| !ty.namespaced && !ty.is("", "namespaces") && !selection.excludes_type(ty, &[]))
        .flat_map(|(type_id, _)| index.rows_of(type_id))
}

/// Namespaces that hold something selected, or that the filters take themselves.
fn namespace_rows(index: &Index, request: &RestoreRequest, holding: &BTreeSet<&str>) -> Vec<RowId> {
    let selection = &request.selection;
    let Some((type_id, ty)) = types(index).find(|(_, ty)| ty.is("", "namespaces")) else {
        return Vec::new();
    };
    if selection.excludes_type(ty, &[]) {
        return Vec::new();
    }
    let type_selected = selection.selects_type(ty, &["ns".to_owned()]);
    index
        .rows_of(type_id)
        .filter(|row| {
            let taken = type_selected
                && request.is_chosen(row)
                && selection.selects_namespace(row.name)
                && selection.labels.matches_json(row.labels);
            taken || holding.contains(row.name)
        })
        .map(|row| row.id)
        .collect()
}

/// Reads an object only where its kind may refer to something.
async fn note(
    related: &mut Related,
    point: &Point,
    row: &Row<'_>,
    context: &Context,
) -> Result<(), EngineError> {
    let json = context.run(point.read(row.id)).await?;
    if let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&json) {
        related.note(row.ty, &view);
    }
    Ok(())
}
