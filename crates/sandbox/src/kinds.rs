//! The resource types that are served: a table of built-in ones, and those of the definitions in the world.

use holdfast_model::resource::ResourceType;
use serde_json::Value;

use crate::world::World;

/// A served resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub ty: ResourceType,
    pub singular: String,
    pub short_names: Vec<String>,
    /// Whether the server counts changes of `spec` in `metadata.generation`.
    pub counts_generations: bool,
    /// Whether a definition serves it, or would in a real cluster: there is none for snapshots here.
    pub custom: bool,
    /// Whether `status` is a subresource, which a create or patch of the object itself leaves alone.
    pub status_apart: bool,
}

const NAMESPACED: bool = true;
const CLUSTER: bool = false;
/// Counts generations.
const SPEC: bool = true;
const PLAIN: bool = false;

/// The one group in the table that is not Kubernetes' own.
const SNAPSHOTS: &str = "snapshot.storage.k8s.io";

type Row<'a> = (&'a str, &'a str, &'a str, &'a str, bool, bool, &'a [&'a str]);

/// Group, version, plural, kind, scope, generations, short names, as Kubernetes 1.37 serves them, and external-snapshotter
/// v8 those of its group.
#[rustfmt::skip]
const BUILT_IN: [Row<'static>; 54] = [
    ("", "v1", "configmaps", "ConfigMap", NAMESPACED, PLAIN, &["cm"]),
    ("", "v1", "endpoints", "Endpoints", NAMESPACED, PLAIN, &["ep"]),
    ("", "v1", "events", "Event", NAMESPACED, PLAIN, &["ev"]),
    ("", "v1", "limitranges", "LimitRange", NAMESPACED, PLAIN, &["limits"]),
    ("", "v1", "namespaces", "Namespace", CLUSTER, PLAIN, &["ns"]),
    ("", "v1", "nodes", "Node", CLUSTER, PLAIN, &["no"]),
    ("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", NAMESPACED, PLAIN, &["pvc"]),
    ("", "v1", "persistentvolumes", "PersistentVolume", CLUSTER, PLAIN, &["pv"]),
    ("", "v1", "pods", "Pod", NAMESPACED, SPEC, &["po"]),
    ("", "v1", "podtemplates", "PodTemplate", NAMESPACED, SPEC, &[]),
    ("", "v1", "replicationcontrollers", "ReplicationController", NAMESPACED, SPEC, &["rc"]),
    ("", "v1", "resourcequotas", "ResourceQuota", NAMESPACED, PLAIN, &["quota"]),
    ("", "v1", "secrets", "Secret", NAMESPACED, PLAIN, &[]),
    ("", "v1", "serviceaccounts", "ServiceAccount", NAMESPACED, PLAIN, &["sa"]),
    ("", "v1", "services", "Service", NAMESPACED, PLAIN, &["svc"]),
    ("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", CLUSTER, SPEC, &[]),
    ("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", CLUSTER, SPEC, &[]),
    ("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", CLUSTER, SPEC, &[]),
    ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", CLUSTER, SPEC, &[]),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", CLUSTER, SPEC, &["crd", "crds"]),
    ("apiregistration.k8s.io", "v1", "apiservices", "APIService", CLUSTER, PLAIN, &[]),
    ("apps", "v1", "controllerrevisions", "ControllerRevision", NAMESPACED, PLAIN, &[]),
    ("apps", "v1", "daemonsets", "DaemonSet", NAMESPACED, SPEC, &["ds"]),
    ("apps", "v1", "deployments", "Deployment", NAMESPACED, SPEC, &["deploy"]),
    ("apps", "v1", "replicasets", "ReplicaSet", NAMESPACED, SPEC, &["rs"]),
    ("apps", "v1", "statefulsets", "StatefulSet", NAMESPACED, SPEC, &["sts"]),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", NAMESPACED, PLAIN, &["hpa"]),
    ("batch", "v1", "cronjobs", "CronJob", NAMESPACED, SPEC, &["cj"]),
    ("batch", "v1", "jobs", "Job", NAMESPACED, SPEC, &[]),
    ("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", CLUSTER, PLAIN, &["csr"]),
    ("coordination.k8s.io", "v1", "leases", "Lease", NAMESPACED, PLAIN, &[]),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", NAMESPACED, SPEC, &[]),
    ("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", CLUSTER, SPEC, &[]),
    ("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", CLUSTER, SPEC, &[]),
    ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", CLUSTER, SPEC, &[]),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", NAMESPACED, SPEC, &["ing"]),
    ("networking.k8s.io", "v1", "ipaddresses", "IPAddress", CLUSTER, PLAIN, &["ip"]),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", NAMESPACED, SPEC, &["netpol"]),
    ("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", CLUSTER, PLAIN, &[]),
    ("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", CLUSTER, PLAIN, &[]),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", NAMESPACED, SPEC, &["pdb"]),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", CLUSTER, PLAIN, &[]),
    ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", CLUSTER, PLAIN, &[]),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", NAMESPACED, PLAIN, &[]),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", NAMESPACED, PLAIN, &[]),
    ("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", CLUSTER, SPEC, &["pc"]),
    ("snapshot.storage.k8s.io", "v1", "volumesnapshotclasses", "VolumeSnapshotClass", CLUSTER, SPEC, &["vsclass", "vsclasses"]),
    ("snapshot.storage.k8s.io", "v1", "volumesnapshotcontents", "VolumeSnapshotContent", CLUSTER, SPEC, &["vsc", "vscs"]),
    ("snapshot.storage.k8s.io", "v1", "volumesnapshots", "VolumeSnapshot", NAMESPACED, SPEC, &["vs"]),
    ("storage.k8s.io", "v1", "csidrivers", "CSIDriver", CLUSTER, PLAIN, &[]),
    ("storage.k8s.io", "v1", "csinodes", "CSINode", CLUSTER, PLAIN, &[]),
    ("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", NAMESPACED, PLAIN, &[]),
    ("storage.k8s.io", "v1", "storageclasses", "StorageClass", CLUSTER, PLAIN, &["sc"]),
    ("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", CLUSTER, SPEC, &[]),
];

