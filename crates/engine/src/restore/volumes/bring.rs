//! Before a run writes anything: the snapshots that claims are filled from are brought into the cluster, and looked at.
//!
//! A snapshot that the driver does not find, or refuses, blocks its claim, and the StatefulSet that would make that claim empty,
//! while nothing is written yet. Each claim has a name of its own for what it takes, made of job, namespace and claim, so
//! that two restores of one point never meet.

use std::time::Duration;

use futures::{StreamExt, stream};
use holdfast_cluster::ApiError;
use holdfast_model::content;
use holdfast_model::plan::{Action, PlanEntry};
use holdfast_model::report::{Outcome, ReportEntry};
use holdfast_model::volume::Fill;
use holdfast_store::job::LogLevel;
use uuid::Uuid;

use super::MAKE_IT_EMPTY;
use super::sets::Unfilled;
use crate::error::is_cluster_lost;
use crate::restore::journal::Journal;
use crate::restore::live::Live;
use crate::restore::plan::RestorePlan;
use crate::restore::run::{Run, writes};
use crate::snapshots::static_content::{
    Found, Labels, StaticContent, Unusable, Wanted, await_found, remove_content,
};
use crate::snapshots::{HELPER_PREFIX, RESTORE_LABEL, SnapshotApi, VAULT_LABEL};

/// Snapshots that are brought in at the same time. Each is a request of the driver to its storage system, which counts them.
const AT_ONCE: usize = 16;
/// How long the driver may take to look at a snapshot, and a snapshot to become ready.
const FOUND_WITHIN: Duration = Duration::from_mins(1);

/// What a run knows about what it makes for claims, beside the claims.
pub(in crate::restore) struct Helpers {
    /// `None` where the target serves no snapshots: the plan fills nothing there.
    pub(super) api: Option<SnapshotApi>,
    pub(super) vault: String,
    pub(super) job: String,
}

/// What became of one snapshot.
enum Brought {
    Ready,
    Unready,
    /// It cannot be used, and why.
    Unusable(String),
    /// The run was stopped, or the cluster lost, before that was known.
    Stopped,
}

impl Helpers {
    pub(in crate::restore) fn new(live: &Live<'_>, plan: &RestorePlan, journal: Option<&Journal>) -> Self {
        let job = journal.map(|journal| journal.manager().trim_start_matches("holdfast-").to_owned());
        Self {
            api: SnapshotApi::of(&live.discovery),
            vault: vault_value(plan.point.vault_id()),
            // Without a journal there is no job that others could know.
            job: job.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
        }
    }

    /// The name of the `VolumeSnapshot` and of the content of a claim.
    pub(super) fn name(&self, namespace: &str, claim: &str) -> String {
        let hash = content::hash(format!("{}/{namespace}/{claim}", self.job).as_bytes());
        format!("{HELPER_PREFIX}{:032x}", u128::from_be_bytes(hash))
    }

    /// Ids of jobs and of vaults are values that labels may have.
    pub(super) fn labels(&self) -> [(&str, &str); 2] {
        [(VAULT_LABEL, &self.vault), (RESTORE_LABEL, &self.job)]
    }
}

