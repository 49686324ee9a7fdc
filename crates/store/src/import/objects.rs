//! Objects of a foreign archive, sorted into members by their type.

use std::collections::HashMap;
use std::sync::Arc;

use holdfast_model::content::Canonicalizer;
use holdfast_model::resource::{GroupResource, ResourceType};
use holdfast_model::view::ObjectView;
use jiff::Timestamp;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{MAX_NOTES, Note};
use crate::assembly::{Archive, Assembly};
use crate::error::StoreError;
use crate::index::is_plain;
use crate::member::{EntryMeta, MemberBuilder, Owner};

/// Uncompressed size at which a member is finished, in bytes.
const MEMBER_TARGET: usize = 512 << 10;

/// Uncompressed bytes of unfinished members at which all are finished.
const PENDING_LIMIT: usize = 32 << 20;

/// Takes objects in any order.
pub(super) struct Collector {
    assembly: Assembly,
    mtime: Timestamp,
    open: HashMap<ResourceType, MemberBuilder>,
    pending: usize,
    canonical: Canonicalizer,
    notes: Vec<Note>,
    dropped_notes: usize,
}

impl Collector {
    pub(super) fn new(assembly: Assembly, mtime: Timestamp) -> Self {
        Self {
            assembly,
            mtime,
            open: HashMap::new(),
            pending: 0,
            canonical: Canonicalizer::default(),
            notes: Vec::new(),
            dropped_notes: 0,
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        } else {
            self.dropped_notes += 1;
        }
    }

    /// Adds an object found under a path. One that contradicts its path is passed over with a note.
    pub(super) fn add(
        &mut self,
        resource: &str,
        namespace: &str,
        name: &str,
        json: &[u8],
    ) -> Result<(), StoreError> {
        match self.understand(resource, namespace, name, json) {
            Ok((ty, meta)) => self.push(ty, meta, json),
            Err(problem) => {
                let place = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
                self.note(format!("{resource} {place}{name} was passed over: {problem}"));
                Ok(())
            }
        }
    }

    fn understand(
        &mut self,
        resource: &str,
        namespace: &str,
        name: &str,
        json: &[u8],
    ) -> Result<(ResourceType, EntryMeta), &'static str> {
        let view: ObjectView<'_> =
            serde_json::from_slice(json).map_err(|_| "it is not a Kubernetes object")?;
        let (Some(api_version), Some(kind)) = (&view.api_version, &view.kind) else {
            return Err("it has no apiVersion or no kind");
        };
        let Ok(GroupResource { group, resource: plural }) = resource.parse();
        let (of_group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if of_group != group {
            return Err("its apiVersion is not of the group in its path");
        }
        if view.metadata.name != name || view.metadata.namespace.as_deref().unwrap_or_default() != namespace {
            return Err("its name or namespace is not the one in its path");
        }
        let ty = ResourceType {
            group,
            version: version.to_owned(),
            plural,
            kind: kind.clone().into_owned(),
            namespaced: !namespace.is_empty(),
        };
        if !is_plain(&ty) {
            return Err("its type cannot be a type of Kubernetes");
        }
        let owners = view.metadata.owners();
        let owner = owners.into_iter().find(|owner| owner.controller == Some(true));
        let meta = EntryMeta {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: view.metadata.uid.as_deref().and_then(|uid| Uuid::try_parse(uid).ok()),
            owner: owner.map(|of| Owner { kind: of.group_kind(), name: of.name }),
            labels: view.metadata.labels.map(RawValue::get).filter(|text| *text != "null").map(Box::from),
            hash: self.canonical.hash(json),
        };
        Ok((ty, meta))
    }

    fn push(&mut self, ty: ResourceType, meta: EntryMeta, json: &[u8]) -> Result<(), StoreError> {
        let mtime = self.mtime;
        let builder =
            self.open.entry(ty).or_insert_with_key(|ty| MemberBuilder::new(Arc::new(ty.clone()), mtime));
        let before = builder.raw_len();
        match builder.push(meta, &[json]) {
            Ok(()) => {}
            Err(error @ StoreError::InvalidObject { .. }) => {
                self.note(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.pending += builder.raw_len() - before;
        let full = builder.raw_len() >= MEMBER_TARGET;
        if self.pending >= PENDING_LIMIT {
            self.flush(|_| true)
        } else if full {
            self.flush(|builder| builder.raw_len() >= MEMBER_TARGET)
        } else {
            Ok(())
        }
    }

    fn flush(&mut self, which: impl Fn(&MemberBuilder) -> bool) -> Result<(), StoreError> {
        for (_, builder) in self.open.extract_if(|_, builder| which(builder)) {
            self.pending -= builder.raw_len();
            if !builder.is_empty() {
                self.assembly.append(&builder.finish()?)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(Archive, Vec<Note>), StoreError> {
        self.flush(|_| true)?;
        if self.dropped_notes > 0 {
            self.notes.push(format!("{} more files were passed over", self.dropped_notes));
        }
        Ok((self.assembly.finish()?, self.notes))
    }
}
