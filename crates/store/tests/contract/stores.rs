//! Stores that fail, lie about time and remember what was asked; and points to put into them.
//!
//! Each test of the contract runs on each [`Kind`] of store. Those in Azure Blob Storage need the emulator that
//! `cargo xtask test` starts, and fail without it.

use std::fmt;
use std::ops::Range;
use std::path::Path as FsPath;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use holdfast_model::content;
use holdfast_model::name::PointName;
use holdfast_model::resource::ResourceType;
use holdfast_store::{
    ClusterFacts, Completion, EntryMeta, Manifest, Member, MemberBuilder, Owner, Point, PointState,
    PointSummary, PointWarning, PointWriter, StoreError, Vault, Writer,
};
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::azurite;

/// What becomes of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not carried out.
    Lost,
    /// It is carried out, and the answer is lost.
    Torn,
    /// It is not carried out, and nothing is afterwards: the process or the network is gone.
    Gone,
}

/// What recovery points are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Folder,
    Azure,
}

/// Makes three tests of a function that takes a [`Kind`].
macro_rules! on_each_store {
    ($name:ident) => {
        mod $name {
            use crate::stores::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn in_memory() {
                super::$name(Kind::Memory).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn in_a_folder() {
                super::$name(Kind::Folder).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn in_azure() {
                super::$name(Kind::Azure).await;
            }
        }
    };
}
pub(crate) use on_each_store;

#[derive(Debug, Default)]
struct State {
    writes: usize,
    fault: Option<(usize, Fault)>,
    gone: bool,
    log: Vec<String>,
    aged: Vec<(String, Duration)>,
    answer: Option<(String, String)>,
}

/// A store that does as it is told.
#[derive(Clone, Debug)]
pub(crate) struct TestStore {
    inner: Arc<dyn ObjectStore>,
    state: Arc<Mutex<State>>,
    _folder: Option<Arc<TempDir>>,
}

impl TestStore {
    pub(crate) fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()), None)
    }

    pub(crate) fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFileSystem::new_with_prefix(folder.path()).unwrap().with_fsync(true);
        Self::over(Arc::new(store), Some(Arc::new(folder)))
    }

    pub(crate) async fn azure() -> Self {
        let url = azurite::place(&Uuid::new_v4().to_string()).await;
        Self::over(Vault::blob_store(url.blob().unwrap(), &azurite::access()).unwrap(), None)
    }

    fn over(inner: Arc<dyn ObjectStore>, folder: Option<Arc<TempDir>>) -> Self {
        Self { inner, state: Arc::default(), _folder: folder }
    }

    /// The number-th write from now on, counted from zero, meets the fault.
    pub(crate) fn break_write(&self, number: usize, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        state.fault = Some((state.writes + number, fault));
    }

    /// Whether the fault has been met; from now on all is well again.
    pub(crate) fn heal(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.gone = false;
        state.fault.take().is_none_or(|(number, _)| number < state.writes)
    }

    /// Blobs whose path contains the text look older.
    pub(crate) fn age(&self, text: &str, by: Duration) {
        self.state.lock().unwrap().aged.push((text.to_owned(), by));
    }

    /// Once a blob whose path ends with `after` is written, somebody else writes one at `path`.
    pub(crate) fn answer_write(&self, after: &str, path: &str) {
        self.state.lock().unwrap().answer = Some((after.to_owned(), path.to_owned()));
    }

    /// What was asked since the last call, as `verb path`.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }

    pub(crate) async fn bytes(&self, path: &str) -> Bytes {
        self.inner.get(&Path::from(path)).await.unwrap().bytes().await.unwrap()
    }

    pub(crate) async fn put_bytes(&self, path: &str, bytes: Bytes) {
        self.inner.put(&Path::from(path), bytes.into()).await.unwrap();
    }

    pub(crate) async fn remove(&self, path: &str) {
        self.inner.delete(&Path::from(path)).await.unwrap();
    }

    pub(crate) async fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> =
            self.inner.list(None).map_ok(|meta| meta.location.to_string()).try_collect().await.unwrap();
        paths.sort();
        paths
    }

    fn read(&self, verb: &str, path: &Path) -> Result<()> {
        let mut state = self.state.lock().unwrap();
        state.log.push(format!("{verb} {path}"));
        if state.gone { Err(gone()) } else { Ok(()) }
    }

    /// Counts a write and tells what becomes of it.
    fn write(&self, verb: &str, path: &Path) -> Result<bool> {
        let mut state = self.state.lock().unwrap();
        state.log.push(format!("{verb} {path}"));
        let number = state.writes;
        state.writes += 1;
        if state.gone {
            return Err(gone());
        }
        match state.fault {
            Some((at, Fault::Lost)) if at == number => Err(gone()),
            Some((at, Fault::Gone)) if at == number => {
                state.gone = true;
                Err(gone())
            }
            Some((at, Fault::Torn)) if at == number => Ok(true),
            _ => Ok(false),
        }
    }

    fn shown(&self, mut meta: ObjectMeta) -> ObjectMeta {
        for (text, by) in &self.state.lock().unwrap().aged {
            if meta.location.as_ref().contains(text.as_str()) {
                meta.last_modified -= *by;
            }
        }
        meta
    }
}

