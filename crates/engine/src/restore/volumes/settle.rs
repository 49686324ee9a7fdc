//! At the end of a run: waiting until the claims are bound, and clearing up what only filled them.
//!
//! A claim whose class binds at once is bound when the driver has made its volume; when it is not in time, something is wrong,
//! and the events of the claim say what. One whose class waits for its first consumer is bound when a pod that uses it is
//! scheduled, which may be years from now: what fills it stays until then (Velero leaves such claims out of its wait, too, and
//! clears up nothing).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_cluster::ListRequest;
use holdfast_model::report::{Outcome, ReportEntry};
use holdfast_model::resource::ResourceType;
use holdfast_store::job::LogLevel;
use serde_json::Value;
use tokio::time::Instant;

use super::events::failure_of;
use crate::error::is_cluster_lost;
use crate::hooks::Pod;
use crate::restore::REQUESTS_AT_ONCE;
use crate::restore::run::Run;
use crate::snapshots::SnapshotApi;
use crate::snapshots::static_content::{release, remove_content};

const POLL: Duration = Duration::from_secs(2);
/// How often pods are asked for.
const PODS_POLL: Duration = Duration::from_secs(5);
/// How long a claim that waits for its first consumer is waited for while no pod uses it: controllers make pods in seconds.
const FIRST_POD: Duration = Duration::from_secs(30);
/// How long clearing up may take once a run was cancelled.
const GRACE: Duration = Duration::from_secs(30);
/// Claims whose helpers are removed at the same time.
const RELEASED_AT_ONCE: usize = 16;

/// When a class binds its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    Immediate,
    FirstConsumer,
    /// The class may not be read.
    Unknown,
}

/// A claim that is not bound yet.
struct Pending<'a> {
    at: usize,
    namespace: &'a str,
    claim: &'a str,
    binding: Binding,
    /// Whether a pod uses it.
    used: bool,
}

/// What a look at a claim tells.
enum Look {
    Bound,
    Pending {
        class: Option<String>,
    },
    Gone,
    /// It could not be read this time.
    Unknown,
}

impl Pending<'_> {
    fn patience(&self, timeout: Duration) -> Duration {
        match self.binding {
            Binding::FirstConsumer if !self.used => timeout.min(FIRST_POD),
            _ => timeout,
        }
    }
}

