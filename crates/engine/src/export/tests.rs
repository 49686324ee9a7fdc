//! Exports of small points, some of them hostile, into folders and files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use holdfast_model::resource::ResourceType;
use holdfast_store::{
    Access, ClusterFacts, EntryMeta, Manifest, MemberBuilder, PointState, Vault, VaultUrl, Writer,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::progress_channel;

fn ty(group: &str, plural: &str, kind: &str, namespaced: bool) -> Arc<ResourceType> {
    let (group, plural, kind) = (group.into(), plural.into(), kind.into());
    Arc::new(ResourceType { group, version: "v1".into(), plural, kind, namespaced })
}

struct Object {
    ty: Arc<ResourceType>,
    json: Value,
    owner: Option<(&'static str, &'static str)>,
}

fn object(ty: &Arc<ResourceType>, json: Value) -> Object {
    Object { ty: Arc::clone(ty), json, owner: None }
}

/// A vault in `folder` with the point `p` of these objects.
async fn point(folder: &Path, objects: Vec<Object>) -> Point {
    let url: VaultUrl = folder.join("vault").display().to_string().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), &folder.join("cache")).await.unwrap();
    let started: jiff::Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
    let name = "p".parse().unwrap();
    let mut writing = vault.begin(&name, started, &Writer::new()).await.unwrap();
    let mut kinds: BTreeMap<Arc<ResourceType>, Vec<Object>> = BTreeMap::new();
    for object in objects {
        kinds.entry(Arc::clone(&object.ty)).or_default().push(object);
    }
    for (ty, mut objects) in kinds {
        let text = |o: &Object, key: &str| o.json["metadata"][key].as_str().unwrap_or_default().to_owned();
        objects.sort_by_key(|o| (text(o, "namespace"), text(o, "name")));
        let mut member = MemberBuilder::new(Arc::clone(&ty), started);
        for object in objects {
            let json = object.json.to_string();
            let meta = EntryMeta {
                namespace: text(&object, "namespace"),
                name: text(&object, "name"),
                uid: None,
                owner: object
                    .owner
                    .map(|(kind, name)| holdfast_store::Owner { kind: kind.into(), name: name.into() }),
                labels: None,
                hash: holdfast_model::content::hash(json.as_bytes()),
            };
            member.push(meta, &[json.as_bytes()]).unwrap();
        }
        writing.append(member.finish().unwrap()).await.unwrap();
    }
    let manifest = Manifest {
        completed: started,
        state: PointState::Completed,
        cluster: ClusterFacts::default(),
        warnings: Vec::new(),
        spec: json!({}),
        log: Vec::new(),
        non_atomic: Vec::new(),
        volumes: None,
    };
    writing.commit(manifest).await.unwrap();
    vault.point(&name).await.unwrap()
}

fn request(format: ExportFormat, to: &Path) -> ExportRequest {
    ExportRequest {
        selection: Selection::default(),
        objects: Vec::new(),
        mappings: NamespaceMappings::default(),
        format,
        to: to.to_owned(),
        replace: false,
    }
}

fn context() -> Context {
    progress_channel(CancellationToken::new(), jiff::Timestamp::now).0
}

/// Every file below a folder, with its path.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn shop() -> Vec<Object> {
    let meta = |name: &str| {
        json!({"name": name, "namespace": "shop", "uid": "x", "resourceVersion": "7",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}})
    };
    let deployment = ty("apps", "deployments", "Deployment", true);
    let sets = ty("apps", "replicasets", "ReplicaSet", true);
    let services = ty("", "services", "Service", true);
    let endpoints = ty("", "endpoints", "Endpoints", true);
    let accounts = ty("", "serviceaccounts", "ServiceAccount", true);
    let maps = ty("", "configmaps", "ConfigMap", true);
    let volumes = ty("", "persistentvolumes", "PersistentVolume", false);
    vec![
        object(&ty("", "namespaces", "Namespace", false), json!({"metadata": {"name": "shop"}})),
        object(
            &deployment,
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("web"),
            "spec": {"replicas": 2}, "status": {"replicas": 2}}),
        ),
        Object {
            owner: Some(("Deployment.apps", "web")),
            ..object(&sets, json!({"metadata": meta("web-1")}))
        },
        Object {
            owner: Some(("Deployment.apps", "gone")),
            ..object(&sets, json!({"metadata": meta("left-1")}))
        },
        object(&services, json!({"metadata": meta("web"), "spec": {"selector": {"app": "web"}}})),
        object(&services, json!({"metadata": meta("by-hand"), "spec": {}})),
        object(&endpoints, json!({"metadata": meta("web")})),
        object(&endpoints, json!({"metadata": meta("by-hand")})),
        object(&accounts, json!({"metadata": {"name": "default", "namespace": "shop", "uid": "u"}})),
        object(&maps, json!({"metadata": meta("kube-root-ca.crt")})),
        object(&maps, json!({"metadata": meta("settings"), "data": {"on": "yes", "text": "a\nb\n"}})),
        object(&ty("", "secrets", "Secret", true), json!({"metadata": meta("key"), "data": {"k": "dg=="}})),
        object(
            &ty("", "persistentvolumeclaims", "PersistentVolumeClaim", true),
            json!({"metadata": meta("disk"), "spec": {"volumeName": "pv-1"}}),
        ),
        object(
            &volumes,
            json!({"metadata": {"name": "pv-1"}, "spec": {"claimRef": {"name": "disk", "namespace": "shop"}}}),
        ),
        object(&volumes, json!({"metadata": {"name": "pv-free"}, "spec": {}})),
    ]
}

