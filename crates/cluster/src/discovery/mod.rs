//! What a cluster serves, resource by resource.
//!
//! Asked for by the two aggregated documents, which servers since 1.27 have; others answer the same requests with the
//! classic lists. What a document does not hold, or holds only as the server remembers it from an aggregated API that
//! is down, is asked for by the classic document of that group and version, which says what is wrong. Documents are
//! fetched at once, each is waited for briefly and without retries, and one of a group and version that fails becomes
//! an entry of [`Discovery::unavailable`] instead of an error.

mod documents;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use holdfast_model::resource::ResourceType;
use serde::de::DeserializeOwned;

use self::documents::{ApiResource, ApiResourceList, ApiService, ApiServiceCondition, Root};
use crate::api_error::ApiError;
use crate::retry::Patience;
use crate::text::printable;
use crate::transport::{Call, Transport};

/// Documents fetched at once. Each needs a connection of its own, and opening one costs more than most documents.
const CONCURRENCY: usize = 8;
/// Longest wait for one document. The aggregation layer itself gives a dead server 5 s.
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest document.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;
/// Most group versions that are asked for.
const MAX_GROUP_VERSIONS: usize = 10_000;

/// What a cluster serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Every resource once, in its best version, sorted by group and plural. Without subresources.
    pub types: Vec<ServedType>,
    /// Group versions, or single resources of them, that could not be read, sorted by name.
    pub unavailable: Vec<UnavailableGroup>,
}

/// One resource in its best version: the one its group prefers, or the first that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedType {
    /// The resource.
    pub ty: ResourceType,
    /// What may be done with it, permissions aside.
    pub verbs: Verbs,
    /// Such as `deploy`.
    pub short_names: Vec<String>,
    /// Singular in lower case; may be empty.
    pub singular: String,
    /// All served versions of this resource, best first; the first is the version of `ty`.
    pub other_versions: Vec<String>,
}

/// What a resource supports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the verbs are independent of each other")]
pub struct Verbs {
    /// LIST.
    pub list: bool,
    /// POST.
    pub create: bool,
    /// GET.
    pub get: bool,
    /// PATCH.
    pub patch: bool,
    /// DELETE of one object.
    pub delete: bool,
}

/// A group version that is announced and cannot be read: what it holds is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnavailableGroup {
    /// Such as `metrics.k8s.io/v1beta1`.
    pub group_version: String,
    /// Why, in the server's words.
    pub reason: String,
}

pub(crate) async fn discover(transport: &Transport) -> Result<Discovery, ApiError> {
    let (core, groups) = tokio::try_join!(
        fetch_as::<Root>(transport, "discover the core group", "/api", documents::ACCEPT),
        fetch_as::<Root>(transport, "discover API groups", "/apis", documents::ACCEPT),
    )?;
    let mut found = Discovery::default();
    let mut wanted = Vec::new();
    for group in core.into_groups().into_iter().chain(groups.into_groups()) {
        for (version, known) in group.versions {
            let gv = GroupVersion { group: group.name.clone(), version };
            if gv.is_plain() {
                wanted.push((gv, known));
            } else {
                found
                    .unavailable
                    .push(gv.unavailable("this is not the name of an API group and version".into()));
            }
        }
    }
    if wanted.len() > MAX_GROUP_VERSIONS {
        return Err(ApiError::Malformed {
            attempt: "discover API groups".into(),
            reason: format!(
                "{} group versions are announced; at most {MAX_GROUP_VERSIONS} are read",
                wanted.len()
            ),
        });
    }
    // In the order asked for, so that the best version of a resource comes first.
    let mut documents = stream::iter(wanted)
        .map(|(gv, known)| async move {
            if let Some(known) = known {
                return (gv, Ok(known));
            }
            let attempt = format!("discover {gv}");
            let document = match fetch::<ApiResourceList>(transport, &attempt, &gv.path()).await {
                Ok(document) => Ok(document),
                Err(error) => Err(gv.why(transport, &attempt, &error).await),
            };
            (gv, document)
        })
        .buffered(CONCURRENCY);
    let mut types: BTreeMap<(String, String), ServedType> = BTreeMap::new();
    while let Some((gv, document)) = documents.next().await {
        match document {
            Ok(document) => {
                for resource in document.resources {
                    gv.collect(resource, &mut types, &mut found.unavailable);
                }
            }
            Err(reason) => found.unavailable.push(gv.unavailable(reason)),
        }
    }
    found.types = types.into_values().collect();
    found.unavailable.sort();
    Ok(found)
}

