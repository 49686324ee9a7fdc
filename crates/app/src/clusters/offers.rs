//! What a cluster has to choose from: hooks and storage classes.

use holdfast_cluster::{ApiError, Cluster, ListRequest};
use holdfast_model::hooks::GROUP;
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use crate::App;
use crate::api::{Failure, StorageClassRow};

/// Most of one kind that are offered.
const MOST: usize = 1_000;
/// Says that claims without a class get this one.
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";

impl App {
    /// The `BackupHook` objects of a cluster as `namespace/name`; none where it does not serve them.
    pub async fn backup_hooks(&self, cluster_id: String) -> Result<Vec<String>, Failure> {
        Box::pin(self.hooks(&cluster_id, "backuphooks")).await
    }

    /// The `RestoreHook` objects of a cluster as `namespace/name`; none where it does not serve them.
    pub async fn restore_hooks(&self, cluster_id: String) -> Result<Vec<String>, Failure> {
        Box::pin(self.hooks(&cluster_id, "restorehooks")).await
    }

    async fn hooks(&self, cluster_id: &str, plural: &str) -> Result<Vec<String>, Failure> {
        let objects = Box::pin(self.offered(cluster_id, GROUP, plural)).await?;
        let mut hooks: Vec<String> = objects.iter().filter_map(reference).collect();
        hooks.sort();
        Ok(hooks)
    }

    /// The storage classes of a cluster, by name.
    pub async fn storage_classes(&self, cluster_id: String) -> Result<Vec<StorageClassRow>, Failure> {
        let objects = Box::pin(self.offered(&cluster_id, "storage.k8s.io", "storageclasses")).await?;
        let mut classes: Vec<StorageClassRow> = objects.iter().filter_map(storage_class).collect();
        classes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(classes)
    }

    async fn offered(&self, cluster_id: &str, group: &str, plural: &str) -> Result<Vec<Value>, Failure> {
        let cluster = self.cluster(cluster_id).await?;
        let discovery = cluster.discover().await?;
        let served = discovery.types.into_iter().find(|served| served.ty.is(group, plural));
        let Some(served) = served else { return Ok(Vec::new()) };
        Ok(Box::pin(list(&cluster, served.ty)).await?)
    }
}

async fn list(cluster: &Cluster, ty: ResourceType) -> Result<Vec<Value>, ApiError> {
    let mut objects = Vec::new();
    let mut lister = cluster.list(ListRequest::all(ty));
    while let Some(items) = lister.next().await? {
        objects.extend(items.iter().filter_map(|item| serde_json::from_slice::<Value>(item).ok()));
        if objects.len() >= MOST {
            objects.truncate(MOST);
            break;
        }
    }
    Ok(objects)
}

fn reference(object: &Value) -> Option<String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    Some(format!("{}/{}", text("/metadata/namespace")?, text("/metadata/name")?))
}

fn storage_class(object: &Value) -> Option<StorageClassRow> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let annotations = object.pointer("/metadata/annotations");
    let default = annotations.and_then(|all| all.get(DEFAULT)).and_then(Value::as_str);
    Some(StorageClassRow {
        name: text("/metadata/name")?.to_owned(),
        provisioner: text("/provisioner").unwrap_or_default().to_owned(),
        default: default == Some("true"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn classes_say_whether_they_are_the_default() {
        let class = |annotations: Value| {
            storage_class(&json!({
                "metadata": {"name": "managed-csi", "annotations": annotations},
                "provisioner": "disk.csi.azure.com",
            }))
            .unwrap()
        };
        assert!(class(json!({DEFAULT: "true"})).default);
        assert!(!class(json!({DEFAULT: "false"})).default);
        assert!(!class(Value::Null).default);
        assert_eq!(storage_class(&json!({"provisioner": "x"})), None);
        assert_eq!(reference(&json!({"metadata": {"name": "x", "namespace": "y"}})).unwrap(), "y/x");
    }
}
