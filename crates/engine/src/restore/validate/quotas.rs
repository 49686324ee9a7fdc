//! Adding up what the plan would use of each quota.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_cluster::ListRequest;
use holdfast_model::plan::Action;
use holdfast_model::preflight::{Check, Finding, Level};
use holdfast_model::quantity::Quantity;
use holdfast_model::quota::usage;
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use super::Validation;
use super::trial::Trial;
use crate::error::{EngineError, is_cluster_lost};

/// A quota of one namespace: what may be used of each resource, and what is.
struct Quota {
    name: String,
    resources: BTreeMap<String, (Quantity, Quantity)>,
    refused: u64,
}

fn quota_type() -> ResourceType {
    ResourceType {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "resourcequotas".to_owned(),
        kind: "ResourceQuota".to_owned(),
        namespaced: true,
    }
}

impl Validation<'_> {
    /// Refuses what does not fit any more, in the order of the plan, as a run that writes one by one would meet it.
    pub(super) async fn quotas(
        &self,
        trials: &mut BTreeMap<usize, Trial>,
    ) -> Result<Vec<Finding>, EngineError> {
        let namespaces: BTreeSet<&str> = trials
            .keys()
            .map(|at| &*self.plan.entries[*at].target_namespace)
            .filter(|namespace| !namespace.is_empty() && self.live.has_namespace(namespace))
            .collect();
        let mut quotas: BTreeMap<&str, Vec<Quota>> = BTreeMap::new();
        for namespace in namespaces {
            let found = self.quotas_of(namespace).await?;
            if !found.is_empty() {
                quotas.insert(namespace, found);
            }
        }
        for (at, trial) in trials.iter_mut() {
            let entry = &self.plan.entries[*at];
            let creates = matches!(entry.action, Action::Create | Action::Unchecked);
            let Some(quotas) = quotas.get_mut(&*entry.target_namespace) else { continue };
            if !creates || matches!(trial, Trial::Refused(_)) {
                continue;
            }
            let used = usage(self.plan.row(entry).ty, &self.object(entry).await?);
            if let Some(reason) = take(quotas, &used) {
                *trial = Trial::Refused(reason);
            }
        }
        let all = quotas
            .into_iter()
            .flat_map(|(namespace, quotas)| quotas.into_iter().map(move |q| (namespace, q)));
        let finding = |(namespace, quota): (&str, Quota)| Finding {
            level: Level::Blocking,
            check: Check::Quotas,
            message: format!(
                "{} objects do not fit into quota {} of namespace {namespace}",
                quota.refused, quota.name
            ),
            guidance: Some("Raise the quota, or leave objects out.".to_owned()),
            objects: quota.refused,
        };
        Ok(all.filter(|(_, quota)| quota.refused > 0).map(finding).collect())
    }

    async fn quotas_of(&self, namespace: &str) -> Result<Vec<Quota>, EngineError> {
        let mut request = ListRequest::all(quota_type());
        request.namespace = Some(namespace.to_owned());
        let mut lister = self.live.cluster.list(request);
        let mut found = Vec::new();
        loop {
            match self.context.run(lister.next()).await {
                Ok(Some(items)) => {
                    found.extend(items.iter().filter_map(|item| quota(&serde_json::from_slice(item).ok()?)));
                }
                Ok(None) => return Ok(found),
                // Who may not see the quotas meets them when it runs.
                Err(EngineError::Api(error)) if !is_cluster_lost(&error) => return Ok(found),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Reads a quota. One with scopes counts only some pods, which cannot be told here: the dry run of each pod has to do.
fn quota(object: &Value) -> Option<Quota> {
    let spec = object.get("spec")?;
    let is_scoped = |field: &str| spec.get(field).is_some_and(|scopes| !scopes.is_null());
    if is_scoped("scopes") || is_scoped("scopeSelector") {
        return None;
    }
    let amount = |field: &str, name: &str| {
        object.get("status")?.get(field)?.get(name)?.as_str().and_then(Quantity::parse)
    };
    let hard = object.pointer("/status/hard").and_then(Value::as_object)?;
    let resources = hard
        .keys()
        .filter_map(|name| {
            Some((name.clone(), (amount("hard", name)?, amount("used", name).unwrap_or_default())))
        })
        .collect();
    let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Quota { name, resources, refused: 0 })
}

/// Takes from every quota, or from none and says which is too small.
fn take(quotas: &mut [Quota], used: &[(String, Quantity)]) -> Option<String> {
    let mut wanted: BTreeMap<&str, Quantity> = BTreeMap::new();
    for (name, amount) in used {
        *wanted.entry(name).or_default() += *amount;
    }
    for quota in quotas.iter_mut() {
        for (name, amount) in &wanted {
            let Some((hard, used)) = quota.resources.get(*name) else { continue };
            if used.plus(*amount).is_none_or(|sum| sum > *hard) {
                quota.refused += 1;
                return Some(format!(
                    "exceeded quota: {}, requested: {name}={amount}, used by then: {name}={used}, limited: {name}={hard}",
                    quota.name
                ));
            }
        }
    }
    for quota in quotas {
        for (name, amount) in &wanted {
            if let Some((_, used)) = quota.resources.get_mut(*name) {
                *used += *amount;
            }
        }
    }
    None
}
