//! Values of Secrets, wherever an object is shown.

use serde_json::{Map, Value};

use crate::resource::ResourceType;

/// The annotation in which `kubectl apply` keeps the whole object, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The maps with values; the second is not stored, but may stand in an archive of another program.
const MAPS: [&str; 2] = ["data", "stringData"];

/// Whether objects of this type hold secret values.
pub fn is_secret(ty: &ResourceType) -> bool {
    ty.is("", "secrets")
}

/// The keys of a Secret's values, sorted.
pub fn keys(object: &Value) -> Vec<String> {
    let mut keys: Vec<String> =
        object.get("data").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect();
    keys.sort_unstable();
    keys
}

/// Takes the Base64 text of one value out of a Secret.
pub fn take(object: &mut Value, key: &str) -> Option<String> {
    match object.get_mut("data")?.as_object_mut()?.remove(key)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Replaces every value of a Secret by what `shown` gives for its key; objects of other types are left alone.
pub fn mask(ty: &ResourceType, object: &mut Value, shown: impl Fn(&str) -> &'static str) {
    if !is_secret(ty) {
        return;
    }
    for map in MAPS {
        match object.get_mut(map) {
            Some(Value::Object(values)) => {
                // Null is no value; in a merge patch it takes one away.
                for (key, value) in values.iter_mut().filter(|(_, value)| !value.is_null()) {
                    *value = Value::from(shown(key));
                }
            }
            // What is no map is no value of a Secret either, but it came in a Secret.
            Some(other) if !other.is_null() => *other = Value::from(shown("")),
            _ => {}
        }
    }
    let annotations = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    if let Some(applied) = annotations.and_then(|annotations| annotations.get_mut(LAST_APPLIED)) {
        *applied = Value::from(shown(LAST_APPLIED));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::MASK;

    fn ty(plural: &str) -> ResourceType {
        ResourceType {
            group: String::new(),
            version: "v1".into(),
            plural: plural.into(),
            kind: String::new(),
            namespaced: true,
        }
    }

    #[test]
    fn no_value_is_left_anywhere() {
        let mut secret = json!({
            "metadata": {"name": "db", "annotations": {LAST_APPLIED: "{\"data\":{\"a\":\"c2VjcmV0\"}}", "x": "y"}},
            "data": {"a": "c2VjcmV0"}, "stringData": {"b": "secret"}, "type": "Opaque",
        });
        let mut config = secret.clone();
        assert_eq!(keys(&secret), ["a"]);
        assert_eq!(take(&mut secret.clone(), "a").as_deref(), Some("c2VjcmV0"));
        mask(&ty("secrets"), &mut secret, |_| MASK);
        assert_eq!(
            secret,
            json!({
                "metadata": {"name": "db", "annotations": {LAST_APPLIED: MASK, "x": "y"}},
                "data": {"a": MASK}, "stringData": {"b": MASK}, "type": "Opaque",
            })
        );
        let before = config.clone();
        mask(&ty("configmaps"), &mut config, |_| MASK);
        assert_eq!(config, before);
    }

    #[test]
    fn a_secret_that_is_none_shows_nothing_either() {
        let mut odd = json!({"data": "plain", "stringData": ["x"]});
        mask(&ty("secrets"), &mut odd, |_| MASK);
        assert_eq!(odd, json!({"data": MASK, "stringData": MASK}));
        assert_eq!(keys(&odd), [""; 0]);
    }
}
