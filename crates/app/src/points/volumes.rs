//! What a recovery point says about volumes.

use holdfast_model::quantity::Quantity;
use holdfast_store::PointWarning as Stored;
use holdfast_store::volumes::{self as store, Volumes};

use super::opened::OpenPoint;
use crate::App;
use crate::api::{
    Failure, HookPhase, HookRow, PodHold, PointKey, PointVolumes, PointWarning, SnapshotFacts, VolumeRow,
    VolumeState,
};

/// The resource of claims.
const CLAIMS: &str = "persistentvolumeclaims";

impl App {
    /// What a point says about volumes and hooks.
    pub async fn point_volumes(&self, key: PointKey) -> Result<PointVolumes, Failure> {
        let open = self.open_point(&key).await?;
        let volumes = open.point.volumes().await?;
        Ok(of(key, &open, &volumes))
    }
}

/// What crosses of a point's volumes.
pub(crate) fn of(point: PointKey, open: &OpenPoint, volumes: &Volumes) -> PointVolumes {
    let claims = (0u16..)
        .zip(open.index.types())
        .filter(|(_, ty)| ty.is("", CLAIMS))
        .map(|(type_id, _)| open.index.rows_of(type_id).len() as u64);
    PointVolumes {
        point,
        claims: claims.sum(),
        region: volumes.region.clone().unwrap_or_default(),
        volumes: volumes.volumes.iter().map(row).collect(),
        hooks: hook_rows(&volumes.hooks),
        holds: volumes
            .freezes
            .iter()
            .map(|held| PodHold {
                namespace: held.namespace.clone(),
                pod: held.pod.clone(),
                duration_ms: held.millis,
            })
            .collect(),
    }
}

/// What crosses of commands that ran.
pub(crate) fn hook_rows(runs: &[store::HookRun]) -> Vec<HookRow> {
    runs.iter().map(hook).collect()
}

/// A warning, with the claim that it is about.
pub(super) fn warning(stored: Stored) -> PointWarning {
    let Stored { resource, namespace, message } = stored;
    let about_claim = resource.as_deref() == Some(CLAIMS);
    let claim = namespace
        .as_deref()
        .filter(|_| about_claim)
        .and_then(|namespace| claim_in(&message, namespace))
        .map(str::to_owned);
    PointWarning { resource, namespace, claim, message }
}

/// The claim that a warning names: it says `claim namespace/name`, and no more of it is kept.
fn claim_in<'a>(message: &'a str, namespace: &str) -> Option<&'a str> {
    let (_, after) = message.split_once("claim ")?;
    let name = after.strip_prefix(namespace)?.strip_prefix('/')?;
    let name = name.split_whitespace().next()?.trim_end_matches([',', ':']);
    (!name.is_empty()).then_some(name)
}

fn row(record: &store::VolumeRecord) -> VolumeRow {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let bytes = record.size.as_deref().and_then(Quantity::parse).and_then(Quantity::whole);
    VolumeRow {
        namespace: record.namespace.clone(),
        claim: record.claim.clone(),
        state: match record.state {
            store::VolumeState::Snapshotted => VolumeState::Snapshotted,
            store::VolumeState::Skipped => VolumeState::Skipped,
            store::VolumeState::Failed => VolumeState::Failed,
        },
        reason: text(&record.reason),
        volume: text(&record.volume),
        driver: text(&record.driver),
        volume_handle: text(&record.volume_handle),
        storage_class: text(&record.storage_class),
        access_modes: record.access_modes.clone(),
        volume_mode: text(&record.volume_mode),
        filesystem: text(&record.filesystem),
        size: text(&record.size),
        bytes: bytes.and_then(|bytes| u64::try_from(bytes).ok()),
        reclaim_policy: text(&record.reclaim_policy),
        pods: record.pods.clone(),
        snapshot: record.snapshot.as_ref().map(snapshot),
    }
}

fn snapshot(snapshot: &store::Snapshot) -> SnapshotFacts {
    SnapshotFacts {
        handle: snapshot.handle.clone(),
        driver: snapshot.driver.clone(),
        class: snapshot.class.clone(),
        name: snapshot.name.clone(),
        content: snapshot.content.clone(),
        restore_bytes: snapshot.restore_size,
        cut: snapshot.cut.map(|cut| cut.to_string()),
        ready: snapshot.ready,
        incremental: snapshot.incremental,
        resource_group: snapshot.resource_group.clone(),
    }
}

fn hook(run: &store::HookRun) -> HookRow {
    HookRow {
        namespace: run.namespace.clone(),
        pod: run.pod.clone(),
        container: run.container.clone(),
        hook: run.hook.clone(),
        phase: match run.phase {
            store::HookPhase::Pre => HookPhase::Pre,
            store::HookPhase::Post => HookPhase::Post,
            store::HookPhase::Restore => HookPhase::Restore,
        },
        command: run.command.clone(),
        started: run.started.to_string(),
        duration_ms: run.millis,
        failure: run.failure.clone().unwrap_or_default(),
        output: run.output.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_leads_to_the_claim_that_it_names() {
        for (message, claim) in [
            ("the data of claim shop/data is not in this recovery point: it is on Azure Files", Some("data")),
            (
                "the snapshot of claim shop/data was taken, but was not ready in time: slow; it may become so",
                Some("data"),
            ),
            ("the data of claim shop-eu/data is not in this recovery point: no", None),
            ("claims cannot be listed", None),
            ("claim shop/", None),
        ] {
            assert_eq!(claim_in(message, "shop"), claim, "{message}");
        }
        let of = |resource: Option<&str>, namespace: Option<&str>| {
            warning(Stored {
                resource: resource.map(str::to_owned),
                namespace: namespace.map(str::to_owned),
                message: "the data of claim shop/data is not in this recovery point: no".to_owned(),
            })
            .claim
        };
        assert_eq!(of(Some(CLAIMS), Some("shop")).as_deref(), Some("data"));
        assert_eq!(of(Some("pods"), Some("shop")), None);
        assert_eq!(of(Some(CLAIMS), None), None);
    }

    #[test]
    fn sizes_are_counted_in_bytes_where_they_are_quantities() {
        let record = |size: &str| -> store::VolumeRecord {
            let json =
                serde_json::json!({"namespace": "shop", "claim": "data", "state": "Skipped", "size": size});
            serde_json::from_value(json).unwrap()
        };
        assert_eq!(row(&record("4Gi")).bytes, Some(4 << 30));
        assert_eq!(row(&record("-1")).bytes, None);
        assert_eq!(row(&record("much")).bytes, None);
        assert_eq!(row(&record("much")).size, "much");
    }
}
