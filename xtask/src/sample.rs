//! The sample shop in `tests/sample`: two namespaces with one of most things that a team keeps in a cluster.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind, TypeMeta};
use kube::discovery::{Scope, pinned_kind};
use serde_json::json;

use crate::places;

/// How long the cluster may take to do what it was asked for; a namespace with claims takes about 10 s to go.
const PATIENCE: Duration = Duration::from_mins(2);
const INTERVAL: Duration = Duration::from_millis(100);

/// Applies every object of the sample, in the order of the files; returns how many.
pub(crate) async fn load(client: &Client) -> Result<usize> {
    let folder = places::checkout().join("tests/sample");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .with_context(|| format!("cannot list {}", folder.display()))?;
    files.sort();
    let mut loaded = 0;
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let objects: Vec<DynamicObject> = serde_saphyr::from_multiple(&text)
            .with_context(|| format!("{} is no list of objects", file.display()))?;
        for object in objects {
            apply(client, &object).await.with_context(|| format!("cannot load {}", shown(&object)))?;
            loaded += 1;
        }
    }
    Ok(loaded)
}

async fn apply(client: &Client, object: &DynamicObject) -> Result<()> {
    let types = object.types.as_ref().context("it has no apiVersion and kind")?;
    let name = object.metadata.name.as_deref().context("it has no name")?;
    let kind = GroupVersionKind::try_from(types)?;
    let (resource, capabilities) = until("the server to know the kind", async || {
        // A definition that was just loaded takes a moment until it is served.
        Ok(pinned_kind(client, &kind).await.ok())
    })
    .await?;
    let api: Api<DynamicObject> = match (&capabilities.scope, &object.metadata.namespace) {
        (Scope::Cluster, None) => Api::all_with(client.clone(), &resource),
        (Scope::Namespaced, Some(namespace)) => Api::namespaced_with(client.clone(), namespace, &resource),
        (scope, namespace) => bail!("its scope is {scope:?} and its namespace {namespace:?}"),
    };
    api.patch(name, &PatchParams::apply("sample"), &Patch::Apply(object)).await?;
    Ok(())
}

/// Waits until the controllers have made `count` pods in a namespace.
pub(crate) async fn wait_for_pods(client: &Client, namespace: &str, count: usize) -> Result<()> {
    let pods: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &core("Pod", "pods"));
    until(&format!("{count} pods in namespace {namespace}"), async || {
        let there = pods.list(&ListParams::default()).await?.items.len();
        Ok((there >= count).then_some(()))
    })
    .await
}

/// Deletes a namespace and waits until it is gone.
pub(crate) async fn delete_namespace(client: &Client, name: &str) -> Result<()> {
    let namespaces: Api<DynamicObject> = Api::all_with(client.clone(), &core("Namespace", "namespaces"));
    namespaces.delete(name, &DeleteParams::default()).await?;
    until(&format!("namespace {name} to be gone"), async || {
        Ok(namespaces.get_opt(name).await?.is_none().then_some(()))
    })
    .await
}

/// Sets one entry of a ConfigMap.
pub(crate) async fn set_entry(
    client: &Client,
    namespace: &str,
    name: &str,
    key: &str,
    value: &str,
) -> Result<()> {
    let maps: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), namespace, &core("ConfigMap", "configmaps"));
    let patch = json!({"data": {key: value}});
    maps.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await?;
    Ok(())
}

fn core(kind: &str, plural: &str) -> ApiResource {
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("", "v1", kind), plural)
}

fn shown(object: &DynamicObject) -> String {
    let kind = object.types.as_ref().map_or("an object", |TypeMeta { kind, .. }| kind);
    format!("{kind} {}", object.metadata.name.as_deref().unwrap_or("without a name"))
}

/// Asks again and again until there is an answer.
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if began.elapsed() > PATIENCE {
            bail!("waited {} s for {what}, in vain", PATIENCE.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
