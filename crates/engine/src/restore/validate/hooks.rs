//! Whether this identity may run the hooks of a restore where they will be run.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use holdfast_model::plan::Action;
use holdfast_model::preflight::{Check, Finding, Level};
use serde_json::json;

use super::super::REQUESTS_AT_ONCE;
use super::super::hooks::{Noted, is_workload};
use super::Validation;
use crate::error::EngineError;
use crate::hooks::restore_hooks;

/// Verb and subresource of what running a hook asks for. Older servers check `get` for a command over WebSocket and newer
/// ones `create` as well; roles that allow commands have both.
const NEEDED: [(&str, &str); 3] = [("list", ""), ("get", "exec"), ("create", "exec")];

impl Validation<'_> {
    /// What hooks would not be allowed. They would fail and the objects be restored all the same, so nothing is Blocked.
    pub(super) async fn hooks(&self, todo: &[usize]) -> Result<Vec<Finding>, EngineError> {
        let references = &self.plan.request.hooks;
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let hooks = restore_hooks(self.live.cluster, &self.live.discovery, references, self.context).await?;
        let mut namespaces: BTreeSet<&str> = BTreeSet::new();
        for at in todo {
            let entry = &self.plan.entries[*at];
            let row = self.plan.row(entry);
            let is_made = matches!(entry.action, Action::Create | Action::Unchecked | Action::Recreate);
            if !is_made || !is_workload(row.ty) || namespaces.contains(&*entry.target_namespace) {
                continue;
            }
            let object = self.object(entry).await?;
            let noted = Noted::of(row.ty, &entry.target_namespace, row.name, &object, &hooks);
            if noted.is_some_and(|noted| noted.expected.is_some()) {
                namespaces.insert(&entry.target_namespace);
            }
        }
        let mut asking = Vec::new();
        for namespace in namespaces {
            for (verb, subresource) in NEEDED {
                asking.push(self.may_in(namespace, verb, subresource));
            }
        }
        let answers: Vec<_> =
            stream::iter(asking).buffer_unordered(REQUESTS_AT_ONCE).try_collect::<Vec<_>>().await?;
        let mut denied: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (what, namespace) in answers.into_iter().flatten() {
            denied.entry(what).or_default().insert(namespace);
        }
        Ok(denied.into_iter().map(|(what, namespaces)| finding(&what, &namespaces)).collect())
    }

    /// What is not allowed, and where; `None` where it is, or nobody can tell.
    async fn may_in(
        &self,
        namespace: &str,
        verb: &str,
        subresource: &str,
    ) -> Result<Option<(String, String)>, EngineError> {
        let attributes = json!({"verb": verb, "version": "v1", "resource": "pods", "subresource": subresource,
            "namespace": namespace});
        let what = if subresource.is_empty() {
            format!("{verb} pods")
        } else {
            format!("{verb} pods/{subresource}")
        };
        let allowed = self.review(&attributes).await?;
        Ok((allowed == Some(false)).then(|| (what, namespace.to_owned())))
    }
}

fn finding(what: &str, namespaces: &BTreeSet<String>) -> Finding {
    let list = namespaces.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Finding {
        level: Level::Warning,
        check: Check::Permissions,
        message: format!("this identity may not {what} in {list}: restore hooks would fail there"),
        guidance: Some("Ask whoever administers the cluster for a role that allows it.".to_owned()),
        objects: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_one_finding_for_all_namespaces() {
        let found = finding("create pods/exec", &BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert_eq!(
            found.message,
            "this identity may not create pods/exec in a, b: restore hooks would fail there"
        );
    }
}
