//! The HTTP API, from a request with its body to an answer.

mod answer;
mod create;
mod delete;
mod discovery;
mod get;
mod list;
mod patch;
mod route;

use bytes::Bytes;
use http::Method;

pub(crate) use answer::Answer;
pub(crate) use create::store;
pub(crate) use list::Snapshots;

use crate::kinds::{self, Kind};
use crate::world::{Key, Transaction, World};
use route::{Place, Query, Route};

/// Largest body of a request, as the real server limits it (3 MiB).
pub(crate) const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;

/// A request that has arrived whole.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub method: Method,
    /// Path and query as they stand in the URL.
    pub target: String,
    pub content_type: String,
    pub body: Bytes,
}

impl Request {
    /// Whether it may change something.
    pub(crate) fn writes(&self) -> bool {
        self.method != Method::GET
    }
}

/// Answers a request that changes nothing.
pub(crate) fn read(world: &World, snapshots: &mut Snapshots, request: &Request) -> Answer {
    let (route, query) = match Route::parse(&request.target) {
        Ok(parsed) => parsed,
        Err(answer) => return answer,
    };
    match route {
        Route::Document(path) => discovery::document(world, &path),
        Route::Command(pod) => command(world, &pod),
        Route::Resource(place) => match served(world, &place) {
            None => Answer::path_not_found(),
            Some(kind) => match &place.name {
                Some(name) => get::object(world, &kind, &place, name),
                None => list::objects(world, snapshots, &kind, &place, &query),
            },
        },
    }
}

/// No pod of the sandbox has a process in it.
fn command(world: &World, pod: &Place) -> Answer {
    let Some(kind) = served(world, pod) else { return Answer::path_not_found() };
    let name = pod.name.as_deref().unwrap_or_default();
    if world.get(&key(&kind, pod, name)).is_none() {
        return Answer::not_found(&kind, name);
    }
    Answer::bad_request(&format!(
        "the sandbox runs no containers: there is nothing in pod {name} to run a command in"
    ))
}

/// Answers a request that may change something. The transaction is to be committed if `Ok` says so.
pub(crate) fn write(
    transaction: &mut Transaction<'_>,
    request: &Request,
) -> Result<(Answer, Commit), Answer> {
    let (route, query) = Route::parse(&request.target)?;
    let Route::Resource(place) = route else { return Err(Answer::path_not_found()) };
    let kind = served(transaction.world, &place).ok_or_else(Answer::path_not_found)?;
    let answer = match (&request.method, &place.name) {
        (&Method::POST, None) => create::object(transaction, &kind, &place, &request.body)?,
        (&Method::PATCH, Some(name)) => patch::object(
            transaction,
            &kind,
            &key(&kind, &place, name),
            &request.content_type,
            &request.body,
        )?,
        (&Method::DELETE, Some(name)) => {
            delete::object(transaction, &kind, &key(&kind, &place, name), &request.body)?
        }
        _ => return Err(Answer::method_not_allowed()),
    };
    let commit = if is_dry_run(&query)? { Commit::No } else { Commit::Yes };
    Ok((answer, commit))
}

/// Whether what was done counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    Yes,
    /// `dryRun=All`.
    No,
}

fn is_dry_run(query: &Query) -> Result<bool, Answer> {
    match query.get("dryRun") {
        None | Some("") => Ok(false),
        Some("All") => Ok(true),
        Some(other) => Err(Answer::bad_request(&format!(
            r#"dryRun: Unsupported value: "{other}": supported values: "All""#
        ))),
    }
}

fn served(world: &World, place: &Place) -> Option<Kind> {
    let kind = kinds::find(world, &place.group, &place.version, &place.plural)?;
    // An object is addressed in its own scope; a collection of a namespaced type also across namespaces.
    let fits = match (&place.namespace, kind.ty.namespaced) {
        (Some(_), false) => false,
        (None, true) => place.name.is_none(),
        _ => true,
    };
    fits.then_some(kind)
}

fn key(kind: &Kind, place: &Place, name: &str) -> Key {
    Key::new(&kind.ty.group, &kind.ty.plural, place.namespace.as_deref().unwrap_or_default(), name)
}
