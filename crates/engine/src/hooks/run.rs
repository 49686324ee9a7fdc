//! Running one command in one container.

use std::time::{Duration, Instant};

use holdfast_cluster::{ApiError, Cluster, ExecEnd, ExecOutput, ExecRequest};
use holdfast_store::job::LogLevel;
use holdfast_store::volumes::{HookPhase, HookRun};

use crate::context::Context;

/// Bytes kept of what a command writes to standard output, and as many of standard error.
pub(crate) const OUTPUT_LIMIT: usize = 16 * 1024;
/// Characters of it that go into the log, on one line.
const LOGGED_CHARS: usize = 200;

/// A command that is to run.
#[derive(Clone, Debug)]
pub(crate) struct Order<'a> {
    pub namespace: &'a str,
    pub pod: &'a str,
    pub container: &'a str,
    pub hook: &'a str,
    pub phase: HookPhase,
    pub command: &'a [String],
    pub timeout: Duration,
}

/// What came of an order.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    pub run: HookRun,
    pub fate: Fate,
}

/// What is certain about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ran to its end, well or not.
    Ended,
    /// It was not begun.
    NotRun,
    /// It may have run, or may be running still.
    Unknown,
}

/// Runs a command and says how it ended. It is not broken off by a cancellation: what releases a database must run then, too.
pub(crate) async fn run(cluster: &Cluster, order: &Order<'_>, context: &Context) -> Ran {
    let (started, clock) = (context.now(), Instant::now());
    let request = ExecRequest {
        namespace: order.namespace,
        pod: order.pod,
        container: Some(order.container).filter(|name| !name.is_empty()),
        command: order.command,
        timeout: order.timeout,
        output_limit: OUTPUT_LIMIT,
    };
    let (failure, output, fate) = match Box::pin(cluster.exec(&request)).await {
        Ok(output) => {
            let fate = match &output.end {
                ExecEnd::Success | ExecEnd::ExitCode(_) => Fate::Ended,
                ExecEnd::Failed(_) | ExecEnd::TimedOut(_) => Fate::Unknown,
            };
            (failure(&output.end), text(&output), fate)
        }
        // Of the errors, these two leave open whether it ran (`Cluster::exec`).
        Err(error @ (ApiError::Timeout { .. } | ApiError::Interrupted { .. })) => {
            (Some(error.to_string()), String::new(), Fate::Unknown)
        }
        Err(error) => (Some(error.to_string()), String::new(), Fate::NotRun),
    };
    let run = HookRun { failure, output, millis: millis(clock), ..not_run(order, started, "") };
    tell(&run, context);
    Ran { run, fate }
}

/// A command that was not even tried.
pub(crate) fn not_run(order: &Order<'_>, started: jiff::Timestamp, why: &str) -> HookRun {
    HookRun {
        namespace: order.namespace.to_owned(),
        pod: order.pod.to_owned(),
        container: order.container.to_owned(),
        hook: order.hook.to_owned(),
        phase: order.phase,
        command: order.command.to_vec(),
        started,
        millis: 0,
        failure: Some(why.to_owned()),
        output: String::new(),
    }
}

fn failure(end: &ExecEnd) -> Option<String> {
    match end {
        ExecEnd::Success => None,
        ExecEnd::ExitCode(code) => Some(format!("it ended with exit code {code}")),
        ExecEnd::Failed(why) => Some(why.clone()),
        ExecEnd::TimedOut(after) => {
            Some(format!("it did not end within {after:?}; it may still be running in the container"))
        }
    }
}

fn text(output: &ExecOutput) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    if output.truncated {
        text.push_str("\n[the rest was cut off]");
    }
    text
}

/// One line of the log for one command.
pub(crate) fn tell(run: &HookRun, context: &Context) {
    let phase = match run.phase {
        HookPhase::Pre => "pre hook",
        HookPhase::Post => "post hook",
        HookPhase::Restore => "restore hook",
    };
    let what = format!("{phase} {} in {}/{} ({})", run.hook, run.namespace, run.pod, run.container);
    let output: String = run.output.split_whitespace().collect::<Vec<_>>().join(" ");
    let output: String = output.chars().take(LOGGED_CHARS).collect();
    let said = if output.is_empty() { String::new() } else { format!(": {output}") };
    match &run.failure {
        None => context.log(LogLevel::Info, format!("{what}: done in {} ms{said}", run.millis)),
        Some(why) => context.log(LogLevel::Warning, format!("{what}: {why}{said}")),
    }
}

/// What failed, as a warning says it.
pub(crate) fn problem(run: &HookRun) -> Option<String> {
    let why = run.failure.as_deref()?;
    let phase = match run.phase {
        HookPhase::Pre => "pre",
        HookPhase::Post => "post",
        HookPhase::Restore => "restore",
    };
    Some(format!(
        "{phase} hook {} failed in pod {}/{} (container {}): {why}",
        run.hook, run.namespace, run.pod, run.container
    ))
}

fn millis(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
