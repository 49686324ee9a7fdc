//! Which pods will come of an object that is written, and whether hooks apply to them.

use std::time::Duration;

use holdfast_model::hooks::{RestoreHooks, restore_commands};
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use crate::hooks::Pod;

/// A pod, or a workload with pods, that hooks apply to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct Expected {
    pub ty: ResourceType,
    pub namespace: String,
    pub name: String,
    /// How many pods it has.
    pub pods: u64,
    /// How long a pod is waited for: as long as the most patient of its commands waits for its container.
    pub patience: Duration,
}

/// What hooks say of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct Noted {
    /// `None` where they run nothing and something is to be told all the same.
    pub expected: Option<Expected>,
    pub notes: Vec<String>,
}

impl Noted {
    /// Reads an object in the form in which it is written; `None` where no hooks apply.
    pub(in crate::restore) fn of(
        ty: &ResourceType,
        namespace: &str,
        name: &str,
        object: &Value,
        hooks: &[RestoreHooks],
    ) -> Option<Self> {
        if !is_workload(ty) {
            return None;
        }
        let template = if ty.is("", "pods") { Some(object) } else { object.pointer("/spec/template") };
        let pods = desired(ty, object)?;
        let pod = Pod::of_template(template?, namespace, name);
        let commands = restore_commands(&pod.hooked(), hooks);
        if commands.is_empty() {
            return None;
        }
        let patience = commands.post.iter().map(|exec| exec.exec.wait_timeout).max();
        let expected = patience.map(|patience| Expected {
            ty: ty.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            pods,
            patience,
        });
        Some(Self { expected, notes: commands.notes })
    }
}

/// Whether pods come of objects of a kind at once.
pub(in crate::restore) fn is_workload(ty: &ResourceType) -> bool {
    desired(ty, &Value::Null).is_some()
}

/// Whether a workload has as many pods as the cluster has nodes for it, which only its controller knows.
pub(super) fn counts_nodes(ty: &ResourceType) -> bool {
    ty.is("apps", "daemonsets")
}

/// How many pods an object has or makes; `None` for kinds of which no pods come at once. A `CronJob` is one of these: its
/// first pod may be a year away.
pub(super) fn desired(ty: &ResourceType, object: &Value) -> Option<u64> {
    let number = |path: &str| object.pointer(path).and_then(Value::as_u64);
    let is_set = |path: &str| object.pointer(path) == Some(&Value::Bool(true));
    Some(match (ty.group.as_str(), ty.plural.as_str()) {
        ("", "pods") => 1,
        // The controller makes nothing of one that was never rolled out.
        ("apps", "deployments") if is_set("/spec/paused") => 0,
        ("apps", "deployments" | "replicasets" | "statefulsets") | ("", "replicationcontrollers") => {
            number("/spec/replicas").unwrap_or(1)
        }
        ("apps", "daemonsets") => of_nodes(object).unwrap_or(1),
        ("batch", "jobs") if is_set("/spec/suspend") => 0,
        ("batch", "jobs") => {
            let parallelism = number("/spec/parallelism").unwrap_or(1);
            number("/spec/completions").map_or(parallelism, |completions| completions.min(parallelism))
        }
        _ => return None,
    })
}

