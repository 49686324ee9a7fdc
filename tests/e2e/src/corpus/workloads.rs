//! What runs: workloads with and without owners. There are no nodes, so pods stay pending.

use serde_json::{Value, json};

use super::{Names, object};
use crate::cluster::Cluster;
use crate::key::Key;

fn pod_spec() -> Value {
    json!({
        "serviceAccountName": "web",
        "automountServiceAccountToken": true,
        "terminationGracePeriodSeconds": 7,
        "initContainers": [{"name": "init", "image": "registry.example.org/init:1"}],
        "containers": [{
            "name": "web", "image": "registry.example.org/web@sha256:0000000000000000000000000000000000000000000000000000000000000000",
            "command": ["sh", "-c"], "args": ["echo \"$X\" && sleep 1"],
            "env": [{"name": "X", "value": "a b\nc"}, {"name": "EMPTY", "value": ""},
                {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "opaque", "key": "empty", "optional": true}}}],
            "ports": [{"name": "web", "containerPort": 8080}],
            "resources": {"requests": {"cpu": "0.1", "memory": "1.5Gi"}, "limits": {"memory": "2048Mi"}},
            "livenessProbe": {"httpGet": {"path": "/", "port": "web"}, "periodSeconds": 3},
            "volumeMounts": [{"name": "config", "mountPath": "/etc/web"}, {"name": "scratch", "mountPath": "/tmp"}]}],
        "volumes": [{"name": "config", "configMap": {"name": "settings", "defaultMode": 256}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1,
            "podAffinityTerm": {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}}}]}},
        "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
    })
}

fn template(app: &str) -> Value {
    json!({"metadata": {"labels": {"app": app}, "annotations": {"example.org/checksum": "1"}}, "spec": pod_spec()})
}

pub(super) fn objects(names: &Names) -> Vec<Value> {
    let ns = &names.shop();
    let selector = |app: &str| json!({"matchLabels": {"app": app}});
    let apps = |kind: &str, name: &str, spec: Value| object("apps/v1", kind, ns, name, json!({"spec": spec}));
    let mut priority = template("stopped");
    priority["spec"]["priorityClassName"] = json!(names.name("urgent"));
    priority["spec"]["runtimeClassName"] = json!(names.name("sandboxed"));
    vec![
        apps(
            "Deployment",
            "web",
            json!({"replicas": 3, "selector": selector("web"), "template": template("web"),
            "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}, "revisionHistoryLimit": 3}),
        ),
        apps(
            "Deployment",
            "rolled",
            json!({"replicas": 1, "selector": selector("rolled"), "template": template("rolled")}),
        ),
        apps(
            "Deployment",
            "stopped",
            json!({"replicas": 0, "paused": true, "selector": selector("stopped"),
            "template": priority, "strategy": {"type": "Recreate"}}),
        ),
        apps(
            "StatefulSet",
            "db",
            json!({"replicas": 2, "serviceName": "db", "selector": selector("db"),
            "podManagementPolicy": "Parallel", "template": template("db"), "volumeClaimTemplates": [{
                "metadata": {"name": "data", "labels": {"app": "db"}},
                "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": names.name("slow"),
                    "resources": {"requests": {"storage": "1Gi"}}}}]}),
        ),
        apps("DaemonSet", "agent", json!({"selector": selector("agent"), "template": template("agent")})),
        apps(
            "ReplicaSet",
            "lone-set",
            json!({"replicas": 1, "selector": selector("lone-set"),
            "template": template("lone-set")}),
        ),
        object(
            "v1",
            "ReplicationController",
            ns,
            "old",
            json!({"spec": {
            "replicas": 1, "selector": {"app": "old"}, "template": template("old")}}),
        ),
        job(ns, "once", "batch/v1", "Job", &json!({})),
        object(
            "batch/v1",
            "Job",
            ns,
            "own-selector",
            json!({"spec": {"suspend": true, "manualSelector": true,
            "selector": selector("own-selector"), "template": never(template("own-selector"))}}),
        ),
        job(
            ns,
            "nightly",
            "batch/v1",
            "CronJob",
            &json!({"schedule": "0 3 * * 1-5", "timeZone": "Europe/Berlin",
            "concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 7}),
        ),
        object("v1", "PodTemplate", ns, "template", json!({"template": template("template")})),
        object(
            "v1",
            "Pod",
            ns,
            "lone-pod",
            json!({"metadata": {"labels": {"app": "lone"}}, "spec": pod_spec()}),
        ),
        object(
            "v1",
            "Pod",
            ns,
            "pod-of-default",
            json!({"spec": {"containers": [{"name": "c", "image": "i"}]}}),
        ),
        object(
            "apps/v1",
            "ControllerRevision",
            ns,
            "lone-revision",
            json!({"revision": 7,
            "data": {"spec": {"any": ["thing", 1, 2.5, null]}}}),
        ),
    ]
}

fn never(mut template: Value) -> Value {
    template["spec"]["restartPolicy"] = json!("Never");
    template
}

fn job(ns: &str, name: &str, api_version: &str, kind: &str, extra: &Value) -> Value {
    let spec = json!({"suspend": true, "backoffLimit": 2, "template": never(template(name))});
    let mut rest = if kind == "CronJob" {
        json!({"spec": {"suspend": true, "jobTemplate": {"metadata": {"labels": {"from": "cron"}}, "spec": spec}}})
    } else {
        json!({"metadata": {"labels": {"own": "label"}}, "spec": spec})
    };
    for (key, value) in extra.as_object().into_iter().flatten() {
        rest["spec"][key] = value.clone();
    }
    object(api_version, kind, ns, name, rest)
}

/// Gives one Deployment a second revision, and so an old ReplicaSet.
pub(super) async fn roll(cluster: &Cluster, names: &Names) {
    let key = Key::new("apps/v1", "Deployment", &names.shop(), "rolled");
    cluster.wait("the first revision", async || revision(cluster, &key).await == "1").await;
    let annotations = json!({"example.org/checksum": "2"});
    cluster.patch(&key, json!({"spec": {"template": {"metadata": {"annotations": annotations}}}})).await;
    cluster.wait("the second revision", async || revision(cluster, &key).await == "2").await;
}

async fn revision(cluster: &Cluster, key: &Key) -> String {
    let live = cluster.must_get(key).await;
    let text = live["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_str();
    text.unwrap_or_default().to_owned()
}

/// Waits for what the controllers make: ReplicaSets, pods, claims.
pub(super) async fn settle(cluster: &Cluster, names: &Names) {
    let ns = &names.shop();
    for (kind, name) in
        [("Deployment", "web"), ("Deployment", "stopped"), ("StatefulSet", "db"), ("ReplicaSet", "lone-set")]
    {
        let key = Key::new("apps/v1", kind, ns, name);
        let seen = async || {
            let live = cluster.must_get(&key).await;
            live["status"]["observedGeneration"] == live["metadata"]["generation"]
                && live["status"]["replicas"].as_u64().unwrap_or(0)
                    == live["spec"]["replicas"].as_u64().unwrap()
        };
        cluster.wait(&format!("{key}'s controller"), seen).await;
    }
    for claim in ["data-db-0", "data-db-1"] {
        let key = Key::new("v1", "PersistentVolumeClaim", ns, claim);
        cluster.wait(&key.to_string(), async || cluster.get(&key).await.is_some()).await;
    }
    let key = Key::new("apps/v1", "Deployment", ns, "rolled");
    cluster
        .wait("the roll", async || {
            let live = cluster.must_get(&key).await;
            live["status"]["observedGeneration"] == live["metadata"]["generation"]
        })
        .await;
}
