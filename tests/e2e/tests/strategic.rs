//! Strategic merge patches: Holdfast's, which need no cluster, against those of a real API server.
//!
//! Random patches with every directive are made for live objects of many kinds, always the same ones. The server says
//! what it would make of an object by the patch, and what it would make of Holdfast's result put in the object's place:
//! both have to be the same object, or both refused. `HOLDFAST_LONG` makes it ten times as many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::{Lab, long};
use holdfast_e2e::patches::{Maker, objects};
use holdfast_e2e::random::Random;
use holdfast_model::modifiers::{Effect, Modifiers, Subject};
use holdfast_model::resource::ResourceType;
use serde_json::{Value, json};

/// Patches for each object.
const PATCHES: u32 = 40;
/// One in so many is also given to kubectl, which brings its own copy of the rules.
const FOR_KUBECTL: u32 = 8;

/// Holdfast's result, by one rule.
fn ours(key: &Key, live: &Value, patch: &Value) -> Result<Value, String> {
    let ty = ResourceType {
        group: key.group().to_owned(),
        version: key.api_version.rsplit('/').next().unwrap().to_owned(),
        plural: "tested".to_owned(),
        kind: key.kind.clone(),
        namespaced: !key.namespace.is_empty(),
    };
    let rule = json!({"conditions": {"groupResource": "**"}, "strategicPatches": [{"patchData": patch.to_string()}]});
    let text = json!({"version": "v1", "resourceModifierRules": [rule]}).to_string();
    let modifiers = Modifiers::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut object = live.clone();
    let subject = Subject { ty: &ty, namespace: &key.namespace, name: &key.name, labels: None };
    let applied = modifiers.apply(&subject, &mut object);
    match &applied.notes[..] {
        [note] => match &note.effect {
            Effect::Applied | Effect::NoEffect => Ok(object),
            Effect::Failed(words) | Effect::TestFailed(words) | Effect::Fallback(words) => Err(words.clone()),
        },
        notes => panic!("{notes:?}"),
    }
}

fn comparable(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("status");
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|key, _| !["managedFields", "resourceVersion", "generation"].contains(&key.as_str()));
    }
    object
}

/// One patch, asked of both; how it ended, or how they differ.
async fn compare(cluster: &Cluster, key: &Key, patch: &Value) -> Result<&'static str, String> {
    // A controller may write to the object meanwhile.
    let (theirs, ours) = loop {
        let live = cluster.must_get(key).await;
        let theirs = cluster.dry_strategic(key, patch).await;
        let ours = match ours(key, &live, patch) {
            Ok(object) => match cluster.dry_replace(key, &object).await {
                Err(kube::Error::Api(status)) if status.code == 409 => continue,
                answer => answer.map_err(|error| error.to_string()),
            },
            Err(words) => Err(words),
        };
        break (theirs, ours);
    };
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) if comparable(theirs.clone()) == comparable(ours.clone()) => {
            Ok("the same object")
        }
        (Ok(theirs), Ok(ours)) => {
            Err(format!("the server makes\n{}\nours\n{}", comparable(theirs), comparable(ours)))
        }
        (Err(_), Err(_)) => Ok("refused by both"),
        (Ok(_), Err(words)) => Err(format!("only ours is refused: {words}")),
        // Where a map is taken whole, a directive in it is left over: it fits no map of strings, and Holdfast drops it.
        (Err(error), Ok(_))
            if error.to_string().contains("unrecognized type: string")
                && patch.to_string().contains("$retainKeys") =>
        {
            Ok("a directive is left over")
        }
        (Err(error), Ok(_)) => Err(format!("only the server refuses: {error}")),
    }
}

/// The result of `kubectl patch --local`; `None` where it refuses.
fn of_kubectl(live: &Value, patch: &Value) -> Option<Value> {
    let mut kubectl = Command::new("kubectl")
        .args(["patch", "--local", "--type=strategic", "-f", "-", "-o", "json", "-p", &patch.to_string()])
        .env("KUBECONFIG", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    kubectl.stdin.take().unwrap().write_all(live.to_string().as_bytes()).unwrap();
    let output = kubectl.wait_with_output().unwrap();
    output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
}

/// Without the directives that upstream leaves in what it takes whole; decoding drops them.
fn without_directives(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| !key.starts_with('$'))
            .map(|(key, value)| (key, without_directives(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_directives).collect(),
        other => other,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patches_have_the_result_that_a_server_gives_them() {
    let lab = Lab::new("strategic").await;
    let namespace = lab.namespace("objects").await;
    let kubectl = Command::new("kubectl").args(["version", "--client"]).output().is_ok();
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    let mut differing = Vec::new();
    let mut random = Random::new(20);
    for object in objects(&lab, &namespace).await {
        let created = lab.source.create(&object).await;
        let key = Key::of(&created);
        for number in 0..PATCHES * if long() { 10 } else { 1 } {
            let mut maker = Maker::new(random.bits());
            let patch = maker.patch(&created);
            match compare(&lab.source, &key, &patch).await {
                Ok(end) => *ends.entry(end).or_default() += 1,
                Err(how) => differing.push(format!("{key}, patch {number}: {patch}\n{how}")),
            }
            if kubectl && number % FOR_KUBECTL == 0 {
                let theirs = of_kubectl(&created, &patch);
                let same = match (theirs.map(without_directives), ours(&key, &created, &patch)) {
                    (Some(theirs), Ok(ours)) => comparable(theirs) == comparable(ours),
                    (None, Err(_)) => true,
                    _ => false,
                };
                *ends.entry(if same { "the same as kubectl" } else { "other than kubectl" }).or_default() +=
                    1;
                if !same {
                    differing.push(format!("{key}, patch {number} in kubectl: {patch}"));
                }
            }
        }
    }
    println!("{ends:?}");
    assert!(differing.is_empty(), "{} differ of {ends:?}:\n{}", differing.len(), differing.join("\n\n"));
    assert!(ends["the same object"] > 2 * ends["refused by both"], "hardly anything is compared: {ends:?}");
    lab.finish().await;
}
