//! The sample: what a small shop keeps in a cluster, from the manifests in `sample/`.
//!
//! The manifests go in through the same door as any other object, so that the controllers make their part of it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::api::store;
use crate::error::SandboxError;
use crate::kinds;
use crate::world::{Transaction, World};

const MANIFESTS: [(&str, &str); 6] = [
    ("cluster.yaml", include_str!("../sample/cluster.yaml")),
    ("system.yaml", include_str!("../sample/system.yaml")),
    ("monitoring.yaml", include_str!("../sample/monitoring.yaml")),
    ("shop.yaml", include_str!("../sample/shop.yaml")),
    ("shop-services.yaml", include_str!("../sample/shop-services.yaml")),
    ("billing.yaml", include_str!("../sample/billing.yaml")),
];

/// How old the oldest object is.
const AGE: SignedDuration = SignedDuration::from_hours(41 * 24);
/// How much younger each one is than the one before.
const STEP: SignedDuration = SignedDuration::from_mins(7);

/// A world with the sample, which looks as if it had been there for a while.
pub(crate) fn world(now: Timestamp) -> Result<World, SandboxError> {
    let mut world = World::default();
    let mut time = now.checked_sub(AGE).unwrap_or(now);
    for (file, text) in MANIFESTS {
        let objects: Vec<Value> = serde_saphyr::from_multiple(text)
            .map_err(|error| SandboxError::Sample(format!("{file}: {error}")))?;
        for object in objects {
            let mut transaction = Transaction::begin(&mut world, time);
            load(&mut transaction, object)
                .map_err(|error| SandboxError::Sample(format!("{file}: {error}")))?;
            time = time.checked_add(STEP).unwrap_or(time);
        }
    }
    Ok(world)
}

fn load(transaction: &mut Transaction<'_>, object: Value) -> Result<(), String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let kind = kinds::of_reference(transaction.world, &api_version, &kind)
        .ok_or_else(|| format!("{api_version} {kind} is not served"))?;
    store(transaction, &kind, &text("/metadata/namespace"), object).map_err(|refused| refused.message())?;
    Ok(())
}
