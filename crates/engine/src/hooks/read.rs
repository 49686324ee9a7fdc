//! Hooks as the cluster has them: custom resources that a configuration refers to by name.

use holdfast_cluster::{Cluster, Discovery};
use holdfast_model::hooks::{BackupHooks, GROUP, HookReference, Problem, RestoreHooks};
use holdfast_store::job::LogLevel;
use serde_json::Value;

use crate::context::Context;
use crate::error::EngineError;

/// Reads the `BackupHook` objects referred to, in that order.
///
/// # Errors
/// [`EngineError::Hooks`] where one is missing, malformed, or of a kind that the cluster does not serve: a backup that was
/// asked to quiesce a database must not go on without.
pub(crate) async fn backup_hooks(
    cluster: &Cluster,
    discovery: &Discovery,
    references: &[HookReference],
    context: &Context,
) -> Result<Vec<BackupHooks>, EngineError> {
    let mut hooks = Vec::new();
    for reference in references {
        let object = fetch(cluster, discovery, "backuphooks", reference, context).await?;
        let (read, notes) =
            BackupHooks::from_object(&object).map_err(|error| problem("BackupHook", reference, error))?;
        tell(&format!("BackupHook {reference}"), &notes, context);
        hooks.push(read);
    }
    Ok(hooks)
}

/// Reads the `RestoreHook` objects referred to, in that order. They are those of the target: what a restore brings along
/// counts from the next one on, as with AKS backup, where hooks are deployed before a restore is configured.
///
/// # Errors
/// [`EngineError::Hooks`] where one is missing, malformed, or of a kind that the cluster does not serve.
pub(crate) async fn restore_hooks(
    cluster: &Cluster,
    discovery: &Discovery,
    references: &[HookReference],
    context: &Context,
) -> Result<Vec<RestoreHooks>, EngineError> {
    let mut hooks = Vec::new();
    for reference in references {
        let object = fetch(cluster, discovery, "restorehooks", reference, context).await?;
        let (read, notes) =
            RestoreHooks::from_object(&object).map_err(|error| problem("RestoreHook", reference, error))?;
        tell(&format!("RestoreHook {reference}"), &notes, context);
        hooks.push(read);
    }
    Ok(hooks)
}

fn tell(object: &str, notes: &[Problem], context: &Context) {
    for note in notes {
        context.log(LogLevel::Warning, format!("{object}: {note}"));
    }
}

async fn fetch(
    cluster: &Cluster,
    discovery: &Discovery,
    plural: &str,
    reference: &HookReference,
    context: &Context,
) -> Result<Value, EngineError> {
    let kind = if plural == "backuphooks" { "BackupHook" } else { "RestoreHook" };
    let ty =
        discovery.types.iter().find(|served| served.ty.is(GROUP, plural)).map(|served| served.ty.clone());
    let ty = ty.ok_or_else(|| {
        let why = format!("the cluster serves no {plural}.{GROUP}; install them with `holdfast extension crds | kubectl apply -f -`");
        problem(kind, reference, why)
    })?;
    let found = context.run(cluster.get(&ty, Some(reference.namespace()), reference.name())).await?;
    let json = found.ok_or_else(|| problem(kind, reference, "there is none of that name"))?;
    serde_json::from_slice(&json).map_err(|error| problem(kind, reference, error))
}

fn problem(kind: &str, reference: &HookReference, why: impl std::fmt::Display) -> EngineError {
    EngineError::Hooks { object: format!("{kind} {reference}"), problem: why.to_string() }
}
