//! Watching the pods of the workloads that hooks apply to: which come, how they are, and which never came.
//!
//! Lists, every few seconds and only of namespaces where something is still awaited. A watch would tell sooner and has to be
//! begun anew whenever it breaks; what a hook waits for takes seconds at best.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use holdfast_cluster::{ApiError, ListRequest};
use holdfast_model::hooks::restore_commands;
use holdfast_model::resource::ResourceType;
use holdfast_model::view::ObjectView;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::expect::{Expected, counts_nodes, desired, of_nodes};
use super::look::is_ending;
use super::pod::{NewPod, Seen};
use crate::error::is_cluster_lost;
use crate::hooks::Pod;
use crate::restore::run::Run;
use crate::restore::volumes::failure_of;

const POLL: Duration = Duration::from_secs(2);
const NAMESPACES_AT_ONCE: usize = 8;
const WORKLOADS_AT_ONCE: usize = 16;

/// What the watcher tells.
pub(super) enum News {
    /// Commands are to be run in a pod.
    Pod(NewPod),
    /// Something that was awaited does not come.
    Problem(String),
    /// All that was awaited has come or was given up.
    Settled,
}

/// A workload with its pods, or a pod of its own.
struct Workload {
    expected: Expected,
    /// Its UID and when it was made, once it was looked at. Pods have none: they go by their names.
    live: Option<(String, String)>,
    counts_nodes: bool,
    came: u64,
    /// When the last one came.
    last: Instant,
    given_up: bool,
}

/// Whose a pod is.
enum Whose {
    Of(usize),
    Nobodys,
    /// It cannot be told yet.
    Unknown,
}

struct Followed {
    namespace: String,
    now: Option<Arc<Value>>,
    done: Arc<AtomicBool>,
}

pub(super) struct Watcher<'r, 'a> {
    run: &'r Run<'a>,
    pods: ResourceType,
    workloads: Vec<Workload>,
    followed: HashMap<String, Followed>,
    /// UIDs of pods that no commands are run in.
    others: HashSet<String>,
    /// The controllers of `ReplicaSet`s by the UIDs of these.
    owners: HashMap<String, Option<String>>,
    seen: watch::Sender<Arc<Seen>>,
    news: mpsc::UnboundedSender<News>,
    is_settled: bool,
}

impl Workload {
    fn new(expected: Expected) -> Self {
        let counts_nodes = counts_nodes(&expected.ty);
        Self { expected, live: None, counts_nodes, came: 0, last: Instant::now(), given_up: false }
    }

    fn is_pod(&self) -> bool {
        self.expected.ty.is("", "pods")
    }

    fn is_settled(&self) -> bool {
        self.given_up || (!self.counts_nodes && self.came >= self.expected.pods)
    }

    fn has_uid(&self, uid: &str) -> bool {
        self.live.as_ref().is_some_and(|(own, _)| own == uid)
    }

    /// Takes over what the server says of it.
    fn update(&mut self, object: &Value) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.live = Some((text("/metadata/uid"), text("/metadata/creationTimestamp")));
        if let Some(pods) = desired(&self.expected.ty, object) {
            self.expected.pods = pods;
        }
        if of_nodes(object).is_some() {
            self.counts_nodes = false;
        }
    }

    fn name(&self) -> String {
        format!("{} {}/{}", self.expected.ty.kind, self.expected.namespace, self.expected.name)
    }
}

impl<'r, 'a> Watcher<'r, 'a> {
    pub(super) fn new(
        run: &'r Run<'a>,
        pods: ResourceType,
        expected: Vec<Expected>,
        seen: watch::Sender<Arc<Seen>>,
        news: mpsc::UnboundedSender<News>,
    ) -> Self {
        Self {
            run,
            pods,
            workloads: expected.into_iter().map(Workload::new).collect(),
            followed: HashMap::new(),
            others: HashSet::new(),
            owners: HashMap::new(),
            seen,
            news,
            is_settled: false,
        }
    }

