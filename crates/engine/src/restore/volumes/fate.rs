//! What becomes of the data of one claim that is not in the target.
//!
//! Claims are asked about three times: for themselves, for their volume, and for the StatefulSet whose controller would make
//! them empty. All three get the same answer.

use std::sync::{Arc, PoisonError};

use holdfast_model::volume::{Fill, Fit, fit};
use holdfast_store::Row;
use holdfast_store::volumes::{Snapshot, VolumeRecord, VolumeState};
use serde_json::{Value, json};

use super::facts::Class;
use super::is_bound;
use crate::error::EngineError;
use crate::restore::form;
use crate::restore::planner::Planner;

const NO_DATA: &str = "its data is not in the recovery point";

/// What becomes of it.
#[derive(Clone, Debug)]
pub(in crate::restore) enum Fate {
    /// It had no volume, and so no data.
    Unbound,
    /// A snapshot brings it back, with words about that.
    Filled(Fill, String),
    /// It would be empty, and why.
    Empty(String),
}

impl Planner<'_> {
    /// The fate of a claim that is not in the target, decided once.
    pub(super) async fn fate(&self, row: &Row<'_>) -> Result<Arc<Fate>, EngineError> {
        if let Some(known) = self.fates.lock().unwrap_or_else(PoisonError::into_inner).get(&row.id) {
            return Ok(Arc::clone(known));
        }
        let fate = Arc::new(self.decide(row).await?);
        self.fates.lock().unwrap_or_else(PoisonError::into_inner).insert(row.id, Arc::clone(&fate));
        Ok(fate)
    }

    async fn decide(&self, row: &Row<'_>) -> Result<Fate, EngineError> {
        let stored = form::stored(self.point, row, self.context).await?;
        if !is_bound(&stored) {
            return Ok(Fate::Unbound);
        }
        if self.request.is_left_out(row) {
            return Ok(Fate::Empty("it is left out of this restore by name".to_owned()));
        }
        if !self.is_selected(row.id) {
            return Ok(Fate::Empty("its data comes only with the claim, which is not selected".to_owned()));
        }
        if let Some(problem) = &self.facts.unreadable {
            return Ok(Fate::Empty(format!(
                "what the recovery point says of its data cannot be read: {problem}"
            )));
        }
        let Some(record) = self.facts.volumes.of(row.namespace, row.name) else {
            return Ok(Fate::Empty(NO_DATA.to_owned()));
        };
        let Some(snapshot) = record.snapshot.as_ref().filter(|_| record.state == VolumeState::Snapshotted)
        else {
            let why = record.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            return Ok(Fate::Empty(format!("{NO_DATA}{why}")));
        };
        if let Some(problem) = self.facts.unusable(&snapshot.driver) {
            return Ok(Fate::Empty(problem));
        }
        let claim = form::target_form(row, stored, self.request).object;
        Ok(self.filled(&claim, record, snapshot))
    }

    fn filled(&self, claim: &Value, record: &VolumeRecord, snapshot: &Snapshot) -> Fate {
        // Where classes cannot be read, the request is raised all the same.
        let any = json!({"provisioner": snapshot.driver});
        let class = match self.facts.class(claim) {
            Class::Found(class) => Some(class),
            Class::Unknown => Some(&any),
            Class::Missing => None,
        };
        let raised = match fit(claim, class, &snapshot.driver, snapshot.restore_size) {
            Fit::Not(why) => return Fate::Empty(why),
            Fit::Good => None,
            Fit::Raised { from, to } => Some((from, to)),
        };
        let fill = Fill {
            handle: snapshot.handle.clone(),
            driver: snapshot.driver.clone(),
            volume_mode: record.volume_mode.clone(),
            restore_size: snapshot.restore_size,
        };
        Fate::Filled(fill, words(record, snapshot, raised))
    }
}

/// What a plan says of a claim that is filled.
fn words(record: &VolumeRecord, snapshot: &Snapshot, raised: Option<(String, u64)>) -> String {
    let cut =
        snapshot.cut.map(|cut| format!(" of {}", cut.strftime("%Y-%m-%d %H:%M:%S UTC"))).unwrap_or_default();
    let size = snapshot.restore_size.map(in_words).or_else(|| record.size.clone());
    let size = size.map(|size| format!(" ({size})")).unwrap_or_default();
    let raised = raised.map(|(from, to)| {
        let from = if from.is_empty() { "nothing" } else { &from };
        format!("; it asked for {from} and asks for {}, which the snapshot needs", in_words(to))
    });
    let raised = raised.unwrap_or_default();
    let unready = if snapshot.ready { "" } else { "; the snapshot was not ready when the backup ended" };
    format!("filled from the snapshot{cut}{size}{raised}{unready}")
}

/// Bytes as Kubernetes would write them, where that is shorter.
fn in_words(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let exact = UNITS.iter().find(|(_, shift)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    exact.map_or_else(|| format!("{bytes} bytes"), |(unit, shift)| format!("{}{unit}", bytes >> shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_claim_says_of_when_and_how_large_its_data_is() {
        let snapshot = Snapshot {
            handle: "h".into(),
            driver: "d".into(),
            class: None,
            name: String::new(),
            content: String::new(),
            restore_size: Some(2 << 30),
            cut: Some("2026-11-25T15:20:03.7Z".parse().unwrap()),
            ready: false,
            incremental: None,
            resource_group: None,
        };
        let record = VolumeRecord {
            state: VolumeState::Snapshotted,
            size: Some("1G".into()),
            ..VolumeRecord::new("shop", "data")
        };
        assert_eq!(
            words(&record, &snapshot, Some(("1G".into(), 2 << 30))),
            "filled from the snapshot of 2026-11-25 15:20:03 UTC (2Gi); it asked for 1G and asks for 2Gi, which the \
             snapshot needs; the snapshot was not ready when the backup ended"
        );
        let plain = Snapshot { restore_size: None, cut: None, ready: true, ..snapshot };
        assert_eq!(words(&record, &plain, None), "filled from the snapshot (1G)");
        assert_eq!(in_words(1500), "1500 bytes");
    }
}
