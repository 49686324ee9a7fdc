//! The main job as the window does it: back up, look inside, lose, plan, restore, report.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::collections::BTreeMap;

use holdfast_app::api::*;
use holdfast_app::{App, SANDBOX};
use holdfast_sandbox::Sandbox;
use support::{Place, backup, ended, entries, key, objects, shop, volumes};

fn restore(point: &PointKey, policy: ConflictPolicy) -> RestoreRequest {
    RestoreRequest {
        point: point.clone(),
        cluster_id: SANDBOX.to_owned(),
        selection: shop(),
        objects: Vec::new(),
        exclusions: Vec::new(),
        policies: Vec::new(),
        modifiers: String::new(),
        hooks: Vec::new(),
        storage_classes: Vec::new(),
        volume_timeout_seconds: None,
        mappings: Vec::new(),
        conflict_policy: policy,
        volume_mode: VolumeMode::WithoutData,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn back_up_lose_plan_restore_report() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();

    let first = app.overview().await.unwrap();
    assert_eq!((first.clusters[0].id.as_str(), first.vaults, first.points), (SANDBOX, 0, 0));
    let status = app.cluster_status(SANDBOX.to_owned()).await.unwrap();
    assert!(status.reachable && status.failure.is_none(), "{status:?}");
    assert!(status.namespaces.iter().any(|ns| ns.name == "kube-system" && ns.always_skipped));

    let vault = place.add_vault(&app).await;
    assert_eq!((vault.name.as_str(), vault.points), ("vault", 0));
    let name = app.suggest_point_name(SANDBOX.to_owned()).await.unwrap();
    let request = backup(&vault, &name, shop());
    let command = app.backup_command(request.clone()).await.unwrap();
    assert_eq!(
        command,
        format!(
            "holdfast backup --cluster sandbox --vault {} --name {name} --include-namespaces shop",
            vault.url
        )
    );

    let job = app.start_backup(request.clone()).await.unwrap();
    let ended_job = ended(&mut events, &job).await;
    assert_eq!((ended_job.state, ended_job.kind), (JobState::Completed, JobKind::Backup), "{ended_job:?}");
    let again = app.start_backup(request).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadyExists);

    // The point, and what is in it.
    let list = app.points().await.unwrap();
    assert_eq!((list.points.len(), list.points[0].name.as_str()), (1, name.as_str()));
    assert_eq!(list.points[0].cluster, SANDBOX);
    let point = key(&vault, &name);
    let details = app.point(point.clone()).await.unwrap();
    assert_eq!(details.row.objects, ended_job.objects);
    assert_eq!(details.kinds.iter().map(|kind| kind.objects).sum::<u64>(), details.row.objects);
    assert!(app.point_log(point.clone()).await.unwrap().contains("sandbox"));

    let all = app.point_objects(objects(&point, "")).await.unwrap();
    assert_eq!((all.total, all.of), (details.row.objects, details.row.objects));
    let tree = app.point_tree(objects(&point, "")).await.unwrap();
    assert_eq!(tree.iter().map(|group| group.objects).sum::<u64>(), all.total);
    let pods = app.point_objects(objects(&point, "kind:pod -name:web")).await.unwrap();
    assert!(pods.total > 0 && pods.rows.iter().all(|row| row.kind == "Pod" && !row.name.contains("web")));

    // A Secret shows its values one by one, and only on purpose.
    let secrets = app.point_objects(objects(&point, "kind:Secret")).await.unwrap();
    let secret = &secrets.rows[0];
    let text = app.object_text(point.clone(), secret.row, true).await.unwrap();
    let secret_key = text.secret_keys.first().expect("the sample's Secrets have values").clone();
    let value = app.reveal_secret(point.clone(), secret.row, secret_key.clone()).await.unwrap();
    assert!(!value.value.is_empty() && !text.yaml.contains(&value.value), "{}", text.yaml);
    assert!(text.yaml.contains("••••") && !text.yaml.contains("resourceVersion"), "{}", text.yaml);
    let missing = app.reveal_secret(point.clone(), secret.row, "nothing".to_owned()).await.unwrap_err();
    assert_eq!(missing.code, FailureCode::NotFound);

    // Lost and planned.
    Sandbox::open(&place.data().join("sandbox")).unwrap().lose("shop").unwrap();
    let plan = app.plan_restore(restore(&point, ConflictPolicy::Skip), "r1".to_owned()).await.unwrap();
    assert!(plan.counts.create > 0 && plan.counts.blocked == 0, "{plan:?}");
    assert!(plan.target_namespaces.contains(&"shop".to_owned()), "{:?}", plan.target_namespaces);
    assert!(
        plan.command.starts_with("holdfast restore --cluster sandbox --vault file://"),
        "{}",
        plan.command
    );
    let mut created = entries("kind:Secret ns:shop");
    created.actions = vec![Action::Create];
    let page = app.plan_items(plan.id.clone(), created).await.unwrap();
    assert_eq!((page.of, page.total > 0), (plan.entries, true));
    let diff = app.plan_diff(plan.id.clone(), page.rows[0].entry).await.unwrap();
    assert!(diff.live.is_none() && diff.after.contains("••••"), "{}", diff.after);

    // Run, reported, exported.
    let job = app.start_restore(plan.id.clone()).await.unwrap();
    let outdated = app.start_restore(plan.id.clone()).await.unwrap_err();
    assert_eq!(outdated.code, FailureCode::PlanOutdated);
    let restored = ended(&mut events, &job).await;
    assert_eq!(restored.state, JobState::Completed, "{restored:?}");
    assert_eq!(restored.objects, plan.counts.create + plan.counts.patch);
    let report = app.job(vault.id.clone(), job.clone()).await.unwrap();
    let outcomes: BTreeMap<String, u64> = report.outcomes.into_iter().collect();
    assert_eq!(outcomes["created"], plan.counts.create);
    assert!(report.has_report && !report.phases.is_empty());
    let mut query = entries("");
    query.outcomes = vec![Outcome::Created];
    let items = app.job_items(vault.id.clone(), job.clone(), query).await.unwrap();
    assert_eq!((items.total, items.of), (plan.counts.create, plan.entries));
    let all_lines = LogQuery { text: String::new(), level: LogLevel::Info, offset: 0, limit: 1000 };
    assert!(app.job_log(vault.id.clone(), job.clone(), all_lines).await.unwrap().total > 0);
    exported(&app, &place, &point, &job, &plan, &value.value).await;

    let overview = app.overview().await.unwrap();
    assert_eq!((overview.protected, overview.points, overview.jobs.len()), (1, 1, 2));
    assert_eq!(overview.days.last().unwrap().points, 1);
}

