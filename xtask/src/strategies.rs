//! `cargo xtask strategies`: how strategic merge patches treat the fields of Kubernetes' own kinds.
//!
//! The source is the `OpenAPI` document of the Kubernetes module that the test cluster pins. Of each kind only the fields
//! are kept that have a strategy, or that lead to one; types that come out the same are written once. The result is
//! sorted and depends on nothing else, so `cargo xtask lint` can tell whether it is stale.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::{child, places};

const MODULE: &str = "k8s.io/kubernetes";
const DOCUMENT: &str = "api/openapi-spec/swagger.json";
const RESULT: &str = "crates/model/src/modifiers/strategic/strategies.json";
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// `cargo xtask strategies`.
pub(crate) async fn run() -> Result<ExitCode> {
    let table = generate(&module(&["mod", "download", "-json", MODULE]).await?)?;
    let result = places::checkout().join(RESULT);
    fs::write(&result, table).with_context(|| format!("cannot write {}", result.display()))?;
    println!("{RESULT} is written.");
    Ok(ExitCode::SUCCESS)
}

/// Fails when the table is not what the module gives. Where the module is not on this machine nothing can be said.
pub(crate) async fn check() -> Result<()> {
    let folder = module(&["list", "-m", "-json", MODULE]).await?;
    if !folder.join(DOCUMENT).is_file() {
        println!("{MODULE} is not downloaded; the patch strategies are not compared.");
        return Ok(());
    }
    if fs::read_to_string(places::checkout().join(RESULT)).ok().as_deref() != Some(&*generate(&folder)?) {
        bail!("{RESULT} is stale; run `cargo xtask strategies`");
    }
    Ok(())
}

/// Where the module is, by a command that says so in JSON.
async fn module(arguments: &[&str]) -> Result<PathBuf> {
    let mut go = Command::new("go");
    go.args(arguments).current_dir(places::cluster_sources());
    let answer: Value = serde_json::from_str(&child::output(go).await?).context("go answered no JSON")?;
    Ok(answer["Dir"].as_str().unwrap_or_default().into())
}

/// The fields of a type: strategy, merge key, type; empty where there is none.
type Fields = BTreeMap<String, [String; 3]>;

fn generate(module: &Path) -> Result<String> {
    let document = module.join(DOCUMENT);
    let text =
        fs::read_to_string(&document).with_context(|| format!("cannot read {}", document.display()))?;
    let document: Value = serde_json::from_str(&text).context("the OpenAPI document is no JSON")?;
    let definitions =
        document["definitions"].as_object().context("the OpenAPI document has no definitions")?;
    let mut types: BTreeMap<String, Fields> =
        definitions.iter().map(|(name, definition)| (name.clone(), fields(definition))).collect();
    prune(&mut types);
    let names = merge(&mut types);
    let named = |name: &str| names.get(name).cloned().unwrap_or_default();

    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, definition) in definitions {
        if reference(&definition["properties"]["metadata"]) != OBJECT_META {
            continue;
        }
        for kind in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            let part = |key: &str| kind[key].as_str().unwrap_or_default();
            let kind = format!("{}/{}/{}", part("group"), part("version"), part("kind"));
            kinds.entry(named(name)).or_default().push(kind);
        }
    }
    // What no kind leads to is of no use.
    let mut reached: BTreeSet<String> = kinds.keys().cloned().collect();
    loop {
        let further = reached.iter().filter_map(|name| types.get(name)).flat_map(BTreeMap::values);
        let further: Vec<String> = further.map(|[_, _, ty]| ty.clone()).filter(|ty| !ty.is_empty()).collect();
        let before = reached.len();
        reached.extend(further);
        if reached.len() == before {
            break;
        }
    }
    types.retain(|name, _| reached.contains(name));

    let mut out = String::from("{\n\"kinds\": {\n");
    lines(&mut out, kinds.iter().map(|(ty, kinds)| (short(ty), json!(sorted(kinds)))));
    out.push_str("},\n\"types\": {\n");
    lines(&mut out, types.iter().map(|(name, fields)| (short(name), shown(fields))));
    out.push_str("}\n}\n");
    Ok(out)
}

