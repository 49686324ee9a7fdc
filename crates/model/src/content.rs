//! The content hash of an object: equal hashes mean equal objects, up to what
//! only the API server sets.
//!
//! Two objects with the same hash need no further comparison; two with different
//! hashes may still be equal in meaning (defaults of another server version), so
//! a difference is always looked at field by field before anything is claimed.
//!
//! The hash is the first 16 bytes of blake3 over canonical JSON: keys sorted by
//! their bytes, no white space, numbers and strings as they were spelled, without
//! `apiVersion` and `kind` (a LIST leaves them out), without `status`, and without
//! the metadata that the server sets (of owner references, only the `uid`). Bytes that are not JSON, or nest deeper than
//! [`MAX_DEPTH`], are hashed as they are.

use memchr::memchr2;

/// Name of the algorithm, as it is written into indexes.
pub const ALGORITHM: &str = "blake3-128/canonical-json-1";

/// Deepest nesting that is canonicalised. Kubernetes refuses JSON deeper than 10,000; real objects stay under 40.
pub const MAX_DEPTH: usize = 200;

/// A content hash.
pub type ContentHash = [u8; 16];

const DROPPED_AT_ROOT: [&[u8]; 3] = [b"apiVersion", b"kind", b"status"];
const DROPPED_IN_METADATA: [&[u8]; 8] = [
    b"creationTimestamp",
    b"deletionGracePeriodSeconds",
    b"deletionTimestamp",
    b"generation",
    b"managedFields",
    b"resourceVersion",
    b"selfLink",
    b"uid",
];

/// Hashes one object given as JSON text.
pub fn hash(json: &[u8]) -> ContentHash {
    Canonicalizer::default().hash(json)
}

/// Canonicalises objects one after the other, keeping its buffers between them.
#[derive(Default)]
pub struct Canonicalizer {
    out: Vec<u8>,
    sorted: Vec<u8>,
    entries: Vec<Entry>,
}

/// One member of the object being read: where its key stands in the input, and where `"key":value` stands in `out`.
#[derive(Clone, Copy)]
struct Entry {
    key: (usize, usize),
    text: (usize, usize),
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Metadata,
    Owners,
    Below,
}

impl Place {
    fn below(self, key: &[u8]) -> Self {
        match (self, key) {
            (Self::Root, b"metadata") => Self::Metadata,
            (Self::Metadata, b"ownerReferences") => Self::Owners,
            _ => Self::Below,
        }
    }
}

/// The input is not JSON this module canonicalises.
struct NotCanonical;

impl Canonicalizer {
    /// Hashes one object given as JSON text.
    pub fn hash(&mut self, json: &[u8]) -> ContentHash {
        let canonical = self.canonical(json).unwrap_or(json);
        let mut short = [0; 16];
        short.copy_from_slice(&blake3::hash(canonical).as_bytes()[..16]);
        short
    }

    /// The canonical form, or `None` where the input is not JSON or nests too deep.
    pub fn canonical(&mut self, json: &[u8]) -> Option<&[u8]> {
        self.out.clear();
        self.entries.clear();
        let end = self.value(json, skip_space(json, 0), Place::Root, 0).ok()?;
        (skip_space(json, end) == json.len()).then_some(self.out.as_slice())
    }

    fn value(&mut self, json: &[u8], at: usize, place: Place, depth: usize) -> Result<usize, NotCanonical> {
        if depth > MAX_DEPTH {
            return Err(NotCanonical);
        }
        match json.get(at) {
            Some(b'{') => self.object(json, at + 1, place, depth),
            Some(b'[') => self.array(json, at + 1, place, depth),
            Some(_) => {
                let end = skip_scalar(json, at)?;
                self.out.extend_from_slice(&json[at..end]);
                Ok(end)
            }
            None => Err(NotCanonical),
        }
    }

    fn array(&mut self, json: &[u8], at: usize, place: Place, depth: usize) -> Result<usize, NotCanonical> {
        self.out.push(b'[');
        let mut at = skip_space(json, at);
        if json.get(at) == Some(&b']') {
            self.out.push(b']');
            return Ok(at + 1);
        }
        let below = if place == Place::Owners { Place::Owners } else { Place::Below };
        loop {
            at = skip_space(json, self.value(json, skip_space(json, at), below, depth + 1)?);
            match json.get(at) {
                Some(b',') => {
                    self.out.push(b',');
                    at += 1;
                }
                Some(b']') => {
                    self.out.push(b']');
                    return Ok(at + 1);
                }
                _ => return Err(NotCanonical),
            }
        }
    }

