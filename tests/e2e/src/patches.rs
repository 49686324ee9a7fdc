//! Objects and random strategic merge patches for them, with every directive.

use serde_json::{Map, Value, json};

use crate::lab::Lab;
use crate::random::Random;

/// Merge keys by the name of the list, apart from the table that is tested.
const KEYS: [(&str, &str); 13] = [
    ("containers", "name"),
    ("initContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("volumeMounts", "mountPath"),
    ("hostAliases", "ip"),
    ("imagePullSecrets", "name"),
    ("topologySpreadConstraints", "topologyKey"),
    ("secrets", "name"),
    ("webhooks", "name"),
    ("ownerReferences", "uid"),
    ("variables", "name"),
    ("matchConditions", "name"),
];

fn pod_template() -> Value {
    json!({"metadata": {"labels": {"app": "x"}, "annotations": {"note": "n"}}, "spec": {
        "containers": [
            {"name": "a", "image": "a:1", "args": ["x", "y"], "env": [
                {"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": "3"}],
             "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81, "name": "more"}],
             "volumeMounts": [{"name": "v1", "mountPath": "/1"}, {"name": "v2", "mountPath": "/2"}],
             "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
             "livenessProbe": {"httpGet": {"path": "/", "port": 80}}},
            {"name": "b", "image": "b:1"}, {"name": "c", "image": "c:1"}, {"name": "d", "image": "d:1"}],
        "initContainers": [{"name": "i", "image": "i:1"}],
        "volumes": [{"name": "v1", "emptyDir": {}}, {"name": "v2", "configMap": {"name": "x", "items": [{"key": "k", "path": "p"}]}}, {"name": "v3", "hostPath": {"path": "/x"}}],
        "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["x"]}, {"ip": "10.0.0.2", "hostnames": ["y"]}],
        "imagePullSecrets": [{"name": "s1"}, {"name": "s2"}],
        "tolerations": [{"key": "k", "operator": "Exists"}],
        "nodeSelector": {"disk": "ssd", "zone": "1"},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {"app": "x"}}},
            {"maxSkew": 2, "topologyKey": "host", "whenUnsatisfiable": "ScheduleAnyway"}],
        "securityContext": {"runAsUser": 1, "supplementalGroups": [1, 2]},
    }})
}

