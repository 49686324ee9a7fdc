//! YAML and JSON text as values, within limits.
//!
//! Two forms are read: [`Node`]s, which know where they stand and how a scalar was spelled
//! (`value: 012` is the text `012`), for what people write by hand, resource modifiers and
//! hooks; and plain JSON, typed as kubectl types it: numbers, booleans (also `yes` and
//! `no`), octal `0644`. What a cluster gave as JSON becomes nodes, too, without places.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Error, Spanned};

/// Where in a text, counted from 1. Nothing where the parser cannot tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line; 0 where unknown.
    pub line: u64,
    /// Column in characters; 0 where unknown.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => Ok(()),
            (line, 0) => write!(f, "line {line}: "),
            (line, column) => write!(f, "line {line}, column {column}: "),
        }
    }
}

/// Most nodes that one text may have.
const MAX_NODES: usize = 50_000;
/// Deepest nesting of lists and maps in one text.
pub(crate) const MAX_TEXT_DEPTH: usize = 100;
/// Aliases repeat what they stand for. These two limits bound the product to a few dozen megabytes.
const MAX_REPEATED: usize = 2_000;
const MAX_ANCHORED_BYTES: usize = 16 * 1024;

/// A value with the place where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub at: Place,
    pub content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// `null`, `~`, or nothing at all.
    Null {
        spelled: bool,
    },
    /// A number or a boolean as it was spelled.
    Recognised(String),
    /// Any other scalar.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, (Place, String)> {
    let raw: Spanned<Raw> =
        serde_saphyr::from_str_with_options(text, options(false)).map_err(|error| describe(&error))?;
    Ok(raw_node(raw, text))
}

/// Reads one document as JSON.
pub(crate) fn parse_json(text: &str) -> Result<Value, (Place, String)> {
    serde_saphyr::from_str_with_options(text, options(true)).map_err(|error| describe(&error))
}

/// What is JSON already. What is nested deeper than a text may be is an error.
pub(crate) fn from_json(value: &Value) -> Result<Node, String> {
    json_node(value, MAX_TEXT_DEPTH)
        .ok_or_else(|| format!("it is nested deeper than {MAX_TEXT_DEPTH} levels"))
}

fn json_node(value: &Value, room: usize) -> Option<Node> {
    let room = room.checked_sub(1)?;
    let content = match value {
        Value::Null => Content::Null { spelled: true },
        Value::Bool(value) => Content::Recognised(value.to_string()),
        Value::Number(value) => Content::Recognised(value.to_string()),
        Value::String(text) => Content::Text(text.clone()),
        Value::Array(items) => {
            Content::List(items.iter().map(|item| json_node(item, room)).collect::<Option<_>>()?)
        }
        Value::Object(fields) => Content::Map(
            fields
                .iter()
                .map(|(key, value)| Some((key.clone(), json_node(value, room)?)))
                .collect::<Option<_>>()?,
        ),
    };
    Some(Node { at: Place::default(), content })
}

fn options(octal: bool) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 3 * MAX_NODES,
            max_depth: MAX_TEXT_DEPTH,
            max_documents: 1,
            max_recorded_anchor_bytes: MAX_ANCHORED_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        duplicate_keys: DuplicateKeyPolicy::Error,
        legacy_octal_numbers: octal,
        with_snippet: false,
    }
}

fn describe(error: &Error) -> (Place, String) {
    let at =
        error.location().map_or_else(Place::default, |at| Place { line: at.line(), column: at.column() });
    let reason = match error.without_snippet() {
        Error::DuplicateMappingKey { key, .. } => match key {
            Some(key) => format!("the field {} is given twice", short(key)),
            None => "a field is given twice".to_owned(),
        },
        Error::Budget { .. } => "it has more entries, or is nested deeper, than is read".to_owned(),
        Error::MultipleDocuments { .. } => "it has several documents; only one is read".to_owned(),
        Error::UnknownAnchor { .. } => "an alias has no anchor".to_owned(),
        Error::Eof { .. } => "it is empty, or ends early".to_owned(),
        other => {
            let words = other.to_string();
            // The place is told in front.
            short(words.split(" at line ").next().unwrap_or_default())
        }
    };
    (at, reason)
}

/// At most the length of a line, without what could steer a terminal.
pub(crate) fn short(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value as the parser gives it: the spelling of what it recognised is still in the text.
enum Raw {
    Recognised(String),
    Null,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(String, Spanned<Raw>)>),
}

fn raw_node(raw: Spanned<Raw>, text: &str) -> Node {
    let at = Place { line: raw.referenced.line(), column: raw.referenced.column() };
    let span = raw.defined.span();
    let spelling = || {
        let start = usize::try_from(span.byte_offset()?).ok()?;
        text.get(start..start.checked_add(usize::try_from(span.byte_len()?).ok()?)?).map(str::trim)
    };
    let content = match raw.value {
        Raw::Null => Content::Null { spelled: spelling().is_some_and(|spelling| !spelling.is_empty()) },
        Raw::Recognised(value) => match spelling() {
            // A tag or an anchor before it is not part of it.
            Some(spelling) if !spelling.is_empty() && !spelling.starts_with(['!', '&', '"', '\'', '*']) => {
                Content::Recognised(spelling.to_owned())
            }
            _ => Content::Recognised(value),
        },
        Raw::Text(text) => Content::Text(text),
        Raw::List(items) => Content::List(items.into_iter().map(|item| raw_node(item, text)).collect()),
        Raw::Map(fields) => {
            Content::Map(fields.into_iter().map(|(key, value)| (key, raw_node(value, text))).collect())
        }
    };
    Node { at, content }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Recognised(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(field) = fields.next_entry()? {
            map.push(field);
        }
        Ok(Raw::Map(map))
    }
}
