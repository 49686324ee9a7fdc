//! What a cluster answers.

use std::time::Instant;

use holdfast_cluster::{ApiError, Cluster, ListRequest};
use holdfast_model::selection::EXCLUDED_NAMESPACES;
use holdfast_model::view::ObjectView;

use crate::App;
use crate::api::{ClusterStatus, Failure, FailureCode, NamespaceRow};

impl App {
    /// Asks the cluster. That it does not answer, or not wholly, is part of the answer.
    ///
    /// # Errors
    /// [`FailureCode::NotFound`] where there is no such cluster.
    pub async fn cluster_status(&self, cluster_id: String) -> Result<ClusterStatus, Failure> {
        let clock = Instant::now();
        let mut status = ClusterStatus {
            reachable: false,
            version: None,
            namespaces: Vec::new(),
            failure: None,
            latency_ms: 0,
            as_of: self.now().to_string(),
        };
        let cluster = match self.cluster(&cluster_id).await {
            Ok(cluster) => cluster,
            Err(failure) if failure.code == FailureCode::NotFound => return Err(failure),
            Err(failure) => return Ok(ClusterStatus { failure: Some(failure), ..status }),
        };
        let asked = Instant::now();
        match cluster.version().await {
            Ok(version) => status.version = Some(version.git_version),
            Err(error) => status.failure = Some(error.into()),
        }
        status.latency_ms = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        if status.failure.is_none() {
            status.reachable = true;
            match namespaces(&cluster).await {
                Ok(namespaces) => status.namespaces = namespaces,
                Err(error) => status.failure = Some(error.into()),
            }
        }
        tracing::debug!(cluster = cluster_id, took = ?clock.elapsed(), reachable = status.reachable, "asked a cluster");
        Ok(status)
    }
}

async fn namespaces(cluster: &Cluster) -> Result<Vec<NamespaceRow>, ApiError> {
    let mut rows = Vec::new();
    let mut lister = cluster.list(ListRequest::all(holdfast_engine::namespace_type()));
    while let Some(items) = lister.next().await? {
        for item in items {
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(&item) else { continue };
            let phase = if view.metadata.deletion_timestamp.is_some() { "Terminating" } else { "Active" };
            let name = view.metadata.name.into_owned();
            let always_skipped = EXCLUDED_NAMESPACES.contains(&name.as_str());
            rows.push(NamespaceRow { name, phase: phase.to_owned(), always_skipped });
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}
