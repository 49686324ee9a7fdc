//! The sandbox at its HTTP seam: what it serves, makes, refuses, and in which words.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

mod support;

use std::time::Duration;

use holdfast_cluster::{Cluster, ExecRequest};
use holdfast_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Api;

const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";

fn causes(status: &Value) -> Vec<(&str, &str)> {
    let causes = status["details"]["causes"].as_array().unwrap();
    causes.iter().map(|c| (c["field"].as_str().unwrap(), c["message"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn the_sample_is_a_small_cluster() {
    let api = Api::new();
    let all = api.everything().await;
    assert!((200..=300).contains(&all.len()), "{} objects", all.len());
    for kind in [
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Pod",
        "PersistentVolume",
        "EndpointSlice",
        "Ingress",
        "CronJob",
        "Promotion",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
    ] {
        assert!(all.iter().any(|object| object["kind"] == kind), "the sample has no {kind}");
    }
    let shop = api.get("/api/v1/namespaces/shop/pods").await;
    assert_eq!(shop["items"].as_array().unwrap().len(), 19);
    let web = api.get("/apis/apps/v1/namespaces/shop/deployments/web").await;
    let age = jiff::Timestamp::now().as_second()
        - web["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_second();
    assert!(age > 30 * 86_400, "the sample has been there for a while: {age} s");
}

#[tokio::test]
async fn every_owner_of_the_sample_is_there_and_every_claim_is_bound() {
    let api = Api::new();
    let all = api.everything().await;
    let uids: Vec<&Value> = all.iter().map(|object| &object["metadata"]["uid"]).collect();
    let mut owned = 0;
    for object in &all {
        for owner in object["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
            assert!(uids.contains(&&owner["uid"]), "the owner of {object} is not there");
            owned += 1;
        }
        if object["kind"] == "PersistentVolumeClaim" {
            assert_eq!(object["status"]["phase"], "Bound", "{object}");
        }
    }
    assert!(owned > 60, "{owned}");
}

#[tokio::test]
async fn what_is_served_is_announced() {
    let api = Api::new();
    assert_eq!(api.get("/version").await["major"], "1");
    assert_eq!(api.get("/api").await["versions"], json!(["v1"]));
    let groups = api.get("/apis").await;
    let names: Vec<&str> =
        groups["groups"].as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"apps") && names.contains(&"shop.example.com"), "{names:?}");
    let custom = api.get("/apis/shop.example.com/v1").await;
    assert_eq!(custom["resources"][0]["name"], "promotions");
    for path in
        ["/apis/none.example.com", "/apis/apps/v2", "/apis/apps/v1/nothings", "/api/v1/namespaces/shop/nodes"]
    {
        let (code, body) = api.send("GET", path, None).await;
        assert_eq!((code, body), (404, json!("404 page not found\n")), "{path}");
    }
}

#[tokio::test]
async fn a_list_shows_one_moment_whatever_happens_between_its_pages() {
    let api = Api::new();
    let path = "/api/v1/namespaces/shop/configmaps";
    let whole = api.names(path).await;
    let first = api.get(&format!("{path}?limit=2")).await;
    assert_eq!(first["metadata"]["remainingItemCount"], whole.len() - 2);
    assert!(first["items"][0].get("kind").is_none(), "items of built-in lists have no type");
    api.delete(&format!("{path}/{}", whole.last().unwrap())).await;
    api.post(path, &json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}})).await;
    let mut seen: Vec<String> = support::names(&first);
    let mut token = first["metadata"]["continue"].as_str().unwrap().to_owned();
    while !token.is_empty() {
        let page = api.get(&format!("{path}?limit=2&continue={token}")).await;
        assert_eq!(page["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
        seen.extend(support::names(&page));
        token = page["metadata"]["continue"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(seen, whole);
    assert!(api.names(path).await.contains(&"m".to_owned()));
}

#[tokio::test]
async fn a_token_that_is_too_old_comes_with_one_to_go_on_with() {
    let api = Api::new();
    let path = "/api/v1/namespaces/shop/secrets";
    let whole = api.names(path).await;
    let first = api.get(&format!("{path}?limit=1")).await;
    let token = first["metadata"]["continue"].as_str().unwrap();
    for n in 0..80 {
        let name = format!("x{n}");
        let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        api.post("/api/v1/namespaces/default/configmaps", &body).await;
        api.get("/api/v1/configmaps?limit=1").await;
    }
    let (code, expired) = api.send("GET", &format!("{path}?limit=1&continue={token}"), None).await;
    assert_eq!((code, &expired["reason"]), (410, &json!("Expired")));
    let token = expired["metadata"]["continue"].as_str().unwrap();
    let rest = api.get(&format!("{path}?continue={token}")).await;
    assert_eq!(support::names(&rest), whole[1..]);
}

#[tokio::test]
async fn labels_select() {
    let api = Api::new();
    let pods = api.names("/api/v1/pods?labelSelector=app%20in%20(web,cart)").await;
    assert_eq!(pods.len(), 5, "{pods:?}");
    assert!(api.names("/api/v1/namespaces/billing/pods?labelSelector=app%3Dweb").await.is_empty());
    assert_eq!(api.send("GET", "/api/v1/pods?labelSelector=,-", None).await.0, 400);
}

#[tokio::test]
async fn a_new_object_gets_what_the_server_sets() {
    let api = Api::new();
    let body = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"},
        "metadata": {"generateName": "x-", "uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z"}});
    let made = api.post("/api/v1/namespaces/shop/configmaps", &body).await;
    let metadata = &made["metadata"];
    let name = metadata["name"].as_str().unwrap();
    assert!(name.starts_with("x-") && name.len() == 7, "{name}");
    assert!(
        metadata["uid"] != "mine" && metadata["creationTimestamp"] != "2001-01-01T00:00:00Z",
        "{metadata}"
    );
    assert!(metadata["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap() > 100);
    assert_eq!(api.get(&format!("/api/v1/namespaces/shop/configmaps/{name}")).await, made);
}

#[tokio::test]
async fn what_cannot_be_created_is_refused_in_the_servers_words() {
    let api = Api::new();
    let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    let refusals = [
        ("shop", map("web-settings"), 409, "AlreadyExists", r#"configmaps "web-settings" already exists"#),
        ("nowhere", map("a"), 404, "NotFound", r#"namespaces "nowhere" not found"#),
        (
            "shop",
            map(""),
            422,
            "Invalid",
            r#"ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required"#,
        ),
        (
            "shop",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}),
            400,
            "BadRequest",
            r#""Secret" does not match the expected kind (ConfigMap)"#,
        ),
        (
            "shop",
            json!({"apiVersion": "v2", "kind": "ConfigMap"}),
            400,
            "BadRequest",
            "the API version in the data (v2) does not match the expected API version (v1)",
        ),
        (
            "shop",
            json!([]),
            400,
            "BadRequest",
            "the object provided is unrecognized: it is not a JSON object",
        ),
    ];
    for (namespace, body, code, reason, message) in refusals {
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        let (got, status) = api.send("POST", &path, Some(&body)).await;
        assert_eq!(
            (got, &status["reason"], &status["message"]),
            (code, &json!(reason), &json!(message)),
            "{body}"
        );
        assert_eq!(status["kind"], "Status");
    }
    let (code, status) = api.send("POST", "/api/v1/namespaces/shop/configmaps", Some(&map("A_b"))).await;
    assert_eq!((code, causes(&status)[0].0), (422, "metadata.name"));
    let odd =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "odd"}, "spec": {"ports": ["x"]}});
    let (code, status) = api.send("POST", "/api/v1/namespaces/shop/services", Some(&odd)).await;
    assert_eq!((code, causes(&status)[0].0), (422, "spec.ports"), "odd shapes are refused, not fallen over");
}

#[tokio::test]
async fn a_patch_sets_removes_and_counts() {
    let api = Api::new();
    let before = api.get(WEB).await;
    let patch = json!({"spec": {"replicas": 5}, "metadata": {"labels": {"tier": "front", "app": null}}});
    let after = api.patch(WEB, &patch).await;
    assert_eq!(after["spec"]["replicas"], 5);
    assert_eq!(after["metadata"]["labels"], json!({"tier": "front"}));
    assert_eq!(after["metadata"]["generation"], before["metadata"]["generation"].as_u64().unwrap() + 1);
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(api.names("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").await.len(), 5);
    let now = api.get(WEB).await;
    assert_eq!(api.patch(WEB, &json!({"spec": {"replicas": 5}})).await, now, "nothing to do is no change");

    let stale = json!({"metadata": {"resourceVersion": before["metadata"]["resourceVersion"]}, "spec": {"paused": true}});
    let (code, status) = api.send("PATCH", WEB, Some(&stale)).await;
    assert_eq!((code, &status["reason"]), (409, &json!("Conflict")));
    assert!(status["message"].as_str().unwrap().contains("the object has been modified"), "{status}");
    let (code, status) =
        api.send("PATCH", "/apis/apps/v1/namespaces/shop/deployments/none", Some(&json!({}))).await;
    assert_eq!((code, &status["message"]), (404, &json!(r#"deployments.apps "none" not found"#)));
}

#[tokio::test]
async fn fields_that_may_not_change_are_named() {
    let api = Api::new();
    let claim = "/api/v1/namespaces/shop/persistentvolumeclaims/uploads";
    let sealed = "/api/v1/namespaces/shop/configmaps/release-notes-2026-10";
    let binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/prometheus";
    let rows = [
        (
            WEB,
            json!({"spec": {"selector": {"matchLabels": {"app": "x"}}}}),
            "spec.selector",
            "field is immutable",
        ),
        (
            "/apis/apps/v1/namespaces/shop/statefulsets/database",
            json!({"spec": {"serviceName": "x"}}),
            "spec",
            "updates to statefulset spec for fields other than 'replicas'",
        ),
        (
            "/api/v1/namespaces/shop/services/web",
            json!({"spec": {"clusterIP": "10.0.9.9"}}),
            "spec.clusterIPs[0]",
            "may not change once set",
        ),
        (claim, json!({"spec": {"storageClassName": "other"}}), "spec", "spec is immutable after creation"),
        (sealed, json!({"data": {"text": "Other."}}), "data", "field is immutable when `immutable` is set"),
        (binding, json!({"roleRef": {"name": "x"}}), "roleRef", "cannot change roleRef"),
        (
            "/apis/storage.k8s.io/v1/storageclasses/shop-disk",
            json!({"provisioner": "x"}),
            "provisioner",
            "updates to provisioner are forbidden.",
        ),
    ];
    for (path, patch, field, words) in rows {
        let before = api.get(path).await;
        let (code, status) = api.send("PATCH", path, Some(&patch)).await;
        assert_eq!((code, &status["reason"]), (422, &json!("Invalid")), "{path}: {status}");
        let found = causes(&status);
        assert!(found.iter().any(|(f, message)| *f == field && message.contains(words)), "{path}: {found:?}");
        assert_eq!(api.get(path).await, before, "a refused patch changes nothing");
    }
    let (_, status) =
        api.send("PATCH", WEB, Some(&json!({"spec": {"selector": {"matchLabels": {"app": "x"}}}}))).await;
    assert_eq!(
        status["message"],
        r#"Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable"#
    );
    api.patch("/apis/apps/v1/namespaces/shop/statefulsets/database", &json!({"spec": {"replicas": 1}})).await;
    api.patch(claim, &json!({"spec": {"resources": {"requests": {"storage": "6Gi"}}}})).await;
}

#[tokio::test]
async fn a_dry_run_answers_and_changes_nothing() {
    let api = Api::new();
    let before = api.everything().await;
    let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}});
    let (code, made) = api.send("POST", "/api/v1/namespaces?dryRun=All", Some(&body)).await;
    assert_eq!((code, &made["status"]["phase"]), (201, &json!("Active")));
    assert_eq!(api.send("DELETE", "/api/v1/namespaces/shop?dryRun=All", None).await.0, 200);
    assert_eq!(
        api.send("PATCH", &format!("{WEB}?dryRun=All"), Some(&json!({"spec": {"replicas": 0}}))).await.0,
        200
    );
    assert_eq!(api.send("DELETE", "/api/v1/namespaces/shop?dryRun=Some", None).await.0, 400);
    assert_eq!(api.everything().await, before);
}

#[tokio::test]
async fn deleting_takes_what_is_owned_and_controllers_bring_back_their_own() {
    let api = Api::new();
    let pods = api.names("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").await;
    api.delete(&format!("/api/v1/namespaces/shop/pods/{}", pods[0])).await;
    let again = api.names("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").await;
    assert_eq!(again.len(), 3, "the ReplicaSet makes a pod again");
    let slice = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io/service-name%3Dweb";
    assert_eq!(api.get(slice).await["items"][0]["endpoints"].as_array().unwrap().len(), 3);

    api.delete(WEB).await;
    assert!(api.names("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb").await.is_empty());
    assert!(api.names("/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app%3Dweb").await.is_empty());
    assert_eq!(api.get(slice).await["items"][0]["endpoints"], json!([]));

    api.delete("/api/v1/namespaces/shop").await;
    assert!(api.everything().await.iter().all(|object| object["metadata"]["namespace"] != "shop"));
    let volumes = api.get("/api/v1/persistentvolumes").await;
    let volumes = volumes["items"].as_array().unwrap().iter();
    let mut left: Vec<&str> = volumes.map(|v| v["spec"]["claimRef"]["namespace"].as_str().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, ["billing", "monitoring"], "the volumes of deleted claims go with them");
    let (code, status) = api.send("DELETE", "/api/v1/namespaces/default", None).await;
    assert_eq!(
        (code, &status["message"]),
        (403, &json!(r#"namespaces "default" is forbidden: this namespace may not be deleted"#))
    );
}

#[tokio::test]
async fn an_object_whose_owner_is_of_another_time_is_collected() {
    let api = Api::new();
    let mut body = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "child", "ownerReferences": [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "00000000-0000-0000-0000-000000000000"}]}});
    api.post("/api/v1/namespaces/shop/configmaps", &body).await;
    assert_eq!(api.send("GET", "/api/v1/namespaces/shop/configmaps/child", None).await.0, 404);
    body["metadata"]["ownerReferences"][0]["uid"] = api.get(WEB).await["metadata"]["uid"].clone();
    api.post("/api/v1/namespaces/shop/configmaps", &body).await;
    api.get("/api/v1/namespaces/shop/configmaps/child").await;
    api.delete(WEB).await;
    assert_eq!(api.send("GET", "/api/v1/namespaces/shop/configmaps/child", None).await.0, 404);
}