#[tokio::test]
async fn a_folder_holds_what_can_be_applied_and_nothing_that_others_make() {
    let place = TempDir::new().unwrap();
    let point = point(place.path(), shop()).await;
    let to = place.path().join("out");
    let report = export(&point, &request(ExportFormat::Folder, &to), &context()).await.unwrap();
    let files = files(&to);
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "02-namespaces/_cluster/namespace-shop.yaml",
            "03-storage/_cluster/persistentvolume-pv-free.yaml",
            "03-storage/shop/persistentvolumeclaim-disk.yaml",
            "04-configuration/shop/configmap-settings.yaml",
            "04-configuration/shop/secret-key.yaml",
            "05-workloads/shop/deployment.apps-web.yaml",
            "05-workloads/shop/endpoints-by-hand.yaml",
            "05-workloads/shop/replicaset.apps-left-1.yaml",
            "05-workloads/shop/service-by-hand.yaml",
            "05-workloads/shop/service-web.yaml",
        ]
    );
    assert_eq!(
        files["04-configuration/shop/configmap-settings.yaml"],
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\ndata:\n  \"on\": \"yes\"\n  text: |\n    a\n    b\n"
    );
    assert!(!files["03-storage/shop/persistentvolumeclaim-disk.yaml"].contains("pv-1"));
    assert_eq!((report.objects, report.secrets, report.left_out.len()), (10, 1, 5));
    assert_eq!(report.left_out_counts[&Why::MadeAgain], 4);
    assert_eq!(report.left_out_counts[&Why::BoundVolume], 1);
    assert!(report.is_complete() && report.warnings.len() == 1, "{:?}", report.warnings);

    let mut named = request(ExportFormat::Yaml, &place.path().join("pv.yaml"));
    named.objects = vec!["persistentvolumes/pv-1".parse().unwrap(), "secrets/shop/absent".parse().unwrap()];
    let report = export(&point, &named, &context()).await.unwrap();
    assert_eq!((report.objects, report.missing.len(), report.is_complete()), (1, 1, false), "{report:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn secrets_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let place = TempDir::new().unwrap();
    let point = point(place.path(), shop()).await;
    let to = place.path().join("out");
    export(&point, &request(ExportFormat::Folder, &to), &context()).await.unwrap();
    assert_eq!(mode(&to), 0o700);
    assert_eq!(mode(&to.join("04-configuration/shop/secret-key.yaml")), 0o600);
    for (format, name) in [(ExportFormat::Yaml, "a.yaml"), (ExportFormat::Tar, "a.tgz")] {
        export(&point, &request(format, &place.path().join(name)), &context()).await.unwrap();
        assert_eq!(mode(&place.path().join(name)), 0o600);
    }
}

