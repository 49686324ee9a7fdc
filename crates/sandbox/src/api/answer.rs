//! Answers: objects, documents, and refusals in the real server's words
//! (`k8s.io/apimachinery/pkg/api/errors`).

use bytes::Bytes;
use serde_json::{Value, json};

use crate::kinds::Kind;
use crate::rules::Refusal;
use crate::world::Key;

/// Status code and body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub code: u16,
    pub content_type: &'static str,
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn json(code: u16, body: &Value) -> Self {
        Self { code, content_type: "application/json", body: body.to_string().into() }
    }

    /// A `Status` that refuses.
    pub(crate) fn status(code: u16, reason: &str, message: &str, details: Value) -> Self {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code,
        });
        if !details.is_null() {
            status["details"] = details;
        }
        Self::json(code, &status)
    }

    /// The message of a `Status`.
    pub(crate) fn message(&self) -> String {
        let status: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = status.get("message").and_then(Value::as_str).map(str::to_owned);
        message.unwrap_or_else(|| String::from_utf8_lossy(&self.body).trim().to_owned())
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// What is not served at all gets no `Status`.
    pub(crate) fn path_not_found() -> Self {
        Self {
            code: 404,
            content_type: "text/plain; charset=utf-8",
            body: Bytes::from_static(b"404 page not found\n"),
        }
    }

    pub(super) fn not_found(kind: &Kind, name: &str) -> Self {
        Self::status(404, "NotFound", &format!("{} \"{name}\" not found", kind.ty), details(kind, name))
    }

    pub(super) fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.ty);
        Self::status(409, "AlreadyExists", &message, details(kind, name))
    }

    pub(super) fn conflict(kind: &Kind, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply your changes \
             to the latest version and try again",
            kind.ty
        );
        Self::status(409, "Conflict", &message, details(kind, name))
    }

    pub(super) fn forbidden(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("{} \"{name}\" is forbidden: {why}", kind.ty);
        Self::status(403, "Forbidden", &message, details(kind, name))
    }

    pub(super) fn bad_request(message: &str) -> Self {
        Self::status(400, "BadRequest", message, Value::Null)
    }

    pub(super) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::status(405, "MethodNotAllowed", message, json!({}))
    }

    pub(super) fn unsupported_media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::status(415, "UnsupportedMediaType", &message, json!({}))
    }

    pub(super) fn expired(token: &str) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start \
                       a new list without the continue parameter, or use the continue token in this response to \
                       retrieve the remainder of the results. Continuing with the provided token results in an \
                       inconsistent list - objects that were created, modified, or deleted between the time the first \
                       chunk was returned and now may show up in the list.";
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {"continue": token}, "status": "Failure",
            "message": message, "reason": "Expired", "code": 410,
        });
        Self::json(410, &status)
    }

    pub(crate) fn too_large() -> Self {
        let message = "Request entity too large: limit is 3145728";
        Self::status(413, "RequestEntityTooLarge", message, json!({}))
    }

    pub(crate) fn internal(message: &str) -> Self {
        Self::status(500, "InternalError", &format!("Internal error occurred: {message}"), json!({}))
    }

    /// 422, with a cause for each field.
    pub(super) fn invalid(kind: &Kind, name: &str, refusals: &[Refusal]) -> Self {
        let words: Vec<String> =
            refusals.iter().map(|refusal| format!("{}: {}", refusal.field, refusal.message)).collect();
        let words = match words.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let message = format!("{} \"{name}\" is invalid: {words}", kind.ty.group_kind());
        let causes: Vec<Value> = refusals
            .iter()
            .map(|r| json!({"reason": r.reason, "message": r.message, "field": r.field}))
            .collect();
        let mut details = json!({"name": name, "kind": kind.ty.kind, "causes": causes});
        if !kind.ty.group.is_empty() {
            details["group"] = Value::from(kind.ty.group.as_str());
        }
        Self::status(422, "Invalid", &message, details)
    }

    pub(super) fn deleted(kind: &Kind, key: &Key, uid: &Value) -> Self {
        let mut details = details(kind, &key.name);
        details["uid"] = uid.clone();
        let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
        Self::json(200, &status)
    }
}

fn details(kind: &Kind, name: &str) -> Value {
    let mut details = json!({"name": name, "kind": kind.ty.plural});
    if !kind.ty.group.is_empty() {
        details["group"] = Value::from(kind.ty.group.as_str());
    }
    details
}