/// How many nodes a `DaemonSet` runs on, once its controller has counted.
pub(super) fn of_nodes(set: &Value) -> Option<u64> {
    set.pointer("/status/observedGeneration").and_then(Value::as_u64).filter(|seen| *seen > 0)?;
    set.pointer("/status/desiredNumberScheduled").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty(group: &str, plural: &str, kind: &str) -> ResourceType {
        ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: plural.into(),
            kind: kind.into(),
            namespaced: true,
        }
    }

    fn deployment() -> ResourceType {
        ty("apps", "deployments", "Deployment")
    }

    fn hooks(spec: &Value) -> Vec<RestoreHooks> {
        let object = json!({"apiVersion": "clusterbackup.dataprotection.microsoft.com/v1alpha1", "kind": "RestoreHook",
            "metadata": {"name": "h", "namespace": "default"}, "spec": {"restoreHook": spec}});
        vec![RestoreHooks::from_object(&object).unwrap().0]
    }

    fn workload(replicas: u64, annotations: &Value) -> Value {
        json!({"spec": {"replicas": replicas, "template": {
            "metadata": {"labels": {"app": "web"}, "annotations": annotations},
            "spec": {"containers": [{"name": "web"}, {"name": "side"}]}}}})
    }

    #[test]
    fn hooks_apply_to_a_template_in_the_namespace_it_goes_to() {
        let hooks = hooks(
            &json!([{"name": "a", "includedNamespaces": ["new"], "labelSelector": {"matchLabels": {"app": "web"}},
            "postHooks": [{"exec": {"command": ["/a"], "waitTimeout": "10s"}},
                {"exec": {"command": ["/b"], "container": "side", "waitTimeout": "2m"}}]}]),
        );
        let noted = Noted::of(&deployment(), "new", "web", &workload(3, &json!({})), &hooks).unwrap();
        let expected = noted.expected.unwrap();
        assert_eq!((expected.pods, expected.patience), (3, Duration::from_mins(2)));
        assert_eq!(Noted::of(&deployment(), "old", "web", &workload(3, &json!({})), &hooks), None);
    }

    #[test]
    fn annotations_of_a_template_need_no_hooks_and_what_is_not_supported_is_told() {
        let annotated = workload(1, &json!({"post.hook.restore.velero.io/command": "/a"}));
        let noted = Noted::of(&deployment(), "a", "web", &annotated, &[]).unwrap();
        assert!(noted.expected.is_some() && noted.notes.is_empty());
        let init = workload(1, &json!({"init.hook.restore.velero.io/command": "/a"}));
        let noted = Noted::of(&deployment(), "a", "web", &init, &[]).unwrap();
        assert!(noted.expected.is_none());
        assert!(noted.notes[0].contains("a/web: not supported"), "{:?}", noted.notes);
        assert_eq!(Noted::of(&deployment(), "a", "web", &workload(1, &json!({"other": "x"})), &[]), None);
    }

    #[test]
    fn a_pod_is_its_own_template() {
        let pod = json!({"metadata": {"annotations": {"post.hook.restore.velero.io/command": "/a"}},
            "spec": {"containers": [{"name": "a"}]}});
        let noted = Noted::of(&ty("", "pods", "Pod"), "a", "b", &pod, &[]).unwrap();
        assert_eq!(noted.expected.unwrap().pods, 1);
    }

    #[test]
    fn how_many_pods_come() {
        let deployments = deployment();
        let daemons = ty("apps", "daemonsets", "DaemonSet");
        let jobs = ty("batch", "jobs", "Job");
        for (ty, object, pods) in [
            (&deployments, json!({"spec": {}}), Some(1)),
            (&deployments, json!({"spec": {"replicas": 0}}), Some(0)),
            (&deployments, json!({"spec": {"replicas": 5, "paused": true}}), Some(0)),
            (&daemons, json!({"spec": {}}), Some(1)),
            (&daemons, json!({"status": {"observedGeneration": 1, "desiredNumberScheduled": 4}}), Some(4)),
            // The zero of a status that no controller has written yet.
            (&daemons, json!({"status": {"desiredNumberScheduled": 0}}), Some(1)),
            (&jobs, json!({"spec": {}}), Some(1)),
            (&jobs, json!({"spec": {"parallelism": 4, "completions": 2}}), Some(2)),
            (&jobs, json!({"spec": {"suspend": true}}), Some(0)),
            (&ty("batch", "cronjobs", "CronJob"), json!({"spec": {}}), None),
            (&ty("", "configmaps", "ConfigMap"), json!({}), None),
        ] {
            assert_eq!(desired(ty, &object), pods, "{ty} {object}");
        }
    }
}
