//! Objects as YAML that parsers of YAML 1.1 read back as what it was, kubectl's above all.
//!
//! Strings that such a parser would take for something else are quoted by the serialiser. Text of several lines is a
//! literal block where every parser agrees on it: a block whose first line is indented, or that holds tabs at the
//! beginning of lines or characters that some parsers end lines at, is written in double quotes instead. Long lines are never
//! folded.

use holdfast_store::Row;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::ExportError;
use crate::restore::form::describe;

/// The document of one object: API version, kind and metadata first, the name first in these.
pub(super) fn document(row: &Row<'_>, object: &Value) -> Result<Vec<u8>, ExportError> {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let yaml = serde_saphyr::to_string_with_options(&Object(object), options);
    let yaml = yaml.map_err(|source| ExportError::Yaml { object: describe(row), source })?;
    Ok(yaml.into_bytes())
}

/// A whole object.
struct Object<'a>(&'a Value);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => ordered(serializer, map, &["apiVersion", "kind", "metadata"]),
            other => Node(other).serialize(serializer),
        }
    }
}

/// Anything below.
struct Node<'a>(&'a Value);

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) if is_plain_text(text) => serde_saphyr::LitStr(text).serialize(serializer),
            Value::Object(map) => ordered(serializer, map, &["name", "namespace"]),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Node)),
            other => other.serialize(serializer),
        }
    }
}

/// A map with some keys before the others.
fn ordered<S: Serializer>(
    serializer: S,
    map: &Map<String, Value>,
    first: &[&str],
) -> Result<S::Ok, S::Error> {
    let ahead = first.iter().filter_map(|key| map.get_key_value(*key));
    let rest = map.iter().filter(|(key, _)| !first.contains(&key.as_str()));
    serializer.collect_map(ahead.chain(rest).map(|(key, value)| (key, Node(value))))
}

/// Whether a text of several lines is the same in every parser when it is a literal block.
fn is_plain_text(text: &str) -> bool {
    let odd = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.contains("\n\t")
        && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn yaml(object: &Value) -> String {
        let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
        serde_saphyr::to_string_with_options(&Object(object), options).unwrap()
    }

    #[test]
    fn an_object_reads_as_people_write_it() {
        let object = json!({"spec": {"replicas": 1, "args": ["a", {"name": "x", "image": "z"}]}, "kind": "K",
            "apiVersion": "v1", "metadata": {"labels": {"on": "yes", "n": "010"}, "name": "x"}, "data": {"f": "a\n b\n"}});
        assert_eq!(
            yaml(&object),
            "apiVersion: v1\nkind: K\nmetadata:\n  name: x\n  labels:\n    \"n\": \"010\"\n    \"on\": \"yes\"\ndata:\n  f: |\n    a\n     b\nspec:\n  args:\n  - a\n  - name: x\n    image: z\n  replicas: 1\n"
        );
    }

    #[test]
    fn every_text_comes_back() {
        let texts = [
            "y",
            "N",
            "no",
            "on",
            "off",
            "true",
            "null",
            "~",
            "",
            "010",
            "0o7",
            "0x1f",
            "1_000",
            "1e3",
            "1:30",
            "2001-01-01",
            ".inf",
            "<<",
            "=",
            "-",
            "?",
            "a: b",
            "a #b",
            "---",
            "...",
            "%a",
            "@a",
            "`a",
            "a\nb",
            "a\nb\n",
            "a\n\n\n",
            "\n",
            "\na",
            "  a\nb",
            "a\n b",
            "a\n  \nb",
            "a \nb",
            "a\tb\nc\n",
            "\ttab\nx",
            "a\n\tb",
            "a\r\nb",
            "a\rb",
            "a\u{85}b\nc",
            "a\u{2028}b\nc",
            "\u{feff}a",
            "a\u{feff}b\nc",
            "\u{0}",
            "\u{1b}[31m\nb",
            "😀\ny",
            "---\na\n",
            "\u{10ffff}",
        ];
        for text in texts {
            let object = json!({"data": {text: text, "list": [text, [text]]}});
            let back: Value = serde_saphyr::from_str(&yaml(&object)).unwrap();
            assert_eq!(back, object, "{}", yaml(&object));
            let plain = yaml(&object)
                .lines()
                .any(|line| line.trim_start().starts_with("list: ") && !line.ends_with(':'));
            assert!(!plain);
        }
        let long = "word ".repeat(60) + "end";
        assert_eq!(yaml(&json!({"data": long})).lines().count(), 1, "long lines are not folded");
    }
}
