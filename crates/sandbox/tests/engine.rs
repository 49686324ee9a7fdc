//! The engine over the sandbox: backup, loss, plan, restore, all in this process.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use holdfast_cluster::{Cluster, ListRequest};
use holdfast_engine::backup::{self, BackupRequest, VolumeOptions};
use holdfast_engine::restore::{self, RestorePlan, RestoreRequest};
use holdfast_engine::{Context, progress_channel};
use holdfast_model::plan::{Action, ConflictPolicy, VolumeMode};
use holdfast_model::report::RestoreState;
use holdfast_model::selection::Selection;
use holdfast_sandbox::Sandbox;
use holdfast_store::{Access, Point, PointState, PointWarning, Vault, Writer};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

struct Story {
    sandbox: Sandbox,
    cluster: Cluster,
    vault: Vault,
    context: Context,
    _folder: TempDir,
}

impl Story {
    async fn of(sandbox: Sandbox) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().join("vault").display()).parse().unwrap();
        let vault =
            Vault::open_or_create(&url, &Access::default(), &folder.path().join("cache")).await.unwrap();
        let cluster = Cluster::from_service(Sandbox::NAME, sandbox.clone());
        let (context, _) = progress_channel(CancellationToken::new(), Timestamp::now);
        Self { sandbox, cluster, vault, context, _folder: folder }
    }

    async fn backup(&self) -> Point {
        let request = BackupRequest {
            name: "before".parse().unwrap(),
            selection: Selection::default(),
            volumes: VolumeOptions::default(),
        };
        let report =
            backup::run(&self.cluster, &self.vault, &request, &Writer::new(), &self.context).await.unwrap();
        assert_eq!(report.point.state, PointState::Completed, "{:#?}", report.warnings);
        let of_volumes = |warning: &PointWarning| warning.message.contains("not in this recovery point");
        assert!(report.warnings.iter().all(of_volumes), "{:#?}", report.warnings);
        self.vault.point(&request.name).await.unwrap()
    }

    async fn plan(&self, point: &Point) -> RestorePlan {
        let request = RestoreRequest {
            conflict_policy: ConflictPolicy::Patch,
            volume_mode: VolumeMode::WithoutData,
            ..RestoreRequest::default()
        };
        restore::plan(&self.cluster, point, &request, &self.context).await.unwrap()
    }
}

/// The entries with an action, as `Kind namespace/name`.
fn with(plan: &RestorePlan, action: Action) -> Vec<String> {
    let entries = plan.entries.iter().filter(|entry| entry.action == action);
    entries
        .map(|entry| {
            let row = plan.row(entry);
            format!("{} {}/{}", row.ty.kind, row.namespace, row.name)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_and_what_drifted_comes_back() {
    let story = Story::of(Sandbox::in_memory().unwrap()).await;
    let clock = Instant::now();
    let point = story.backup().await;
    let backup = clock.elapsed();

    let untouched = story.plan(&point).await;
    for action in [Action::Create, Action::Patch, Action::Blocked, Action::Unchecked] {
        assert_eq!(with(&untouched, action), [""; 0], "{action:?} in a cluster that is as it was");
    }
    let derived = with(&untouched, Action::Derived);
    for kind in ["Pod", "ReplicaSet", "EndpointSlice", "Endpoints", "ControllerRevision", "ServiceAccount"] {
        assert!(derived.iter().any(|entry| entry.starts_with(kind)), "no {kind} is derived");
    }

    let lost = story.sandbox.lose("shop").unwrap();
    assert_eq!(story.sandbox.drift("billing").unwrap(), 3);
    let clock = Instant::now();
    let plan = story.plan(&point).await;
    let created = with(&plan, Action::Create);
    assert!(created.len() > 60 && created.len() < lost, "{} of {lost}", created.len());
    for entry in [
        "Namespace /shop",
        "StatefulSet shop/database",
        "Promotion shop/autumn",
        "PersistentVolumeClaim shop/uploads",
    ] {
        assert!(created.iter().any(|e| e == entry), "{entry} is not created: {created:?}");
    }
    let patched: Vec<_> = plan.entries.iter().filter(|entry| entry.action == Action::Patch).collect();
    let changes: Vec<_> = patched.iter().flat_map(|e| &e.detail.as_ref().unwrap().changes).collect();
    assert_eq!(patched.len(), 3);
    assert!(changes.iter().all(|c| c.path == "/spec/replicas" && c.live == 0 && c.point != 0), "{changes:?}");

    let report = restore::run(&story.cluster, &plan, None, &story.context).await.unwrap();
    let restore = clock.elapsed();
    println!("backup {backup:?}, plan and restore {restore:?}");
    assert_eq!((report.state, report.warnings.len()), (RestoreState::Completed, 0), "{report:?}");
    assert_eq!(report.counts().created, created.len() as u64);

    let after = story.plan(&point).await;
    for action in [Action::Create, Action::Patch, Action::Blocked, Action::Unchecked] {
        assert_eq!(with(&after, action), [""; 0], "{action:?} after the restore");
    }
    let pods = with(&untouched, Action::Derived).iter().filter(|e| e.starts_with("Pod shop/")).count();
    assert_eq!(
        count_pods(&story.cluster, &untouched).await,
        pods,
        "controllers make the pods of restored workloads"
    );
    assert!(backup < Duration::from_secs(5) && restore < Duration::from_secs(5), "{backup:?} {restore:?}");
}

async fn count_pods(cluster: &Cluster, plan: &RestorePlan) -> usize {
    let ty = plan.entries.iter().map(|entry| plan.row(entry).ty).find(|ty| ty.is("", "pods")).unwrap();
    let mut request = ListRequest::all(ty.clone());
    request.namespace = Some("shop".to_owned());
    request.page_size = 5;
    let mut lister = cluster.list(request);
    let mut count = 0;
    while let Some(pods) = lister.next().await.unwrap() {
        count += pods.len();
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_far_away_answers_late() {
    let late = Duration::from_millis(30);
    let cluster = Cluster::from_service("far", Sandbox::in_memory().unwrap().with_latency(late));
    let clock = Instant::now();
    assert_eq!(cluster.version().await.unwrap().major, "1");
    assert!(clock.elapsed() >= late);
}
