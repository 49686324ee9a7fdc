//! A recovery point with as many objects as a large cluster has. The one module that uses Holdfast's own code: what is
//! in the point does not matter here, only how much.

use std::path::Path;
use std::sync::Arc;

use holdfast_model::resource::ResourceType;
use holdfast_store::{
    Access, ClusterFacts, EntryMeta, Manifest, MemberBuilder, PointState, Vault, VaultUrl, Writer,
};
use jiff::Timestamp;
use serde_json::json;

/// Writes the point `big`: `ConfigMaps`, `Secrets` and Deployments in 250 namespaces, a third of each.
pub async fn write(vault: &Path, objects: usize) {
    let url: VaultUrl = vault.display().to_string().parse().unwrap();
    let cache = tempfile::TempDir::with_prefix("holdfast-many-").unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap();
    let started = Timestamp::now();
    let mut point = vault.begin(&"big".parse().unwrap(), started, &Writer::new()).await.unwrap();
    for (at, (group, plural, kind)) in
        [("", "configmaps", "ConfigMap"), ("", "secrets", "Secret"), ("apps", "deployments", "Deployment")]
            .into_iter()
            .enumerate()
    {
        let ty = Arc::new(ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: kind.into(),
            namespaced: true,
        });
        let numbers: Vec<usize> = (0..objects).filter(|n| n % 3 == at).collect();
        for chunk in numbers.chunks(2000) {
            let mut member = MemberBuilder::new(Arc::clone(&ty), started);
            for n in chunk {
                let (namespace, name) = (format!("team-{:03}", n % 250), format!("object-{n:06}-settings"));
                let json = json!({"metadata": {"name": name, "namespace": namespace}}).to_string();
                let labels = json!({"app": format!("app-{}", n % 40), "tier": "back"}).to_string();
                let hash = holdfast_model::content::hash(json.as_bytes());
                let meta =
                    EntryMeta { namespace, name, uid: None, owner: None, labels: Some(labels.into()), hash };
                member.push(meta, &[json.as_bytes()]).unwrap();
            }
            point.append(member.finish().unwrap()).await.unwrap();
        }
    }
    let manifest = Manifest {
        completed: Timestamp::now(),
        state: PointState::Completed,
        cluster: ClusterFacts::default(),
        warnings: Vec::new(),
        spec: json!({}),
        log: Vec::new(),
        non_atomic: Vec::new(),
        volumes: None,
    };
    point.commit(manifest).await.unwrap();
}
