//! One cluster and the requests for single objects.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use holdfast_model::resource::ResourceType;
use http::{Method, Request, Response};
use kube::client::Body;
use serde::Deserialize;
use serde_json::json;
use tower::{BoxError, Service};

use crate::MAX_OBJECT_BYTES;
use crate::api_error::ApiError;
use crate::discovery::{self, Discovery};
use crate::list::{ListRequest, Lister};
use crate::retry::Patience;
use crate::text::printable;
use crate::transport::{Call, Transport};

/// Longest wait for `/version`, which every healthy server answers at once.
const VERSION_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest answer to `/version`.
const MAX_VERSION_BYTES: usize = 64 * 1024;

/// The way to a cluster. Cheap to clone; clones share connections and credentials.
///
/// Connections are HTTP/1.1 and as many as there are requests at a time; no limit is kept on this side.
#[derive(Clone)]
pub struct Cluster {
    name: Arc<str>,
    transport: Arc<Transport>,
}

/// How a write is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions<'a> {
    /// The server goes through admission and validation and answers as it would, but stores nothing (`dryRun=All`).
    pub dry_run: bool,
    /// Who the server notes in `metadata.managedFields`, at most 128 printable characters; by default the program's name.
    pub manager: Option<&'a str>,
}

impl WriteOptions<'_> {
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if self.dry_run {
            query.append_pair("dryRun", "All");
        }
        if let Some(manager) = self.manager {
            query.append_pair("fieldManager", manager);
        }
        let query = query.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// What is to be deleted, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteOptions<'a> {
    /// Only the object with this UID: one of the same name that was made since is left alone.
    pub uid: Option<&'a str>,
    /// Only while the object is in this version.
    pub resource_version: Option<&'a str>,
    /// Whether what it owns goes first; otherwise that follows in the background.
    pub owned_first: bool,
}

/// What `/version` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerVersion {
    /// Such as `v1.37.2`.
    pub git_version: String,
    /// Such as `1`.
    pub major: String,
    /// Such as `37`; some vendors append a `+`.
    pub minor: String,
}

impl Cluster {
    pub(crate) fn new(name: &str, transport: Transport) -> Self {
        Self { name: name.into(), transport: Arc::new(transport) }
    }