#[tokio::test]
async fn a_definition_is_served_from_the_moment_it_exists() {
    let api = Api::new();
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "tills.example.com"},
        "spec": {"group": "example.com", "scope": "Cluster", "names": {"kind": "Till", "plural": "tills"},
            "versions": [{"name": "v1beta1", "served": true, "storage": false},
                {"name": "v1", "served": true, "storage": true}]}});
    let made = api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &definition).await;
    assert_eq!(made["status"]["conditions"][1]["type"], "Established");
    let till = json!({"apiVersion": "example.com/v1", "kind": "Till", "metadata": {"name": "a"}, "status": {"x": 1}});
    let made = api.post("/apis/example.com/v1/tills", &till).await;
    assert_eq!(made["status"], json!({"x": 1}), "status is not a subresource here");
    let list = api.get("/apis/example.com/v1beta1/tills").await;
    assert_eq!(list["items"][0]["apiVersion"], "example.com/v1beta1");
    api.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/tills.example.com").await;
    assert_eq!(api.send("GET", "/apis/example.com/v1/tills", None).await.0, 404);
}

#[tokio::test]
async fn a_namespace_and_a_service_are_furnished() {
    let api = Api::new();
    api.post(
        "/api/v1/namespaces",
        &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}}),
    )
    .await;
    api.get("/api/v1/namespaces/new/serviceaccounts/default").await;
    api.get("/api/v1/namespaces/new/configmaps/kube-root-ca.crt").await;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
        "spec": {"type": "NodePort", "ports": [{"port": 80}]}});
    let made = api.post("/api/v1/namespaces/new/services", &service).await;
    let address = made["spec"]["clusterIP"].as_str().unwrap();
    assert!(address.starts_with("10.0."), "{made}");
    assert!(made["spec"]["ports"][0]["nodePort"].as_u64().unwrap() >= 30_000);
    let mut taken = service.clone();
    taken["metadata"]["name"] = json!("t");
    taken["spec"]["clusterIP"] = json!(address);
    let (code, status) = api.send("POST", "/api/v1/namespaces/new/services", Some(&taken)).await;
    assert_eq!(code, 422);
    assert!(causes(&status)[0].1.contains("provided IP is already allocated"), "{status}");
}

#[tokio::test]
async fn commands_are_refused_in_words() {
    let cluster = Cluster::from_service(Sandbox::NAME, Sandbox::in_memory().unwrap());
    let command = ["true".to_owned()];
    for (pod, code, words) in [
        (
            "database-0",
            400,
            "the sandbox runs no containers: there is nothing in pod database-0 to run a command in",
        ),
        ("none", 404, r#"pods "none" not found"#),
    ] {
        let request = ExecRequest {
            namespace: "shop",
            pod,
            container: None,
            command: &command,
            timeout: Duration::from_secs(5),
            output_limit: 1024,
        };
        let error = cluster.exec(&request).await.unwrap_err();
        let status = error.status().unwrap();
        assert_eq!((status.code, status.message.as_str()), (code, words));
    }
}
