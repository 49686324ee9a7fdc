//! One claim on its way through a backup.

use holdfast_model::volume::{SnapshotClass, Source};
use holdfast_store::volumes::{VolumeRecord, VolumeState};
use serde_json::Value;

use super::super::pack::Item;
use super::Marks;

/// Characters of a claim's name that go into the name of its snapshot; with the rest that stays under 253.
const NAME_CHARS: usize = 200;

/// A claim, and what is done about it.
pub(super) struct Claim {
    /// As the listing had it.
    pub item: Item,
    pub record: VolumeRecord,
    /// Set where it is to be cut.
    pub plan: Option<Plan>,
}

/// What a claim is cut from, and with.
pub(super) struct Plan {
    pub source: Source,
    pub class: SnapshotClass,
}

impl Claim {
    /// Takes what the claim and its volume say into a record.
    pub(super) fn new(item: Item, claim: &Value, volume: Option<&Value>) -> Self {
        let of_claim = |pointer: &str| text(claim, pointer);
        let of_volume = |pointer: &str| volume.and_then(|volume| text(volume, pointer));
        let modes = claim.pointer("/spec/accessModes").and_then(Value::as_array).into_iter().flatten();
        let record = VolumeRecord {
            volume: of_claim("/spec/volumeName"),
            driver: of_volume("/spec/csi/driver"),
            volume_handle: of_volume("/spec/csi/volumeHandle"),
            storage_class: of_claim("/spec/storageClassName"),
            access_modes: modes.filter_map(|mode| mode.as_str().map(str::to_owned)).collect(),
            volume_mode: of_claim("/spec/volumeMode"),
            filesystem: of_volume("/spec/csi/fsType"),
            size: of_volume("/spec/capacity/storage")
                .or_else(|| of_claim("/spec/resources/requests/storage")),
            reclaim_policy: of_volume("/spec/persistentVolumeReclaimPolicy"),
            ..VolumeRecord::new(&item.meta.namespace, &item.meta.name)
        };
        Self { item, record, plan: None }
    }

    pub(super) fn skip(&mut self, why: impl Into<String>) {
        (self.record.state, self.record.reason) = (VolumeState::Skipped, Some(why.into()));
    }

    pub(super) fn fail(&mut self, why: impl Into<String>) {
        (self.record.state, self.record.reason) = (VolumeState::Failed, Some(why.into()));
    }

    /// What its `VolumeSnapshot` is called: the same whenever this backup asks, and never as in another one.
    pub(super) fn snapshot_name(&self, marks: &Marks) -> String {
        let name: String = self.record.claim.chars().take(NAME_CHARS).collect();
        let of = format!("{}/{}/{}", marks.writer, self.record.namespace, self.record.claim);
        let hash = u128::from_be_bytes(holdfast_model::content::hash(of.as_bytes()));
        format!("holdfast-{}-{:012x}", name.trim_end_matches(['-', '.']), hash >> 80)
    }
}

fn text(object: &Value, pointer: &str) -> Option<String> {
    object.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}