    /// A cluster behind a service that speaks the Kubernetes API in this process. Everything above the connection is as
    /// for any other cluster, retries included: the service should not repeat anything by itself.
    ///
    /// Starts a task that passes requests on, so it has to be called inside a Tokio runtime.
    pub fn from_service<S, B>(name: &str, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let client = kube::Client::new(service, "default");
        Self::new(name, Transport::new(client, name.to_owned(), None))
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Name of the context.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scheme, host and port of the API server; the name where there is no address.
    pub fn server(&self) -> &str {
        self.transport.server()
    }

    /// Version of the API server; also the test of whether it can be reached, which takes at most 15 s.
    pub async fn version(&self) -> Result<ServerVersion, ApiError> {
        let mut call = Call::get("read the server's version", "/version");
        call.patience = Patience::Probe;
        let body = self.transport.fetch_within(VERSION_TIMEOUT, &call, MAX_VERSION_BYTES).await?;
        serde_json::from_slice(&body)
            .map_err(|error| ApiError::Malformed { attempt: call.attempt, reason: error.to_string() })
    }

    /// What the cluster serves.
    pub async fn discover(&self) -> Result<Discovery, ApiError> {
        discovery::discover(&self.transport).await
    }

    /// Starts a LIST. No request is made before [`Lister::next`].
    pub fn list(&self, request: ListRequest) -> Lister {
        Lister::new(self.transport.clone(), request)
    }

    /// One object, or `None` if there is none of that name. A resource that is not served at all is an error.
    pub async fn get(
        &self,
        ty: &ResourceType,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Bytes>, ApiError> {
        let attempt = attempt("get", ty, namespace, Some(name));
        let target = object_target(&attempt, ty, namespace, name)?;
        match self.transport.fetch(&Call::get(attempt, target), MAX_OBJECT_BYTES).await {
            Ok(body) => Ok(Some(body)),
            Err(error) if error.status().is_some_and(|s| s.code == 404 && s.from_api) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates the object in `body` and returns it as the server stored it.
    ///
    /// Repeated after a lost answer it may find its own work: [`ApiError::is_already_exists`].
    pub async fn create(
        &self,
        ty: &ResourceType,
        namespace: Option<&str>,
        body: Bytes,
        options: WriteOptions<'_>,
    ) -> Result<Bytes, ApiError> {
        let attempt = attempt("create", ty, namespace, None);
        let target = collection_target(&attempt, ty, namespace)? + &options.query();
        let call = Call {
            method: Method::POST,
            content_type: Some("application/json"),
            body,
            ..Call::get(attempt, target)
        };
        self.transport.fetch(&call, MAX_OBJECT_BYTES).await
    }

    /// Applies a JSON merge patch (RFC 7396) and returns the object as the server stored it.
    ///
    /// With `metadata.resourceVersion` in the patch the server refuses it if the object changed since
    /// ([`ApiError::is_conflict`]).
    pub async fn merge_patch(
        &self,
        ty: &ResourceType,
        namespace: Option<&str>,
        name: &str,
        body: Bytes,
        options: WriteOptions<'_>,
    ) -> Result<Bytes, ApiError> {
        let attempt = attempt("patch", ty, namespace, Some(name));
        let target = object_target(&attempt, ty, namespace, name)? + &options.query();
        let call = Call {
            method: Method::PATCH,
            content_type: Some("application/merge-patch+json"),
            body,
            ..Call::get(attempt, target)
        };
        self.transport.fetch(&call, MAX_OBJECT_BYTES).await
    }

    /// Asks for the deletion of one object; finalizers may keep it for a while.
    ///
    /// The server refuses ([`ApiError::is_conflict`]) where UID or version are others than asked for.
    pub async fn delete(
        &self,
        ty: &ResourceType,
        namespace: Option<&str>,
        name: &str,
        options: DeleteOptions<'_>,
    ) -> Result<(), ApiError> {
        let attempt = attempt("delete", ty, namespace, Some(name));
        let target = object_target(&attempt, ty, namespace, name)?;
        let mut body = json!({
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": if options.owned_first { "Foreground" } else { "Background" },
        });
        for (key, value) in [("uid", options.uid), ("resourceVersion", options.resource_version)] {
            if let Some(value) = value {
                body["preconditions"][key] = value.into();
            }
        }
        let call = Call {
            method: Method::DELETE,
            content_type: Some("application/json"),
            body: body.to_string().into(),
            ..Call::get(attempt, target)
        };
        self.transport.fetch(&call, MAX_OBJECT_BYTES).await.map(drop)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("name", &self.name)
            .field("server", &self.server())
            .finish_non_exhaustive()
    }
}

/// Such as `get deployments.apps shop/web`, `create secrets in shop` or `list nodes`.
pub(crate) fn attempt(verb: &str, ty: &ResourceType, namespace: Option<&str>, name: Option<&str>) -> String {
    let namespace = namespace.filter(|_| ty.namespaced);
    let object = match (namespace, name) {
        (Some(namespace), Some(name)) => format!(" {namespace}/{name}"),
        (Some(namespace), None) => format!(" in {namespace}"),
        (None, Some(name)) => format!(" {name}"),
        (None, None) => String::new(),
    };
    printable(&format!("{verb} {ty}{object}"))
}

/// Path of a collection, once the namespace is known to be one segment of it.
pub(crate) fn collection_target(
    attempt: &str,
    ty: &ResourceType,
    namespace: Option<&str>,
) -> Result<String, ApiError> {
    // DNS-1123 characters; what else makes a namespace valid is the server's to say.
    let plain = |ns: &str| !ns.is_empty() && ns.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match namespace.filter(|_| ty.namespaced) {
        Some(ns) if !plain(ns) => Err(ApiError::BadName {
            attempt: attempt.to_owned(),
            reason: format!("{:?} is not the name of a namespace", printable(ns)),
        }),
        namespace => Ok(ty.collection_path(namespace)),
    }
}

/// Path of an object. An empty name would address the whole collection, and `..` its parent.
pub(crate) fn object_target(
    attempt: &str,
    ty: &ResourceType,
    namespace: Option<&str>,
    name: &str,
) -> Result<String, ApiError> {
    collection_target(attempt, ty, namespace)?;
    if matches!(name, "" | "." | "..") {
        return Err(ApiError::BadName {
            attempt: attempt.to_owned(),
            reason: format!("{name:?} is not the name of an object"),
        });
    }
    Ok(ty.object_path(namespace, name))
}
