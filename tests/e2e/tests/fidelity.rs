//! What is restored equals what was backed up, field by field, but for one table of exceptions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::corpus::Corpus;
use holdfast_e2e::exceptions::{DERIVED, differences, markdown};
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot::{self, Snapshot};
use serde_json::{Value, json};

const PREFIX: &str = "fid-";
const SEED: u64 = 20_261_123;
/// Namespaces that are restored under another name, by their last part.
const MAPPED: [(&str, &str); 2] = [("shop", "shop-new"), ("edge", "edge-new")];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_equals_what_was_backed_up() {
    let lab = Lab::alone(PREFIX.trim_end_matches('-')).await;
    let corpus = Corpus::large(lab.prefix(), SEED);
    let keys = corpus.keys();
    let kinds: BTreeSet<&str> = keys.iter().map(|key| key.kind.as_str()).collect();
    assert!(keys.len() >= 2000 && kinds.len() >= 25, "{} objects of {} kinds", keys.len(), kinds.len());
    corpus.create(&lab.source).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;
    for key in &keys {
        assert!(before.contains_key(key), "{key} was not made");
    }

    let everything = format!("--include-namespaces {}* --include-cluster-resources true", lab.prefix());
    let backup = lab.backup("whole", &everything).await;
    assert!(backup["objects"].as_u64().unwrap() >= keys.len() as u64, "{backup}");
    // There is no provisioner, so no claim of the corpus has a volume.
    let warnings = backup["warnings"].as_array().unwrap();
    let is_unbound =
        |warning: &Value| warning["message"].as_str().unwrap().contains("is not bound to a volume");
    assert!(!warnings.is_empty() && warnings.iter().all(is_unbound), "{warnings:#?}");
    verified(&lab, "whole").await;

    let mappings: Vec<String> =
        MAPPED.iter().map(|(old, new)| format!("{}:{}", lab.name(old), lab.name(new))).collect();
    let mapping = format!("{everything} --namespace-mappings {}", mappings.join(","));
    let (report, ()) =
        tokio::join!(lab.restore("target", "whole", &mapping), snapshot::clean(&lab.source, lab.prefix()));
    let names = MAPPED.iter().map(|(old, new)| (lab.name(old), lab.name(new))).collect();
    equal(&lab.target, &before, &report, &names).await;
    made_again(&lab.target, &before, &names).await;

    let report = lab.restore("source", "whole", &everything).await;
    let unmapped = BTreeMap::new();
    equal(&lab.source, &before, &report, &unmapped).await;
    made_again(&lab.source, &before, &unmapped).await;

    for (cluster, words) in [("source", &everything), ("target", &mapping)] {
        let again = lab.restore(cluster, "whole", words).await;
        let changed: Vec<String> = ["Created", "Patched", "Skipped", "Failed", "Blocked"]
            .iter()
            .flat_map(|outcome| again.with_outcome(outcome))
            .collect();
        assert!(changed.is_empty(), "a second restore into {cluster} finds something to do: {changed:#?}");
    }
    nothing_else(&lab.source, &before).await;
    lab.finish().await;
}

/// Every hash of the point is right.
async fn verified(lab: &Lab, point: &str) {
    lab.run(&format!("points show {point} --verify -o json")).await.expect(0);
}

