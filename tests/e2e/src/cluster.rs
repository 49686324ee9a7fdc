//! A cluster as the tests see it: plain requests and `serde_json::Value`, none of Holdfast's own code.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use futures::{StreamExt, stream};
use http::{Method, Request};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::key::Key;

/// Requests under way at once.
const AT_ONCE: usize = 32;

/// How a kind is served.
#[derive(Clone, Debug)]
pub struct Served {
    /// `v1` or `group/version`.
    pub api_version: String,
    /// Kind.
    pub kind: String,
    /// Path up to the plural, such as `/apis/apps/v1`.
    root: String,
    plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

impl Served {
    fn collection(&self, namespace: &str) -> String {
        if self.namespaced && !namespace.is_empty() {
            format!("{}/namespaces/{namespace}/{}", self.root, self.plural)
        } else {
            format!("{}/{}", self.root, self.plural)
        }
    }
}

/// A connection as administrator.
pub struct Cluster {
    client: kube::Client,
    served: Mutex<HashMap<(String, String), Served>>,
}

impl Cluster {
    /// Connects to a context of a kubeconfig.
    pub async fn connect(kubeconfig: &Path, context: &str) -> Self {
        let file = Kubeconfig::read_from(kubeconfig).expect("the kubeconfig cannot be read");
        let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
        let config =
            kube::Config::from_custom_kubeconfig(file, &options).await.expect("the context cannot be used");
        let client = kube::Client::try_from(config).expect("no client for the context");
        Self { client, served: Mutex::default() }
    }

    /// The connection itself.
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// One request; an error is what the server or the connection said.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, kube::Error> {
        let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        self.send(method, path, kind, body).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Option<&Value>,
    ) -> Result<Value, kube::Error> {
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request =
            Request::builder().method(method).uri(path).header("content-type", kind).body(body).unwrap();
        self.client.request(request).await
    }

    /// All kinds that can be listed and deleted, each in the best version that serves it now.
    pub async fn kinds(&self) -> Vec<Served> {
        let groups = self.request(Method::GET, "/apis", None).await.expect("no API groups");
        let mut roots = vec![("/api/v1".to_owned(), "v1".to_owned())];
        // Every version in the server's order: a kind may be served only in another one than its group prefers.
        for version in
            groups["groups"].as_array().unwrap().iter().flat_map(|g| g["versions"].as_array().unwrap())
        {
            let version = version["groupVersion"].as_str().unwrap();
            roots.push((format!("/apis/{version}"), version.to_owned()));
        }
        let documents = stream::iter(roots).map(async |(root, version)| {
            let found = self.request(Method::GET, &root, None).await.unwrap_or_default();
            resources(&root, &version, &found)
        });
        let mut all = documents.buffered(AT_ONCE).collect::<Vec<_>>().await.concat();
        let mut seen = HashSet::new();
        all.retain(|served| {
            let group = served.api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
            seen.insert((group, served.plural.clone()))
        });
        all
    }

    async fn served(&self, api_version: &str, kind: &str) -> Served {
        let wanted = (api_version.to_owned(), kind.to_owned());
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(found) = self.served.lock().unwrap().get(&wanted) {
                return found.clone();
            }
            let root = if api_version.contains('/') {
                format!("/apis/{api_version}")
            } else {
                format!("/api/{api_version}")
            };
            // A new definition is served only a moment after it was made.
            if let Ok(found) = self.request(Method::GET, &root, None).await {
                for served in resources(&root, api_version, &found) {
                    let key = (served.api_version.clone(), served.kind.clone());
                    self.served.lock().unwrap().insert(key, served);
                }
            }
            assert!(Instant::now() < deadline, "the cluster serves no {api_version} {kind}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn path(&self, key: &Key) -> String {
        let served = self.served(&key.api_version, &key.kind).await;
        format!("{}/{}", served.collection(&key.namespace), key.name)
    }

    /// Creates an object.
    pub async fn try_create(&self, object: &Value) -> Result<Value, kube::Error> {
        let key = Key::of(object);
        let served = self.served(&key.api_version, &key.kind).await;
        self.request(Method::POST, &served.collection(&key.namespace), Some(object)).await
    }

    /// Creates an object that must be accepted.
    pub async fn create(&self, object: &Value) -> Value {
        let created = self.try_create(object).await;
        created.unwrap_or_else(|error| panic!("{} cannot be created: {}", Key::of(object), said(&error)))
    }

    /// Creates objects, many at once, in no particular order.
    pub async fn create_all(&self, objects: &[Value]) {
        let creating =
            stream::iter(objects).map(async |object| (Key::of(object), self.try_create(object).await));
        let created: Vec<_> = creating.buffer_unordered(AT_ONCE).collect().await;
        let refused =
            created.into_iter().filter_map(|(key, result)| Some(format!("{key}: {}", said(&result.err()?))));
        let refused: Vec<String> = refused.collect();
        assert!(refused.is_empty(), "objects that cannot be created: {refused:#?}");
    }

    /// Reads an object.
    pub async fn get(&self, key: &Key) -> Option<Value> {
        match self.request(Method::GET, &self.path(key).await, None).await {
            Ok(object) => Some(object),
            Err(kube::Error::Api(status)) if status.code == 404 => None,
            Err(error) => panic!("{key} cannot be read: {error}"),
        }
    }

    /// Reads an object that must be there.
    pub async fn must_get(&self, key: &Key) -> Value {
        self.get(key).await.unwrap_or_else(|| panic!("{key} is not there"))
    }

    /// Lists a kind, in one namespace or (empty) everywhere.
    pub async fn list(&self, served: &Served, namespace: &str) -> Vec<Value> {
        let mut list = match self.request(Method::GET, &served.collection(namespace), None).await {
            Ok(list) => list,
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 405) => return Vec::new(),
            Err(error) => panic!("{} cannot be listed: {error}", served.kind),
        };
        let mut items: Vec<Value> = list["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        for item in &mut items {
            item["apiVersion"] = json!(served.api_version);
            item["kind"] = json!(served.kind);
        }
        items
    }

