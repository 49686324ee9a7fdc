//! Limits, quotas, budgets, priorities, autoscalers, leases.

use serde_json::{Value, json};

use super::{Names, object};

pub(super) fn objects(names: &Names) -> Vec<Value> {
    let (shop, edge) = (names.shop(), names.edge());
    vec![
        object(
            "policy/v1",
            "PodDisruptionBudget",
            &shop,
            "half",
            json!({"spec": {
            "maxUnavailable": "50%", "selector": {"matchLabels": {"app": "web"}}, "unhealthyPodEvictionPolicy": "AlwaysAllow"}}),
        ),
        object(
            "policy/v1",
            "PodDisruptionBudget",
            &shop,
            "one",
            json!({"spec": {
            "minAvailable": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}}}),
        ),
        object(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            &shop,
            "web",
            json!({"spec": {
            "minReplicas": 2, "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
                {"type": "External", "external": {"metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}},
                    "target": {"type": "AverageValue", "averageValue": "2500m"}}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 30, "policies": [
                {"type": "Percent", "value": 10, "periodSeconds": 60}]}}}}),
        ),
        object(
            "scheduling.k8s.io/v1",
            "PriorityClass",
            "",
            &names.name("urgent"),
            json!({
            "value": 1_000_000, "preemptionPolicy": "Never", "description": "not \"so\" urgent"}),
        ),
        object("scheduling.k8s.io/v1", "PriorityClass", "", &names.name("negative"), json!({"value": -7})),
        object(
            "node.k8s.io/v1",
            "RuntimeClass",
            "",
            &names.name("sandboxed"),
            json!({
            "handler": "runsc", "overhead": {"podFixed": {"cpu": "10m"}},
            "scheduling": {"nodeSelector": {"sandbox": "yes"}}}),
        ),
        object(
            "flowcontrol.apiserver.k8s.io/v1",
            "FlowSchema",
            "",
            &names.name("flow"),
            json!({"spec": {
            "priorityLevelConfiguration": {"name": names.name("level")}, "matchingPrecedence": 9000,
            "distinguisherMethod": {"type": "ByUser"},
            "rules": [{"subjects": [{"kind": "ServiceAccount", "serviceAccount": {"name": "web", "namespace": shop}}],
                "resourceRules": [{"apiGroups": ["example.org"], "resources": ["*"], "verbs": ["list"], "namespaces": ["*"]}]}]}}),
        ),
        object(
            "flowcontrol.apiserver.k8s.io/v1",
            "PriorityLevelConfiguration",
            "",
            &names.name("level"),
            json!({"spec": {
            "type": "Limited", "limited": {"nominalConcurrencyShares": 3, "limitResponse": {"type": "Queue",
                "queuing": {"queues": 16, "handSize": 4, "queueLengthLimit": 10}}}}}),
        ),
        object(
            "coordination.k8s.io/v1",
            "Lease",
            &edge,
            "leader",
            json!({"spec": {
            "holderIdentity": "one", "leaseDurationSeconds": 15, "renewTime": "2026-01-02T03:04:05.678901Z"}}),
        ),
    ]
}

/// Quotas, which refuse everything until their controller has counted for the first time.
pub(super) fn quotas(names: &Names) -> Vec<Value> {
    let shop = names.shop();
    vec![object(
        "v1",
        "ResourceQuota",
        &shop,
        "scoped",
        json!({"spec": {
            "hard": {"pods": "100", "count/jobs.batch": "50"}, "scopes": ["NotTerminating"]}}),
    )]
}

/// It counts what its namespace is full of: a restore must not run into its own quota.
pub(super) fn counting_quota(namespace: &str) -> Value {
    object(
        "v1",
        "ResourceQuota",
        namespace,
        "counting",
        json!({"spec": {"hard": {
        "configmaps": "1000", "secrets": "1000", "count/serviceaccounts": "100", "services": "100"}}}),
    )
}

/// Admission applies it to every pod that comes after it.
pub(super) fn limits(names: &Names) -> Value {
    let shop = names.shop();
    object(
        "v1",
        "LimitRange",
        &shop,
        "limits",
        json!({"spec": {"limits": [
            {"type": "Container", "default": {"memory": "4Gi"}, "defaultRequest": {"cpu": "50m"}},
            {"type": "PersistentVolumeClaim", "max": {"storage": "1Ti"}}]}}),
    )
}