impl Run<'_> {
    /// Waits for the claims that this run filled, and removes what is not needed any more. `made` are the entries that have
    /// helpers. Returns warnings.
    pub(in crate::restore) async fn settle_volumes(
        &self,
        made: Vec<usize>,
        entries: &mut [ReportEntry],
    ) -> Vec<String> {
        let Some(api) = self.helpers.api.as_ref().filter(|_| !made.is_empty()) else { return Vec::new() };
        let plan = self.plan();
        let (created, others): (Vec<usize>, Vec<usize>) =
            made.into_iter().partition(|at| entries[*at].outcome == Outcome::Created);
        self.release_all(api, others).await;
        // Who asks for no wait is told of no failure; the next restore clears up.
        let waits = !self.request().volume_timeout.is_zero();
        if created.is_empty() || !waits || self.stop().is_cancelled() {
            return Vec::new();
        }
        self.context.phase("volumes", Some(created.len() as u64));
        let mut pending: Vec<Pending<'_>> = created
            .into_iter()
            .map(|at| {
                let entry = &plan.entries[at];
                let claim = plan.row(entry).name;
                let binding = Binding::Unknown;
                Pending { at, namespace: &entry.target_namespace, claim, binding, used: false }
            })
            .collect();
        self.await_bound(api, &mut pending, entries).await;
        if self.stop().is_cancelled() {
            return Vec::new();
        }
        self.judge(pending, entries).await
    }

    /// Waits until every claim is bound or has had its time; those that are not stay in `pending`.
    async fn await_bound(
        &self,
        api: &SnapshotApi,
        pending: &mut Vec<Pending<'_>>,
        entries: &mut [ReportEntry],
    ) {
        let timeout = self.request().volume_timeout;
        let began = Instant::now();
        let mut classes: HashMap<String, Binding> = HashMap::new();
        let mut pods_asked: Option<Instant> = None;
        loop {
            let looks: Vec<_> = pending.iter().map(|claim| self.look(claim.namespace, claim.claim)).collect();
            let looks: Vec<Look> = stream::iter(looks).buffered(REQUESTS_AT_ONCE).collect().await;
            let mut bound = Vec::new();
            let mut left = Vec::new();
            for (mut claim, look) in std::mem::take(pending).into_iter().zip(looks) {
                match look {
                    Look::Bound => bound.push(claim.at),
                    Look::Gone => {
                        bound.push(claim.at);
                        self.fail(&claim, entries, "it was deleted before it was bound".to_owned());
                    }
                    Look::Pending { class } => {
                        claim.binding = self.binding(class, &mut classes).await;
                        left.push(claim);
                    }
                    Look::Unknown => left.push(claim),
                }
            }
            *pending = left;
            self.context.advance(bound.len() as u64, 0, None);
            self.release_all(api, bound).await;
            if pods_asked.is_none_or(|asked| asked.elapsed() >= PODS_POLL) {
                self.mark_used(pending).await;
                pods_asked = Some(Instant::now());
            }
            let waits = pending.iter().any(|claim| began.elapsed() < claim.patience(timeout));
            let slept = waits && self.stop().run_until_cancelled(tokio::time::sleep(POLL)).await.is_some();
            if !slept {
                return;
            }
        }
    }

    async fn look(&self, namespace: &str, claim: &str) -> Look {
        let Some(ty) = self.live.type_of_kind("PersistentVolumeClaim") else { return Look::Unknown };
        match self.live.cluster.get(ty, Some(namespace), claim).await {
            Ok(None) => Look::Gone,
            Ok(Some(json)) => {
                let claim: Value = serde_json::from_slice(&json).unwrap_or_default();
                let text = |path: &str| claim.pointer(path).and_then(Value::as_str);
                match text("/status/phase") {
                    Some("Bound") => Look::Bound,
                    _ => Look::Pending { class: text("/spec/storageClassName").map(str::to_owned) },
                }
            }
            Err(error) => {
                if is_cluster_lost(&error) {
                    self.lose(&error);
                }
                Look::Unknown
            }
        }
    }

    async fn binding(&self, class: Option<String>, known: &mut HashMap<String, Binding>) -> Binding {
        let Some(class) = class else { return Binding::Unknown };
        if let Some(binding) = known.get(&class) {
            return *binding;
        }
        let found = match self.live.type_of_kind("StorageClass.storage.k8s.io") {
            Some(ty) => self.live.cluster.get(ty, None, &class).await.ok().flatten(),
            None => None,
        };
        let object: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
        let binding = object.map_or(Binding::Unknown, |object| match object["volumeBindingMode"].as_str() {
            Some("WaitForFirstConsumer") => Binding::FirstConsumer,
            _ => Binding::Immediate,
        });
        known.insert(class, binding);
        binding
    }

    /// Finds out which claims pods use that have not ended.
    async fn mark_used(&self, pending: &mut [Pending<'_>]) {
        let Some(ty) = self.live.type_of_kind("Pod") else { return };
        let waits = pending.iter().filter(|claim| claim.binding == Binding::FirstConsumer);
        let namespaces: HashSet<&str> = waits.map(|claim| claim.namespace).collect();
        for namespace in namespaces {
            let used = self.used_in(ty, namespace).await;
            for claim in pending.iter_mut().filter(|claim| claim.namespace == namespace) {
                claim.used = used.contains(claim.claim);
            }
        }
    }

    async fn used_in(&self, pods: &ResourceType, namespace: &str) -> HashSet<String> {
        let mut request = ListRequest::all(pods.clone());
        request.namespace = Some(namespace.to_owned());
        let mut lister = self.live.cluster.list(request);
        let mut used = HashSet::new();
        while let Some(Ok(Some(items))) = self.stop().run_until_cancelled(lister.next()).await {
            for pod in items.iter().filter_map(|item| serde_json::from_slice::<Value>(item).ok()) {
                used.extend(used_by(&pod));
            }
        }
        used
    }

    /// Says what became of claims that are not bound.
    async fn judge(&self, pending: Vec<Pending<'_>>, entries: &mut [ReportEntry]) -> Vec<String> {
        let mut waiting = 0;
        for claim in pending {
            let unused = claim.binding == Binding::FirstConsumer && !claim.used;
            let kind = "PersistentVolumeClaim";
            let failure =
                if unused { None } else { failure_of(&self.live, kind, claim.namespace, claim.claim).await };
            let seconds = self.request().volume_timeout.as_secs();
            let words = match (failure, claim.binding) {
                (Some(Ok(words)), _) => {
                    self.fail(&claim, entries, format!("it is not bound after {seconds} s: {words}"));
                    continue;
                }
                (Some(Err(error)), Binding::Immediate) => {
                    let reason =
                        format!("it is not bound after {seconds} s, and its events cannot be read: {error}");
                    self.fail(&claim, entries, reason);
                    continue;
                }
                (None, Binding::Immediate) => {
                    let reason = format!("it is not bound after {seconds} s; nothing was told about why");
                    self.fail(&claim, entries, reason);
                    continue;
                }
                (_, Binding::FirstConsumer) if claim.used => "waits until its pod is scheduled",
                (_, Binding::FirstConsumer) => "waits for its first pod to be scheduled",
                (_, Binding::Unknown) => "is not bound yet",
            };
            waiting += 1;
            let planned = self.plan().entries[claim.at].detail.as_ref();
            let planned = planned.and_then(|detail| detail.reason.as_deref()).unwrap_or_default();
            entries[claim.at].reason = Some(format!("{planned}; {words}").into());
            self.context.settle(claim.at, &entries[claim.at]);
        }
        if waiting == 0 {
            return Vec::new();
        }
        let claims = if waiting == 1 { "1 claim waits".to_owned() } else { format!("{waiting} claims wait") };
        vec![format!(
            "{claims} for the first pod to be filled; until then the VolumeSnapshots that they are filled from stay, labelled \
             {}",
            crate::snapshots::RESTORE_LABEL
        )]
    }

    fn fail(&self, claim: &Pending<'_>, entries: &mut [ReportEntry], reason: String) {
        self.tell(LogLevel::Error, &self.plan().entries[claim.at], &reason);
        let entry = &mut entries[claim.at];
        entry.outcome = Outcome::Failed;
        entry.reason = Some(reason.into());
        self.context.settle(claim.at, entry);
    }

    /// Removes what filled claims; the snapshots stay. After a cancellation only for a while.
    async fn release_all(&self, api: &SnapshotApi, done: Vec<usize>) {
        let releasing: Vec<_> = done.into_iter().map(|at| self.release_one(api, at)).collect();
        let releasing = stream::iter(releasing).buffer_unordered(RELEASED_AT_ONCE).collect::<Vec<()>>();
        if self.stop().is_cancelled() {
            let _ = tokio::time::timeout(GRACE, releasing).await;
        } else {
            releasing.await;
        }
    }

    async fn release_one(&self, api: &SnapshotApi, at: usize) {
        let entry = &self.plan().entries[at];
        let name = self.helpers.name(&entry.target_namespace, self.plan().row(entry).name);
        let removed = match release(self.live.cluster, api, &entry.target_namespace, &name).await {
            Ok(()) => Ok(()),
            // Whoever may not touch the one may still remove the other.
            Err(_) => remove_content(self.live.cluster, api, &name).await,
        };
        self.note_left(&name, removed);
    }
}

