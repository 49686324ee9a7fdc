//! How fast a piece of work goes, and how long it will still take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use holdfast_store::job::JobProgress;

use crate::context::Progress;

/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(10);
/// Time over which a rate can be told at all.
const SHORTEST: Duration = Duration::from_millis(500);

/// Turns progress seen now and then into a rate. One for each who looks.
#[derive(Debug, Default)]
pub struct Pace {
    phase: &'static str,
    seen: VecDeque<(Instant, u64)>,
}

impl Pace {
    /// The progress with its rate, as seen at `now`, which never goes back.
    pub fn measure(&mut self, progress: &Progress, now: Instant) -> JobProgress {
        if self.phase != progress.phase {
            self.phase = progress.phase;
            self.seen.clear();
        }
        while self.seen.len() > 1 && self.seen.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW)
        {
            self.seen.pop_front();
        }
        self.seen.push_back((now, progress.done));
        let rate = self.seen.front().and_then(|(since, done)| {
            let span = now.duration_since(*since);
            (span >= SHORTEST).then(|| progress.done.saturating_sub(*done) as f64 / span.as_secs_f64())
        });
        let left = progress.total.map(|total| total.saturating_sub(progress.done));
        let remaining_seconds = rate.zip(left).and_then(|(rate, left)| {
            let seconds = (left as f64 / rate).ceil();
            // More than a day is a stall, not a forecast.
            (seconds <= 86_400.0).then_some(seconds)
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 86,400")]
        JobProgress {
            phase: progress.phase.to_owned(),
            detail: progress.detail.clone(),
            done: progress.done,
            total: progress.total,
            bytes: progress.bytes,
            rate,
            remaining_seconds: remaining_seconds.map(|seconds| seconds as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds_of_this_phase() {
        let mut pace = Pace::default();
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let progress = |phase, done| Progress { phase, done, total: Some(1000), ..Progress::default() };
        assert_eq!(pace.measure(&progress("a", 0), at(0)).rate, None);
        let fast = pace.measure(&progress("a", 500), at(1));
        assert_eq!((fast.rate, fast.remaining_seconds), (Some(500.0), Some(1)));
        for second in 2..=30 {
            pace.measure(&progress("a", 500), at(second));
        }
        let stalled = pace.measure(&progress("a", 500), at(31));
        assert_eq!((stalled.rate, stalled.remaining_seconds), (Some(0.0), None));
        assert_eq!(pace.measure(&progress("b", 0), at(32)).rate, None);
        let other = pace.measure(&progress("b", 100), at(34));
        assert_eq!((other.rate, other.remaining_seconds), (Some(50.0), Some(18)));
    }
}