/// A report in each of its forms, without the secret.
async fn exported(app: &App, place: &Place, point: &PointKey, job: &str, plan: &PlanSummary, secret: &str) {
    for format in [ReportFormat::Csv, ReportFormat::Json, ReportFormat::Html, ReportFormat::Xlsx] {
        let file = place.path().join(App::report_file_name(job, format));
        app.export_report_to(point.vault_id.clone(), job.to_owned(), format, &file).await.unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        match format {
            ReportFormat::Csv => assert_eq!(text.lines().count() as u64, plan.entries + 1),
            ReportFormat::Json => {
                let report = holdfast_engine::report::ReportFile::parse(&bytes).unwrap();
                assert_eq!(
                    (report.items.len() as u64, report.counts.created),
                    (plan.entries, plan.counts.create)
                );
                assert_eq!(report.job.unwrap().to_string(), job);
                assert_eq!(report.recovery_point.as_ref(), Some(&point.point));
            }
            ReportFormat::Html => assert!(text.contains("<h2>Created (")),
            ReportFormat::Xlsx => assert!(bytes.starts_with(b"PK")),
        }
        assert!(!text.contains(secret), "a report holds no secret");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_shown_patched_and_marked_when_it_goes() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "before", shop())).await.unwrap();
    ended(&mut events, &job).await;
    let sandbox = Sandbox::open(&place.data().join("sandbox")).unwrap();
    sandbox.drift("shop").unwrap();

    let point = key(&vault, "before");
    let plan = app.plan_restore(restore(&point, ConflictPolicy::Patch), "r".to_owned()).await.unwrap();
    assert!(plan.counts.patch > 0 && plan.counts.create == 0, "{plan:?}");
    let mut patched = entries("kind:Deployment name:web");
    patched.actions = vec![Action::Patch];
    let rows = app.plan_items(plan.id.clone(), patched.clone()).await.unwrap().rows;
    assert!(rows[0].summary.starts_with("replicas 0 → "), "{}", rows[0].summary);
    let diff = app.plan_diff(plan.id.clone(), rows[0].entry).await.unwrap();
    assert!(diff.live.as_ref().unwrap().contains("replicas: 0"), "{diff:?}");
    assert!(!diff.after.contains("replicas: 0") && diff.changes[0].path == "/spec/replicas", "{diff:?}");

    // What changed since the plan was made is said, not hidden.
    sandbox.lose("shop").unwrap();
    let gone = app.plan_diff(plan.id.clone(), rows[0].entry).await.unwrap();
    assert_eq!((gone.row.action, gone.live), (Action::Create, None));
    assert!(gone.row.reason.contains("changed since the plan was made"), "{}", gone.row.reason);

    // Running it still ends as the rules say.
    let job = app.start_restore(plan.id).await.unwrap();
    let restored = ended(&mut events, &job).await;
    assert!(matches!(restored.state, JobState::Completed | JobState::Partial), "{restored:?}");
    let items = app.job_items(vault.id.clone(), job, patched.clone()).await;
    assert!(items.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_counts_what_a_backup_takes() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let some = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let selections = [
        Selection::default(),
        shop(),
        Selection {
            include_namespaces: some(&["shop", "billing"]),
            exclude_secrets: true,
            ..Selection::default()
        },
        Selection { exclude_namespaces: some(&["shop"]), ..Selection::default() },
        Selection { include_resources: some(&["deployments.apps", "v1/Secret"]), ..Selection::default() },
        Selection { cluster_scoped: ClusterScoped::All, ..shop() },
        Selection { cluster_scoped: ClusterScoped::None, ..Selection::default() },
        Selection { label_selector: "app=web".to_owned(), ..Selection::default() },
        Selection { exclude_resources: some(&["namespaces", "pods"]), ..shop() },
    ];
    for (number, selection) in selections.into_iter().enumerate() {
        let preview = app
            .preview_selection(SANDBOX.to_owned(), selection.clone(), false, format!("p{number}"))
            .await
            .unwrap();
        let name = format!("point-{number}");
        // Objects of snapshots are made by the backup, so nothing of them can be counted before.
        let wanted = BackupRequest { volumes: volumes(false), ..backup(&vault, &name, selection.clone()) };
        let job = app.start_backup(wanted).await.unwrap();
        let taken = ended(&mut events, &job).await;
        let details = app.point(key(&vault, &name)).await.unwrap();
        let counts = |kinds: &[KindCount]| -> BTreeMap<String, u64> {
            kinds.iter().map(|kind| (kind.resource.clone(), kind.objects)).collect()
        };
        assert_eq!(counts(&preview.kinds), counts(&details.kinds), "{selection:?}");
        assert_eq!(preview.objects, taken.objects, "{selection:?}");
        assert_eq!(preview.gaps.len() as u64, details.row.warnings, "{:?}", preview.gaps);
    }
    let missing = Selection { include_namespaces: some(&["nowhere"]), ..Selection::default() };
    let failure = app.preview_selection(SANDBOX.to_owned(), missing, false, "x".into()).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::NotFound);
    let odd = Selection { label_selector: "=".to_owned(), ..Selection::default() };
    let failure = app.preview_selection(SANDBOX.to_owned(), odd, false, "x".into()).await.unwrap_err();
    assert_eq!(
        (failure.code, failure.message.starts_with("labelSelector")),
        (FailureCode::InvalidInput, true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_backup_leaves_no_point_and_says_so() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "stopped", Selection::default())).await.unwrap();
    app.cancel_job(vault.id.clone(), job.clone()).await.unwrap();
    let row = ended(&mut events, &job).await;
    assert_eq!(row.state, JobState::Cancelled);
    assert!(app.points().await.unwrap().points.is_empty());
    let listed = app.jobs().await.unwrap();
    assert_eq!((listed.jobs.len(), listed.jobs[0].state), (1, JobState::Cancelled));
    assert_eq!(app.running_jobs(), 0);
    assert_eq!(app.request_close(), holdfast_app::Closing::Now);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_point_is_gone_from_every_list() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "old", shop())).await.unwrap();
    ended(&mut events, &job).await;
    app.point(key(&vault, "old")).await.unwrap();
    let job = app.delete_point(key(&vault, "old")).await.unwrap();
    assert_eq!(ended(&mut events, &job).await.state, JobState::Completed);
    assert!(app.points().await.unwrap().points.is_empty());
    assert_eq!(app.point(key(&vault, "old")).await.unwrap_err().code, FailureCode::NotFound);
    assert_eq!(
        app.point_objects(objects(&key(&vault, "old"), "")).await.unwrap_err().code,
        FailureCode::NotFound
    );
}
