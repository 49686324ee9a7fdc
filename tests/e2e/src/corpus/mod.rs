//! A generated cluster content: many kinds, and in each the cases that backups get wrong.
//!
//! The same seed gives the same objects. Everything is named by one prefix, so that a
//! corpus can be found and removed whatever happened to the test that made it.

mod admission;
mod configuration;
mod custom;
mod network;
mod odd;
mod owned;
mod policy;
mod rbac;
mod storage;
mod workloads;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::key::Key;
use crate::random::Random;

pub use custom::group;

/// Label of Services whose node ports the server chose.
pub const AUTO_NODE_PORT: &str = "corpus/auto-node-port";

/// Objects in the order in which they can be created.
pub struct Corpus {
    prefix: String,
    definitions: Vec<Value>,
    namespaces: Vec<Value>,
    /// What admission asks about the others.
    early: Vec<Value>,
    objects: Vec<Value>,
    /// One after the other: each may own the next.
    owned: Vec<Value>,
    /// What would hold the others up if it came before them.
    late: Vec<Value>,
}

impl Corpus {
    /// At least 2,000 objects of at least 25 kinds.
    pub fn large(prefix: &str, seed: u64) -> Self {
        let mut corpus = Self::small(prefix, seed);
        let mut random = Random::new(seed ^ 1);
        for number in 0..4 {
            let namespace = format!("{prefix}bulk-{number}");
            corpus.namespaces.push(namespace_object(&namespace, &json!({"bulk": number.to_string()})));
            corpus.objects.extend(configuration::bulk(&namespace, &mut random, 320));
            corpus.objects.extend(rbac::bulk(&namespace, 30));
            corpus.objects.extend(network::bulk(&namespace, 15));
            corpus.late.push(policy::counting_quota(&namespace));
        }
        corpus
    }

    /// The special cases of [`Self::large`], without its bulk.
    pub fn small(prefix: &str, seed: u64) -> Self {
        let names = Names { prefix: prefix.to_owned() };
        let mut random = Random::new(seed);
        let mut objects = Vec::new();
        objects.extend(configuration::objects(&names, &mut random));
        objects.extend(rbac::objects(&names));
        objects.extend(network::objects(&names));
        objects.extend(workloads::objects(&names));
        objects.extend(storage::objects(&names));
        objects.extend(policy::objects(&names));
        objects.extend(admission::objects(&names));
        objects.extend(custom::objects(&names, &mut random));
        Self {
            prefix: prefix.to_owned(),
            definitions: custom::definitions(&names),
            namespaces: namespaces(&names),
            early: vec![policy::limits(&names)],
            objects,
            owned: owned::objects(&names),
            late: policy::quotas(&names),
        }
    }

    /// The objects that the corpus asks for, `default` accounts excepted, which are there already.
    pub fn keys(&self) -> BTreeSet<Key> {
        let all = [&self.definitions, &self.namespaces, &self.early, &self.objects, &self.owned, &self.late];
        all.into_iter().flatten().map(Key::of).collect()
    }

    /// Names of the namespaces.
    pub fn namespaces(&self) -> Vec<String> {
        self.namespaces.iter().map(|namespace| Key::of(namespace).name).collect()
    }

    /// Creates everything and waits until the controllers have done their part.
    pub async fn create(&self, cluster: &Cluster) {
        let names = Names { prefix: self.prefix.clone() };
        cluster.create_all(&self.definitions).await;
        cluster.create_all(&self.namespaces).await;
        cluster.create_all(&self.early).await;
        // Before any pod: admission copies what the account says into pods that are made without it.
        configuration::equip_default_account(cluster, &names).await;
        cluster.create_all(&self.objects).await;
        for object in &self.owned {
            cluster.create(&owned::with_owner_uids(cluster, object).await).await;
        }
        cluster.create_all(&self.late).await;
        workloads::roll(cluster, &names).await;
        workloads::settle(cluster, &names).await;
        configuration::settle(cluster, &names).await;
        network::settle(cluster, &names).await;
        storage::settle(cluster, &names).await;
        rbac::settle(cluster, &names).await;
    }
}

/// How things of one corpus are called.
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{}{what}", self.prefix)
    }
    /// The namespace of applications.
    pub(crate) fn shop(&self) -> String {
        self.name("shop")
    }
    /// The namespace of odd configuration.
    pub(crate) fn odd(&self) -> String {
        self.name("odd")
    }
    /// The namespace of network and policy objects.
    pub(crate) fn edge(&self) -> String {
        self.name("edge")
    }
}

fn namespaces(names: &Names) -> Vec<Value> {
    let mut shop =
        namespace_object(&names.shop(), &json!({"team": "shop", "empty": "", "example.org/tier": "one"}));
    shop["metadata"]["annotations"] = json!({"example.org/note": "ünïcode \"quoted\" \\ and\nlines", "scheduler.alpha.kubernetes.io/x": ""});
    let edge = namespace_object(&names.edge(), &json!({"pod-security.kubernetes.io/enforce": "privileged"}));
    let empty = namespace_object(&names.name("empty"), &json!({}));
    vec![shop, edge, namespace_object(&names.odd(), &json!({"odd": "yes"})), empty]
}

fn namespace_object(name: &str, labels: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

/// An object with its metadata; `rest` holds the other fields.
pub fn object(api_version: &str, kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let Value::Object(mut map) = rest else { panic!("the fields of an object are a map") };
    let metadata = map.entry("metadata").or_insert_with(|| json!({}));
    metadata["name"] = json!(name);
    if !namespace.is_empty() {
        metadata["namespace"] = json!(namespace);
    }
    map.insert("apiVersion".to_owned(), json!(api_version));
    map.insert("kind".to_owned(), json!(kind));
    Value::Object(map)
}
