//! `/version` and the documents that say what is served.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use crate::kinds::{self, Kind};
use crate::world::World;

const VERBS: [&str; 5] = ["create", "delete", "get", "list", "patch"];

pub(super) fn document(world: &World, path: &[String]) -> Answer {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let document = match path.as_slice() {
        ["version"] => Some(version()),
        ["api"] => Some(json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["apis"] => Some(group_list(world)),
        ["api", version] => resources(world, "", version),
        ["apis", group] => groups(world).remove(*group).map(|versions| {
            let mut document = group_document(group, &versions);
            document["kind"] = Value::from("APIGroup");
            document["apiVersion"] = Value::from("v1");
            document
        }),
        ["apis", group, version] => resources(world, group, version),
        _ => None,
    };
    document.map_or_else(Answer::path_not_found, |document| Answer::json(200, &document))
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "37", "gitVersion": "v1.37.0+sandbox",
        "goVersion": "", "compiler": "", "platform": "",
    })
}

/// The versions of each group, best first.
fn groups(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Kind { ty, .. } in kinds::all(world).into_iter().filter(|kind| !kind.ty.group.is_empty()) {
        let versions = groups.entry(ty.group).or_default();
        if !versions.contains(&ty.version) {
            versions.push(ty.version);
        }
    }
    groups
}

fn group_document(group: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
        .collect();
    json!({"name": group, "versions": versions, "preferredVersion": versions.first()})
}

fn group_list(world: &World) -> Value {
    let groups: Vec<Value> =
        groups(world).iter().map(|(group, versions)| group_document(group, versions)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn resources(world: &World, group: &str, version: &str) -> Option<Value> {
    let served: Vec<Kind> = kinds::all(world)
        .into_iter()
        .filter(|kind| kind.ty.group == group && kind.ty.version == version)
        .collect();
    let group_version = served.first()?.ty.api_version();
    let resources: Vec<Value> = served
        .into_iter()
        .map(|kind| {
            json!({
                "name": kind.ty.plural, "singularName": kind.singular, "namespaced": kind.ty.namespaced,
                "kind": kind.ty.kind, "verbs": VERBS, "shortNames": kind.short_names,
            })
        })
        .collect();
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources,
    }))
}
