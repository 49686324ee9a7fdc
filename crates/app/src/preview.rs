//! What a selection would take, counted while it is typed.
//!
//! A cluster is read once and the reading kept for [`KEPT`]; every change of the selection is counted in it. Readings
//! are shared: a call that is cancelled stops waiting, and the reading goes on for the next one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use holdfast_cluster::Cluster;
use holdfast_engine::backup::{self, Inventory, Matching};
use holdfast_engine::progress_channel;
use holdfast_model::name::PointName;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{Failure, FailureCode, KindCount, MatchPreview, Selection};
use crate::clusters::context_of;
use crate::{App, blocking, selection};

/// How long a reading of a cluster is counted in.
const KEPT: Duration = Duration::from_mins(1);
/// Readings kept; the oldest goes first.
const READINGS: usize = 4;

type Reading = Shared<BoxFuture<'static, Result<Arc<Inventory>, Failure>>>;

/// The newest readings, by cluster.
#[derive(Default)]
pub(crate) struct Readings(Mutex<HashMap<String, (Instant, Reading)>>);

impl Readings {
    /// The reading that is under way or fresh, else the one that `begin` begins.
    fn get(&self, cluster: &str, fresh: bool, begin: impl FnOnce() -> Reading) -> Reading {
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // What is forbidden stays so for a while, and is answered from a reading of named namespaces.
        let failed = |reading: &Reading| {
            let passing = |failure: &Failure| failure.code != FailureCode::ClusterForbidden;
            reading.peek().is_some_and(|read| read.as_ref().is_err_and(passing))
        };
        readings.retain(|_, (began, reading)| now.duration_since(*began) < KEPT && !failed(reading));
        if let Some((_, reading)) = readings.get(cluster)
            // One under way is as fresh as it gets.
            && (!fresh || reading.peek().is_none())
        {
            return reading.clone();
        }
        if readings.len() >= READINGS
            && let Some(oldest) =
                readings.iter().min_by_key(|(_, (began, _))| *began).map(|(id, _)| id.clone())
        {
            readings.remove(&oldest);
        }
        let reading = begin();
        readings.insert(cluster.to_owned(), (now, reading.clone()));
        reading
    }

    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl App {
    /// What a selection matches now; the cluster is read at most once a minute, except when `fresh`.
    pub async fn preview_selection(
        &self,
        cluster_id: String,
        selection: Selection,
        fresh: bool,
        request_id: String,
    ) -> Result<MatchPreview, Failure> {
        let selection = selection::selection(&selection)?;
        let cluster = self.cluster(&cluster_id).await?;
        let request = self.request(request_id.clone());
        let cancelled = || Failure::new(FailureCode::Cancelled, "counting was cancelled", "");
        let all = self.reading(&cluster_id, &cluster, &[], fresh, &request_id);
        let mut read = request.context.cancel.run_until_cancelled(all).await.ok_or_else(cancelled)?;
        // Whoever may not list namespaces may still back up the ones they name, as a backup does.
        if let Err(failure) = &read
            && failure.code == FailureCode::ClusterForbidden
        {
            let Some(names) = selection.named_namespaces() else {
                let guidance = "Choose \"Only these\" and name the namespaces that you may read.";
                return Err(Failure { guidance: guidance.to_owned(), ..failure.clone() });
            };
            let named = self.reading(&cluster_id, &cluster, &names, fresh, &request_id);
            read = request.context.cancel.run_until_cancelled(named).await.ok_or_else(cancelled)?;
        }
        let inventory = read?;
        blocking("counting", move || {
            let matching = inventory.matching(&selection)?;
            Ok(preview(&matching, &inventory.as_of().to_string()))
        })
        .await?
    }

    /// A reading of a cluster: of these namespaces, or of everything where none is named.
    fn reading(
        &self,
        cluster_id: &str,
        cluster: &Cluster,
        names: &[&str],
        fresh: bool,
        request_id: &str,
    ) -> Reading {
        // No name holds a comma.
        let key = format!("{cluster_id},{}", names.join(","));
        self.inner.readings.get(&key, fresh, || {
            let (context, progress) = progress_channel(CancellationToken::new(), self.inner.environment.now);
            let forward = tokio::spawn(self.inner.events.clone().forward(request_id.to_owned(), progress));
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let cluster = cluster.clone();
            let task = tokio::spawn(async move {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let read = match names.as_slice() {
                    [] => Inventory::read(&cluster, &context).await,
                    names => Inventory::read_named(&cluster, names, &context).await,
                };
                forward.abort();
                read
            });
            let read = async move {
                match task.await {
                    Ok(read) => read.map(Arc::new).map_err(Failure::from),
                    Err(error) => Err(Failure::defect("reading the cluster", &error)),
                }
            };
            read.boxed().shared()
        })
    }

    /// A free and valid name for a recovery point of a cluster.
    pub async fn suggest_point_name(&self, cluster_id: String) -> Result<String, Failure> {
        let taken: Vec<String> =
            self.inner.model.points().await.into_iter().map(|point| point.name).collect();
        let now = self.now();
        // The name ends with the second, so a later second is free.
        let names = (0..60).map(|seconds| now + jiff::SignedDuration::from_secs(seconds));
        let mut names = names.map(|time| backup::proposed_name(context_of(&cluster_id), time));
        let free = names.find(|name: &PointName| !taken.iter().any(|taken| taken == name.as_str()));
        free.map(String::from).ok_or_else(|| {
            Failure::new(FailureCode::AlreadyExists, "no proposed name is free", "Enter another name.")
        })
    }
}

fn preview(matching: &Matching, as_of: &str) -> MatchPreview {
    let mut kinds: Vec<KindCount> = matching
        .kinds
        .iter()
        .map(|(ty, objects)| KindCount {
            group: ty.group.clone(),
            version: ty.version.clone(),
            kind: ty.kind.clone(),
            resource: ty.to_string(),
            namespaced: ty.namespaced,
            objects: *objects,
        })
        .collect();
    kinds.sort_by(|a, b| b.objects.cmp(&a.objects).then_with(|| a.resource.cmp(&b.resource)));
    let claims = kinds.iter().find(|kind| kind.resource == "persistentvolumeclaims");
    MatchPreview {
        objects: kinds.iter().map(|kind| kind.objects).sum(),
        namespaces: matching.namespaces.len() as u64,
        claims: claims.map_or(0, |kind| kind.objects),
        kinds,
        gaps: matching.gaps.clone(),
        as_of: as_of.to_owned(),
    }
}
