//! The commands of one pod: its containers side by side, those of one container in their order.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use holdfast_model::hooks::{OnError, PlannedExec, RestoreExec};
use holdfast_store::volumes::{HookPhase, HookRun};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::look::{Standing, standing};
use crate::hooks::{Order, Pod, not_run, run, tell};
use crate::restore::run::Run;

/// The followed pods by UID as they are; `None` for those that are not there any more.
pub(super) type Seen = HashMap<String, Option<Arc<Value>>>;

/// A pod that commands are run in.
pub(super) struct NewPod {
    pub pod: Pod,
    pub commands: Vec<PlannedExec<RestoreExec>>,
    /// Set when nothing is run in it any more.
    pub done: Arc<AtomicBool>,
}

/// What came of the commands of a pod, or of one of its containers.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub namespace: String,
    pub pod: String,
    pub runs: Vec<HookRun>,
    /// Commands that were not come to.
    pub left: usize,
}

/// What the containers of a pod share.
struct Stage<'a> {
    pod: &'a Pod,
    /// When its containers began to be waited for.
    since: Instant,
    seen: watch::Receiver<Arc<Seen>>,
    permits: &'a Semaphore,
    /// Cancelled with the run, and by a command that must not fail and did.
    halt: CancellationToken,
}

/// Why a container is not there.
enum Absent {
    /// This is what its hook is reported with.
    Because(String),
    /// Nobody waits for it any more.
    Halted,
}

impl Run<'_> {
    /// Runs the commands of a pod, once its containers are there.
    pub(super) async fn pod_hooks(
        &self,
        new: NewPod,
        seen: watch::Receiver<Arc<Seen>>,
        permits: &Semaphore,
    ) -> Done {
        let stage =
            Stage { pod: &new.pod, since: Instant::now(), seen, permits, halt: self.stop().child_token() };
        let serving: Vec<_> = by_container(new.commands)
            .into_iter()
            .map(|commands| Box::pin(self.container_hooks(&stage, commands)))
            .collect();
        let mut done =
            Done { namespace: new.pod.namespace.clone(), pod: new.pod.name.clone(), ..Done::default() };
        for part in join_all(serving).await {
            done.runs.extend(part.runs);
            done.left += part.left;
        }
        new.done.store(true, Ordering::Relaxed);
        done
    }

    async fn container_hooks(&self, stage: &Stage<'_>, commands: Vec<PlannedExec<RestoreExec>>) -> Done {
        let mut done = Done::default();
        // What earlier commands took is not taken from the patience of later ones.
        let mut spent = Duration::ZERO;
        for command in commands {
            let clock = Instant::now();
            let deadline = stage.since + command.exec.wait_timeout + spent;
            let ready = match &command.problem {
                Some(problem) => Err(Absent::Because(problem.clone())),
                None => await_container(stage, &command, deadline).await,
            };
            let permit = match &ready {
                Ok(()) => stage.halt.run_until_cancelled(stage.permits.acquire()).await,
                Err(_) => None,
            };
            if stage.halt.is_cancelled() {
                done.left += 1;
                continue;
            }
            let order = Order {
                namespace: &stage.pod.namespace,
                pod: &stage.pod.name,
                container: &command.container,
                hook: &command.hook,
                phase: HookPhase::Restore,
                command: &command.exec.command,
                timeout: command.exec.exec_timeout,
            };
            let ran = match ready {
                Ok(()) => {
                    let began = Instant::now();
                    let ran = run(self.live.cluster, &order, self.context).await.run;
                    spent += began.elapsed();
                    ran
                }
                Err(Absent::Because(why)) => {
                    let ran = not_run(&order, self.context.now(), &why);
                    tell(&ran, self.context);
                    ran
                }
                Err(Absent::Halted) => {
                    done.left += 1;
                    continue;
                }
            };
            drop(permit);
            tracing::debug!(hook = %command.hook, elapsed = ?clock.elapsed(), "a restore hook is through");
            if ran.failure.is_some() && command.exec.on_error == OnError::Fail {
                stage.halt.cancel();
            }
            done.runs.push(ran);
        }
        done
    }
}

