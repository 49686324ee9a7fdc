//! What a restore makes of a claim whose data a snapshot holds.

use serde_json::{Value, json};

use super::{AZURE_DISK, SNAPSHOT_GROUP, text};
use crate::quantity::Quantity;

/// Access modes that more than one node may use a volume with.
const FOR_SEVERAL_NODES: [&str; 2] = ["ReadOnlyMany", "ReadWriteMany"];

/// What a claim is filled from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The driver's name of the snapshot.
    pub handle: String,
    /// The CSI driver.
    pub driver: String,
    /// `Filesystem` or `Block`, where the recovery point says it.
    pub volume_mode: Option<String>,
    /// What the claim asks for at least, in bytes.
    pub restore_size: Option<u64>,
}

/// Whether a claim can be filled from a snapshot as things are in the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It can.
    Good,
    /// It can, once its request is raised to what the snapshot needs.
    Raised {
        /// What it asked for.
        from: String,
        /// What it will ask for, in bytes.
        to: u64,
    },
    /// It cannot.
    Not(String),
}

/// Checks a claim in its target form against its storage class in the target and the snapshot it is filled from.
pub fn fit(claim: &Value, class: Option<&Value>, driver: &str, restore_size: Option<u64>) -> Fit {
    let name = text(claim, "/spec/storageClassName");
    let Some(class) = class else {
        return Fit::Not(if name.is_empty() {
            "it names no storage class, and the target has no default one; map it: --storage-class-mapping =NEW"
                .into()
        } else {
            format!(
                "the target has no storage class {name}; map it to another: --storage-class-mapping {name}=NEW"
            )
        });
    };
    let provisioner = text(class, "/provisioner");
    if provisioner != driver {
        return Fit::Not(format!(
            "storage class {} is of {provisioner}, which cannot read a snapshot of {driver}",
            text(class, "/metadata/name")
        ));
    }
    if let Some(why) = unshareable(claim, class, driver) {
        return Fit::Not(why);
    }
    let asked = text(claim, "/spec/resources/requests/storage");
    match restore_size {
        Some(needed) if Quantity::parse(asked).is_none_or(|asked| asked < Quantity::of(needed)) => {
            Fit::Raised { from: asked.to_owned(), to: needed }
        }
        _ => Fit::Good,
    }
}

/// Why an Azure disk cannot be used as the claim's access modes ask. Its driver refuses filesystems for several nodes, and
/// block volumes for several nodes unless the class has `maxShares` of 2 or more; the claim would wait for ever.
fn unshareable(claim: &Value, class: &Value, driver: &str) -> Option<String> {
    if driver != AZURE_DISK {
        return None;
    }
    let modes = claim.pointer("/spec/accessModes").and_then(Value::as_array)?;
    let mode = modes.iter().filter_map(Value::as_str).find(|mode| FOR_SEVERAL_NODES.contains(mode))?;
    if text(claim, "/spec/volumeMode") != "Block" {
        return Some(format!("{driver} makes no filesystem with access mode {mode}, only ReadWriteOnce"));
    }
    let shares = class.get("parameters").and_then(Value::as_object).and_then(|parameters| {
        // The driver reads the names of parameters in any case.
        let named = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("maxShares"))?;
        named.1.as_str()?.parse::<u32>().ok()
    });
    // A class of which only the driver is known may have any.
    let is_known = class.get("metadata").is_some();
    (is_known && shares.unwrap_or(1) < 2).then(|| {
        format!(
            "access mode {mode} needs a shared disk: storage class {} must have the parameter maxShares of 2 or more",
            text(class, "/metadata/name")
        )
    })
}

/// Raises what a claim asks for to `bytes`, if it asks for less; whether it did (Velero does the same).
pub fn raise_request(claim: &mut Value, bytes: u64) -> bool {
    let asked = Quantity::parse(text(claim, "/spec/resources/requests/storage"));
    if asked.is_some_and(|asked| asked >= Quantity::of(bytes)) {
        return false;
    }
    let Some(spec) = claim.get_mut("spec").and_then(Value::as_object_mut) else { return false };
    let resources = spec.entry("resources").or_insert_with(|| json!({}));
    let Some(resources) = resources.as_object_mut() else { return false };
    let requests = resources.entry("requests").or_insert_with(|| json!({}));
    let Some(requests) = requests.as_object_mut() else { return false };
    requests.insert("storage".into(), bytes.to_string().into());
    true
}

/// Makes a claim in its target form one that is filled from a `VolumeSnapshot` of its namespace.
pub fn claim_from_snapshot(claim: &mut Value, snapshot: &str) {
    if let Some(spec) = claim.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("volumeName");
        spec.remove("dataSourceRef");
        // A selector chooses among volumes made by hand; provisioners refuse it.
        spec.remove("selector");
        spec.insert(
            "dataSource".into(),
            json!({"apiGroup": SNAPSHOT_GROUP, "kind": "VolumeSnapshot", "name": snapshot}),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_for_one_node_unless_it_is_a_shared_block_volume() {
        let fits = |mode: &str, volume: &str, parameters: Value| {
            let spec = json!({"storageClassName": "c", "accessModes": ["ReadWriteOnce", mode], "volumeMode": volume});
            let class =
                json!({"metadata": {"name": "c"}, "provisioner": AZURE_DISK, "parameters": parameters});
            fit(&json!({"spec": spec}), Some(&class), AZURE_DISK, None)
        };
        assert_eq!(fits("ReadWriteOncePod", "Filesystem", json!({})), Fit::Good);
        for mode in FOR_SEVERAL_NODES {
            let shared = json!({"maxshares": "2"});
            let Fit::Not(why) = fits(mode, "Filesystem", shared.clone()) else { panic!("{mode}") };
            assert!(why.contains(mode) && why.contains("only ReadWriteOnce"), "{why}");
            let Fit::Not(why) = fits(mode, "Block", json!({"maxShares": "1"})) else { panic!("{mode}") };
            assert!(why.contains("storage class c must have the parameter maxShares"), "{why}");
            assert_eq!(fits(mode, "Block", shared), Fit::Good);
        }
        let claim = json!({"spec": {"accessModes": ["ReadWriteMany"], "volumeMode": "Block"}});
        assert_eq!(fit(&claim, Some(&json!({"provisioner": AZURE_DISK})), AZURE_DISK, None), Fit::Good);
    }

    #[test]
    fn a_claim_is_raised_to_its_snapshot_and_never_lowered() {
        let claim = |size: &str| json!({"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": size}}}});
        let class = json!({"metadata": {"name": "fast"}, "provisioner": "d"});
        assert_eq!(fit(&claim("1Gi"), Some(&class), "d", Some(1 << 30)), Fit::Good);
        assert_eq!(
            fit(&claim("1G"), Some(&class), "d", Some(1 << 30)),
            Fit::Raised { from: "1G".into(), to: 1 << 30 }
        );
        assert!(matches!(fit(&claim("1Gi"), None, "d", None), Fit::Not(why) if why.contains("fast")));
        assert!(
            matches!(fit(&claim("1Gi"), Some(&class), "other", None), Fit::Not(why) if why.contains("other"))
        );
        let mut small = claim("1G");
        assert!(raise_request(&mut small, 1 << 30) && !raise_request(&mut small, 1 << 20));
        assert_eq!(small["spec"]["resources"]["requests"]["storage"], "1073741824");
    }
}
