//! DELETE of one object, with all that it owns.

use serde_json::Value;

use super::answer::Answer;
use crate::controllers::{self, garbage};
use crate::kinds::Kind;
use crate::world::{Key, Transaction};

/// Namespaces that a cluster cannot be without.
const PERMANENT: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

pub(super) fn object(
    transaction: &mut Transaction<'_>,
    kind: &Kind,
    key: &Key,
    options: &[u8],
) -> Result<Answer, Answer> {
    if key.is("", "namespaces") && PERMANENT.contains(&key.name.as_str()) {
        return Err(Answer::forbidden(kind, &key.name, "this namespace may not be deleted"));
    }
    let object = transaction.world.get(key).cloned().ok_or_else(|| Answer::not_found(kind, &key.name))?;
    let options: Value = if options.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(options).map_err(|error| Answer::bad_request(&error.to_string()))?
    };
    for field in ["uid", "resourceVersion"] {
        let wanted = &options["preconditions"][field];
        if !wanted.is_null() && *wanted != object["metadata"][field] {
            return Err(Answer::conflict(kind, &key.name));
        }
    }
    garbage::delete(transaction, key);
    controllers::settle(transaction);
    Ok(Answer::deleted(kind, key, &object["metadata"]["uid"]))
}