/// The claims that a pod uses which has not ended, and which the scheduler has not given up for now: that one may wait for
/// something else for ever, such as another claim.
fn used_by(pod: &Value) -> Vec<String> {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let is_stuck = conditions
        .into_iter()
        .any(|condition| condition["type"] == "PodScheduled" && condition["reason"] == "Unschedulable");
    match Pod::read(pod) {
        Some(pod) if !is_stuck && !pod.has_ended() => pod.claims,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_in_use_by_pods_that_have_not_ended() {
        let pod = |phase: &str| {
            json!({"metadata": {"name": "p"}, "spec": {"volumes": [{"name": "a", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "b"}]},
                "status": {"phase": phase}})
        };
        assert_eq!(used_by(&pod("Pending")), ["data"]);
        assert!(used_by(&pod("Succeeded")).is_empty());
        let mut stuck = pod("Pending");
        stuck["status"]["conditions"] =
            json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]);
        assert!(used_by(&stuck).is_empty());
    }

    #[test]
    fn only_a_claim_that_nothing_uses_is_given_up_early() {
        let claim = |binding, used| Pending { at: 0, namespace: "a", claim: "b", binding, used };
        let timeout = Duration::from_mins(10);
        assert_eq!(claim(Binding::FirstConsumer, false).patience(timeout), FIRST_POD);
        assert_eq!(
            claim(Binding::FirstConsumer, false).patience(Duration::from_secs(5)),
            Duration::from_secs(5)
        );
        for (binding, used) in
            [(Binding::FirstConsumer, true), (Binding::Immediate, false), (Binding::Unknown, false)]
        {
            assert_eq!(claim(binding, used).patience(timeout), timeout);
        }
    }
}
