//! A restore that is tried first, changed object by object, saved, undone and gone on with, as the window asks for it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use holdfast_app::SANDBOX;
use holdfast_app::api::{
    Action, ConflictPolicy, FailureCode, FindingCheck, JobKind, JobState, Outcome, PointKey, RestoreRequest,
    VolumeMode,
};
use holdfast_sandbox::Sandbox;
use support::{Place, backup, ended, entries, key, shop};

fn restore(point: &PointKey) -> RestoreRequest {
    RestoreRequest {
        point: point.clone(),
        cluster_id: SANDBOX.to_owned(),
        selection: shop(),
        objects: Vec::new(),
        exclusions: Vec::new(),
        mappings: Vec::new(),
        conflict_policy: ConflictPolicy::Patch,
        policies: Vec::new(),
        volume_mode: VolumeMode::WithoutData,
        modifiers: String::new(),
        hooks: Vec::new(),
        storage_classes: Vec::new(),
        volume_timeout_seconds: None,
    }
}

const SEVEN: &str = "version: v1\nresourceModifierRules:\n- conditions: {groupResource: deployments.apps}\n  \
                           patches:\n  - {operation: replace, path: /spec/replicas, value: \"7\"}\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_tried_changed_saved_and_run_then_undone() {
    let place = Place::new();
    let app = place.start().await;
    let mut events = app.subscribe();
    let vault = place.add_vault(&app).await;
    let job = app.start_backup(backup(&vault, "before", shop())).await.unwrap();
    ended(&mut events, &job).await;
    Sandbox::open(&place.data().join("sandbox")).unwrap().drift("shop").unwrap();
    let point = key(&vault, "before");

    let plan = app.plan_restore(restore(&point), "a".to_owned()).await.unwrap();
    assert!(plan.counts.patch > 1 && !plan.validated && plan.findings.is_empty(), "{plan:?}");
    let tried = app.validate_plan(plan.id.clone(), "b".to_owned()).await.unwrap();
    assert!(tried.validated && tried.counts == plan.counts, "{tried:?}");
    assert!(
        tried.findings.iter().any(|finding| finding.check == FindingCheck::Trial),
        "{:?}",
        tried.findings
    );
    assert!(tried.command.ends_with("--validate server"), "{}", tried.command);
    let gone = app.start_restore(plan.id.clone()).await.unwrap_err();
    assert_eq!(
        gone.code,
        FailureCode::PlanOutdated,
        "a plan that was tried takes the place of the one before"
    );

    // Without web, and by a modifier.
    let mut request = restore(&point);
    request.exclusions = vec!["deployments.apps/shop/web".to_owned()];
    request.modifiers = SEVEN.to_owned();
    let trial =
        app.try_modifiers(point.clone(), shop(), request.modifiers.clone(), "t".to_owned()).await.unwrap();
    assert!(trial.matched > 1 && trial.failed == 0 && trial.effects[0].changed, "{trial:?}");
    let plan = app.plan_restore(request, "c".to_owned()).await.unwrap();
    let rows = app.plan_items(plan.id.clone(), entries("kind:Deployment")).await.unwrap().rows;
    for row in &rows {
        let expected = if row.name == "web" { Action::Skip } else { Action::Patch };
        assert_eq!(row.action, expected, "{row:?}");
        assert_eq!(row.modifiers.is_empty(), row.name == "web", "{row:?}");
    }
    let text = app.plan_text(plan.id.clone()).await.unwrap();
    let open = app
        .open_plan(vault.id.clone(), SANDBOX.to_owned(), text.clone(), false, "d".to_owned())
        .await
        .unwrap();
    assert_eq!(open.counts, plan.counts);
    assert_eq!(open.request.exclusions, ["deployments.apps/shop/web"]);
    assert_eq!(open.request.modifiers, SEVEN);
    let broken = app
        .open_plan(vault.id.clone(), SANDBOX.to_owned(), text[..90].to_owned(), false, "e".to_owned())
        .await;
    assert_eq!(broken.unwrap_err().code, FailureCode::InvalidInput);

    let job = app.start_restore(open.id).await.unwrap();
    assert_eq!(ended(&mut events, &job).await.state, JobState::Completed);
    let again = app.plan_retry(vault.id.clone(), job.clone(), "f".to_owned()).await.unwrap();
    assert_eq!(again.earlier, again.entries, "nothing is left to go on with: {again:?}");

    let undo = app.plan_undo(vault.id.clone(), job.clone(), "g".to_owned()).await.unwrap();
    assert_eq!((undo.counts.patch, undo.counts.delete), (plan.counts.patch, 0), "{undo:?}");
    let rows = app.undo_items(undo.id.clone(), entries("kind:Deployment")).await.unwrap().rows;
    assert!(
        rows.iter().all(|row| row.action == Action::Patch && row.summary.contains("replicas 7 → 0")),
        "{rows:?}"
    );
    let undoing = app.start_undo(undo.id.clone()).await.unwrap();
    let undone = ended(&mut events, &undoing).await;
    assert_eq!((undone.state, undone.kind), (JobState::Completed, JobKind::Undo), "{undone:?}");
    let items = app.job_items(vault.id.clone(), undoing, entries("kind:Deployment")).await.unwrap();
    assert!(items.rows.iter().all(|row| row.outcome == Outcome::Patched), "{items:?}");
    let after = app.plan_restore(restore(&point), "h".to_owned()).await.unwrap();
    assert_eq!(after.counts, tried.counts, "undoing left something other than what was there");
    let none = app.plan_undo(vault.id.clone(), "20261125-152003-2bc6d081".to_owned(), "i".to_owned()).await;
    assert_eq!(none.unwrap_err().code, FailureCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn modifiers_are_looked_through_as_they_are_typed() {
    let place = Place::new();
    let app = place.start().await;
    let lint = async |text: &str| app.lint_modifiers(text.to_owned()).await.unwrap();
    assert_eq!(lint(SEVEN).await.rules, 1);
    assert_eq!((lint(" \n").await.rules, lint("").await.problem), (0, String::new()));
    let bad =
        lint("version: v1\nresourceModifierRules:\n- conditions:\n    groupResource: pods\n  patchs: []\n")
            .await;
    assert_eq!((bad.rules, bad.line), (0, 5), "{bad:?}");
    assert!(bad.problem.contains("patchs"), "{bad:?}");
    for template in app.modifier_templates().await.unwrap() {
        assert!(lint(&template.text).await.rules > 0, "{}", template.title);
    }
}
