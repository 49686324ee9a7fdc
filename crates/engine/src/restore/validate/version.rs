//! How far the Kubernetes versions of both clusters are apart.

use holdfast_model::preflight::{Check, Finding, Level};

use super::Validation;
use crate::error::EngineError;

/// Minor versions within which built-in kinds keep their meaning in practice: removals are announced for longer than a year.
const NEAR: i64 = 3;

impl Validation<'_> {
    /// What the difference means; nothing where there is none, or where one is not known.
    pub(super) async fn version(&self) -> Result<Option<Finding>, EngineError> {
        let then = &self.plan.point.summary().cluster;
        let now = self.context.run(self.live.cluster.version()).await?;
        let (Some(old), Some(new)) = (minor(&then.minor), minor(&now.minor)) else { return Ok(None) };
        if then.major != now.major || old == new {
            return Ok(None);
        }
        let message = format!(
            "the recovery point is of Kubernetes {}, the target is {}",
            then.version, now.git_version
        );
        let (level, guidance) = if new < old {
            (Level::Warning, Some("An older server drops fields that it does not know.".to_owned()))
        } else if new - old > NEAR {
            (Level::Warning, Some("Look for kinds that are not served any more.".to_owned()))
        } else {
            (Level::Info, None)
        };
        Ok(Some(Finding { level, check: Check::Version, message, guidance, objects: 0 }))
    }
}

/// Vendors append a `+`.
fn minor(text: &str) -> Option<i64> {
    text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}
