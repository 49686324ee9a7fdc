//! Documents read before. They cannot change, so their name is enough to know them by.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::id::JobId;
use super::record::JobRecord;

/// Documents remembered at most; beyond that all are forgotten. A few KiB each.
const MAX_BODIES: usize = 2048;

#[derive(Debug, Default)]
pub(super) struct Bodies(Mutex<HashMap<JobId, (u32, JobRecord)>>);

impl Bodies {
    pub(super) fn get(&self, id: &JobId, number: u32) -> Option<JobRecord> {
        let bodies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.get(id).filter(|(known, _)| *known == number).map(|(_, record)| record.clone())
    }

    pub(super) fn put(&self, number: u32, record: JobRecord) {
        let mut bodies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bodies.len() >= MAX_BODIES {
            bodies.clear();
        }
        bodies.insert(record.id.clone(), (number, record));
    }
}