/// Waits until the container of a command is as the command wants it.
async fn await_container(
    stage: &Stage<'_>,
    command: &PlannedExec<RestoreExec>,
    deadline: Instant,
) -> Result<(), Absent> {
    let mut seen = stage.seen.clone();
    loop {
        let pod = seen.borrow_and_update().get(&stage.pod.uid).cloned().flatten();
        let why = match standing(pod.as_deref(), &command.container) {
            Standing::Ready => return Ok(()),
            Standing::Running if !command.exec.wait_for_ready => return Ok(()),
            Standing::Running => "it runs and is not ready".to_owned(),
            Standing::Waiting(why) => why,
            Standing::Over(why) => return Err(Absent::Because(format!("it was not run: {why}"))),
        };
        tokio::select! {
            () = stage.halt.cancelled() => return Err(Absent::Halted),
            () = tokio::time::sleep_until(deadline) => {
                let wanted = if command.exec.wait_for_ready { "ready" } else { "running" };
                let seconds = command.exec.wait_timeout.as_secs_f64();
                return Err(Absent::Because(format!(
                    "it was not run: the container was not {wanted} within {seconds} s: {why}"
                )));
            }
            changed = seen.changed() => if changed.is_err() { return Err(Absent::Halted) },
        }
    }
}

/// The commands of each container, in the order of its first.
fn by_container(commands: Vec<PlannedExec<RestoreExec>>) -> Vec<Vec<PlannedExec<RestoreExec>>> {
    let mut parts: Vec<Vec<PlannedExec<RestoreExec>>> = Vec::new();
    for command in commands {
        match parts.iter_mut().find(|part| part[0].container == command.container) {
            Some(part) => part.push(command),
            None => parts.push(vec![command]),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command(container: &str, wait_for_ready: bool) -> PlannedExec<RestoreExec> {
        PlannedExec {
            hook: "annotation".into(),
            container: container.into(),
            exec: RestoreExec {
                container: None,
                command: vec!["/a".into()],
                on_error: OnError::Continue,
                exec_timeout: Duration::from_secs(1),
                wait_timeout: Duration::from_secs(2),
                wait_for_ready,
            },
            problem: None,
        }
    }

    #[test]
    fn the_commands_of_a_container_stay_in_their_order() {
        let mut commands =
            ["a", "b", "a"].map(|container| command(container, false)).into_iter().collect::<Vec<_>>();
        commands[2].hook = "second".into();
        let parts = by_container(commands);
        let names: Vec<Vec<&str>> =
            parts.iter().map(|part| part.iter().map(|command| command.hook.as_str()).collect()).collect();
        assert_eq!(names, [vec!["annotation", "second"], vec!["annotation"]]);
    }

    #[tokio::test]
    async fn a_container_is_waited_for_until_it_runs_ends_or_its_time_is_over() {
        let pod = Pod { uid: "u".into(), ..Pod::default() };
        let status = |ready: bool| json!({"status": {"containerStatuses": [{"name": "a", "ready": ready, "state": {"running": {}}}]}});
        let states = |pod: Option<Value>| Arc::new(Seen::from([("u".to_owned(), pod.map(Arc::new))]));
        let permits = Semaphore::new(1);
        let (sender, seen) = watch::channel(states(Some(json!({}))));
        let stage = Stage {
            pod: &pod,
            since: Instant::now(),
            seen,
            permits: &permits,
            halt: CancellationToken::new(),
        };
        let long = Instant::now() + Duration::from_mins(1);
        let (running, ready) = (command("a", false), command("a", true));
        let waiting = async {
            assert!(await_container(&stage, &running, long).await.is_ok());
            assert!(matches!(
                await_container(&stage, &ready, Instant::now()).await,
                Err(Absent::Because(why)) if why.contains("not ready within 2 s")
            ));
            assert!(await_container(&stage, &ready, long).await.is_ok());
        };
        let changing = async {
            sender.send_replace(states(Some(status(false))));
            tokio::time::sleep(Duration::from_millis(20)).await;
            sender.send_replace(states(Some(status(true))));
        };
        tokio::join!(waiting, changing);
        sender.send_replace(states(None));
        assert!(matches!(await_container(&stage, &running, long).await, Err(Absent::Because(_))));
        sender.send_replace(states(Some(json!({}))));
        stage.halt.cancel();
        assert!(matches!(await_container(&stage, &running, long).await, Err(Absent::Halted)));
    }
}
