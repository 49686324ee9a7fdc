//! One stored object, as it is exported or left out.

use std::borrow::Cow;
use std::sync::Arc;

use holdfast_model::resource::ResourceType;
use holdfast_model::target;
use holdfast_model::wave::Wave;
use holdfast_store::{Index, Row, RowId};
use serde_json::Value;

use super::choose::Entry;
use super::{ExportError, Why, yaml};
use crate::restore::{RestoreRequest, form};

/// The manifest that `kubectl apply` keeps; applying the export writes it anew.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The longest object that `kubectl apply` can keep a manifest of: the limit of all annotations together.
const MAX_LAST_APPLIED: usize = 256 << 10;

/// The file of one object.
#[derive(Debug)]
pub(super) struct Document {
    pub path: String,
    pub wave: Wave,
    pub yaml: Vec<u8>,
    pub secret: bool,
    /// Whether it holds characters that server-side apply and kustomize refuse.
    pub odd: bool,
}

/// What became of one entry.
#[derive(Debug)]
pub(super) enum Cleaned {
    Document {
        row: RowId,
        document: Document,
        /// A claim that had data.
        empty_claim: bool,
        /// Whether client-side apply cannot keep its manifest.
        large: bool,
    },
    LeftOut(RowId, Why, Cow<'static, str>),
}

impl Cleaned {
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Document { document, .. } => document.yaml.len() as u64,
            Self::LeftOut(..) => 0,
        }
    }
}

/// What all conversions share.
#[derive(Debug)]
pub(super) struct Conversion {
    pub index: Arc<Index>,
    pub request: RestoreRequest,
}

impl Conversion {
    /// Brings an object into the form that is exported.
    pub(super) fn clean(&self, entry: Entry, json: &[u8]) -> Result<Cleaned, ExportError> {
        let id = entry.row;
        let Some(row) = self.index.row(id) else {
            return Ok(Cleaned::LeftOut(id, Why::Unreadable, "it is not in the index".into()));
        };
        let stored = match serde_json::from_slice::<Value>(json) {
            Ok(stored @ Value::Object(_)) => stored,
            Ok(_) => {
                return Ok(Cleaned::LeftOut(id, Why::Unreadable, "it is not a Kubernetes object".into()));
            }
            Err(error) => return Ok(Cleaned::LeftOut(id, Why::Unreadable, error.to_string().into())),
        };
        if let Some(why) = target::not_restorable(row.ty, &stored) {
            return Ok(Cleaned::LeftOut(id, Why::NotRestorable, why.into()));
        }
        if row.ty.is("", "persistentvolumes") && is_claimed(&stored) && !self.is_named(&row) {
            let why = "it is the disk of a claim, which gets a new one; to export it too, name it in \
                       --include-objects, or its type in --include-resources";
            return Ok(Cleaned::LeftOut(id, Why::BoundVolume, why.into()));
        }
        let empty_claim = row.ty.is("", "persistentvolumeclaims")
            && stored
                .pointer("/spec/volumeName")
                .and_then(Value::as_str)
                .is_some_and(|name| !name.is_empty());
        let mut object = form::target_form(&row, stored, &self.request).object;
        remove_last_applied(&mut object);
        name_type(row.ty, &mut object);
        if row.ty.is("", "serviceaccounts") && row.name == "default" && form::says_nothing(&object) {
            return Ok(Cleaned::LeftOut(id, Why::MadeAgain, "made with its namespace".into()));
        }
        let yaml = yaml::document(&row, &object)?;
        let secret = row.ty.is("", "secrets");
        let odd = is_odd(&object);
        let document = Document { path: entry.path, wave: Wave::of(row.ty), yaml, secret, odd };
        Ok(Cleaned::Document { row: id, document, empty_claim, large: json.len() > MAX_LAST_APPLIED })
    }

    /// Whether the selection names this object, or its type.
    fn is_named(&self, row: &Row<'_>) -> bool {
        let by_type =
            self.request.selection.resources.include.iter().any(|pattern| pattern.matches(row.ty, &[]));
        by_type || (!self.request.objects.is_empty() && self.request.is_chosen(row))
    }
}

/// Whether an object holds characters that JSON lets through and YAML only escaped. `kubectl apply --server-side` and
/// kustomize write them as they are, and then refuse to read them.
fn is_odd(value: &Value) -> bool {
    let odd = |text: &str| {
        text.contains(
            |c: char| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'),
        )
    };
    match value {
        Value::String(text) => odd(text),
        Value::Array(items) => items.iter().any(is_odd),
        Value::Object(map) => map.iter().any(|(key, value)| odd(key) || is_odd(value)),
        _ => false,
    }
}

fn is_claimed(volume: &Value) -> bool {
    volume.pointer("/spec/claimRef/name").is_some()
}

fn remove_last_applied(object: &mut Value) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
}

/// A file must say what it holds, also where the list that the object came from said it once for all.
fn name_type(ty: &ResourceType, object: &mut Value) {
    if let Some(root) = object.as_object_mut() {
        root.entry("apiVersion").or_insert_with(|| ty.api_version().into());
        root.entry("kind").or_insert_with(|| ty.kind.clone().into());
    }
}