    /// Goes on for ever: whoever has all that they wait for drops it.
    pub(super) async fn watch(&mut self) {
        loop {
            self.look_at_workloads().await;
            self.look_at_pods().await;
            self.give_up().await;
            if !self.is_settled && self.workloads.iter().all(Workload::is_settled) {
                self.is_settled = true;
                self.tell(News::Settled);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn tell(&self, news: News) {
        // Nobody listens any more only when nobody waits any more.
        let _ = self.news.send(news);
    }

    /// Finds out the UIDs of workloads, and how many pods the controllers make that only they can know of.
    async fn look_at_workloads(&mut self) {
        let todo = self.workloads.iter().enumerate().filter(|(_, workload)| {
            !workload.is_pod() && !workload.given_up && (workload.live.is_none() || workload.counts_nodes)
        });
        let looks: Vec<_> = todo.map(|(at, workload)| self.look(at, &workload.expected)).collect();
        let looks: Vec<_> = stream::iter(looks).buffer_unordered(WORKLOADS_AT_ONCE).collect().await;
        for (at, found) in looks {
            match found {
                Ok(Some(object)) => self.workloads[at].update(&object),
                Ok(None) => self.abandon(at, "it is not there any more"),
                Err(error) if error.is_forbidden() => {
                    let why = format!("it may not be read: {error}");
                    self.abandon(at, &why);
                }
                Err(error) => self.note(&error),
            }
        }
    }

    async fn look(&self, at: usize, expected: &Expected) -> (usize, Result<Option<Value>, ApiError>) {
        let got = self.run.live.cluster.get(&expected.ty, Some(&expected.namespace), &expected.name).await;
        (at, got.map(|found| found.and_then(|json| serde_json::from_slice(&json).ok())))
    }

    /// Lists the pods of the namespaces where something is awaited.
    async fn look_at_pods(&mut self) {
        let awaited = self.workloads.iter().filter(|workload| !workload.is_settled());
        let mut namespaces: BTreeSet<String> =
            awaited.map(|workload| workload.expected.namespace.clone()).collect();
        let busy = self.followed.values().filter(|followed| !followed.done.load(Ordering::Relaxed));
        namespaces.extend(busy.map(|followed| followed.namespace.clone()));
        let lists: Vec<_> = namespaces.into_iter().map(|namespace| self.list(namespace)).collect();
        let lists: Vec<_> = stream::iter(lists).buffer_unordered(NAMESPACES_AT_ONCE).collect().await;
        for (namespace, list) in lists {
            match list {
                Ok(items) => self.take(&namespace, &items).await,
                Err(error) if error.is_forbidden() => {
                    let why = format!("the pods of its namespace may not be listed: {error}");
                    for at in 0..self.workloads.len() {
                        if self.workloads[at].expected.namespace == namespace {
                            self.abandon(at, &why);
                        }
                    }
                }
                Err(error) => self.note(&error),
            }
        }
    }

    async fn list(&self, namespace: String) -> (String, Result<Vec<Bytes>, ApiError>) {
        let mut request = ListRequest::all(self.pods.clone());
        request.namespace = Some(namespace.clone());
        let mut lister = self.run.live.cluster.list(request);
        let mut all = Vec::new();
        loop {
            match lister.next().await {
                Ok(Some(items)) => all.extend(items),
                Ok(None) => return (namespace, Ok(all)),
                Err(error) => return (namespace, Err(error)),
            }
        }
    }

    /// Takes over a whole list of the pods of a namespace.
    async fn take(&mut self, namespace: &str, items: &[Bytes]) {
        let mut found: HashMap<String, Value> = HashMap::new();
        for item in items {
            let Ok(view) = serde_json::from_slice::<ObjectView<'_>>(item) else { continue };
            let uid = view.metadata.uid.as_deref().unwrap_or_default();
            if !self.others.contains(uid)
                && let Ok(object) = serde_json::from_slice(item)
            {
                found.insert(uid.to_owned(), object);
            }
        }
        let mut fresh = Vec::new();
        for (uid, object) in &found {
            if !self.followed.contains_key(uid) {
                fresh.extend(self.meet(uid, object).await);
            }
        }
        for (uid, followed) in self.followed.iter_mut().filter(|(_, pod)| pod.namespace == namespace) {
            followed.now = found.remove(uid).map(Arc::new);
        }
        let seen: Seen =
            self.followed.iter().map(|(uid, followed)| (uid.clone(), followed.now.clone())).collect();
        self.seen.send_replace(Arc::new(seen));
        fresh.sort_by(|a: &NewPod, b: &NewPod| a.pod.name.cmp(&b.pod.name));
        for pod in fresh {
            self.tell(News::Pod(pod));
        }
        for at in 0..self.workloads.len() {
            let workload = &self.workloads[at];
            if workload.is_pod() && workload.expected.namespace == namespace && workload.came == 0 {
                self.abandon(at, "it was deleted before");
            }
        }
    }

    /// A pod that was not seen before: it is followed if it is one of those awaited and commands are to be run in it.
    async fn meet(&mut self, uid: &str, object: &Value) -> Option<NewPod> {
        let pod = Pod::read(object)?;
        let at = match self.workload_of(&pod, object).await {
            Whose::Of(at) => at,
            Whose::Nobodys => {
                self.others.insert(uid.to_owned());
                return None;
            }
            Whose::Unknown => return None,
        };
        let workload = &mut self.workloads[at];
        if is_ending(object) && !workload.is_pod() {
            // Another one comes in its place.
            self.others.insert(uid.to_owned());
            return None;
        }
        workload.came += 1;
        workload.last = Instant::now();
        let commands = restore_commands(&pod.hooked(), &self.run.hooks.objects).post;
        if commands.is_empty() || is_older(object, workload.live.as_ref()) {
            self.others.insert(uid.to_owned());
            return None;
        }
        let done = Arc::new(AtomicBool::new(false));
        let followed = Followed { namespace: pod.namespace.clone(), now: None, done: Arc::clone(&done) };
        self.followed.insert(uid.to_owned(), followed);
        Some(NewPod { pod, commands, done })
    }

    /// Which of the awaited a pod is of.
    async fn workload_of(&mut self, pod: &Pod, object: &Value) -> Whose {
        let own = self.workloads.iter().position(|workload| {
            workload.is_pod()
                && workload.expected.name == pod.name
                && workload.expected.namespace == pod.namespace
        });
        if let Some(at) = own {
            return Whose::Of(at);
        }
        let Some((kind, name, uid)) = controller(object) else { return Whose::Nobodys };
        if let Some(at) = self.with_uid(uid) {
            return Whose::Of(at);
        }
        let in_namespace = |workload: &&Workload| workload.expected.namespace == pod.namespace;
        let is_deployment = |workload: &Workload| workload.expected.ty.is("apps", "deployments");
        if kind == "ReplicaSet" && self.workloads.iter().filter(in_namespace).any(is_deployment) {
            match self.owner_of(&pod.namespace, name, uid).await {
                Ok(owner) => {
                    if let Some(at) = owner.and_then(|uid| self.with_uid(&uid)) {
                        return Whose::Of(at);
                    }
                }
                Err(error) => {
                    self.note(&error);
                    return Whose::Unknown;
                }
            }
        }
        let is_unknown =
            |workload: &Workload| !workload.is_pod() && !workload.given_up && workload.live.is_none();
        if self.workloads.iter().filter(in_namespace).any(is_unknown) {
            Whose::Unknown
        } else {
            Whose::Nobodys
        }
    }

    fn with_uid(&self, uid: &str) -> Option<usize> {
        self.workloads.iter().position(|workload| workload.has_uid(uid))
    }

    /// The UID of what controls a `ReplicaSet`.
    async fn owner_of(&mut self, namespace: &str, name: &str, uid: &str) -> Result<Option<String>, ApiError> {
        if let Some(known) = self.owners.get(uid) {
            return Ok(known.clone());
        }
        let Some(ty) = self.run.live.type_of_kind("ReplicaSet.apps") else { return Ok(None) };
        let found = match self.run.live.cluster.get(ty, Some(namespace), name).await {
            Ok(found) => found,
            // Then nobody can tell whose it is.
            Err(error) if error.is_forbidden() => None,
            Err(error) => return Err(error),
        };
        let set: Option<Value> = found.and_then(|json| serde_json::from_slice(&json).ok());
        let owner = set.as_ref().and_then(controller).map(|(_, _, uid)| uid.to_owned());
        self.owners.insert(uid.to_owned(), owner.clone());
        Ok(owner)
    }

    /// Gives up what did not come in time.
    async fn give_up(&mut self) {
        let now = Instant::now();
        for at in 0..self.workloads.len() {
            let workload = &self.workloads[at];
            if workload.is_settled() || now < workload.last + workload.expected.patience {
                continue;
            }
            if workload.came >= workload.expected.pods {
                // Its controller did not count in time.
                self.workloads[at].given_up = true;
                continue;
            }
            let (missing, all) = (workload.expected.pods - workload.came, workload.expected.pods);
            let seconds = workload.expected.patience.as_secs_f64();
            let why = self.why_no_pods(&workload.expected).await;
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            self.abandon(at, &format!("{missing} of its {all} pods did not come within {seconds} s{why}"));
        }
    }

    /// Why a workload has no pods, in the words of its controller.
    async fn why_no_pods(&self, expected: &Expected) -> Option<String> {
        let live = &self.run.live;
        if let Ok(Some(object)) = self.look(0, expected).await.1
            && let Some(words) = failed_to_make(&object)
        {
            return Some(words);
        }
        failure_of(live, &expected.ty.kind, &expected.namespace, &expected.name).await?.ok()
    }

    fn abandon(&mut self, at: usize, why: &str) {
        let workload = &mut self.workloads[at];
        if workload.given_up {
            return;
        }
        workload.given_up = true;
        let problem = format!("restore hooks were not run for {}: {why}", workload.name());
        self.tell(News::Problem(problem));
    }

    /// What could not be read is read again, unless the cluster is lost.
    fn note(&self, error: &ApiError) {
        tracing::debug!(%error, "pods could not be looked at for restore hooks");
        if is_cluster_lost(error) {
            self.run.lose(error);
        }
    }
}

/// Kind, name and UID of the controller of an object.
fn controller(object: &Value) -> Option<(&str, &str, &str)> {
    let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array)?;
    let owner = owners.iter().find(|owner| owner["controller"] == true)?;
    Some((owner["kind"].as_str()?, owner["name"].as_str()?, owner["uid"].as_str()?))
}

/// Whether a pod is older than its workload, which adopted it then: no restore made it. Times of one server, in one form.
fn is_older(pod: &Value, workload: Option<&(String, String)>) -> bool {
    let made = pod.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
    made.zip(workload).is_some_and(|(made, (_, workload))| made < workload.as_str())
}

/// What the condition of a `Deployment` or a `ReplicaSet` says that cannot make its pods.
fn failed_to_make(object: &Value) -> Option<String> {
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array)?;
    let failure = conditions
        .iter()
        .find(|condition| condition["type"] == "ReplicaFailure" && condition["status"] == "True")?;
    failure["message"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workload(plural: &str, pods: u64) -> Workload {
        Workload::new(Expected {
            ty: ResourceType {
                group: "apps".into(),
                version: "v1".into(),
                plural: plural.into(),
                kind: "Kind".into(),
                namespaced: true,
            },
            namespace: "a".into(),
            name: "b".into(),
            pods,
            patience: Duration::from_secs(1),
        })
    }

    #[test]
    fn a_workload_is_settled_when_all_its_pods_came() {
        let mut deployment = workload("deployments", 2);
        deployment.came = 1;
        assert!(!deployment.is_settled());
        // Somebody scaled it down meanwhile.
        deployment.update(&json!({"metadata": {"uid": "u"}, "spec": {"replicas": 1}}));
        assert!(deployment.is_settled() && deployment.has_uid("u"));
        assert!(workload("statefulsets", 0).is_settled());
    }

    #[test]
    fn the_pods_of_a_daemon_set_are_known_when_its_controller_has_counted_nodes() {
        let mut set = workload("daemonsets", 1);
        set.came = 1;
        set.update(&json!({"metadata": {"uid": "u"}, "status": {}}));
        assert!(!set.is_settled());
        set.update(&json!({"metadata": {"uid": "u"}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 2}}));
        assert!(!set.is_settled());
        set.came = 2;
        assert!(set.is_settled());
        set.update(&json!({"metadata": {"uid": "u"}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 0}}));
        assert!(set.is_settled());
    }

    #[test]
    fn a_pod_belongs_to_its_controller_alone() {
        let pod = json!({"metadata": {"ownerReferences": [
            {"kind": "Other", "name": "o", "uid": "1"},
            {"kind": "StatefulSet", "name": "s", "uid": "2", "controller": true}]}});
        assert_eq!(controller(&pod), Some(("StatefulSet", "s", "2")));
        assert_eq!(controller(&json!({"metadata": {}})), None);
    }

    #[test]
    fn an_adopted_pod_is_older_than_its_workload() {
        let pod = |time: &str| json!({"metadata": {"creationTimestamp": time}});
        let workload = ("u".to_owned(), "2026-01-01T00:00:10Z".to_owned());
        assert!(is_older(&pod("2026-01-01T00:00:09Z"), Some(&workload)));
        assert!(!is_older(&pod("2026-01-01T00:00:10Z"), Some(&workload)));
        assert!(!is_older(&pod("2026-01-01T00:00:09Z"), None));
    }

    #[test]
    fn a_controller_says_why_it_makes_no_pods() {
        let set = json!({"status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]}});
        assert_eq!(failed_to_make(&set).as_deref(), Some("exceeded quota"));
        assert_eq!(failed_to_make(&json!({})), None);
    }
}