async fn fetch<T: DeserializeOwned>(transport: &Transport, attempt: &str, path: &str) -> Result<T, ApiError> {
    fetch_as(transport, attempt, path, "application/json").await
}

async fn fetch_as<T: DeserializeOwned>(
    transport: &Transport,
    attempt: &str,
    path: &str,
    accept: &'static str,
) -> Result<T, ApiError> {
    let mut call = Call { accept, ..Call::get(attempt, path) };
    call.patience = Patience::Probe;
    let body = transport.fetch_within(DOCUMENT_TIMEOUT, &call, MAX_DOCUMENT_BYTES).await?;
    serde_json::from_slice(&body)
        .map_err(|error| ApiError::Malformed { attempt: attempt.to_owned(), reason: error.to_string() })
}

struct GroupVersion {
    group: String,
    version: String,
}

impl std::fmt::Display for GroupVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.group.is_empty() {
            f.write_str(&self.version)
        } else {
            write!(f, "{}/{}", self.group, self.version)
        }
    }
}

impl GroupVersion {
    /// Names become parts of URLs and of paths in a backup, so they must be what Kubernetes allows.
    fn is_plain(&self) -> bool {
        (self.group.is_empty() || is_dns_name(&self.group)) && is_dns_name(&self.version)
    }

    fn path(&self) -> String {
        if self.group.is_empty() { format!("/api/{self}") } else { format!("/apis/{self}") }
    }

    fn unavailable(&self, reason: String) -> UnavailableGroup {
        UnavailableGroup { group_version: printable(&self.to_string()), reason }
    }

    /// The server's words for a failed document, with what the group's `APIService` says about it: the aggregation
    /// layer itself only answers "service unavailable".
    async fn why(&self, transport: &Transport, attempt: &str, error: &ApiError) -> String {
        let text = error.to_string();
        // The entry says by itself what it is about.
        let words =
            text.strip_prefix(attempt).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(&text).to_owned();
        if error.status().is_none_or(|status| status.code != 503) {
            return words;
        }
        let path = format!("/apis/apiregistration.k8s.io/v1/apiservices/{}.{}", self.version, self.group);
        // Not everybody may read it, and then the words above have to do.
        let service = fetch::<ApiService>(transport, attempt, &path).await.unwrap_or_default();
        let unmet = |c: &&ApiServiceCondition| c.r#type == "Available" && c.status == "False";
        match service.status.conditions.iter().find(unmet) {
            Some(c) => format!("{words}: {}: {}", printable(&c.reason), printable(&c.message)),
            None => words,
        }
    }

    /// Adds one resource of this version, which is not as good as those added before.
    fn collect(
        &self,
        resource: ApiResource,
        types: &mut BTreeMap<(String, String), ServedType>,
        unavailable: &mut Vec<UnavailableGroup>,
    ) {
        if resource.name.contains('/') {
            return;
        }
        if !is_dns_name(&resource.name) || !is_kind(&resource.kind) {
            let name = printable(&resource.name);
            unavailable
                .push(self.unavailable(format!("resource {name:?} does not have a valid name and kind")));
            return;
        }
        let key = (self.group.clone(), resource.name.clone());
        if let Some(known) = types.get_mut(&key) {
            known.other_versions.push(self.version.clone());
            return;
        }
        let can = |verb: &str| resource.verbs.iter().flatten().any(|v| v == verb);
        let verbs = Verbs {
            list: can("list"),
            create: can("create"),
            get: can("get"),
            patch: can("patch"),
            delete: can("delete"),
        };
        types.insert(
            key,
            ServedType {
                ty: ResourceType {
                    group: self.group.clone(),
                    version: self.version.clone(),
                    plural: resource.name,
                    kind: resource.kind,
                    namespaced: resource.namespaced,
                },
                verbs,
                short_names: resource.short_names.unwrap_or_default(),
                singular: resource.singular_name,
                other_versions: vec![self.version.clone()],
            },
        );
    }
}

/// DNS-1123 subdomain characters, not beginning or ending with a separator.
fn is_dns_name(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= 253
        && name.bytes().all(|b| inner(b) || b == b'-' || b == b'.')
        && name.bytes().next().is_some_and(inner)
        && name.bytes().last().is_some_and(inner)
        && !name.contains("..")
}

fn is_kind(kind: &str) -> bool {
    !kind.is_empty() && kind.len() <= 253 && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