    fn object(&mut self, json: &[u8], at: usize, place: Place, depth: usize) -> Result<usize, NotCanonical> {
        self.out.push(b'{');
        let body = self.out.len();
        let first = self.entries.len();
        let mut ordered = true;
        let mut at = skip_space(json, at);
        if json.get(at) == Some(&b'}') {
            self.out.push(b'}');
            return Ok(at + 1);
        }
        let end = loop {
            at = skip_space(json, at);
            if json.get(at) != Some(&b'"') {
                return Err(NotCanonical);
            }
            let key_end = skip_string(json, at)?;
            let key = (at + 1, key_end - 1);
            at = skip_space(json, key_end);
            if json.get(at) != Some(&b':') {
                return Err(NotCanonical);
            }
            at = skip_space(json, at + 1);
            let name = &json[key.0..key.1];
            if is_dropped(place, name) {
                at = skip_value(json, at)?;
            } else {
                let start = self.out.len();
                self.out.push(b'"');
                self.out.extend_from_slice(name);
                self.out.extend_from_slice(b"\":");
                at = self.value(json, at, place.below(name), depth + 1)?;
                self.out.push(b',');
                if let Some(before) = self.entries[first..].last() {
                    ordered &= &json[before.key.0..before.key.1] < name;
                }
                self.entries.push(Entry { key, text: (start, self.out.len()) });
            }
            at = skip_space(json, at);
            match json.get(at) {
                Some(b',') => at += 1,
                Some(b'}') => break at + 1,
                _ => return Err(NotCanonical),
            }
        };
        if !ordered {
            self.entries[first..].sort_by(|a, b| json[a.key.0..a.key.1].cmp(&json[b.key.0..b.key.1]));
            self.sorted.clear();
            for entry in &self.entries[first..] {
                self.sorted.extend_from_slice(&self.out[entry.text.0..entry.text.1]);
            }
            self.out.truncate(body);
            self.out.extend_from_slice(&self.sorted);
        }
        if self.entries.len() > first {
            self.out.pop();
        }
        self.entries.truncate(first);
        self.out.push(b'}');
        Ok(end)
    }
}

fn is_dropped(place: Place, key: &[u8]) -> bool {
    match place {
        Place::Root => DROPPED_AT_ROOT.contains(&key),
        Place::Metadata => DROPPED_IN_METADATA.contains(&key),
        Place::Owners => key == b"uid",
        Place::Below => false,
    }
}

fn skip_space(json: &[u8], mut at: usize) -> usize {
    while matches!(json.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// From the opening quote to behind the closing one.
fn skip_string(json: &[u8], at: usize) -> Result<usize, NotCanonical> {
    let mut at = at + 1;
    loop {
        let found = at + memchr2(b'"', b'\\', json.get(at..).ok_or(NotCanonical)?).ok_or(NotCanonical)?;
        if json[found] == b'"' {
            return Ok(found + 1);
        }
        at = found + 2;
    }
}

fn skip_scalar(json: &[u8], at: usize) -> Result<usize, NotCanonical> {
    if json[at] == b'"' {
        return skip_string(json, at);
    }
    let length = json[at..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
        .count();
    if length == 0 { Err(NotCanonical) } else { Ok(at + length) }
}

/// Skips a value of any kind without looking into it.
fn skip_value(json: &[u8], at: usize) -> Result<usize, NotCanonical> {
    let mut at = at;
    let mut open = 0usize;
    loop {
        match json.get(at) {
            Some(b'"') => at = skip_string(json, at)?,
            Some(b'{' | b'[') => {
                open += 1;
                at += 1;
            }
            Some(b'}' | b']') => {
                open = open.checked_sub(1).ok_or(NotCanonical)?;
                at += 1;
            }
            Some(b',' | b':' | b' ' | b'\n' | b'\r' | b'\t') if open > 0 => {
                at += 1;
                continue;
            }
            Some(_) => at = skip_scalar(json, at)?,
            None => return Err(NotCanonical),
        }
        if open == 0 {
            return Ok(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn canonical(text: &str) -> String {
        let mut canonicalizer = Canonicalizer::default();
        String::from_utf8(canonicalizer.canonical(text.as_bytes()).expect("canonical").to_vec()).unwrap()
    }

    #[test]
    fn what_the_server_sets_does_not_count() {
        let before = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "1", "a": "{\"x\": \"}\"}"},
            "metadata": {"name": "c", "uid": "1", "resourceVersion": "7", "managedFields": [{"f": {"k": [1, "]"]}}],
                         "ownerReferences": [{"kind": "A", "uid": "1"}], "labels": {"status": "kept"}},
            "status": {"phase": "x"}
        });
        let text = r#" {"data":{"a":"{\"x\": \"}\"}", "b":"1"},"metadata":{"labels":{"status":"kept"},"name":"c","ownerReferences":[{"kind":"A","uid":"2"}]}} "#;
        assert_eq!(hash(before.to_string().as_bytes()), hash(text.as_bytes()));
        for (what, other) in [("kept", "lost"), ("\"A\"", "\"B\"")] {
            assert_ne!(hash(text.as_bytes()), hash(text.replace(what, other).as_bytes()));
        }
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        assert_eq!(
            canonical(r#"{"z":{"b":[{"d":1,"c":-2.5e3}],"a":null},"a":true,"y":[],"x":{}}"#),
            r#"{"a":true,"x":{},"y":[],"z":{"a":null,"b":[{"c":-2.5e3,"d":1}]}}"#
        );
    }

    #[test]
    fn bad_json_is_hashed_as_it_is() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        for text in ["{", "{\"a\"", "{\"a\":}", "[1,", "\"\\", "{} x", "", deep.as_str()] {
            assert_eq!(
                hash(text.as_bytes())[..],
                blake3::hash(text.as_bytes()).as_bytes()[..16],
                "{text:.20}"
            );
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"{\\\\]{0,4}", inner, 0..6)
                    .prop_map(|m| Value::Object(m.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn order_and_space_never_matter(value in any_json()) {
            let wrapped = json!({"spec": value});
            let pretty = serde_json::to_string_pretty(&wrapped).unwrap();
            prop_assert_eq!(hash(pretty.as_bytes()), hash(wrapped.to_string().as_bytes()));
            let reparsed: Value = serde_json::from_str(&canonical(&pretty)).unwrap();
            prop_assert_eq!(reparsed, wrapped);
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(prop_oneof![Just(b'"'), Just(b'\\'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b':'), Just(b','), any::<u8>()], 0..80)) {
            hash(&bytes);
        }
    }
}
