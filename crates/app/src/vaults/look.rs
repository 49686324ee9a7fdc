//! Looking at vaults: what is in them goes into the read model, and the window is told what changed.
//!
//! Each vault is looked at by one task at a time; whoever asks meanwhile waits for that look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use holdfast_store::{PointEntry, Vault};
use tokio::time::Instant;

use super::KnownVault;
use crate::api::{Event, Failure, FailureCode, PointRow, PointState, Topic};
use crate::read_model::{Look, VaultFacts};
use crate::{App, Inner};

/// Longest look at one vault.
const PATIENCE: Duration = Duration::from_mins(2);
/// What was seen less than this ago is not looked at again in the background.
const FRESH: Duration = Duration::from_secs(5);
/// How often all vaults are looked at in the background.
pub(crate) const LOOK_EVERY: Duration = Duration::from_mins(1);

/// The vaults that were opened.
#[derive(Default)]
pub(crate) struct OpenVaults(Mutex<HashMap<String, Arc<Slot>>>);

#[derive(Default)]
struct Slot {
    /// Held by whoever looks; when the last look began, which is what it is as old as.
    looking: tokio::sync::Mutex<Option<Instant>>,
    open: Mutex<Option<Vault>>,
}

impl OpenVaults {
    fn slot(&self, id: &str) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id.to_owned()).or_default())
    }

    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl App {
    /// An open vault.
    pub(crate) async fn vault(&self, id: &str) -> Result<(KnownVault, Vault), Failure> {
        let known = self.inner.vaults.get(id)?;
        let slot = self.inner.open_vaults.slot(id);
        let open = slot.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(vault) = open {
            return Ok((known, vault));
        }
        let (vault, _) = self.open_vault(&known).await?;
        *slot.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(vault.clone());
        Ok((known, vault))
    }

    /// The vault, and whether it can only be read, as far as that is known.
    async fn open_vault(&self, known: &KnownVault) -> Result<(Vault, bool), Failure> {
        let access = self.access(known, None).await?;
        let vault = Vault::open(&known.url, &access, &self.inner.environment.cache_dir).await?;
        let read_only = vault.is_read_only() || access.is_read_only();
        Ok((vault, read_only))
    }

    /// Looks at a vault and waits for it. What is wrong with the vault is in the read model then.
    pub(crate) async fn look(&self, known: &KnownVault) {
        let asked = Instant::now();
        let slot = self.inner.open_vaults.slot(&known.id);
        let mut looked = slot.looking.lock().await;
        if looked.is_some_and(|at| at > asked) {
            return;
        }
        let began = Instant::now();
        let silent = |_| {
            let message = format!("the vault {} did not answer within {} s", known.name, PATIENCE.as_secs());
            let failure =
                Failure::new(FailureCode::VaultUnreachable, message, "Check the network, then refresh.");
            Err(Failure { retryable: true, ..failure })
        };
        let seen = tokio::time::timeout(PATIENCE, self.see(known)).await.unwrap_or_else(silent);
        let (vault, look) = match seen {
            Ok((vault, look)) => (Some(vault), look),
            Err(failure) => {
                tracing::warn!(vault = known.name, %failure, "a vault cannot be looked at");
                (None, Look::failed(failure))
            }
        };
        *slot.open.lock().unwrap_or_else(PoisonError::into_inner) = vault;
        let changed = self.inner.model.store(known.id.clone(), self.now(), look).await;
        *looked = Some(began);
        tracing::debug!(vault = known.name, took = ?began.elapsed(), "looked at a vault");
        self.inner.events.changed(&changed);
    }

    async fn see(&self, known: &KnownVault) -> Result<(Vault, Look), Failure> {
        // Opened anew: an open one would not notice that its folder is gone.
        let (vault, read_only) = self.open_vault(known).await?;
        let entries = vault.points().await?;
        let points: Vec<PointRow> = entries.iter().map(|entry| point_row(known, entry)).collect();
        let jobs = self.see_jobs(known, &vault).await?;
        let facts = VaultFacts {
            read_only,
            points: points.len() as u64,
            bytes: points.iter().map(|point| point.archive_bytes).sum(),
            failure: None,
        };
        Ok((vault, Look { facts, points: Some(points), jobs: Some(jobs) }))
    }

    /// Looks at all vaults in the background, except those that were looked at a moment ago.
    pub(crate) fn look_at_all(&self) {
        for known in self.inner.vaults.all().iter().cloned() {
            let slot = self.inner.open_vaults.slot(&known.id);
            // Somebody looks already, or has a moment ago.
            let due = slot.looking.try_lock().is_ok_and(|at| at.is_none_or(|at| at.elapsed() >= FRESH));
            if due {
                let app = self.clone();
                tokio::spawn(async move { app.look(&known).await });
            }
        }
    }
}

impl Inner {
    #[expect(
        clippy::unused_async,
        reason = "looks go on by themselves; whoever calls it waits for what it is given"
    )]
    pub(crate) async fn look_at_vaults(self: Arc<Self>) {
        App { inner: self }.look_at_all();
    }
}

/// One line of the list of points.
pub(crate) fn point_row(known: &KnownVault, entry: &PointEntry) -> PointRow {
    let unreadable = |name: &str, reason: &str| PointRow {
        vault_id: known.id.clone(),
        vault_name: known.name.clone(),
        name: name.to_owned(),
        state: PointState::Unreadable,
        cluster: String::new(),
        cluster_version: String::new(),
        started: None,
        completed: None,
        objects: 0,
        archive_bytes: 0,
        raw_bytes: 0,
        snapshots: None,
        warnings: 0,
        foreign: false,
        reason: Some(reason.to_owned()),
    };
    match entry {
        PointEntry::Unreadable { name, reason } => unreadable(name, reason),
        PointEntry::Readable(point) => PointRow {
            state: match point.state {
                holdfast_store::PointState::Completed => PointState::Completed,
                holdfast_store::PointState::Partial => PointState::Partial,
            },
            cluster: point.cluster.name.clone(),
            cluster_version: point.cluster.version.clone(),
            started: point.started.map(|time| time.to_string()),
            completed: point.completed.map(|time| time.to_string()),
            objects: point.objects,
            archive_bytes: point.archive_bytes.unwrap_or_default(),
            raw_bytes: point.raw_bytes.unwrap_or_default(),
            snapshots: point.snapshots,
            warnings: point.warnings,
            foreign: point.foreign,
            reason: None,
            ..unreadable(point.name.as_str(), "")
        },
    }
}

/// An event that tells the window to fetch what a vault shows.
pub(crate) fn vaults_changed() -> Event {
    Event::Changed { topics: vec![Topic::Vaults, Topic::Points, Topic::Jobs] }
}
