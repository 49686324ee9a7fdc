//! Uncompressed members, kept for a while: objects that are read one after the other mostly share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::OnceCell;

use crate::error::StoreError;

/// Bytes kept at most, unless one member alone is larger.
const BUDGET: usize = 32 << 20;

/// Members by number; the least recently used go first. Whoever asks for a member that is being read waits for it.
#[derive(Debug, Default)]
pub(crate) struct MemberCache {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    slots: HashMap<u32, Slot>,
    clock: u64,
}

#[derive(Debug)]
struct Slot {
    cell: Arc<OnceCell<Bytes>>,
    used: u64,
}

impl MemberCache {
    /// The member, from memory or through `read`.
    pub(crate) async fn get<F>(&self, member: u32, read: impl FnOnce() -> F) -> Result<Bytes, StoreError>
    where
        F: Future<Output = Result<Bytes, StoreError>>,
    {
        let cell = self.cell(member);
        let bytes = cell.get_or_try_init(read).await?.clone();
        self.evict(member);
        Ok(bytes)
    }

    fn cell(&self, member: u32) -> Arc<OnceCell<Bytes>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clock += 1;
        let used = state.clock;
        let slot = state.slots.entry(member).or_insert_with(|| Slot { cell: Arc::default(), used });
        slot.used = used;
        Arc::clone(&slot.cell)
    }

    fn evict(&self, keep: u32) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let size = |slot: &Slot| slot.cell.get().map_or(0, Bytes::len);
        let mut total: usize = state.slots.values().map(size).sum();
        while total > BUDGET {
            let oldest = state
                .slots
                .iter()
                .filter(|(member, slot)| **member != keep && slot.cell.initialized())
                .min_by_key(|(_, slot)| slot.used)
                .map(|(member, slot)| (*member, size(slot)));
            let Some((member, freed)) = oldest else { return };
            state.slots.remove(&member);
            total -= freed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_least_recently_used_member_is_read_again() {
        let cache = MemberCache::default();
        let third = BUDGET / 3 + 1;
        let reads = Mutex::new(Vec::new());
        for member in [0, 1, 0, 2, 0, 1] {
            let read = || async {
                reads.lock().unwrap().push(member);
                Ok(Bytes::from(vec![0; third]))
            };
            cache.get(member, read).await.unwrap();
        }
        assert_eq!(reads.into_inner().unwrap(), [0, 1, 2, 1]);
    }

    #[tokio::test]
    async fn a_failed_read_is_tried_again() {
        let cache = MemberCache::default();
        let missing = || async { Err(StoreError::BlobMissing { blob: "x".into() }) };
        assert!(cache.get(0, missing).await.is_err());
        assert_eq!(cache.get(0, || async { Ok(Bytes::from_static(b"x")) }).await.unwrap(), "x");
    }
}
