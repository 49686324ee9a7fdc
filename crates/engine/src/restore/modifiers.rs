//! Resource modifiers where a restore finds them: a ConfigMap of the target.

use holdfast_cluster::Cluster;
use holdfast_model::modifiers::Modifiers;
use holdfast_model::resource::ResourceType;
use serde_json::Value;

use crate::context::Context;
use crate::error::EngineError;

/// Reads modifiers from a ConfigMap of the target, as a restore of AKS backup and of Velero does.
///
/// # Errors
/// [`EngineError::Modifiers`] where there is none, or it does not hold modifiers.
pub async fn modifiers_of(
    cluster: &Cluster,
    namespace: &str,
    name: &str,
    context: &Context,
) -> Result<Modifiers, EngineError> {
    let place = format!("ConfigMap {namespace}/{name}");
    let ty = ResourceType {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "configmaps".to_owned(),
        kind: "ConfigMap".to_owned(),
        namespaced: true,
    };
    let found = context.run(cluster.get(&ty, Some(namespace), name)).await?;
    let Some(json) = found else {
        let problem = format!("it is not in {}; create it there first", cluster.name());
        return Err(EngineError::Modifiers { place, problem });
    };
    let config_map: Value = serde_json::from_slice(&json)
        .map_err(|source| EngineError::NotAnObject { object: place.clone(), source })?;
    Modifiers::from_config_map(&config_map)
        .map_err(|error| EngineError::Modifiers { place, problem: error.to_string() })
}