fn built_in((group, version, plural, kind, namespaced, counts_generations, short): &Row<'_>) -> Kind {
    Kind {
        ty: ResourceType {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            plural: (*plural).to_owned(),
            kind: (*kind).to_owned(),
            namespaced: *namespaced,
        },
        singular: kind.to_ascii_lowercase(),
        short_names: short.iter().map(|&name| name.to_owned()).collect(),
        counts_generations: *counts_generations,
        custom: *group == SNAPSHOTS,
        status_apart: true,
    }
}

/// A built-in type by group and plural, for the controllers.
pub(crate) fn kind(group: &str, plural: &str) -> Kind {
    #[expect(clippy::expect_used, reason = "controllers name rows of the table, which a test goes through")]
    let row = BUILT_IN.iter().find(|row| row.0 == group && row.2 == plural).expect("a row of the table");
    built_in(row)
}

/// A type that is not served: what it has is the sandbox's own business.
pub(crate) fn hidden((group, plural): (&str, &str), kind: &str) -> Kind {
    built_in(&(group, "v1", plural, kind, CLUSTER, PLAIN, &[]))
}

/// The types that a definition serves, best version first.
fn defined(definition: &Value) -> Vec<Kind> {
    let text =
        |pointer: &str| definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let short = definition.pointer("/spec/names/shortNames").and_then(Value::as_array);
    let short_names: Vec<String> =
        short.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let versions = definition.pointer("/spec/versions").and_then(Value::as_array);
    let mut served: Vec<&Value> = versions.into_iter().flatten().filter(|v| v["served"] == true).collect();
    served.sort_by_key(|version| version["storage"] != true);
    let kind = |version: &Value| Kind {
        ty: ResourceType {
            group: text("/spec/group"),
            version: version["name"].as_str().unwrap_or_default().to_owned(),
            plural: text("/spec/names/plural"),
            kind: text("/spec/names/kind"),
            namespaced: text("/spec/scope") == "Namespaced",
        },
        singular: text("/spec/names/singular"),
        short_names: short_names.clone(),
        counts_generations: true,
        custom: true,
        status_apart: version.pointer("/subresources/status").is_some(),
    };
    served.into_iter().map(kind).collect()
}

/// Everything that is served, built-in types first.
pub(crate) fn all(world: &World) -> Vec<Kind> {
    let definitions = world.list("apiextensions.k8s.io", "customresourcedefinitions", None);
    let defined = definitions.flat_map(|(_, definition)| defined(definition));
    // The definitions of snapshots, brought along from a real cluster.
    let new = defined
        .filter(|kind| !BUILT_IN.iter().any(|row| (row.0, row.2) == (&*kind.ty.group, &*kind.ty.plural)));
    BUILT_IN.iter().map(built_in).chain(new).collect()
}

/// A served type by group, version and plural.
pub(crate) fn find(world: &World, group: &str, version: &str, plural: &str) -> Option<Kind> {
    if let Some(row) = BUILT_IN.iter().find(|row| (row.0, row.1, row.2) == (group, version, plural)) {
        return Some(built_in(row));
    }
    let definitions = world.list("apiextensions.k8s.io", "customresourcedefinitions", None);
    definitions.flat_map(|(_, definition)| defined(definition)).find(|kind| {
        (kind.ty.group.as_str(), kind.ty.version.as_str(), kind.ty.plural.as_str())
            == (group, version, plural)
    })
}

/// A served type by `apiVersion` and `kind`, as references name it.
pub(crate) fn of_reference(world: &World, api_version: &str, kind: &str) -> Option<Kind> {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let matches = |ty: &ResourceType| ty.group == group && ty.version == version && ty.kind == kind;
    if let Some(row) = BUILT_IN.iter().find(|row| (row.0, row.1, row.3) == (group, version, kind)) {
        return Some(built_in(row));
    }
    all(world).into_iter().find(|kind| matches(&kind.ty))
}
