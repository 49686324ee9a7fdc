//! A recovery point without a cluster, for measuring how fast one opens.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use holdfast_model::content;
use holdfast_model::resource::ResourceType;
use holdfast_store::{
    Access, ClusterFacts, EntryMeta, Manifest, MemberBuilder, PointState, Vault, VaultUrl, Writer,
};
use jiff::Timestamp;
use serde_json::json;

use crate::corpus;

/// Objects per member, about 512 KiB of them.
const PER_MEMBER: usize = 400;

pub(crate) async fn write(vault: &Path, name: &str, objects: usize) -> Result<()> {
    let url: VaultUrl = format!("file://{}", vault.display()).parse()?;
    let vault = Vault::open_or_create(&url, &Access::default(), vault).await?;
    let started = Timestamp::now();
    let mut point = vault.begin(&name.parse()?, started, &Writer::new()).await?;
    let ty = Arc::new(ResourceType {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "configmaps".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespaced: true,
    });
    // Of the corpus only the ConfigMaps: the mix does not matter to an index.
    let numbers: Vec<usize> = (0..).filter(|n| n % 20 <= 8).take(objects).collect();
    for chunk in numbers.chunks(PER_MEMBER) {
        let mut member = MemberBuilder::new(Arc::clone(&ty), started);
        for number in chunk {
            let body = corpus::object(*number).body;
            let json = body.to_string();
            let entry = EntryMeta {
                namespace: corpus::namespace(*number),
                name: body["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
                uid: None,
                owner: None,
                labels: Some(body["metadata"]["labels"].to_string().into()),
                hash: content::hash(json.as_bytes()),
            };
            member.push(entry, &[json.as_bytes()])?;
        }
        point.append(member.finish()?).await?;
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
    point.commit(manifest).await?;
    Ok(())
}