/// The vault's id as a label's value. Containers of other programs have none.
pub(super) fn vault_value(id: Option<Uuid>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

/// What an entry is filled from, if the run is to fill it.
pub(in crate::restore) fn filling(entry: &PlanEntry) -> Option<&Fill> {
    let fill = entry.detail.as_ref().and_then(|detail| detail.fill.as_ref())?;
    (writes(entry) && matches!(entry.action, Action::Create | Action::Unchecked)).then_some(fill)
}

impl Run<'_> {
    /// Brings in every snapshot that the plan fills a claim from. What cannot be filled is Blocked afterwards. Returns the
    /// entries for which something was made.
    pub(in crate::restore) async fn bring_snapshots(&self, entries: &mut [ReportEntry]) -> Vec<usize> {
        let todo: Vec<(usize, &Fill)> = (0..self.plan().entries.len())
            .filter_map(|at| Some((at, filling(&self.plan().entries[at])?)))
            .collect();
        let Some(api) = self.helpers.api.as_ref().filter(|_| !todo.is_empty()) else { return Vec::new() };
        self.context.phase("snapshots", Some(todo.len() as u64));
        let bringing: Vec<_> = todo.into_iter().map(|(at, fill)| self.bring(api, at, fill)).collect();
        let bringing = stream::iter(bringing).take_until(self.stop().cancelled()).buffer_unordered(AT_ONCE);
        let mut bringing = std::pin::pin!(bringing);
        let mut made = Vec::new();
        let mut blocked = Unfilled::new();
        while let Some((at, brought)) = bringing.next().await {
            self.context.advance(1, 0, None);
            let entry = &self.plan().entries[at];
            match brought {
                Brought::Ready | Brought::Stopped => made.push(at),
                Brought::Unready => {
                    made.push(at);
                    let words = "its snapshot is not ready yet: the claim is filled once it is";
                    self.tell(LogLevel::Warning, entry, words);
                }
                Brought::Unusable(why) => {
                    let name = self.plan().row(entry).name.to_owned();
                    blocked.insert((entry.target_namespace.to_string(), name));
                    self.block(at, &mut entries[at], why);
                }
            }
        }
        self.block_sets(&blocked, entries).await;
        made
    }

    async fn bring(&self, api: &SnapshotApi, at: usize, fill: &Fill) -> (usize, Brought) {
        let entry = &self.plan().entries[at];
        let row = self.plan().row(entry);
        let name = self.helpers.name(&entry.target_namespace, row.name);
        let claim = format!("{}/{}", entry.target_namespace, row.name);
        let labels = self.helpers.labels();
        let bringing = self.look_for(api, fill, &name, &claim, &labels);
        let brought = match self.stop().run_until_cancelled(bringing).await {
            None => Brought::Stopped,
            Some(Ok(Found::Ready)) => Brought::Ready,
            Some(Ok(Found::Unready)) => Brought::Unready,
            Some(Err(Unusable::Api(error))) if is_cluster_lost(&error) => {
                self.lose(&error);
                Brought::Stopped
            }
            Some(Err(error)) => {
                let removed = remove_content(self.live.cluster, api, &name).await;
                self.note_left(&name, removed);
                let handle = &fill.handle;
                Brought::Unusable(format!("its snapshot {handle} cannot be used: {error}; {MAKE_IT_EMPTY}"))
            }
        };
        (at, brought)
    }

    async fn look_for(
        &self,
        api: &SnapshotApi,
        fill: &Fill,
        name: &str,
        claim: &str,
        labels: Labels<'_>,
    ) -> Result<Found, Unusable> {
        let (namespace, _) = claim.split_once('/').unwrap_or_default();
        let content = StaticContent {
            name,
            handle: &fill.handle,
            driver: &fill.driver,
            volume_mode: fill.volume_mode.as_deref(),
            snapshot: (namespace, name),
            labels,
            claim: Some(claim),
        };
        content.create(self.live.cluster, api).await?;
        let message = format!("claim {claim} is to be filled from snapshot {} by way of {name}", fill.handle);
        self.context.log(LogLevel::Info, message);
        await_found(self.live.cluster, api, name, &fill.driver, Wanted::Ready, FOUND_WITHIN).await
    }

    /// Says where something of ours could not be removed: it does no harm, and the next restore looks for it.
    pub(super) fn note_left(&self, name: &str, removed: Result<(), ApiError>) {
        if let Err(error) = removed {
            let message = format!("{name} could not be removed, and is when restores clear up next: {error}");
            self.context.log(LogLevel::Warning, message);
        }
    }

    pub(super) fn block(&self, at: usize, entry: &mut ReportEntry, why: String) {
        (entry.outcome, entry.action) = (Outcome::Blocked, Action::Blocked);
        self.tell(LogLevel::Error, &self.plan().entries[at], &why);
        entry.reason = Some(why.into());
        self.context.settle(at, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_job_namespace_and_claim_and_are_names() {
        let helpers = |job: &str| Helpers { api: None, vault: vault_value(None), job: job.into() };
        let job = helpers("20261125-152003-2bc6d081");
        let name = job.name("shop", "data-db-0");
        assert_eq!(name, job.name("shop", "data-db-0"));
        assert_eq!(name.len(), 41);
        assert!(name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}");
        for other in [
            job.name("shop", "data-db-1"),
            job.name("shop2", "data-db-0"),
            helpers("x").name("shop", "data-db-0"),
        ] {
            assert_ne!(name, other);
        }
        assert_eq!(job.labels(), [(VAULT_LABEL, "none"), (RESTORE_LABEL, "20261125-152003-2bc6d081")]);
    }
}