fn sorted(kinds: &[String]) -> Vec<&String> {
    let mut kinds: Vec<&String> = kinds.iter().collect();
    kinds.sort_unstable();
    kinds
}

fn lines(out: &mut String, entries: impl ExactSizeIterator<Item = (String, Value)>) {
    let last = entries.len();
    for (at, (key, value)) in (1..).zip(entries) {
        let comma = if at < last { "," } else { "" };
        let _ = writeln!(out, "{}: {value}{comma}", Value::from(key));
    }
}

fn shown(fields: &Fields) -> Value {
    let field = |[strategy, key, ty]: &[String; 3]| {
        let mut field = Map::new();
        for (name, value) in [("strategy", strategy.clone()), ("key", key.clone()), ("type", short(ty))] {
            if !value.is_empty() {
                field.insert(name.to_owned(), value.into());
            }
        }
        Value::Object(field)
    };
    fields.iter().map(|(name, parts)| (name.clone(), field(parts))).collect()
}

fn short(name: &str) -> String {
    let name = name.trim_start_matches("io.k8s.");
    name.trim_start_matches("api.").replace("pkg.apis.", "")
}

fn reference(schema: &Value) -> &str {
    schema["$ref"].as_str().unwrap_or_default().trim_start_matches("#/definitions/")
}

fn fields(definition: &Value) -> Fields {
    let properties = definition["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| {
            let strategies = property["x-kubernetes-patch-strategy"].as_str().unwrap_or_default();
            // `retainKeys` stands beside the strategy and only matters to whoever makes patches.
            let strategy =
                strategies.split(',').find(|strategy| *strategy != "retainKeys").unwrap_or_default();
            let key = property["x-kubernetes-patch-merge-key"].as_str().unwrap_or_default();
            let ty = Some(reference(property)).filter(|ty| !ty.is_empty());
            let ty = ty.unwrap_or_else(|| reference(&property["items"]));
            (name.clone(), [strategy.to_owned(), key.to_owned(), ty.to_owned()])
        })
        .collect()
}

/// Leaves the fields that have a strategy or lead to one.
fn prune(types: &mut BTreeMap<String, Fields>) {
    let has = |[strategy, ..]: &[String; 3]| !strategy.is_empty();
    let mut useful: BTreeSet<String> = BTreeSet::new();
    loop {
        let leads = |parts: &[String; 3]| has(parts) || useful.contains(&parts[2]);
        let found: BTreeSet<String> = types
            .iter()
            .filter(|(_, fields)| fields.values().any(leads))
            .map(|(name, _)| name.clone())
            .collect();
        if found == useful {
            break;
        }
        useful = found;
    }
    types.retain(|name, _| useful.contains(name));
    for fields in types.values_mut() {
        fields.retain(|_, parts| has(parts) || useful.contains(&parts[2]));
        for parts in fields.values_mut().filter(|parts| !useful.contains(&parts[2])) {
            parts[2].clear();
        }
    }
}

/// Makes one type of those that are the same; tells the name that each goes by now.
fn merge(types: &mut BTreeMap<String, Fields>) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = types.keys().map(|name| (name.clone(), name.clone())).collect();
    loop {
        let mut first: BTreeMap<Fields, String> = BTreeMap::new();
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for (name, fields) in &*types {
            let kept = first.entry(fields.clone()).or_insert_with(|| name.clone());
            if kept != name {
                renamed.insert(name.clone(), kept.clone());
            }
        }
        if renamed.is_empty() {
            return names;
        }
        types.retain(|name, _| !renamed.contains_key(name));
        let replace = |name: &mut String| {
            if let Some(new) = renamed.get(name) {
                name.clone_from(new);
            }
        };
        types.values_mut().flat_map(BTreeMap::values_mut).for_each(|parts| replace(&mut parts[2]));
        names.values_mut().for_each(replace);
    }
}
