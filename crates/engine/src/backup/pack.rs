//! Packing: from the items of a LIST to compressed members, on threads of their own.

use std::sync::Arc;

use bytes::Bytes;
use holdfast_model::content::Canonicalizer;
use holdfast_model::resource::ResourceType;
use holdfast_store::{EntryMeta, Member, MemberBuilder, StoreError};
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};

use crate::error::EngineError;

/// Uncompressed size at which a batch becomes a member: large enough to compress well, small enough to
/// read one object without reading much else.
const MEMBER_BYTES: usize = 512 * 1024;
/// Members that may be packed or wait for the writer at the same time; with the size above this bounds memory.
pub(super) const MEMBERS_IN_FLIGHT: usize = 8;

/// One object on its way into a member.
pub(super) struct Item {
    pub meta: EntryMeta,
    pub json: Bytes,
    /// Whether `apiVersion` and `kind` are missing, as they are on items of built-in lists.
    pub bare: bool,
}

/// Items of one type that become one member.
pub(super) struct Batch {
    ty: Arc<ResourceType>,
    items: Vec<Item>,
    bytes: usize,
}

impl Batch {
    pub fn new(ty: Arc<ResourceType>) -> Self {
        Self { ty, items: Vec::new(), bytes: 0 }
    }

    /// Adds an item; whether the batch is now large enough to be packed.
    pub fn push(&mut self, item: Item) -> bool {
        self.bytes += item.json.len();
        self.items.push(item);
        self.bytes >= MEMBER_BYTES
    }

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(Arc::clone(&self.ty)))
    }
}

/// Hands batches to threads and their members to the writer.
#[derive(Clone)]
pub(super) struct Packers {
    members: mpsc::Sender<Result<Member, StoreError>>,
    permits: Arc<Semaphore>,
    mtime: Timestamp,
}

impl Packers {
    pub fn new(members: mpsc::Sender<Result<Member, StoreError>>, mtime: Timestamp) -> Self {
        Self { members, permits: Arc::new(Semaphore::new(MEMBERS_IN_FLIGHT)), mtime }
    }

    /// Packs what is in the batch and leaves it empty. Waits only while too many members are in flight.
    pub async fn pack(&self, batch: &mut Batch) -> Result<(), EngineError> {
        if batch.items.is_empty() {
            return Ok(());
        }
        let batch = batch.take();
        let gone = || EngineError::WorkerGone { what: batch.ty.to_string() };
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| gone())?;
        let (members, mtime) = (self.members.clone(), self.mtime);
        tokio::task::spawn_blocking(move || {
            // The writer is gone only when the backup has failed already.
            drop(members.blocking_send(member(batch, mtime)));
            drop(permit);
        });
        Ok(())
    }
}

fn member(batch: Batch, mtime: Timestamp) -> Result<Member, StoreError> {
    let prefix = format!(
        "{{\"apiVersion\":{},\"kind\":{},",
        serde_json::Value::from(batch.ty.api_version()),
        serde_json::Value::from(batch.ty.kind.as_str())
    );
    let mut canonicalizer = Canonicalizer::default();
    let mut builder = MemberBuilder::new(Arc::clone(&batch.ty), mtime);
    for Item { mut meta, json, bare } in batch.items {
        meta.hash = canonicalizer.hash(&json);
        match (bare, json.strip_prefix(b"{")) {
            (true, Some(rest)) => builder.push(meta, &[prefix.as_bytes(), rest])?,
            _ => builder.push(meta, &[&json])?,
        }
    }
    builder.finish()
}
