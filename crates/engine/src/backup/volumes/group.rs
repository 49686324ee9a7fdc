//! One group: its pods are held, its claims are cut, its pods are released.
//!
//! Order: what releases the pods is noted in the vault; pre hooks, pod by pod by name; all claims of the group at once; the
//! post hooks of each pod as soon as the last of its own claims is cut or given up. Post hooks run whenever a pre hook of
//! that pod may have run, also after failures and when the backup is cancelled meanwhile. The note goes when every post hook is
//! known to have ended. Nothing but the cut itself happens while a pod is held: what was cut is kept, and what failed is taken
//! away, afterwards.

use std::collections::HashSet;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Shared, join_all};
use holdfast_model::hooks::{OnError, PlannedExec, PodCommands};
use holdfast_store::volumes::{Freeze, HookPhase, HookRun};
use holdfast_store::{Frozen, FrozenPod, ReleaseCommand, Vault, Writer};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::cut::{Cutter, Cutting, Taken};
use super::groups::Group;
use crate::hooks::{self, Fate, Order, Pod, not_run, problem, run, tell};

/// What all groups of a backup share.
pub(super) struct Stage<'a> {
    pub cutter: Cutter<'a>,
    pub vault: &'a Vault,
    pub writer: &'a Writer,
    /// By which notes tell clusters apart.
    pub identity: String,
    pub pods: &'a [Pod],
    /// For each pod.
    pub commands: &'a [PodCommands],
    /// For each claim.
    pub cuttings: Vec<Cutting<'a>>,
    pub timeout: Duration,
    pub freeze_timeout: Duration,
    pub at_once: usize,
    /// Cuts that may still begin.
    pub permits: Semaphore,
}

/// What came of a group.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// For each of its claims.
    pub cuts: Vec<(usize, Result<Taken, String>)>,
    pub hooks: Vec<HookRun>,
    pub freezes: Vec<Freeze>,
    /// What hooks did not do as asked.
    pub problems: Vec<String>,
}

/// A pod while it is held.
struct Held<'a> {
    pod: &'a Pod,
    commands: &'a PodCommands,
    since: Option<Instant>,
    /// Why its claims are not cut.
    refused: Option<String>,
}

