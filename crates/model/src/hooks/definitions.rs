//! The definitions of the two kinds, for clusters that do not have them.

/// Two `CustomResourceDefinition`s as YAML documents. Clusters with AKS backup's extension have them already.
pub fn crds() -> &'static str {
    include_str!("definitions.yaml")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;
    use crate::document::parse_json;
    use crate::hooks::{
        GROUP, MAX_ARGUMENTS, MAX_COMMANDS, MAX_CONDITIONS, MAX_HOOKS, MAX_NAME, VERSION, read,
    };

    fn definitions() -> Vec<Value> {
        crds()
            .split("---\n")
            .filter(|text| !text.trim().is_empty())
            .map(|text| parse_json(text).unwrap())
            .collect()
    }

    fn keys(schema: &Value) -> BTreeSet<&str> {
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    fn set<'a>(known: &[&'a str]) -> BTreeSet<&'a str> {
        known.iter().copied().collect()
    }

    #[test]
    fn they_know_every_field_that_the_reader_knows() {
        let definitions = definitions();
        assert_eq!(definitions.len(), 2);
        for (definition, kind, plural, spec, hook, phases, exec) in [
            (
                &definitions[0],
                "BackupHook",
                "backuphooks",
                read::BACKUP_SPEC,
                read::BACKUP_HOOK,
                &["preHooks", "postHooks"][..],
                read::BACKUP_EXEC,
            ),
            (
                &definitions[1],
                "RestoreHook",
                "restorehooks",
                read::RESTORE_SPEC,
                read::RESTORE_HOOK,
                &["postHooks"],
                read::RESTORE_EXEC,
            ),
        ] {
            assert_eq!(definition["metadata"]["name"], json!(format!("{plural}.{GROUP}")));
            assert_eq!(definition["spec"]["names"]["kind"], kind);
            assert_eq!(definition["spec"]["names"]["plural"], plural);
            assert_eq!(definition["spec"]["scope"], "Namespaced");
            let version = &definition["spec"]["versions"][0];
            assert_eq!(
                (&version["name"], &version["served"], &version["storage"]),
                (&json!(VERSION), &json!(true), &json!(true))
            );
            let schema = &version["schema"]["openAPIV3Schema"];
            assert_eq!(keys(schema), set(read::OBJECT).into_iter().filter(|key| *key != "status").collect());
            let spec_schema = &schema["properties"]["spec"];
            assert_eq!(keys(spec_schema), set(spec));
            let list = &spec_schema["properties"][spec[0]];
            assert_eq!(list["maxItems"], MAX_HOOKS);
            let item = &list["items"];
            assert_eq!(keys(item), set(hook));
            assert_eq!(item["properties"]["name"]["maxLength"], MAX_NAME);
            let selector = &item["properties"]["labelSelector"];
            assert_eq!(keys(selector), set(read::SELECTOR));
            assert_eq!(keys(&selector["properties"]["matchExpressions"]["items"]), set(read::EXPRESSION));
            for namespaces in ["includedNamespaces", "excludedNamespaces"] {
                assert_eq!(item["properties"][namespaces]["maxItems"], MAX_CONDITIONS);
            }
            for phase in phases {
                let commands = &item["properties"][phase];
                assert_eq!(commands["maxItems"], MAX_COMMANDS);
                assert_eq!(keys(&commands["items"]), set(read::ENTRY));
                let exec_schema = &commands["items"]["properties"]["exec"];
                assert_eq!(keys(exec_schema), set(exec));
                assert_eq!(exec_schema["properties"]["command"]["maxItems"], MAX_ARGUMENTS);
            }
            structural(schema);
        }
    }

    /// What the API server asks of a schema: a type everywhere, and only what exists.
    fn structural(schema: &Value) {
        let kind = schema["type"].as_str().unwrap_or_else(|| panic!("without a type: {schema}"));
        let known = [
            "type",
            "description",
            "properties",
            "required",
            "items",
            "additionalProperties",
            "nullable",
            "enum",
            "pattern",
            "minItems",
            "maxItems",
            "minLength",
            "maxLength",
        ];
        let fields = schema.as_object().unwrap();
        assert!(fields.keys().all(|key| known.contains(&key.as_str())), "{schema}");
        assert_eq!(kind == "array", fields.contains_key("items"), "{schema}");
        if let Some(properties) = schema["properties"].as_object() {
            properties.values().for_each(structural);
            for required in schema["required"].as_array().unwrap_or(&Vec::new()) {
                assert!(properties.contains_key(required.as_str().unwrap()), "{required}");
            }
        }
        for below in ["items", "additionalProperties"] {
            if let Some(below) = fields.get(below) {
                structural(below);
            }
        }
    }
}