/// Objects of many kinds that can be patched in many ways, not yet made. Their owners are.
pub async fn objects(lab: &Lab, namespace: &str) -> Vec<Value> {
    // They have to be there, or what they own is collected.
    let mut owners = Vec::new();
    for name in ["o1", "o2"] {
        let meta = json!({"namespace": namespace, "name": name});
        let owner =
            lab.source.create(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})).await;
        owners.push(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": owner["metadata"]["uid"]}),
        );
    }
    let make = |api_version: &str, kind: &str, body: Value| {
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {
            "namespace": namespace, "name": "x", "labels": {"app": "x", "tier": "y"}, "annotations": {"note": "n"},
            "finalizers": ["example.org/a", "example.org/b", "example.org/c"],
            "ownerReferences": owners}});
        object.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        object
    };
    let selector = json!({"matchLabels": {"app": "x"}});
    let workload = |more: Value| {
        let mut spec = json!({"selector": selector, "template": pod_template()});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "spec": spec })
    };
    let mut job = pod_template();
    job["spec"]["restartPolicy"] = json!("Never");
    let claim = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "none"});
    let hook = |name: &str| {
        json!({"name": name, "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Ignore",
            "clientConfig": {"url": "https://127.0.0.1:1/"}, "objectSelector": {"matchLabels": {"never": "matches"}},
            "rules": [{"apiGroups": ["example.org"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["nothing"]}],
            "matchConditions": [{"name": "one", "expression": "true"}, {"name": "two", "expression": "false"}]})
    };
    let mut hooks = make(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        json!({"webhooks": [hook("a.example.org"), hook("b.example.org"), hook("c.example.org")]}),
    );
    hooks["metadata"]["name"] = json!(lab.name("hooks"));
    hooks["metadata"]
        .as_object_mut()
        .unwrap()
        .retain(|key, _| !["namespace", "ownerReferences"].contains(&key.as_str()));
    vec![
        make(
            "apps/v1",
            "Deployment",
            workload(
                json!({"replicas": 0, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}),
            ),
        ),
        make(
            "apps/v1",
            "StatefulSet",
            workload(
                json!({"replicas": 0, "serviceName": "x", "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}]}),
            ),
        ),
        make("apps/v1", "DaemonSet", workload(json!({}))),
        make("v1", "PodTemplate", json!({"template": pod_template()})),
        make(
            "batch/v1",
            "CronJob",
            json!({"spec": {"schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": {"spec": {"template": job}}}}),
        ),
        make("v1", "Pod", json!({"spec": pod_template()["spec"]})),
        make(
            "v1",
            "Service",
            json!({"spec": {"selector": {"app": "x"}, "ports": [
            {"name": "a", "port": 80, "targetPort": 8080}, {"name": "b", "port": 81}, {"name": "c", "port": 82, "protocol": "UDP"}]}}),
        ),
        make(
            "v1",
            "ServiceAccount",
            json!({"secrets": [{"name": "a"}, {"name": "b"}, {"name": "c"}], "imagePullSecrets": [{"name": "p"}, {"name": "q"}]}),
        ),
        make("v1", "PersistentVolumeClaim", json!({"spec": claim})),
        make("v1", "ConfigMap", json!({"data": {"a": "1", "b": "2"}})),
        make("v1", "Secret", json!({"data": {"a": "MQ==", "b": "Mg=="}})),
        make(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"spec": {"podSelector": selector, "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}]}], "policyTypes": ["Ingress"]}}),
        ),
        make(
            "rbac.authorization.k8s.io/v1",
            "Role",
            json!({"rules": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}, {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]}),
        ),
        make(
            "policy/v1",
            "PodDisruptionBudget",
            json!({"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]}}}),
        ),
        hooks,
    ]
}

/// Makes strategic merge patches for what it is shown.
pub struct Maker(Random);

impl Maker {
    /// A maker of patches; the same seed makes the same ones.
    pub fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// A patch for a live object. It never touches what the object is known by.
    pub fn patch(&mut self, live: &Value) -> Value {
        self.map(live.as_object().unwrap(), "")
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.0.below(100) < percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.0.below(list.len() as u64)).unwrap()]
    }

    fn shuffled<T: Clone>(&mut self, list: &[T]) -> Vec<T> {
        let mut list = list.to_vec();
        for at in (1..list.len()).rev() {
            list.swap(at, usize::try_from(self.0.below(at as u64 + 1)).unwrap());
        }
        list
    }

    fn map(&mut self, live: &Map<String, Value>, path: &str) -> Value {
        let mut patch = Map::new();
        for (name, value) in live {
            let kept = [
                "apiVersion",
                "kind",
                "status",
                "uid",
                "resourceVersion",
                "managedFields",
                "creationTimestamp",
                "generation",
                "namespace",
            ];
            if kept.contains(&name.as_str()) || (name == "name" && path == "/metadata") {
                continue;
            }
            let at = format!("{path}/{name}");
            match value {
                Value::Object(inner) if self.chance(55) => {
                    drop(patch.insert(name.clone(), self.map(inner, &at)));
                }
                Value::Array(list) if self.chance(55) => self.list(&mut patch, name, list, &at),
                Value::String(_) | Value::Number(_) | Value::Bool(_) if self.chance(15) => {
                    patch.insert(name.clone(), self.scalar(name, value));
                }
                _ if self.chance(3) && !path.is_empty() => drop(patch.insert(name.clone(), Value::Null)),
                _ => {}
            }
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        let open = ["labels", "annotations", "nodeSelector", "data"].contains(&last);
        if open && self.chance(40) {
            patch.insert("added".to_owned(), json!(if last == "data" { "MQ==" } else { "v" }));
        }
        // These two hold what an object is known by.
        if path.is_empty() || path == "/metadata" {
            return patch.into();
        }
        if self.chance(4) {
            patch.insert(
                "$patch".to_owned(),
                json!(self.pick(&["replace", "replace", "replace", "delete", "merge"])),
            );
        }
        if self.chance(6) && !patch.contains_key("$patch") {
            let all = live.keys().filter(|name| !patch.contains_key(*name)).cloned().collect::<Vec<_>>();
            let mut kept: Vec<String> = self.shuffled(&all).into_iter().skip(1).collect();
            kept.extend(patch.keys().filter(|name| !name.starts_with('$')).cloned());
            if self.chance(15) {
                kept.pop();
            }
            patch.insert("$retainKeys".to_owned(), json!(kept));
        }
        patch.into()
    }

    fn scalar(&mut self, name: &str, value: &Value) -> Value {
        match (name, value) {
            ("image", _) => json!("other:2"),
            ("value" | "note", _) => json!(format!("v{}", self.0.below(9))),
            ("replicas" | "maxSkew" | "runAsUser", Value::Number(_)) => json!(self.0.below(2) + 1),
            _ if self.chance(2) => json!("odd"),
            _ => value.clone(),
        }
    }

    fn list(&mut self, patch: &mut Map<String, Value>, name: &str, live: &[Value], path: &str) {
        let key = match name {
            "ports" if path == "/spec/ports" => Some("port"),
            "ports" if path.contains("containers") || path.contains("Containers") => Some("containerPort"),
            _ => KEYS.iter().find(|(list, _)| *list == name).map(|(_, key)| *key),
        };
        match key {
            Some(key) if live.iter().all(|item| item.get(key).is_some()) => {
                self.keyed(patch, name, live, key, path);
            }
            _ => self.unkeyed(patch, name, live),
        }
    }

    fn keyed(&mut self, patch: &mut Map<String, Value>, name: &str, live: &[Value], key: &str, path: &str) {
        let mut items = Vec::new();
        for item in live {
            let id = item[key].clone();
            if self.chance(40) {
                let mut change = self.map(item.as_object().unwrap(), &format!("{path}/*"));
                change[key] = id;
                items.push(change);
            } else if self.chance(12) {
                items.push(json!({key: id, "$patch": "delete"}));
            }
        }
        for _ in 0..self.0.below(3) {
            let mut added = self.pick(live).clone();
            let number = self.0.below(4);
            added[key] = match &added[key] {
                Value::Number(_) => json!(9000 + number),
                Value::String(_) if key == "ip" => json!(format!("10.9.9.{number}")),
                Value::String(text) => json!(format!("n{number}{text}")),
                other => other.clone(),
            };
            if added.get("name").is_some() && key != "name" && key != "mountPath" {
                added["name"] = json!(format!("n{number}"));
            }
            if self.chance(10) {
                added["odd"] = Value::Null;
            }
            items.push(added);
        }
        let mut items = self.shuffled(&items);
        if self.chance(6) {
            items.push(json!({"$patch": "replace"}));
        }
        if self.chance(2) {
            items.push(json!({"value": "without its key"}));
        }
        if self.chance(50) {
            let of = |item: &Value| item.get(key).filter(|_| item.get("$patch").is_none()).cloned();
            let mut order: Vec<Value> = items.iter().filter_map(of).collect();
            // Unless it is to be refused, what the patch sets keeps its order among what only the live object has.
            for id in live.iter().map(|item| item[key].clone()) {
                if !order.contains(&id) && self.chance(60) {
                    let at = self.0.below(order.len() as u64 + 1);
                    order.insert(usize::try_from(at).unwrap(), id);
                }
            }
            if self.chance(10) {
                order = self.shuffled(&order);
            }
            let order: Vec<Value> = order.into_iter().map(|id| json!({key: id})).collect();
            patch.insert(format!("$setElementOrder/{name}"), order.into());
        }
        if !items.is_empty() || self.chance(20) {
            patch.insert(name.to_owned(), items.into());
        }
    }

    fn unkeyed(&mut self, patch: &mut Map<String, Value>, name: &str, live: &[Value]) {
        if live.iter().any(Value::is_object) {
            let count = usize::try_from(self.0.below(live.len() as u64 + 1)).unwrap();
            let items = self.shuffled(live).into_iter().take(count).collect::<Vec<_>>();
            patch.insert(name.to_owned(), items.into());
            return;
        }
        let new = match live.first() {
            Some(Value::Number(_)) => json!(self.0.below(5)),
            _ if name == "finalizers" => json!(format!("example.org/{}", self.pick(&["a", "d", "e"]))),
            _ => self.pick(live).clone(),
        };
        let mut values = self.shuffled(live).into_iter().skip(1).collect::<Vec<_>>();
        values.push(new);
        let mut values = self.shuffled(&values);
        let order = self.chance(30);
        if self.chance(40) {
            let gone: Vec<Value> = live.iter().filter(|_| self.chance(50)).cloned().collect();
            // Without an order the server deletes and adds in no particular order: what is in both comes out by chance.
            values.retain(|value| order || !gone.contains(value));
            patch.insert(format!("$deleteFromPrimitiveList/{name}"), gone.into());
        }
        if order {
            patch.insert(format!("$setElementOrder/{name}"), json!(values));
        }
        if self.chance(70) {
            let count = usize::try_from(self.0.below(values.len() as u64 + 1)).unwrap();
            patch.insert(name.to_owned(), json!(values[..count]));
        }
    }
}
