//! Trying one object.

use holdfast_cluster::{ApiError, WriteOptions};
use holdfast_model::patch::prune_refused;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::target;
use serde_json::Value;

use super::super::live::Served;
use super::super::write::causes;
use super::Validation;
use crate::error::{EngineError, is_cluster_lost};

/// How often what the server names as immutable is taken out of a patch before it counts as refused.
const PRUNINGS: usize = 5;

/// What trying an object has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// The server accepts it.
    Passed,
    /// The server accepts it without some fields.
    Pruned(String),
    /// The server refuses it, in its words.
    Refused(String),
    /// It cannot be known before.
    Unknown(String),
}

impl Validation<'_> {
    /// Tries an entry; `denied` says that the identity may not write it at all.
    pub(super) async fn attempt(
        &self,
        at: usize,
        denied: Option<&String>,
    ) -> Result<(usize, Trial), EngineError> {
        let entry = &self.plan.entries[at];
        let trial = match denied {
            Some(denied) => Trial::Refused(denied.clone()),
            None => match self.unknowable(entry) {
                Some(why) => Trial::Unknown(why),
                None if entry.action == Action::Patch => self.try_patch(entry).await?,
                None => self.try_create(entry).await?,
            },
        };
        self.context.advance(1, 0, None);
        Ok((at, trial))
    }

    /// Why nothing can be tried.
    fn unknowable(&self, entry: &PlanEntry) -> Option<String> {
        let row = self.plan.row(entry);
        if self.new_namespaces.contains(&*entry.target_namespace)
            && !self.live.has_namespace(&entry.target_namespace)
        {
            return Some(format!("namespace {} is only made by this restore", entry.target_namespace));
        }
        if matches!(self.live.served(row.ty), Served::No) {
            return Some(format!("the definition of {} is only made by this restore", row.ty));
        }
        let recreates = entry.action == Action::Recreate;
        recreates.then(|| "the present object would have to be deleted first".to_owned())
    }

    async fn try_create(&self, entry: &PlanEntry) -> Result<Trial, EngineError> {
        let row = self.plan.row(entry);
        let namespace = Some(&*entry.target_namespace).filter(|_| row.ty.namespaced);
        let body = self.object(entry).await?.to_string();
        let options = WriteOptions { dry_run: true, ..WriteOptions::default() };
        let sent = self.live.cluster.create(row.ty, namespace, body.into(), options);
        match self.context.run(sent).await {
            Ok(_) => Ok(Trial::Passed),
            Err(EngineError::Api(error)) if error.is_already_exists() => Ok(Trial::Passed),
            Err(EngineError::Api(error)) if !is_cluster_lost(&error) => Ok(judge(&error)),
            Err(error) => Err(error),
        }
    }

    async fn try_patch(&self, entry: &PlanEntry) -> Result<Trial, EngineError> {
        let row = self.plan.row(entry);
        let Some(mut patch) = entry.detail.as_ref().and_then(|detail| detail.patch.clone()) else {
            return Ok(Trial::Passed);
        };
        let namespace = Some(&*entry.target_namespace).filter(|_| row.ty.namespaced);
        let name = entry.target_name.as_deref().unwrap_or(row.name);
        let options = WriteOptions { dry_run: true, ..WriteOptions::default() };
        let mut pruned: Vec<String> = Vec::new();
        for _ in 0..PRUNINGS {
            let body = patch.to_string();
            let sent = self.live.cluster.merge_patch(row.ty, namespace, name, body.into(), options);
            let error = match self.context.run(sent).await {
                Ok(_) if pruned.is_empty() => return Ok(Trial::Passed),
                Ok(_) => {
                    return Ok(Trial::Pruned(format!(
                        "{} cannot change and stays as it is",
                        pruned.join(", ")
                    )));
                }
                Err(EngineError::Api(error)) if !is_cluster_lost(&error) => error,
                Err(error) => return Err(error),
            };
            if !error.is_invalid() {
                return Ok(judge(&error));
            }
            let live = self.context.run(self.live.cluster.get(row.ty, namespace, name)).await?;
            let live: Option<Value> = live.and_then(|json| serde_json::from_slice(&json).ok());
            let Some(mut live) = live else { return Ok(judge(&error)) };
            target::strip(row.ty, &mut live);
            let desired = self.object(entry).await?;
            let gone = prune_refused(row.ty, &mut patch, &desired, &live, &causes(&error));
            if gone.is_empty() {
                return Ok(judge(&error));
            }
            if patch.as_object().is_none_or(serde_json::Map::is_empty) {
                return Ok(Trial::Refused(format!(
                    "everything that differs is immutable; delete the object first, or recreate it, to restore it: {error}"
                )));
            }
            pruned.extend(gone);
        }
        Ok(Trial::Refused(format!("{} and more cannot change", pruned.join(", "))))
    }
}

/// What a refused dry run tells about the real request.
fn judge(error: &ApiError) -> Trial {
    let Some(status) = error.status() else {
        return Trial::Unknown(format!("the server did not answer: {error}"));
    };
    // `the server does not support dry run for this resource`, `admission webhook "x" does not support dry run`.
    let no_dry_run = status.message.contains("does not support dry run");
    // Nobody knows whether a webhook answers when it counts: its pods may be part of this restore. So may the account or
    // the class of a pod.
    let fails_for_now = status.code >= 500 || matches!(status.code, 404 | 429);
    let lacks_another = status.code == 403
        && ["error looking up service account", "no PriorityClass with name"]
            .iter()
            .any(|words| status.message.contains(words));
    if no_dry_run || fails_for_now || lacks_another {
        Trial::Unknown(error.to_string())
    } else {
        Trial::Refused(error.to_string())
    }
}
