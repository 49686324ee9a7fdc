//! Running the hooks of a restore: pods as they come, each until its commands are through.

use std::sync::Arc;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use holdfast_store::job::LogLevel;
use tokio::sync::{Semaphore, mpsc, watch};

use super::pod::{Done, Seen};
use super::watcher::{News, Watcher};
use super::{Expected, Hooked, Noted};
use crate::hooks::problem;
use crate::restore::run::Run;

/// Commands that run at the same time.
const AT_ONCE: usize = 16;

impl Run<'_> {
    /// Runs hooks in the pods that come of what was written. When the run is stopped nothing new is begun, and what is under
    /// way is awaited: breaking off would not end it.
    pub(in crate::restore) async fn run_hooks(&self, noted: Vec<Noted>) -> Hooked {
        let mut hooked = Hooked::default();
        let mut expected: Vec<Expected> = Vec::new();
        for noted in noted {
            hooked.notes.extend(noted.notes);
            expected.extend(noted.expected.filter(|expected| expected.pods > 0));
        }
        if expected.is_empty() {
            return hooked;
        }
        let Some(pods) = self.live.type_of_kind("Pod").cloned() else {
            hooked.problems.push("restore hooks were not run: the target serves no pods".to_owned());
            return hooked;
        };
        let (states, seen) = watch::channel(Arc::new(Seen::new()));
        let (sender, mut news) = mpsc::unbounded_channel();
        let mut watcher = Watcher::new(self, pods, expected, states, sender);
        let mut watching = Box::pin(self.stop().run_until_cancelled(watcher.watch()).fuse());
        let permits = Semaphore::new(AT_ONCE);
        let mut running = FuturesUnordered::new();
        let (mut has_all, mut stopped) = (false, false);
        let mut left = 0;
        while !((has_all || stopped) && running.is_empty()) {
            tokio::select! {
                _ = &mut watching => stopped = true,
                Some(news) = news.recv() => match news {
                    News::Pod(pod) => running.push(Box::pin(self.pod_hooks(pod, seen.clone(), &permits))),
                    News::Problem(problem) => hooked.problems.push(problem),
                    News::Settled => has_all = true,
                },
                Some(done) = running.next(), if !running.is_empty() => left += self.take_done(done, &mut hooked),
            }
        }
        if left > 0 || !has_all {
            hooked.problems.push("the restore was stopped before all of its hooks were run".to_owned());
        }
        hooked
    }

    /// Takes over what came of a pod, and says how many of its commands were not come to because the run was stopped.
    fn take_done(&self, done: Done, hooked: &mut Hooked) -> usize {
        for run in &done.runs {
            if let (Some(why), Some(told)) = (&run.failure, problem(run)) {
                // Told while others still wait, and by cause: many pods of one workload fail alike.
                let words = format!("restore hook {} failed (container {}): {why}", run.hook, run.container);
                self.context.warn_about(LogLevel::Warning, "Pod", &run.namespace, &run.pod, &words);
                hooked.failures.push(told);
            }
        }
        hooked.runs.extend(done.runs);
        if self.stop().is_cancelled() {
            return done.left;
        }
        if done.left > 0 {
            let commands =
                if done.left == 1 { "1 command".to_owned() } else { format!("{} commands", done.left) };
            hooked.problems.push(format!(
                "{commands} of restore hooks in pod {}/{} were not run, because one with onError Fail failed before",
                done.namespace, done.pod
            ));
        }
        0
    }
}
