//! DELETE of one object, with all that it owns.

use super::answer::Answer;
use crate::controllers::{self, garbage};
use crate::kinds::Kind;
use crate::world::{Key, Transaction};

/// Namespaces that a cluster cannot be without.
const PERMANENT: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

pub(super) fn object(transaction: &mut Transaction<'_>, kind: &Kind, key: &Key) -> Result<Answer, Answer> {
    if key.is("", "namespaces") && PERMANENT.contains(&key.name.as_str()) {
        return Err(Answer::forbidden(kind, &key.name, "this namespace may not be deleted"));
    }
    let object = transaction.world.get(key).cloned().ok_or_else(|| Answer::not_found(kind, &key.name))?;
    garbage::delete(transaction, key);
    controllers::settle(transaction);
    Ok(Answer::deleted(kind, key, &object["metadata"]["uid"]))
}
