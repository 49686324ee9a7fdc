//! Running one program and measuring it from outside.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

/// How often the peak of the memory is read. It only grows, so the last reading is at most this old.
const TICK: Duration = Duration::from_millis(10);

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub ms: u64,
    pub peak_rss_mib: f64,
}

/// Runs a program to its end, throwing its output away.
pub(super) async fn run_measured(mut command: Command) -> Result<Measured> {
    let clock = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start a program to measure")?;
    let status = format!("/proc/{}/status", child.id().unwrap_or_default());
    let mut errors = child.stderr.take();
    let said = tokio::spawn(async move {
        let mut text = String::new();
        if let Some(errors) = &mut errors {
            let _ = tokio::io::AsyncReadExt::read_to_string(errors, &mut text).await;
        }
        text
    });
    let mut peak_kib = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().context("cannot wait for a program")? {
            break ended;
        }
        peak_kib = peak_kib.max(high_water_mark(&status));
        tokio::select! {
            ended = child.wait() => break ended.context("cannot wait for a program")?,
            () = tokio::time::sleep(TICK) => {}
        }
    };
    let ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
    if !ended.success() {
        bail!("a measured program failed: {ended}\n{}", said.await.unwrap_or_default());
    }
    Ok(Measured { ms, peak_rss_mib: peak_kib as f64 / 1024.0 })
}

/// `VmHWM` in KiB; zero once the process is gone.
fn high_water_mark(status: &str) -> u64 {
    let text = std::fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

pub(super) fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_and_time_are_those_of_the_program() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 0.1"]);
        let measured = run_measured(command).await.expect("sh runs");
        assert!(measured.ms >= 100 && measured.peak_rss_mib > 0.1, "{measured:?}");
    }

    #[test]
    fn the_median_is_the_middle_of_an_odd_number() {
        assert_eq!(median(&[9, 1, 5]), 5);
    }
}
