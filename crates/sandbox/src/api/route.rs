//! Paths and queries.

use super::answer::Answer;

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A document such as `/version`, `/apis` or `/apis/apps/v1`: its segments.
    Document(Vec<String>),
    Resource(Place),
    /// A command for this pod.
    Command(Place),
}

/// A collection or an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub group: String,
    pub version: String,
    pub plural: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
}

/// The parameters of a URL.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Route {
    /// Parses path and query. A scheme and host before the path are ignored.
    pub(super) fn parse(target: &str) -> Result<(Self, Query), Answer> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = Query(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        let segments: Option<Vec<String>> =
            path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments = segments.ok_or_else(|| Answer::bad_request("the path is not UTF-8"))?;
        let route = Self::of(segments).ok_or_else(Answer::path_not_found)?;
        Ok((route, query))
    }

    fn of(segments: Vec<String>) -> Option<Self> {
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (group, version, rest) = match words.as_slice() {
            ["version" | "api" | "apis"] | ["api" | "apis", _] | ["apis", _, _] => {
                return Some(Self::Document(segments));
            }
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (rest, is_command) = match rest {
            [pod @ .., "exec"] if group.is_empty() && matches!(pod, ["namespaces", _, "pods", _]) => {
                (pod, true)
            }
            _ => (rest, false),
        };
        let (namespace, plural, name) = match rest {
            ["namespaces", namespace, plural] => (Some(*namespace), *plural, None),
            ["namespaces", namespace, plural, name] => (Some(*namespace), *plural, Some(*name)),
            [plural] => (None, *plural, None),
            [plural, name] => (None, *plural, Some(*name)),
            _ => return None,
        };
        let place = Place {
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        };
        Some(if is_command { Self::Command(place) } else { Self::Resource(place) })
    }
}

/// Percent-decodes a segment; `None` where that is not UTF-8.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        if let (b'%', Some(decoded)) = (byte, hex) {
            bytes.push(decoded);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(target: &str) -> (String, String, Option<String>, Option<String>) {
        match Route::parse(target).map(|(route, _)| route) {
            Ok(Route::Resource(p)) => (format!("{}/{}", p.group, p.version), p.plural, p.namespace, p.name),
            other => panic!("{target}: {}", other.is_ok()),
        }
    }

    #[test]
    fn paths_name_collections_and_objects() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(place("/api/v1/namespaces"), ("/v1".into(), "namespaces".into(), None, None));
        assert_eq!(place("/api/v1/namespaces/shop"), ("/v1".into(), "namespaces".into(), None, some("shop")));
        assert_eq!(
            place("/apis/apps/v1/namespaces/shop/deployments/a%2Fb:c?limit=1"),
            ("apps/v1".into(), "deployments".into(), some("shop"), some("a/b:c"))
        );
        assert_eq!(place("/apis/apps/v1/deployments").2, None);
        for target in ["/", "/metrics", "/api/v1/namespaces/a/pods/b/log"] {
            assert!(Route::parse(target).is_err(), "{target}");
        }
    }
}
