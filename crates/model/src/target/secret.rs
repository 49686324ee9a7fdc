//! Service-account tokens: only the token controller can make them (Velero's secret and account actions).

use serde_json::Value;

use super::{list_mut, remove, text};

const TOKEN_TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// The controller refills a token secret that somebody asked for; the old token was signed for another account UID.
pub(super) fn strip_secret(object: &mut Value) {
    if text(object, &["type"]) != TOKEN_TYPE {
        return;
    }
    remove(object, &["metadata", "annotations"], &["kubernetes.io/service-account.uid"]);
    remove(object, &["data"], &["ca.crt", "namespace", "token"]);
}

pub(super) fn secret_not_restorable(object: &Value) -> Option<&'static str> {
    if text(object, &["type"]) != TOKEN_TYPE {
        return None;
    }
    let account = object.pointer("/metadata/annotations").map_or("", |a| text(a, &[ACCOUNT]));
    let name = text(object, &["metadata", "name"]);
    let suffix = name.strip_prefix(account)?.strip_prefix("-token-")?;
    (suffix.len() == 5)
        .then_some("a token that Kubernetes before 1.24 made for the account; a new one is made where needed")
}

/// Drops references to generated token secrets, which do not come along.
pub(super) fn strip_service_account(object: &mut Value) {
    let name = text(object, &["metadata", "name"]).to_owned();
    let generated = [format!("{name}-token-"), format!("{name}-dockercfg-")];
    if let Some(secrets) = list_mut(object, &["secrets"]) {
        secrets.retain(|secret| !generated.iter().any(|prefix| text(secret, &["name"]).starts_with(prefix)));
        if secrets.is_empty()
            && let Some(root) = object.as_object_mut()
        {
            root.remove("secrets");
        }
    }
}