fn gone() -> Error {
    Error::Generic { store: "test", source: "the connection was closed".into() }
}

impl fmt::Display for TestStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "test over {}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for TestStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let torn = self.write("put", location)?;
        let result = self.inner.put_opts(location, payload, opts).await;
        let answer =
            self.state.lock().unwrap().answer.take_if(|(after, _)| location.as_ref().ends_with(&**after));
        if let Some((_, path)) = answer {
            self.put_bytes(&path, "somebody else".into()).await;
        }
        if torn { Err(gone()) } else { result }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let torn = self.write("multipart", location)?;
        let upload = self.inner.put_multipart_opts(location, opts).await?;
        if torn {
            return Err(gone());
        }
        Ok(Box::new(TestUpload { store: self.clone(), path: location.clone(), upload }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.read(if options.head { "head" } else { "get" }, location)?;
        let mut result = self.inner.get_opts(location, options).await?;
        result.meta = self.shown(result.meta);
        Ok(result)
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.read("get", location)?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        locations
            .then(move |location| {
                let this = this.clone();
                async move {
                    let location = location?;
                    let torn = this.write("delete", &location)?;
                    let result = this.inner.delete(&location).await.map(|()| location);
                    if torn { Err(gone()) } else { result }
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if let Err(error) = self.read("list", prefix.unwrap_or(&Path::default())) {
            return futures::stream::once(async { Err(error) }).boxed();
        }
        let this = self.clone();
        self.inner.list(prefix).map_ok(move |meta| this.shown(meta)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.read("list", prefix.unwrap_or(&Path::default()))?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let torn = self.write("copy", to)?;
        let result = self.inner.copy_opts(from, to, options).await;
        if torn { Err(gone()) } else { result }
    }
}

#[derive(Debug)]
struct TestUpload {
    store: TestStore,
    path: Path,
    upload: Box<dyn MultipartUpload>,
}

#[async_trait]
impl MultipartUpload for TestUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let fate = self.store.write("part", &self.path);
        let part = self.upload.put_part(data);
        Box::pin(async move {
            let torn = fate?;
            let result = part.await;
            if torn { Err(gone()) } else { result }
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let torn = self.store.write("complete", &self.path)?;
        let result = self.upload.complete().await;
        if torn { Err(gone()) } else { result }
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}

/// A vault on a test store.
pub(crate) struct Place {
    pub(crate) store: TestStore,
    pub(crate) vault: Vault,
    pub(crate) cache: TempDir,
}

impl Place {
    pub(crate) async fn new(store: TestStore, completion: Completion) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let vault = Vault::from_store(Arc::new(store.clone()), completion, cache.path()).await.unwrap();
        store.take_log();
        Self { store, vault, cache }
    }

    pub(crate) async fn on(kind: Kind) -> Self {
        match kind {
            Kind::Memory => Self::new(TestStore::memory(), Completion::Replaces).await,
            Kind::Folder => Self::new(TestStore::folder(), Completion::Replaces).await,
            Kind::Azure => Self::new(TestStore::azure().await, Completion::IfAbsent).await,
        }
    }

    pub(crate) async fn memory() -> Self {
        Self::on(Kind::Memory).await
    }
}

pub(crate) fn name(text: &str) -> PointName {
    text.parse().unwrap()
}

pub(crate) fn started() -> Timestamp {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

pub(crate) fn ty(group: &str, plural: &str, kind: &str, namespaced: bool) -> Arc<ResourceType> {
    Arc::new(ResourceType {
        group: group.into(),
        version: "v1".into(),
        plural: plural.into(),
        kind: kind.into(),
        namespaced,
    })
}

/// The JSON of an object.
pub(crate) fn object(ty: &ResourceType, namespace: &str, name: &str, data: &str) -> String {
    let mut metadata = serde_json::json!({
        "name": name,
        "uid": Uuid::from_u128(name.len() as u128 + 1),
        "labels": {"app": "shop"},
    });
    if ty.namespaced {
        metadata["namespace"] = namespace.into();
    }
    if ty.plural == "pods" {
        metadata["ownerReferences"] = serde_json::json!([
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d", "uid": "u", "controller": true},
        ]);
    }
    serde_json::json!({"apiVersion": ty.api_version(), "kind": ty.kind, "metadata": metadata, "data": {"text": data}})
        .to_string()
}

pub(crate) fn member(ty: &Arc<ResourceType>, objects: &[(&str, &str, &str)]) -> Member {
    let mut builder = MemberBuilder::new(Arc::clone(ty), started());
    for (namespace, name, data) in objects {
        let json = object(ty, namespace, name, data);
        let meta = EntryMeta {
            namespace: (*namespace).into(),
            name: (*name).into(),
            uid: Some(Uuid::from_u128(name.len() as u128 + 1)),
            owner: (ty.plural == "pods")
                .then(|| Owner { kind: "ReplicaSet.apps".into(), name: "web-7d".into() }),
            labels: Some("{\"app\":\"shop\"}".into()),
            hash: content::hash(json.as_bytes()),
        };
        builder.push(meta, &[json.as_bytes()]).unwrap();
    }
    builder.finish().unwrap()
}

/// Members with the shapes that matter: both scopes, long names, names with ':', an owner, several of one type.
pub(crate) fn members(data: &str) -> Vec<Member> {
    let long = "n".repeat(230);
    vec![
        member(&ty("", "namespaces", "Namespace", false), &[("", "shop", data)]),
        member(&ty("", "configmaps", "ConfigMap", true), &[("shop", "b", data), ("shop", "a", data)]),
        member(
            &ty("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false),
            &[("", "system:controller:job-controller", data)],
        ),
        member(&ty("", "pods", "Pod", true), &[("shop", "web-7d-x", data)]),
        member(&ty("", "configmaps", "ConfigMap", true), &[("shop", &long, data)]),
    ]
}

/// How many objects [`members`] holds.
pub(crate) const OBJECTS: u64 = 6;

pub(crate) fn manifest() -> Manifest {
    Manifest {
        completed: "2026-11-23T04:00:09Z".parse().unwrap(),
        state: PointState::Partial,
        cluster: ClusterFacts {
            name: "shop-prod".into(),
            version: "v1.33.2".into(),
            major: "1".into(),
            minor: "33".into(),
        },
        warnings: vec![PointWarning {
            resource: Some("widgets.example.io".into()),
            namespace: None,
            message: "the group example.io/v1 does not answer".into(),
        }],
        spec: serde_json::json!({"includedNamespaces": ["shop"]}),
        log: b"line one\nline two\n".to_vec(),
        non_atomic: vec!["pods".into()],
        volumes: None,
    }
}

pub(crate) async fn begin(vault: &Vault, point: &str) -> Result<PointWriter, StoreError> {
    vault.begin(&name(point), started(), &Writer::new()).await
}

/// Writes a point whose objects all hold `data`.
pub(crate) async fn write(
    vault: &Vault,
    point: &str,
    writer: &Writer,
    members: Vec<Member>,
) -> Result<PointSummary, StoreError> {
    let mut point = vault.begin(&name(point), started(), writer).await?;
    for member in members {
        if let Err(error) = point.append(member).await {
            point.abandon().await.ok();
            return Err(error);
        }
    }
    point.commit(manifest()).await
}

/// Everything a reader sees of the objects, as text.
pub(crate) async fn contents(point: &Point) -> Result<Vec<String>, StoreError> {
    let index = point.index().await?;
    let mut lines = Vec::new();
    for row in index.rows() {
        let json = point.read(row.id).await?;
        lines.push(format!(
            "{:?} {}/{} {:?} {:?} {:?} {:?} {}",
            row.ty,
            row.namespace,
            row.name,
            row.uid,
            row.owner,
            row.labels,
            row.hash,
            String::from_utf8(json.to_vec()).unwrap()
        ));
    }
    Ok(lines)
}

/// Opens a point and makes sure that all of it is there, with `data` in every object.
pub(crate) async fn check(vault: &Vault, point: &str, data: &str) {
    let point = vault.point(&name(point)).await.unwrap();
    assert_eq!(point.summary().objects, OBJECTS);
    let lines = contents(&point).await.unwrap();
    assert_eq!(lines.len() as u64, OBJECTS);
    for line in lines {
        assert!(line.contains(&format!("{{\"text\":\"{data}\"}}")), "{line}");
    }
    let report = point.verify().await.unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!(report.objects, OBJECTS);
}

/// Text that hardly compresses.
pub(crate) fn noise(seed: u8, length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![0; length];
    blake3::Hasher::new_derive_key("noise").update(&[seed]).finalize_xof().fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect()
}

pub(crate) fn write_file(path: &FsPath, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}
