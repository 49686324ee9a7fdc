//! One object of a point as text. Values of Secrets are masked, and revealed one by one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use holdfast_model::resource::ResourceType;
use holdfast_model::target;
use holdfast_model::{plan::MASK, secret};
use serde_json::Value;
use zeroize::Zeroize;

use super::opened::OpenPoint;
use crate::App;
use crate::api::{Failure, FailureCode, ObjectText, PointKey, Revealed};

impl App {
    /// An object as YAML. `plain` leaves out what the server sets.
    pub async fn object_text(&self, key: PointKey, row: u32, plain: bool) -> Result<ObjectText, Failure> {
        let open = self.open_point(&key).await?;
        let (ty, mut object) = read(&open, row).await?;
        let secret_keys = if secret::is_secret(&ty) { secret::keys(&object) } else { Vec::new() };
        secret::mask(&ty, &mut object, |_| MASK);
        if plain {
            target::strip(&ty, &mut object);
        }
        Ok(ObjectText { yaml: yaml(&object)?, secret_keys })
    }

    /// One value of a Secret, which leaves the engine on purpose.
    pub async fn reveal_secret(
        &self,
        key: PointKey,
        row: u32,
        secret_key: String,
    ) -> Result<Revealed, Failure> {
        let open = self.open_point(&key).await?;
        let (ty, mut object) = read(&open, row).await?;
        let missing = || Failure::not_found(format!("this object has no secret value called {secret_key:?}"));
        if !secret::is_secret(&ty) {
            return Err(missing());
        }
        let mut encoded = secret::take(&mut object, &secret_key).ok_or_else(missing)?;
        // Only the name: that somebody looked is worth knowing later, what was seen is not.
        tracing::info!(point = key.point, row, "a value of a Secret was revealed");
        let decoded = STANDARD.decode(&encoded);
        encoded.zeroize();
        let bytes = decoded.map_err(|_| {
            Failure::new(FailureCode::Damaged, "the value is not Base64, as values of Secrets are", "")
        })?;
        Ok(match String::from_utf8(bytes) {
            Ok(value) => Revealed { value, binary: false },
            Err(error) => {
                let mut bytes = error.into_bytes();
                let value = STANDARD.encode(&bytes);
                bytes.zeroize();
                Revealed { value, binary: true }
            }
        })
    }
}

/// A value as YAML.
pub(crate) fn yaml(object: &Value) -> Result<String, Failure> {
    serde_saphyr::to_string(object).map_err(|error| Failure::defect("writing YAML", &error))
}

async fn read(open: &OpenPoint, row: u32) -> Result<(ResourceType, Value), Failure> {
    let row = open.row(row)?;
    let json = open.point.read(row.id).await?;
    let object = serde_json::from_slice(&json).map_err(|error| {
        let message = format!("{} {} in this recovery point is not a Kubernetes object", row.ty, row.name);
        let failure = Failure::new(FailureCode::Damaged, message, "Use another recovery point for it.");
        Failure { details: Some(error.to_string()), ..failure }
    })?;
    Ok((row.ty.clone(), object))
}
