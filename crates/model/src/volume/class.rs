//! Which `VolumeSnapshotClass` a claim is cut with. The order is Velero's (`velero.md`, CSI snapshots), so that a cluster
//! that was set up for it needs nothing new.

use std::collections::BTreeMap;

use serde_json::Value;
use thiserror::Error;

use super::text;

/// On a class: use it for its driver. Any value counts.
const CLASS_LABEL: &str = "velero.io/csi-volumesnapshot-class";
/// On a claim: use the class of this name.
const CLAIM_ANNOTATION: &str = "velero.io/csi-volumesnapshot-class";
const DEFAULT_ANNOTATION: &str = "snapshot.storage.kubernetes.io/is-default-class";

/// A `VolumeSnapshotClass`, as far as a backup needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotClass {
    /// Its name.
    pub name: String,
    /// The driver that it is for.
    pub driver: String,
    /// Whether snapshots are incremental; `None` where the class does not say (the driver's default is that they are).
    pub incremental: Option<bool>,
    /// The resource group that snapshots are kept in; `None` for that of the nodes.
    pub resource_group: Option<String>,
    labelled: bool,
    is_default: bool,
}

/// Why no class can be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ClassError {
    /// The claim or the request names one that does not exist, or is for another driver.
    #[error("there is no VolumeSnapshotClass {name} for {driver}")]
    NoSuchClass {
        /// The name asked for.
        name: String,
        /// The driver.
        driver: String,
    },
    /// There is none for the driver.
    #[error(
        "there is no VolumeSnapshotClass for {0}; create one with `driver: {0}` and label it {CLASS_LABEL}=true"
    )]
    None(String),
    /// There are several, and none of them is marked.
    #[error(
        "there are several VolumeSnapshotClasses for {driver} ({names}); label one of them {CLASS_LABEL}=true"
    )]
    Ambiguous {
        /// The driver.
        driver: String,
        /// Their names.
        names: String,
    },
}

impl SnapshotClass {
    /// Reads a `VolumeSnapshotClass`; `None` for one without name or driver.
    pub fn read(class: &Value) -> Option<Self> {
        let (name, driver) = (text(class, "/metadata/name"), text(class, "/driver"));
        if name.is_empty() || driver.is_empty() {
            return None;
        }
        // The driver compares the keys of parameters without case (Azure Disk CSI driver, `parameters`).
        let parameters: BTreeMap<String, &str> = class
            .get("parameters")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.to_ascii_lowercase(), value.as_str()?)))
            .collect();
        let metadata = |map: &str, key: &str| class.get("metadata")?.get(map)?.get(key)?.as_str();
        Some(Self {
            name: name.to_owned(),
            driver: driver.to_owned(),
            incremental: parameters.get("incremental").map(|value| value.eq_ignore_ascii_case("true")),
            resource_group: parameters.get("resourcegroup").map(|group| (*group).to_owned()),
            labelled: metadata("labels", CLASS_LABEL).is_some(),
            is_default: metadata("annotations", DEFAULT_ANNOTATION) == Some("true"),
        })
    }
}

/// Chooses the class for a claim of `driver`: the one that the claim's annotation names; the one asked for; one labelled for
/// backups; the default; the only one.
///
/// # Errors
/// Why none can be used. A class that the claim names and that does not fit is passed over, as Velero does.
pub fn choose_class<'a>(
    claim: &Value,
    driver: &str,
    asked: Option<&str>,
    classes: &'a [SnapshotClass],
) -> Result<&'a SnapshotClass, ClassError> {
    let fitting: Vec<&SnapshotClass> = classes.iter().filter(|class| class.driver == driver).collect();
    let named = |name: &str| fitting.iter().find(|class| class.name == name).copied();
    let annotation =
        claim.get("metadata").and_then(|m| m.get("annotations")?.get(CLAIM_ANNOTATION)?.as_str());
    if let Some(class) = annotation.and_then(named) {
        return Ok(class);
    }
    if let Some(name) = asked {
        return named(name)
            .ok_or_else(|| ClassError::NoSuchClass { name: name.into(), driver: driver.into() });
    }
    let mut labelled: Vec<_> = fitting.iter().filter(|class| class.labelled).copied().collect();
    // By name, so that two runs choose alike whatever order the server lists them in.
    labelled.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(class) = labelled.first() {
        return Ok(class);
    }
    if let Some(class) = fitting.iter().find(|class| class.is_default) {
        return Ok(class);
    }
    match fitting.as_slice() {
        [] => Err(ClassError::None(driver.into())),
        [only] => Ok(only),
        several => {
            let mut names: Vec<_> = several.iter().map(|class| class.name.as_str()).collect();
            names.sort_unstable();
            Err(ClassError::Ambiguous { driver: driver.into(), names: names.join(", ") })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(name: &str, labels: &Value, annotations: &Value) -> SnapshotClass {
        let object = json!({"metadata": {"name": name, "labels": labels, "annotations": annotations}, "driver": "d",
            "parameters": {"Incremental": "true", "resourceGroup": "rg"}});
        SnapshotClass::read(&object).unwrap()
    }

    #[test]
    fn the_claim_decides_before_the_request_the_label_the_default_and_the_only_one() {
        let plain = |name: &str| class(name, &json!({}), &json!({}));
        let labelled = class("labelled", &json!({CLASS_LABEL: ""}), &json!({}));
        let default = class("default", &json!({}), &json!({DEFAULT_ANNOTATION: "true"}));
        let all = [plain("a"), plain("b"), default.clone(), labelled];
        let claim = json!({"metadata": {"annotations": {CLAIM_ANNOTATION: "b"}}});
        let none = json!({});
        let choose = |claim: &Value, asked, classes: &[SnapshotClass]| {
            choose_class(claim, "d", asked, classes)
                .map(|class| class.name.clone())
                .map_err(|e| e.to_string())
        };
        assert_eq!(choose(&claim, Some("a"), &all).unwrap(), "b");
        assert_eq!(choose(&none, Some("a"), &all).unwrap(), "a");
        assert_eq!(choose(&none, None, &all).unwrap(), "labelled");
        assert_eq!(choose(&none, None, &[plain("a"), default]).unwrap(), "default");
        assert_eq!(choose(&none, None, &[plain("a")]).unwrap(), "a");
        assert!(choose(&none, Some("zzz"), &all).unwrap_err().contains("zzz"));
        assert!(choose(&none, None, &[plain("b"), plain("a")]).unwrap_err().contains("a, b"));
        assert!(choose(&none, None, &[]).unwrap_err().contains("create one"));
        assert_eq!(
            choose(&json!({"metadata": {"annotations": {CLAIM_ANNOTATION: "gone"}}}), None, &all).unwrap(),
            "labelled"
        );
    }

    #[test]
    fn parameters_are_read_whatever_their_case() {
        let class = class("x", &json!({}), &json!({}));
        assert_eq!((class.incremental, class.resource_group.as_deref()), (Some(true), Some("rg")));
    }
}