#[tokio::test]
async fn the_other_forms_hold_the_same() {
    let place = TempDir::new().unwrap();
    let point = point(place.path(), shop()).await;
    let folder = place.path().join("folder");
    export(&point, &request(ExportFormat::Folder, &folder), &context()).await.unwrap();
    let folder = files(&folder);

    let yaml = place.path().join("all.yaml");
    export(&point, &request(ExportFormat::Yaml, &yaml), &context()).await.unwrap();
    let documents = fs::read_to_string(&yaml).unwrap();
    let documents: Vec<&str> = documents.split("---\n").skip(1).collect();
    assert!(documents.iter().all(|document| folder.values().any(|file| file == document)));
    assert_eq!(documents.len(), folder.len());

    for (name, gzip) in [("all.tar", false), ("all.tar.gz", true)] {
        let path = place.path().join(name);
        export(&point, &request(ExportFormat::of_path(&path), &path), &context()).await.unwrap();
        let file = fs::File::open(&path).unwrap();
        let reader: Box<dyn std::io::Read> =
            if gzip { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
        let unpacked = place.path().join(name.replace('.', "-"));
        tar::Archive::new(reader).unpack(&unpacked).unwrap();
        assert_eq!(files(&unpacked.join("p")), folder);
    }

    let path = place.path().join("kustomize");
    export(&point, &request(ExportFormat::Kustomize, &path), &context()).await.unwrap();
    let mut written = files(&path);
    let list = written.remove("kustomization.yaml").unwrap();
    assert_eq!(written, folder);
    let listed: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(listed.len(), folder.len());
    assert!(listed.iter().all(|path| folder.contains_key(*path)) && listed[0].starts_with("02-"), "{list}");
}

#[tokio::test]
async fn what_is_in_the_way_stays_as_it_is() {
    let place = TempDir::new().unwrap();
    let point = point(place.path(), shop()).await;
    let to = place.path().join("out");
    fs::create_dir(&to).unwrap();
    export(&point, &request(ExportFormat::Kustomize, &to), &context()).await.unwrap();
    fs::create_dir(to.join(".git")).unwrap();
    fs::write(to.join("README"), "mine").unwrap();
    let refused = export(&point, &request(ExportFormat::Folder, &to), &context()).await.unwrap_err();
    assert!(refused.to_string().contains("it holds .git, 02-namespaces, 03-storage, …"), "{refused}");
    let mut again = request(ExportFormat::Folder, &to);
    again.replace = true;
    again.selection.resources.include = vec!["configmaps".parse().unwrap()];
    export(&point, &again, &context()).await.unwrap();
    let left: Vec<String> = files(&to).into_keys().collect();
    assert_eq!(
        left,
        [
            "02-namespaces/_cluster/namespace-shop.yaml",
            "04-configuration/shop/configmap-settings.yaml",
            "README"
        ]
    );
    assert!(to.join(".git").is_dir() && fs::read_dir(&to).unwrap().count() == 4);

    let file = place.path().join("a.yaml");
    fs::write(&file, "mine").unwrap();
    let refused = export(&point, &request(ExportFormat::Yaml, &file), &context()).await.unwrap_err();
    assert!(matches!(refused, ExportError::Exists { .. }));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    for (format, to) in [(ExportFormat::Folder, &file), (ExportFormat::Tar, &to)] {
        let refused = export(&point, &request(format, to), &context()).await.unwrap_err();
        assert!(matches!(refused, ExportError::WrongKind { .. }), "{refused}");
    }
    let nowhere = place.path().join("no/such/folder");
    let refused = export(&point, &request(ExportFormat::Folder, &nowhere), &context()).await.unwrap_err();
    assert!(refused.to_string().contains("no/such/folder cannot be written"), "{refused}");
}

#[tokio::test]
async fn an_export_that_does_not_end_leaves_nothing() {
    let place = TempDir::new().unwrap();
    let point = point(place.path(), shop()).await;
    let before = fs::read_dir(place.path()).unwrap().count();
    for format in [ExportFormat::Folder, ExportFormat::Yaml, ExportFormat::Tar, ExportFormat::Kustomize] {
        let to = place.path().join("out");
        let cancelled = context();
        cancelled.cancel.cancel();
        let error = export(&point, &request(format, &to), &cancelled).await.unwrap_err();
        assert!(matches!(error, ExportError::Engine(crate::EngineError::Cancelled)), "{error}");
        let mut none = request(format, &to);
        none.selection.namespaces.include = vec!["absent".parse().unwrap()];
        let error = export(&point, &none, &context()).await.unwrap_err();
        assert!(error.to_string().contains("matches no object"), "{error}");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), before, "{format:?}");
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_and_damaged_objects_do_no_harm() {
    let place = TempDir::new().unwrap();
    let roles = ty("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false);
    let named = |name: &str| json!({"metadata": {"name": name}});
    let names = ["system:node", "system_node", "a:b", "A_b", "a_B"];
    let mut objects: Vec<Object> = names.iter().map(|name| object(&roles, named(name))).collect();
    let odd = ty("x.y", "things", "Thing", true);
    objects.push(object(&odd, json!({"metadata": {"name": "con", "namespace": "nul"}})));
    objects.push(object(&ty("", "widgets", "Widget", false), {
        let mut deep = json!(1);
        (0..200).for_each(|_| deep = json!([deep]));
        json!({"metadata": {"name": "deep"}, "spec": deep})
    }));
    let point = point(place.path(), objects).await;
    let to = place.path().join("out");
    let report = export(&point, &request(ExportFormat::Folder, &to), &context()).await.unwrap();
    let files = files(&to);
    assert_eq!(files.len(), 6, "{files:?}");
    let lower: std::collections::HashSet<String> = files.keys().map(|path| path.to_lowercase()).collect();
    assert_eq!(lower.len(), 6, "apart also where capitals do not count");
    assert!(files.contains_key("06-custom-resources/_nul/thing.x.y-con.yaml"), "{files:?}");
    assert_eq!(report.left_out_counts[&Why::Unreadable], 1);
    assert!(!report.is_complete());
}

#[tokio::test]
async fn two_namespaces_in_one_lose_nothing_silently() {
    let place = TempDir::new().unwrap();
    let maps = ty("", "configmaps", "ConfigMap", true);
    let map = |ns: &str, name: &str| object(&maps, json!({"metadata": {"name": name, "namespace": ns}}));
    let point = point(place.path(), vec![map("a", "x"), map("b", "x"), map("b", "y")]).await;
    let to = place.path().join("out.yaml");
    let mut both = request(ExportFormat::Yaml, &to);
    both.mappings = "a:c,b:c".parse().unwrap();
    let report = export(&point, &both, &context()).await.unwrap();
    assert_eq!((report.objects, report.left_out_counts[&Why::SameName]), (2, 1));
    assert!(!report.is_complete());
    assert!(report.warnings[0].contains("namespace c is not in the export"), "{:?}", report.warnings);
    assert!(fs::read_to_string(&to).unwrap().contains("namespace: c"));
}