    /// Changes an object by a merge patch, if the server lets it.
    pub async fn try_patch(&self, key: &Key, patch: Value) -> Result<Value, kube::Error> {
        self.request(Method::PATCH, &self.path(key).await, Some(&patch)).await
    }

    /// Changes an object by a merge patch.
    pub async fn patch(&self, key: &Key, patch: Value) -> Value {
        self.try_patch(key, patch).await.unwrap_or_else(|error| panic!("{key} cannot be patched: {error}"))
    }

    /// Changes the status of an object by a merge patch.
    pub async fn patch_status(&self, key: &Key, patch: Value) {
        let path = format!("{}/status", self.path(key).await);
        let patched = self.request(Method::PATCH, &path, Some(&patch)).await;
        patched.unwrap_or_else(|error| panic!("the status of {key} cannot be patched: {error}"));
    }

    /// What the server would make of an object by a strategic merge patch; nothing is written.
    pub async fn dry_strategic(&self, key: &Key, patch: &Value) -> Result<Value, kube::Error> {
        let path = format!("{}?dryRun=All", self.path(key).await);
        self.send(Method::PATCH, &path, "application/strategic-merge-patch+json", Some(patch)).await
    }

    /// What the server would make of an object that replaces the one it has; nothing is written.
    pub async fn dry_replace(&self, key: &Key, object: &Value) -> Result<Value, kube::Error> {
        let path = format!("{}?dryRun=All", self.path(key).await);
        self.request(Method::PUT, &path, Some(object)).await
    }

    /// Asks for the deletion of an object; that it is not there is as good.
    pub async fn delete(&self, key: &Key) {
        let now = json!({"gracePeriodSeconds": 0, "propagationPolicy": "Background"});
        match self.request(Method::DELETE, &self.path(key).await, Some(&now)).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {}
            Err(error) => panic!("{key} cannot be deleted: {error}"),
        }
    }

    /// Deletes an object and waits until it is gone.
    pub async fn delete_and_wait(&self, key: &Key) {
        self.delete(key).await;
        self.wait_gone(std::slice::from_ref(key)).await;
    }

    /// Waits until all of these are gone.
    pub async fn wait_gone(&self, keys: &[Key]) {
        for key in keys {
            self.wait(&format!("{key} to be gone"), async || self.get(key).await.is_none()).await;
        }
    }

    /// Waits until something holds; ends the test when it does not within two minutes.
    pub async fn wait(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let deadline = Instant::now() + Duration::from_mins(2);
        while !holds().await {
            assert!(Instant::now() < deadline, "waited two minutes in vain for {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The server's own words.
fn said(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        error => error.to_string(),
    }
}

fn resources(root: &str, api_version: &str, document: &Value) -> Vec<Served> {
    let listed = document["resources"].as_array().into_iter().flatten().filter(|resource| {
        let verbs = resource["verbs"].as_array().into_iter().flatten();
        let has = |verb: &str| verbs.clone().any(|v| v == verb);
        has("list") && has("delete") && !resource["name"].as_str().unwrap_or_default().contains('/')
    });
    let served = |resource: &Value| Served {
        api_version: api_version.to_owned(),
        kind: resource["kind"].as_str().unwrap().to_owned(),
        root: root.to_owned(),
        plural: resource["name"].as_str().unwrap().to_owned(),
        namespaced: resource["namespaced"].as_bool().unwrap(),
    };
    listed.map(served).collect()
}
