//! Whether something else makes an object again: the table of derived objects, asked of this point and target.

use std::collections::BTreeMap;

use holdfast_cluster::ApiError;
use holdfast_model::derived::{Facts, Source, reads_labels, source};
use holdfast_store::{Row, RowId};
use serde_json::Value;

use super::planner::Planner;
use crate::error::EngineError;

/// What the table says of a row.
pub(crate) fn source_of(row: &Row<'_>) -> Option<Source> {
    let labels: BTreeMap<String, String> = row
        .labels
        .filter(|_| reads_labels(row.ty))
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    source(Facts {
        ty: row.ty,
        namespace: row.namespace,
        name: row.name,
        controller: row.owner,
        labels: &labels,
    })
}

impl Planner<'_> {
    /// Why an object is derived, or `None` where it is restored like anything else.
    ///
    /// What a controller makes counts only if its owner comes along or is in the
    /// target already: otherwise nothing would make it.
    pub(super) async fn derived(&self, row: &Row<'_>) -> Result<Option<String>, EngineError> {
        Ok(match source_of(row) {
            None => None,
            Some(Source::Kubernetes(why)) => Some(why.to_owned()),
            Some(Source::Owner(kind, name)) => {
                let there = self.row_of_kind(&kind, row.namespace, &name).is_some()
                    || self.is_live(&kind, row.namespace, &name).await?;
                let is_left_out = self
                    .row_of_kind(&kind, row.namespace, &name)
                    .and_then(|id| self.index.row(id))
                    .is_some_and(|owner| self.request.is_left_out(&owner));
                let what = if is_left_out { "left out of this restore with" } else { "made again by" };
                there.then(|| format!("{what} {} {name}", kind.split('.').next().unwrap_or(&kind)))
            }
            Some(Source::Service(name)) => self
                .service_selects(row.namespace, &name)
                .await?
                .then(|| format!("made again for Service {name}")),
        })
    }

    /// The selected row of an object named by kind.
    pub(super) fn row_of_kind(&self, kind: &str, namespace: &str, name: &str) -> Option<RowId> {
        (0u16..).zip(self.index.types()).filter(|(_, ty)| ty.group_kind() == kind).find_map(
            |(type_id, ty)| {
                let namespace = if ty.namespaced { namespace } else { "" };
                self.index.find(type_id, namespace, name).map(|row| row.id).filter(|id| self.is_selected(*id))
            },
        )
    }

    /// Whether an object named by kind is in the target, under the mapped namespace.
    pub(super) async fn is_live(&self, kind: &str, namespace: &str, name: &str) -> Result<bool, ApiError> {
        let Some(ty) = self.live.type_of_kind(kind) else {
            return Ok(false);
        };
        let namespace = self.request.mappings.target(namespace);
        Ok(self.live.get(ty, namespace, name).await?.is_some())
    }

    async fn service_selects(&self, namespace: &str, name: &str) -> Result<bool, EngineError> {
        let service = match self.row_of_kind("Service", namespace, name).and_then(|id| self.index.row(id)) {
            Some(row) => Some(super::form::stored(self.point, &row, self.context).await?),
            None => match self.live.type_of_kind("Service") {
                Some(ty) => {
                    let found = self.live.get(ty, self.request.mappings.target(namespace), name).await?;
                    found.and_then(|json| serde_json::from_slice::<Value>(&json).ok())
                }
                None => None,
            },
        };
        let selector = service.as_ref().and_then(|s| s.pointer("/spec/selector")).and_then(Value::as_object);
        Ok(selector.is_some_and(|selector| !selector.is_empty()))
    }
}
