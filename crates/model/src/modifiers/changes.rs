//! What rules changed, field by field, for people.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::plan::MASK;
use crate::resource::ResourceType;
use crate::secret;

/// One field that rules changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer (RFC 6901) of the field.
    pub path: String,
    /// The value in the recovery point, null where there is none.
    pub before: Value,
    /// The value that rules gave it, null where they took it away.
    pub after: Value,
}

/// Lists the fields that differ between an object and what rules made of it; values of Secrets are masked.
///
/// Lists of one length are compared item by item, others as a whole.
pub fn differences(ty: &ResourceType, before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    collect(before, after, &mut String::new(), &mut found);
    if secret::is_secret(ty) {
        let masked = [before, after].map(|object| {
            let mut object = object.clone();
            secret::mask(ty, &mut object, |_| MASK);
            object
        });
        for difference in &mut found {
            let Difference { path, before, after } = difference;
            for (value, masked) in [before, after].into_iter().zip(&masked) {
                *value = if path.starts_with("/metadata/") || path == "/type" || path == "/immutable" {
                    masked.pointer(path).cloned().unwrap_or_default()
                } else if value.is_null() {
                    Value::Null
                } else {
                    Value::from(MASK)
                };
            }
        }
    }
    found
}

fn collect(before: &Value, after: &Value, path: &mut String, found: &mut Vec<Difference>) {
    let length = path.len();
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                let value =
                    |map: &'_ serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                if a.get(key) != b.get(key) {
                    collect(&value(a), &value(b), path, found);
                }
                path.truncate(length);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                path.push('/');
                path.push_str(&at.to_string());
                collect(a, b, path, found);
                path.truncate(length);
            }
        }
        _ if before == after => {}
        _ => found.push(Difference { path: path.clone(), before: before.clone(), after: after.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::modifiers::tests::ty;

    #[test]
    fn fields_are_named_and_secrets_masked() {
        let before = json!({"metadata": {"labels": {"a/b": "x"}}, "data": {"k": "old", "same": "s"}, "l": [1, 2], "m": [1]});
        let after = json!({"metadata": {"annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": "s3cret", "team": "shop"}},
            "data": {"k": "new", "same": "s", "added": "s3cret"}, "l": [1, 3], "m": []});
        let plain = differences(&ty("", "configmaps", "ConfigMap"), &before, &after);
        let shown: Vec<_> =
            plain.iter().map(|change| (change.path.as_str(), &change.before, &change.after)).collect();
        assert_eq!(shown[0], ("/data/added", &json!(null), &json!("s3cret")));
        assert_eq!(shown[1], ("/data/k", &json!("old"), &json!("new")));
        assert_eq!(shown[2], ("/l/1", &json!(2), &json!(3)));
        assert_eq!(shown[3], ("/m", &json!([1]), &json!([])));
        assert_eq!(shown[5].0, "/metadata/labels");
        let masked = differences(&ty("", "secrets", "Secret"), &before, &after);
        let text = serde_json::to_string(&masked).unwrap();
        assert!(!text.contains("s3cret") && !text.contains("old") && text.contains("shop"), "{text}");
        assert_eq!(masked.len(), plain.len());
        assert_eq!(masked[0].before, Value::Null);
        assert_eq!(masked[1].after, json!(MASK));
    }
}
