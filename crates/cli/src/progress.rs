//! Progress on standard error: a bar on a terminal, a line now and then otherwise.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use holdfast_engine::{Progress, ProgressReceiver};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

/// How often progress is looked at.
const BAR_TICK: Duration = Duration::from_millis(100);
/// How often a line is printed where there is no terminal.
const LINE_TICK: Duration = Duration::from_secs(5);

/// Shows progress until it is dropped.
pub(crate) struct Display(JoinHandle<()>);

impl Display {
    pub(crate) fn start(progress: ProgressReceiver) -> Self {
        Self(if io::stderr().is_terminal() {
            tokio::spawn(bar(progress))
        } else {
            tokio::spawn(lines(progress))
        })
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Clears its line when it is dropped, also by an abort.
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

async fn bar(mut progress: ProgressReceiver) {
    let bar = Bar(ProgressBar::no_length());
    let unknown =
        ProgressStyle::with_template("{spinner} {prefix} {human_pos} objects · {per_sec} · {wide_msg}");
    let known = ProgressStyle::with_template(
        "{spinner} {prefix} [{bar:30}] {human_pos}/{human_len} · {per_sec} · {eta} left · {wide_msg}",
    );
    let mut phase = "";
    loop {
        let now = progress.borrow_and_update().clone();
        if now.phase != phase {
            phase = now.phase;
            bar.0.reset();
            bar.0.set_prefix(phase);
            if let Ok(style) = if now.total.is_some() { &known } else { &unknown } {
                bar.0.set_style(style.clone());
            }
        }
        if let Some(total) = now.total {
            bar.0.set_length(total);
        }
        bar.0.set_position(now.done);
        bar.0.set_message(now.detail);
        tokio::time::sleep(BAR_TICK).await;
        if progress.has_changed().is_err() {
            return;
        }
    }
}

async fn lines(mut progress: ProgressReceiver) {
    let start = Instant::now();
    let mut last: Option<(Progress, Instant)> = None;
    while progress.changed().await.is_ok() {
        // Whoever counts objects is not woken for each of them.
        tokio::time::sleep(BAR_TICK).await;
        let now = progress.borrow_and_update().clone();
        let due = match &last {
            None => !now.phase.is_empty(),
            Some((shown, at)) => shown.phase != now.phase || at.elapsed() >= LINE_TICK,
        };
        if !due {
            continue;
        }
        let total = now.total.map(|total| format!(" of {total}")).unwrap_or_default();
        let since = last.as_ref().filter(|(shown, _)| shown.phase == now.phase);
        let rate = since
            .map(|(shown, at)| {
                format!(", {:.0}/s", now.done.saturating_sub(shown.done) as f64 / at.elapsed().as_secs_f64())
            })
            .unwrap_or_default();
        eprintln!(
            "{:>5.1}s {}: {}{total} objects{rate} {}",
            start.elapsed().as_secs_f64(),
            now.phase,
            now.done,
            now.detail
        );
        last = Some((now, Instant::now()));
    }
}
