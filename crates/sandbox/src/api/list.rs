//! LIST, in pages that show one moment.
//!
//! A continue token names the resource version of the first page and where the next one begins. As long as nothing
//! changed, the world is that moment; for when something does, the rest of a list that was begun is remembered. The
//! oldest memories are dropped first, and then the token has expired, as it does on the real server after minutes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_model::selection::LabelSelector;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Answer;
use super::get::shown;
use super::route::{Place, Query};
use crate::kinds::Kind;
use crate::world::{Key, World};

/// Lists in pages that can be under way at once without expiring.
const MAX_SNAPSHOTS: usize = 64;

type Object = (Key, Arc<Value>);

/// What lists that were begun showed, for their later pages.
#[derive(Default)]
pub(crate) struct Snapshots(VecDeque<Snapshot>);

struct Snapshot {
    version: u64,
    of: String,
    objects: Arc<[Object]>,
}

impl Snapshots {
    /// Forgets everything, because the world was replaced.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn find(&self, version: u64, of: &str) -> Option<Arc<[Object]>> {
        self.0.iter().find(|s| s.version == version && s.of == of).map(|s| Arc::clone(&s.objects))
    }

    fn keep(&mut self, version: u64, of: &str, objects: &Arc<[Object]>) {
        if self.find(version, of).is_none() {
            if self.0.len() == MAX_SNAPSHOTS {
                self.0.pop_front();
            }
            self.0.push_back(Snapshot { version, of: of.to_owned(), objects: Arc::clone(objects) });
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Token {
    /// Resource version of the list; 0 for whatever is there now.
    rv: u64,
    /// Namespace and name of the last object shown.
    after: (String, String),
}

impl Token {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

pub(super) fn objects(
    world: &World,
    snapshots: &mut Snapshots,
    kind: &Kind,
    place: &Place,
    query: &Query,
) -> Answer {
    page(world, snapshots, kind, place, query).unwrap_or_else(|refused| refused)
}

fn page(
    world: &World,
    snapshots: &mut Snapshots,
    kind: &Kind,
    place: &Place,
    query: &Query,
) -> Result<Answer, Answer> {
    let selector = query.get("labelSelector").unwrap_or_default();
    let labels: LabelSelector = selector
        .parse()
        .map_err(|error| Answer::bad_request(&format!("unable to parse requirement: {error}")))?;
    let limit = match query.get("limit").unwrap_or("0").parse::<usize>() {
        Ok(0) => usize::MAX,
        Ok(limit) => limit,
        Err(_) => return Err(Answer::bad_request("limit is not a number")),
    };
    let token = match query.get("continue").filter(|text| !text.is_empty()) {
        Some(text) => Some(
            Token::decode(text)
                .ok_or_else(|| Answer::bad_request("continue key is not valid: illegal base64 data"))?,
        ),
        None => None,
    };

    let now = || -> Arc<[Object]> {
        let all = world.list(&kind.ty.group, &kind.ty.plural, place.namespace.as_deref());
        all.filter(|(_, object)| labels.is_empty() || labels.matches(&labels_of(object)))
            .map(|(key, object)| (key.clone(), Arc::clone(object)))
            .collect()
    };
    let of = format!("{}/{}?{selector}", kind.ty, place.namespace.as_deref().unwrap_or("*"));
    let (version, objects) = match &token {
        Some(token) if token.rv != 0 && token.rv != world.version => match snapshots.find(token.rv, &of) {
            Some(objects) => (token.rv, objects),
            None => return Err(Answer::expired(&Token { rv: 0, after: token.after.clone() }.encode())),
        },
        _ => (world.version, now()),
    };
    let start = token.map_or(0, |Token { after: (namespace, name), .. }| {
        objects.partition_point(|(key, _)| {
            (key.namespace.as_str(), key.name.as_str()) <= (namespace.as_str(), name.as_str())
        })
    });
    let end = start.saturating_add(limit).min(objects.len());
    let shown = &objects[start..end];
    let next = match shown.last() {
        Some((key, _)) if end < objects.len() => {
            snapshots.keep(version, &of, &objects);
            let after = (key.namespace.clone(), key.name.clone());
            let remaining = labels.is_empty().then_some(objects.len() - end);
            Some((Token { rv: version, after }.encode(), remaining))
        }
        _ => None,
    };
    Ok(write_page(kind, version, next, shown))
}

/// Writes a page with its metadata before its items, as the real server does.
fn write_page(
    kind: &Kind,
    version: u64,
    next: Option<(String, Option<usize>)>,
    objects: &[Object],
) -> Answer {
    let mut metadata = serde_json::json!({"resourceVersion": version.to_string()});
    if let Some((token, remaining)) = next {
        metadata["continue"] = Value::from(token);
        if let Some(remaining) = remaining {
            metadata["remainingItemCount"] = Value::from(remaining);
        }
    }
    let head = format!(
        r#"{{"kind":"{}List","apiVersion":"{}","metadata":{metadata},"items":["#,
        kind.ty.kind,
        kind.ty.api_version()
    );
    let mut body = head.into_bytes();
    for (at, (_, object)) in objects.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        let text = if kind.custom { shown(kind, object).to_string() } else { bare(object).to_string() };
        body.extend(text.into_bytes());
    }
    body.extend(b"]}");
    Answer { code: 200, content_type: "application/json", body: body.into() }
}

/// Built-in objects stand in lists without their type.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(root) = object.as_object_mut() {
        root.remove("apiVersion");
        root.remove("kind");
    }
    object
}

fn labels_of(object: &Value) -> BTreeMap<String, String> {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object);
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    labels.into_iter().flatten().filter_map(text).collect()
}