impl Stage<'_> {
    pub(super) async fn group(&self, group: &Group) -> Outcome {
        let mut outcome = Outcome::default();
        // A pod is not held before all its cuts may begin.
        let wanted = u32::try_from(group.claims.len().min(self.at_once)).unwrap_or(1);
        let Ok(_permit) = self.permits.acquire_many(wanted).await else { return outcome };
        if self.cutter.context.cancel.is_cancelled() {
            return outcome;
        }
        let mut held: Vec<Held<'_>> = group
            .pods
            .iter()
            .map(|at| Held {
                pod: &self.pods[*at],
                commands: &self.commands[*at],
                since: None,
                refused: None,
            })
            .collect();
        let note = match self.note(&held).await {
            Ok(note) => note,
            Err(why) => {
                let why = format!(
                    "the hooks of its pod were not run, because the vault could not note them: {why}"
                );
                outcome.cuts = group.claims.iter().map(|claim| (*claim, Err(why.clone()))).collect();
                outcome.problems.push(why);
                return outcome;
            }
        };
        let others = match note {
            Some(_) => self.held_by_others().await,
            None => HashSet::new(),
        };
        let mut first = None;
        for pod in &mut held {
            if others.contains(&pod.pod.uid) {
                pod.refused = Some("another backup holds its pod just now".into());
                outcome.problems.push(format!(
                    "pod {}/{} is held by another backup, so its hooks were not run",
                    pod.pod.namespace, pod.pod.name
                ));
                continue;
            }
            let over = first.map(|first: Instant| first + self.freeze_timeout);
            self.pre(pod, over, &mut outcome).await;
            first = first.or(pod.since);
        }
        let deadline = match first {
            Some(first) => first + self.timeout.min(self.freeze_timeout),
            None => Instant::now() + self.timeout,
        };
        let begun = Semaphore::new(self.at_once);
        let cuts: Vec<(usize, Shared<_>)> = group
            .claims
            .iter()
            .map(|claim| (*claim, self.cut(*claim, &held, deadline, &begun).boxed().shared()))
            .collect();
        let posts = held.iter().map(|pod| async {
            let own = cuts.iter().filter(|(claim, _)| self.mounts(pod.pod, *claim));
            join_all(own.map(|(_, cut)| cut.clone())).await;
            self.post(pod).await
        });
        let (done, results) =
            tokio::join!(join_all(posts), join_all(cuts.iter().map(|(_, cut)| cut.clone())));
        outcome.cuts = cuts.iter().map(|(claim, _)| *claim).zip(results).collect();
        let mut all_ended = true;
        for (mut hooks, freeze, ended) in done {
            all_ended &= ended;
            outcome.problems.extend(hooks.iter().filter_map(problem));
            outcome.hooks.append(&mut hooks);
            outcome.freezes.extend(freeze);
        }
        let settling: Vec<_> =
            outcome.cuts.drain(..).map(|(claim, cut)| Box::pin(self.settle(claim, cut))).collect();
        outcome.cuts = join_all(settling).await;
        if let Some(note) = note.filter(|_| all_ended)
            && let Err(error) = self.vault.drop_frozen(&note).await
        {
            tracing::warn!(%error, "a note of pods that are released already could not be removed");
        }
        outcome
    }

    /// Keeps what was cut, and takes away what was not.
    async fn settle(&self, claim: usize, cut: Result<Taken, String>) -> (usize, Result<Taken, String>) {
        let kept = match cut {
            Ok(taken) => self.cutter.keep(&taken).await.map(|()| taken),
            Err(why) => Err(why),
        };
        if kept.is_err() {
            let cutting = &self.cuttings[claim];
            self.cutter.discard(cutting.namespace, cutting.name, None).await;
        }
        (claim, kept)
    }

    fn mounts(&self, pod: &Pod, claim: usize) -> bool {
        let cutting = &self.cuttings[claim];
        pod.namespace == cutting.namespace && pod.claims.iter().any(|name| name == cutting.claim)
    }

    /// Notes what releases the pods that will be held; `None` where none is.
    async fn note(&self, held: &[Held<'_>]) -> Result<Option<holdfast_store::FrozenNote>, String> {
        let pods: Vec<_> = held.iter().filter(|held| !held.commands.pre.is_empty()).map(frozen).collect();
        if pods.is_empty() {
            return Ok(None);
        }
        let frozen = Frozen {
            cluster: self.identity.clone(),
            point: self.cutter.marks.point.clone(),
            writer: self.writer.id,
            process: self.writer.process.clone(),
            noted: self.cutter.context.now(),
            pods,
        };
        self.vault.note_frozen(&frozen).await.map(Some).map_err(|error| error.to_string())
    }

    /// The UIDs of pods that other backups which run have noted. Two that hold the same pod would release it for each other.
    async fn held_by_others(&self) -> HashSet<String> {
        let mut others = HashSet::new();
        let Ok(notes) = self.vault.frozen().await else { return others };
        for (_, frozen) in notes.into_iter().filter(|(_, frozen)| frozen.writer != self.writer.id) {
            let ours = frozen.pods.iter().any(|pod| self.pods.iter().any(|own| own.uid == pod.uid));
            if ours && matches!(hooks::is_alive(self.vault, &frozen).await, Ok(true)) {
                others.extend(frozen.pods.into_iter().map(|pod| pod.uid));
            }
        }
        others
    }

    /// Runs the pre hooks of a pod, until one that must not fail does, or the time of pods that are held already is over.
    async fn pre(&self, held: &mut Held<'_>, over: Option<Instant>, outcome: &mut Outcome) {
        for exec in &held.commands.pre {
            if self.cutter.context.cancel.is_cancelled() {
                held.refused = Some("the backup was cancelled".into());
                return;
            }
            if over
                .or(held.since.map(|since| since + self.freeze_timeout))
                .is_some_and(|over| Instant::now() >= over)
            {
                let why = "the hooks before took longer than pods may be held".to_owned();
                outcome.problems.push(format!("pod {}/{}: {why}", held.pod.namespace, held.pod.name));
                held.refused = Some(why);
                return;
            }
            let began = Instant::now();
            let (run, fate) = self.exec(held.pod, exec, HookPhase::Pre).await;
            if fate != Fate::NotRun {
                held.since.get_or_insert(began);
            }
            if let Some(problem) = problem(&run) {
                if exec.exec.on_error == OnError::Fail {
                    held.refused = Some(problem.clone());
                }
                outcome.problems.push(problem);
            }
            outcome.hooks.push(run);
            if held.refused.is_some() {
                return;
            }
        }
    }

    /// Runs the post hooks of a pod. Whether all of them are known to have ended is the last of what is returned.
    async fn post(&self, held: &Held<'_>) -> (Vec<HookRun>, Option<Freeze>, bool) {
        let mut runs = Vec::new();
        let mut all_ended = true;
        if held.since.is_some() || held.commands.pre.is_empty() {
            for exec in &held.commands.post {
                let (run, fate) = self.exec(held.pod, exec, HookPhase::Post).await;
                all_ended &= fate != Fate::Unknown;
                runs.push(run);
            }
        }
        let freeze = held.since.map(|since| Freeze {
            namespace: held.pod.namespace.clone(),
            pod: held.pod.name.clone(),
            millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        (runs, freeze, all_ended)
    }

    async fn exec(&self, pod: &Pod, exec: &PlannedExec, phase: HookPhase) -> (HookRun, Fate) {
        let order = Order {
            namespace: &pod.namespace,
            pod: &pod.name,
            container: &exec.container,
            hook: &exec.hook,
            phase,
            command: &exec.exec.command,
            timeout: exec.exec.timeout,
        };
        let context = self.cutter.context;
        let impossible = exec
            .problem
            .clone()
            .or_else(|| (pod.phase != "Running").then(|| format!("the pod is {}, not Running", pod.phase)));
        if let Some(why) = impossible {
            let run = not_run(&order, context.now(), &why);
            tell(&run, context);
            return (run, Fate::NotRun);
        }
        let ran = run(self.cutter.cluster, &order, context).await;
        (ran.run, ran.fate)
    }

    async fn cut(
        &self,
        claim: usize,
        held: &[Held<'_>],
        deadline: Instant,
        begun: &Semaphore,
    ) -> Result<Taken, String> {
        let refused = held.iter().find(|held| held.refused.is_some() && self.mounts(held.pod, claim));
        if let Some(why) = refused.and_then(|held| held.refused.as_deref()) {
            return Err(format!("it was not cut: {why}"));
        }
        let _permit = begun.acquire().await.map_err(|error| error.to_string())?;
        let cutting = &self.cuttings[claim];
        let taken = self.cutter.cut(cutting, deadline).await;
        self.cutter.context.advance(1, 0, Some(cutting.claim));
        taken
    }
}

fn frozen(held: &Held<'_>) -> FrozenPod {
    let release =
        held.commands.post.iter().filter(|exec| exec.problem.is_none()).map(|exec| ReleaseCommand {
            hook: exec.hook.clone(),
            container: exec.container.clone(),
            command: exec.exec.command.clone(),
            timeout_millis: u64::try_from(exec.exec.timeout.as_millis()).unwrap_or(u64::MAX),
        });
    FrozenPod {
        namespace: held.pod.namespace.clone(),
        pod: held.pod.name.clone(),
        uid: held.pod.uid.clone(),
        release: release.collect(),
    }
}
