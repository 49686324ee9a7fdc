//! Which of the selected rows are exported, in which order, and under which names.
//!
//! The rules are those of a restore's plan, asked of the recovery point alone: what makes an object again must itself
//! be in the export.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use holdfast_model::derived::Source;
use holdfast_model::wave::Wave;
use holdfast_store::{Index, Point, Row, RowId};
use serde_json::Value;

use super::names::Names;
use super::{ExportError, LeftOut, Why};
use crate::context::Context;
use crate::restore::derive::source_of;
use crate::restore::{RestoreRequest, form};

/// An object to be exported, if its content does not speak against it.
#[derive(Debug)]
pub(super) struct Entry {
    pub row: RowId,
    /// Where it goes below the folder.
    pub path: String,
}

/// Choosing among the selected rows.
pub(super) struct Choosing<'a> {
    pub point: &'a Point,
    pub index: &'a Index,
    pub request: &'a RestoreRequest,
    /// Sorted.
    pub selected: Vec<RowId>,
    pub context: &'a Context,
}

impl<'a> Choosing<'a> {
    /// The entries in the order of writing; what is left out for reasons that stand in the index is noted.
    pub(super) async fn entries(self, left_out: &mut Vec<LeftOut>) -> Result<Vec<Entry>, ExportError> {
        let mut rows: Vec<Row<'a>> = self.selected.iter().filter_map(|id| self.index.row(*id)).collect();
        rows.sort_by_key(|row| (Wave::of(row.ty), row.id));
        let types = self.types_by_kind();
        let mut services = HashMap::new();
        let mut targets = HashSet::new();
        let mut names = Names::default();
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(why) = self.derived(&row, &types, &mut services).await? {
                left_out.push(LeftOut::new(&row, Why::MadeAgain, why));
                continue;
            }
            let mappings = &self.request.mappings;
            let namespace = mappings.target(row.namespace);
            let name = if row.ty.is("", "namespaces") { mappings.target(row.name) } else { row.name };
            // Without mappings two rows cannot go to one place.
            if !mappings.is_empty() && !targets.insert((row.type_id, namespace, name)) {
                let why = "another object goes to the same name; map the two namespaces apart";
                left_out.push(LeftOut::new(&row, Why::SameName, why.into()));
                continue;
            }
            let path = names.path(Wave::of(row.ty), row.ty, namespace, name);
            entries.push(Entry { row: row.id, path });
        }
        Ok(entries)
    }

    fn types_by_kind(&self) -> HashMap<String, Vec<u16>> {
        let mut types: HashMap<String, Vec<u16>> = HashMap::new();
        for (type_id, ty) in (0u16..).zip(self.index.types()) {
            types.entry(ty.group_kind()).or_default().push(type_id);
        }
        types
    }

    /// Why something else makes an object again, or `None`.
    async fn derived(
        &self,
        row: &Row<'_>,
        types: &HashMap<String, Vec<u16>>,
        services: &mut HashMap<RowId, bool>,
    ) -> Result<Option<Cow<'static, str>>, ExportError> {
        let found = |kind: &str, name: &str| {
            let ids = types.get(kind).into_iter().flatten();
            ids.copied().find_map(|type_id| self.selected_row(type_id, row.namespace, name))
        };
        Ok(match source_of(row) {
            None => None,
            Some(Source::Kubernetes(why)) => Some(why.into()),
            Some(Source::Owner(kind, name)) => found(&kind, &name)
                .map(|_| format!("made again by {} {name}", kind.split('.').next().unwrap_or(&kind)).into()),
            Some(Source::Service(name)) => match found("Service", &name) {
                Some(service) if self.selects(&service, services).await? => {
                    Some(format!("made again for Service {name}").into())
                }
                _ => None,
            },
        })
    }

    fn selected_row(&self, type_id: u16, namespace: &str, name: &str) -> Option<Row<'a>> {
        let namespaced = self.index.types().get(usize::from(type_id))?.namespaced;
        let row = self.index.find(type_id, if namespaced { namespace } else { "" }, name)?;
        self.selected.binary_search(&row.id).is_ok().then_some(row)
    }

    /// Whether a Service has a selector; remembered, because several objects may ask.
    async fn selects(
        &self,
        service: &Row<'_>,
        known: &mut HashMap<RowId, bool>,
    ) -> Result<bool, ExportError> {
        if let Some(selects) = known.get(&service.id) {
            return Ok(*selects);
        }
        let object = form::stored(self.point, service, self.context).await?;
        let selector = object.pointer("/spec/selector").and_then(Value::as_object);
        let selects = selector.is_some_and(|selector| !selector.is_empty());
        known.insert(service.id, selects);
        Ok(selects)
    }
}