/// Every object of the snapshot is in the cluster again, or something that is made again by others.
async fn equal(cluster: &Cluster, before: &Snapshot, report: &Report, names: &BTreeMap<String, String>) {
    report.expect_clean();
    let items: HashMap<Key, _> = report.items().map(|item| (item.key(), item)).collect();
    let mut compared = 0;
    let mut problems = Vec::new();
    let mut late = Vec::new();
    let after = snapshot::take(cluster, PREFIX).await;
    for (key, original) in before {
        let Some(item) = items.get(key) else {
            problems.push(format!("{key} is not in the report"));
            continue;
        };
        match item.outcome() {
            "Created" | "Patched" | "Identical" => {
                compared += 1;
                let expected = mapped(original, names);
                let restored = after.get(&item.target());
                if restored.is_none_or(|restored| !unequal(&expected, restored, &after).is_empty()) {
                    late.push((item.target(), expected));
                }
            }
            "Derived" if DERIVED.iter().any(|(kind, ..)| *kind == key.kind) => {}
            _ => problems.push(item.to_string()),
        }
    }
    // Controllers fill some fields in their own time; that of volumes looks at every claim each 15 s.
    for (key, expected) in late {
        let mut found = Vec::new();
        for _ in 0..600 {
            found = match cluster.get(&key).await {
                Some(restored) => unequal(&expected, &restored, &after),
                None => vec!["it is not there".to_owned()],
            };
            if found.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        problems.extend(found.into_iter().map(|problem| format!("{key} {problem}")));
    }
    assert!(problems.is_empty(), "{} problems: {problems:#?}", problems.len());
    assert!(compared >= 2000, "only {compared} objects were compared");
}

/// What differs between an object and its restored self, stale owners included.
fn unequal(expected: &Value, restored: &Value, after: &Snapshot) -> Vec<String> {
    let mut found = differences(expected, restored);
    for owner in restored["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
        let text = |field: &str| owner[field].as_str().unwrap_or_default();
        let is_owner = |key: &&Key| {
            let namespace = restored["metadata"]["namespace"].as_str().unwrap_or_default();
            key.kind == text("kind")
                && key.name == text("name")
                && ["", namespace].contains(&key.namespace.as_str())
        };
        let owner_now = after.keys().find(is_owner).map(|key| &after[key]["metadata"]["uid"]);
        if owner_now != Some(&owner["uid"]) {
            found.push(format!("its owner {} has the UID of nobody", text("name")));
        }
    }
    found
}

/// What the mapping makes of an object: every field made for naming a namespace, and nothing else.
fn mapped(original: &Value, names: &BTreeMap<String, String>) -> Value {
    let mut object = original.clone();
    let kind = object["kind"].as_str().unwrap().to_owned();
    for pointer in pointers(&object, &kind) {
        let value = object.pointer_mut(&pointer).unwrap();
        let old = value.as_str().unwrap_or_default();
        if let Some(new) = names.get(old) {
            *value = json!(new);
        } else if let Some((before, account)) = old.split_once(":serviceaccount:")
            && let Some((namespace, account)) = account.split_once(':')
            && let Some(new) = names.get(namespace)
        {
            *value = json!(format!("{before}:serviceaccount:{new}:{account}"));
        } else if let Some((before, namespace)) = old.split_once(":serviceaccounts:")
            && let Some(new) = names.get(namespace)
        {
            *value = json!(format!("{before}:serviceaccounts:{new}"));
        }
    }
    object
}

/// Where objects of a kind name namespaces.
fn pointers(object: &Value, kind: &str) -> Vec<String> {
    let patterns: &[&str] = match kind {
        "Namespace" => &["/metadata/name", "/metadata/labels/kubernetes.io~1metadata.name"],
        "RoleBinding" | "ClusterRoleBinding" => &["/subjects/*/namespace", "/subjects/*/name"],
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => &[
            "/webhooks/*/clientConfig/service/namespace",
            "/webhooks/*/namespaceSelector/matchExpressions/*/values/*",
        ],
        "ValidatingAdmissionPolicy" => {
            &["/spec/matchConstraints/namespaceSelector/matchExpressions/*/values/*"]
        }
        "ValidatingAdmissionPolicyBinding" => {
            &["/spec/matchResources/namespaceSelector/matchExpressions/*/values/*"]
        }
        "NetworkPolicy" => &[
            "/spec/ingress/*/from/*/namespaceSelector/matchLabels/kubernetes.io~1metadata.name",
            "/spec/egress/*/to/*/namespaceSelector/matchExpressions/*/values/*",
        ],
        "FlowSchema" => &["/spec/rules/*/subjects/*/serviceAccount/namespace"],
        _ => &[],
    };
    let mut found = vec![];
    for pattern in patterns.iter().copied().chain(["/metadata/namespace"]) {
        expand(object, pattern, String::new(), &mut found);
    }
    found
}

fn expand(value: &Value, pattern: &str, done: String, found: &mut Vec<String>) {
    match pattern.split_once("/*") {
        None => {
            if value.pointer(pattern).is_some() {
                found.push(done + pattern);
            }
        }
        Some((head, rest)) => {
            for (at, item) in value.pointer(head).and_then(Value::as_array).into_iter().flatten().enumerate()
            {
                expand(item, rest, format!("{done}{head}/{at}"), found);
            }
        }
    }
}

/// What controllers make is there again, made by the controllers of this cluster for the owners of this cluster.
async fn made_again(cluster: &Cluster, before: &Snapshot, names: &BTreeMap<String, String>) {
    let place = |namespace: &str| names.get(namespace).cloned().unwrap_or_else(|| namespace.to_owned());
    let shop = place(&format!("{PREFIX}shop"));
    let deployment = cluster.must_get(&Key::new("apps/v1", "Deployment", &shop, "web")).await;
    let owned = |object: &Value, owner: &Value| {
        let owners = object["metadata"]["ownerReferences"].as_array();
        owners.into_iter().flatten().any(|o| o["uid"] == owner["metadata"]["uid"])
    };
    let sets = async || {
        let after = snapshot::take(cluster, &shop).await;
        let of = |kind: &str| after.values().filter(|o| o["kind"] == kind).collect::<Vec<_>>();
        let set = of("ReplicaSet").into_iter().find(|set| owned(set, &deployment)).cloned();
        let pods = of("Pod");
        let claimed =
            ["db-0", "db-1"].iter().all(|name| pods.iter().any(|pod| pod["metadata"]["name"] == *name));
        set.is_some_and(|set| pods.iter().filter(|pod| owned(pod, &set)).count() == 3) && claimed
    };
    cluster.wait("ReplicaSets and pods to be made again", sets).await;
    for (key, original) in before {
        let selector = original["spec"]["selector"].as_object();
        if key.kind == "Service" && selector.is_some_and(|selector| !selector.is_empty()) {
            let endpoints = Key::new("v1", "Endpoints", &place(&key.namespace), &key.name);
            cluster.wait(&endpoints.to_string(), async || cluster.get(&endpoints).await.is_some()).await;
        }
        if key.kind == "Namespace" {
            let authority = Key::new("v1", "ConfigMap", &place(&key.name), "kube-root-ca.crt");
            cluster.wait(&authority.to_string(), async || cluster.get(&authority).await.is_some()).await;
        }
    }
}

/// Nothing is there that was not there before, but what controllers name anew.
async fn nothing_else(cluster: &Cluster, before: &Snapshot) {
    let after = snapshot::take(cluster, PREFIX).await;
    let is_derived = |key: &&Key| DERIVED.iter().any(|(kind, ..)| *kind == key.kind);
    let new: Vec<&Key> = after.keys().filter(|key| !before.contains_key(key) && !is_derived(key)).collect();
    assert!(new.is_empty(), "objects that nobody backed up: {new:#?}");
    let gone: Vec<&Key> = before.keys().filter(|key| !after.contains_key(key) && !is_derived(key)).collect();
    assert!(gone.is_empty(), "objects that did not stay: {gone:#?}");
}

#[test]
fn the_document_lists_every_exception() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fidelity.md");
    let document = std::fs::read_to_string(path).expect("docs/fidelity.md cannot be read");
    let rows = markdown();
    let missing: Vec<&String> = rows.iter().filter(|row| !document.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "docs/fidelity.md lacks these rows:\n{}", rows.join("\n"));
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| Kind");
    let stale: Vec<&str> =
        document.lines().filter(is_row).filter(|line| !rows.iter().any(|row| row == line)).collect();
    assert!(stale.is_empty(), "docs/fidelity.md has rows that the table does not have: {stale:#?}");
}
