//! Webhooks that will see what this restore writes.

use holdfast_cluster::ListRequest;
use holdfast_model::plan::Action;
use holdfast_model::preflight::{Check, Finding, Level};
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use super::Validation;
use crate::error::{EngineError, is_cluster_lost};

const KINDS: [(&str, &str, &str); 2] = [
    ("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "may change"),
    ("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "may refuse"),
];

impl Validation<'_> {
    /// One finding for each webhook that the plan's objects go through, by its rules. Its selectors are not evaluated, so it
    /// may concern fewer.
    pub(super) async fn webhooks(&self, todo: &[usize]) -> Result<Vec<Finding>, EngineError> {
        let mut findings = Vec::new();
        for (plural, kind, does) in KINDS {
            let ty = ResourceType {
                group: "admissionregistration.k8s.io".to_owned(),
                version: "v1".to_owned(),
                plural: plural.to_owned(),
                kind: kind.to_owned(),
                namespaced: false,
            };
            let mut lister = self.live.cluster.list(ListRequest::all(ty));
            loop {
                match self.context.run(lister.next()).await {
                    Ok(Some(items)) => {
                        let parsed =
                            items.iter().filter_map(|item| serde_json::from_slice::<Value>(item).ok());
                        findings.extend(parsed.flat_map(|configuration| self.of(&configuration, does, todo)));
                    }
                    Ok(None) => break,
                    Err(EngineError::Api(error)) if !is_cluster_lost(&error) => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(findings)
    }

    fn of(&self, configuration: &Value, does: &str, todo: &[usize]) -> Vec<Finding> {
        let webhooks = configuration.get("webhooks").and_then(Value::as_array).into_iter().flatten();
        let finding = |webhook: &Value| {
            let objects = todo.iter().filter(|at| self.sees(webhook, **at)).count() as u64;
            if objects == 0 {
                return None;
            }
            let text = |field: &str| webhook.get(field).and_then(Value::as_str).unwrap_or_default();
            let has_effects = !matches!(text("sideEffects"), "None" | "NoneOnDryRun");
            let must_answer = text("failurePolicy") != "Ignore";
            let mut message = format!("webhook {} {does} {objects} objects of this plan", text("name"));
            if must_answer {
                message.push_str("; while it does not answer, they fail");
            }
            if has_effects {
                message.push_str("; it has side effects, so they cannot be tried before");
            }
            let level = if has_effects { Level::Warning } else { Level::Info };
            Some(Finding { level, check: Check::Webhooks, message, guidance: None, objects })
        };
        webhooks.filter_map(finding).collect()
    }

    fn sees(&self, webhook: &Value, at: usize) -> bool {
        let entry = &self.plan.entries[at];
        let ty = self.plan.row(entry).ty;
        let operations: &[&str] = match entry.action {
            Action::Patch => &["UPDATE"],
            Action::Recreate => &["CREATE", "DELETE"],
            _ => &["CREATE"],
        };
        let rules = webhook.get("rules").and_then(Value::as_array).into_iter().flatten();
        let names = |rule: &Value, field: &str, wanted: &str| {
            let list = rule.get(field).and_then(Value::as_array).into_iter().flatten();
            // `pods/*` covers the pods themselves, too.
            let resource = |name: &str| name.strip_suffix("/*").map_or(name.to_owned(), str::to_owned);
            list.filter_map(Value::as_str).map(resource).any(|name| name == "*" || name == wanted)
        };
        rules.into_iter().any(|rule| {
            let scope = rule.get("scope").and_then(Value::as_str).unwrap_or("*");
            let in_scope = match scope {
                "Namespaced" => ty.namespaced,
                "Cluster" => !ty.namespaced,
                _ => true,
            };
            in_scope
                && names(rule, "apiGroups", &ty.group)
                && names(rule, "resources", &ty.plural)
                && operations.iter().any(|operation| names(rule, "operations", operation))
        })
    }
}
