//! Plans that are changed object by object, saved, looked at, and run later.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::objects::{config_map, deployment, secret};
use holdfast_e2e::report::Report;
use holdfast_e2e::snapshot;
use serde_json::{Value, json};

fn map(ns: &str, name: &str) -> Key {
    Key::new("v1", "ConfigMap", ns, name)
}

/// The saved plan's entry of an object.
fn entry<'a>(plan: &'a mut Value, object: &str) -> &'a mut Value {
    plan["entries"].as_array_mut().unwrap().iter_mut().find(|entry| entry["object"] == object).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_choice_for_one_object_or_kind_overrides_the_rest() {
    let lab = Lab::new("pch").await;
    let ns = &lab.namespace("a").await;
    let data = json!({"n": "point"});
    let mut objects: Vec<Value> =
        ["skip", "patch", "out"].iter().map(|name| config_map(ns, name, &data)).collect();
    objects.extend([
        deployment(ns, "web", "web:1"),
        deployment(ns, "left", "web:1"),
        secret(ns, "login", "point"),
    ]);
    lab.source.create_all(&objects).await;
    let quiet = async || {
        let live = snapshot::take(&lab.source, ns).await;
        live.values().filter(|object| object["kind"] == "ReplicaSet").count() == 2
    };
    lab.source.wait("the ReplicaSets", quiet).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    for name in ["skip", "patch", "out"] {
        lab.source.patch(&map(ns, name), json!({"data": {"n": "live", "mine": "1"}})).await;
    }
    let login = Key::of(&objects[5]);
    lab.source.patch(&login, json!({"data": {"password": "bGl2ZQ=="}})).await;
    // The selector cannot change, so a patch would leave it; recreating does not.
    lab.source.delete_and_wait(&Key::of(&objects[3])).await;
    let mut other = deployment(ns, "web", "web:2");
    other["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
    other["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    lab.source.create(&other).await;
    lab.source.delete_and_wait(&Key::of(&objects[4])).await;

    let words = format!(
        "--include-namespaces {ns} --policy-for configmaps=patch,configmaps/{ns}/skip=skip,deployments.apps=recreate \
         --exclude-objects configmaps/{ns}/out,deployments.apps/{ns}/left"
    );
    let plan = lab.restore("source", "p", &format!("{words} --plan")).await;
    let report = lab.restore("source", "p", &words).await;
    assert_eq!(plan.outcomes(), report.outcomes(), "the run did something else than the plan said");
    report.expect_clean();
    for (name, outcome, now) in
        [("skip", "Skipped", "live"), ("patch", "Patched", "point"), ("out", "Skipped", "live")]
    {
        assert_eq!(report.item(&map(ns, name)).outcome(), outcome, "{name}");
        assert_eq!(lab.source.must_get(&map(ns, name)).await["data"]["n"], now, "{name}");
    }
    assert!(report.item(&map(ns, "out")).reason().contains("left out"), "{}", report.item(&map(ns, "out")));
    assert_eq!(
        report.item(&login).outcome(),
        "Skipped",
        "the policy of the restore holds where no choice is made"
    );
    let web = lab.source.must_get(&Key::of(&objects[3])).await;
    assert_eq!(web["spec"]["selector"]["matchLabels"]["app"], "web");
    assert_eq!(report.item(&Key::of(&objects[3])).outcome(), "Recreated");
    assert!(lab.source.get(&Key::of(&objects[4])).await.is_none());
    let live = snapshot::take(&lab.source, ns).await;
    let orphans = live
        .values()
        .filter(|object| object["kind"] == "ReplicaSet" && object["metadata"]["labels"]["app"] == "left");
    assert_eq!(orphans.count(), 0, "what a Deployment that is left out would make was restored without it");

    for (words, says) in [
        ("--policy-for persistentvolumeclaims=recreate", "never recreated"),
        ("--policy-for *=recreate", "never recreated"),
        ("--policy-for configmaps", "TYPE=POLICY"),
        ("--conflict-policy recreate", "use skip or patch"),
        ("--exclude-objects web", "TYPE/NAMESPACE/NAME"),
    ] {
        let run = lab.run(&format!("restore --cluster source --point p {words}")).await;
        assert!(run.code == Some(2) && run.stderr.contains(says), "{run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_does_what_was_looked_at_or_nothing() {
    let lab = Lab::new("psv").await;
    let ns = &lab.namespace("a").await;
    let data = json!({"n": "point"});
    let names = ["create", "patch", "drifts", "appears", "excluded", "recreated", "removed", "same"];
    let mut objects: Vec<Value> = names.iter().map(|name| config_map(ns, name, &data)).collect();
    objects.push(secret(ns, "login", "point"));
    lab.source.create_all(&objects).await;
    lab.backup("p", &format!("--include-namespaces {ns}")).await;
    lab.backup("other", &format!("--include-namespaces {ns} --include-resources configmaps")).await;
    let login = Key::of(&secret(ns, "login", ""));
    for name in ["create", "appears", "excluded", "removed"] {
        lab.source.delete_and_wait(&map(ns, name)).await;
    }
    for name in ["patch", "drifts", "recreated"] {
        lab.source.patch(&map(ns, name), json!({"data": {"n": "live", "mine": "1"}})).await;
    }
    lab.source.patch(&login, json!({"data": {"password": "bGl2ZQ=="}})).await;
    let before = snapshot::take(&lab.source, ns).await;

    let file = lab.folder().join("plan.json");
    let words = format!("--include-namespaces {ns} --conflict-policy patch --save-plan {}", file.display());
    let planned = lab.restore("source", "p", &words).await;
    assert_eq!(planned.state(), "Planned");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("bGl2ZQ==") && !text.contains("cG9pbnQ="), "a value of a Secret is in the plan");
    assert_eq!(before, snapshot::take(&lab.source, ns).await, "saving a plan wrote something");

    // By hand: two choices, and an entry taken out. Then the cluster moves on.
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let object = |name: &str| format!("configmaps/{ns}/{name}");
    entry(&mut plan, &object("excluded"))["exclude"] = json!(true);
    entry(&mut plan, &object("recreated"))["policy"] = json!("recreate");
    plan["entries"].as_array_mut().unwrap().retain(|entry| entry["object"] != object("removed"));
    std::fs::write(&file, plan.to_string()).unwrap();
    lab.source.patch(&map(ns, "drifts"), json!({"data": {"n": "moved on"}})).await;
    lab.source.create(&config_map(ns, "appears", &json!({"n": "somebody's"}))).await;
    lab.source.patch(&login, json!({"data": {"password": "bW92ZWQ="}})).await;

    let words = format!("restore --from-plan {} -o json", file.display());
    let look = Report(lab.run(&format!("{words} --plan")).await.expect(3).json());
    let report = Report(lab.run(&words).await.expect(3).json());
    let blocked = ["drifts", "appears", "removed"];
    for name in blocked {
        for report in [&look, &report] {
            let item = report.item(&map(ns, name));
            assert_eq!(item.action(), "Blocked", "{item}");
        }
    }
    for (name, says) in
        [("drifts", "it differed"), ("appears", "it was Create then"), ("removed", "not in the saved plan")]
    {
        assert!(report.item(&map(ns, name)).reason().contains(says), "{}", report.item(&map(ns, name)));
    }
    assert!(report.item(&login).reason().contains("written since"), "{}", report.item(&login));
    assert_eq!(lab.source.must_get(&map(ns, "drifts")).await["data"]["n"], "moved on");
    assert_eq!(lab.source.must_get(&map(ns, "appears")).await["data"]["n"], "somebody's");
    assert_eq!(lab.source.must_get(&login).await["data"]["password"], "bW92ZWQ=");
    for (name, outcome) in [
        ("create", "Created"),
        ("patch", "Patched"),
        ("excluded", "Skipped"),
        ("recreated", "Recreated"),
        ("same", "Identical"),
    ] {
        assert_eq!(report.item(&map(ns, name)).outcome(), outcome, "{}", report.item(&map(ns, name)));
    }
    assert!(lab.source.must_get(&map(ns, "recreated")).await["data"]["mine"].is_null());
    let accepted = Report(lab.run(&format!("{words} --accept-drift")).await.expect(0).json());
    assert_eq!(accepted.item(&map(ns, "drifts")).outcome(), "Patched");
    assert_eq!(lab.source.must_get(&map(ns, "removed")).await["data"]["n"], "point");

    let run = lab.run(&format!("{words} --cluster target")).await.expect(1);
    assert!(run.error().contains("another cluster"), "{run}");
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut broken = plan.clone();
        change(&mut broken);
        broken.to_string()
    };
    for (text, says) in [
        ("{\"format\": 1,\n \"oops\"".to_owned(), "line 2"),
        (broken(&|plan| plan["format"] = json!(9)), "format 9"),
        (broken(&|plan| plan["extra"] = json!(1)), "extra"),
        (broken(&|plan| plan["entries"][0]["policy"] = json!("destroy")), "destroy"),
        (broken(&|plan| plan["entries"][0]["object"] = json!("x")), "entry 1"),
        (
            broken(&|plan| {
                let first = plan["entries"][0].clone();
                plan["entries"].as_array_mut().unwrap().push(first);
            }),
            "again",
        ),
        (
            broken(&|plan| plan["entries"][0]["object"] = json!(format!("configmaps/{ns}/none"))),
            "not in the recovery point",
        ),
        (broken(&|plan| plan["point"]["name"] = json!("other")), "another"),
        (
            broken(&|plan| plan["request"]["volumeMode"] = json!("without-data")),
            "the request in the plan was changed",
        ),
        (broken(&|plan| plan["request"]["oops"] = json!(1)), "oops"),
        (broken(&|plan| plan["point"]["name"] = json!("../../etc")), "no recovery point"),
        (
            broken(&|plan| {
                let claim = json!({"object": format!("persistentvolumeclaims/{ns}/x"), "action": "Skip", "policy": "recreate"});
                plan["entries"].as_array_mut().unwrap().push(claim);
            }),
            "never recreated",
        ),
    ] {
        std::fs::write(&file, &text).unwrap();
        let run = lab.run(&words).await.expect(1);
        assert!(run.error().contains(says), "{says}: {run}");
    }
    lab.finish().await;
}
