//! The one retry layer: which failures are tried again, and when.
//!
//! kube's own layer is switched off. It waits up to fifteen times and as long as the server asks, which makes one
//! dead aggregated API stall discovery for minutes, and it gives up on a connection that broke. The rules here are
//! its rules with limits: 429, 503 and 504 after `Retry-After` or a growing pause, for every verb. A 503, a 504 and
//! a lost connection may hide a write that was done: repeated, it answers 409 (`AlreadyExists`, or `Conflict` where
//! a resourceVersion was sent), which callers handle anyway.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::api_error::ApiError;

/// Most repetitions of one request. The pauses add up to about half a minute.
const MAX_REPEATS: u32 = 8;
/// First pause; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest pause of our own choosing.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Longest `Retry-After` that is waited for; a server that asks for more gets its answer passed on.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);

/// How much patience a request deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Waits for whatever may pass: work that is under way.
    Full,
    /// Waits only where the server asks for less speed (429): finding out what works must not wait for what
    /// does not.
    Probe,
    /// Waits for nothing but a connection: what is asked for must not happen twice, and may already have.
    Once,
}

impl Patience {
    /// The pause before repetition number `repeat` (counted from 0) of a request that failed with `error`;
    /// `None` when the error stands.
    ///
    /// `reached` says whether this server has ever answered: one that never did is not waited for.
    pub(crate) fn pause(self, repeat: u32, error: &ApiError, reached: bool) -> Option<Duration> {
        if repeat >= MAX_REPEATS {
            return None;
        }
        let asked = match error {
            ApiError::Unreachable { .. } if self == Self::Once && reached => None,
            _ if self == Self::Once => return None,
            ApiError::Status(s) if s.code == 429 => s.retry_after,
            ApiError::Status(s) if self == Self::Full && matches!(s.code, 503 | 504) => s.retry_after,
            ApiError::Interrupted { .. } | ApiError::Unreachable { .. } if self == Self::Full && reached => {
                None
            }
            _ => return None,
        };
        match asked {
            Some(asked) if asked > LONGEST_RETRY_AFTER => None,
            asked => Some(jittered(backoff(repeat)).max(asked.unwrap_or_default())),
        }
    }
}

/// The pause before repetition number `repeat`, counted from 0.
pub(crate) fn backoff(repeat: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << repeat.min(16)).min(LONGEST_PAUSE)
}

/// Between three quarters of the pause and all of it, so that many requests refused at once do not return at once.
fn jittered(pause: Duration) -> Duration {
    // The hasher's keys are random per process and differ per instance, which is random enough to spread load.
    let random = RandomState::new().build_hasher().finish() % 256;
    pause.mul_f64(1.0 - random as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_error::StatusError;

    fn refusal(code: u16, retry_after: Option<u64>) -> ApiError {
        ApiError::Status(Box::new(StatusError {
            attempt: "list pods".into(),
            code,
            reason: String::new(),
            message: String::new(),
            causes: Vec::new(),
            retry_after: retry_after.map(Duration::from_secs),
            continue_token: None,
            from_api: true,
        }))
    }

    #[test]
    fn the_server_decides_how_long_a_pause_is_within_reason() {
        assert_eq!(Patience::Full.pause(0, &refusal(429, Some(7)), true), Some(Duration::from_secs(7)));
        assert_eq!(Patience::Full.pause(0, &refusal(429, Some(31)), true), None);
        let own = Patience::Full.pause(0, &refusal(503, None), true).unwrap();
        assert!(own <= FIRST_PAUSE && own >= FIRST_PAUSE / 2, "{own:?}");
    }

    #[test]
    fn repetitions_end_within_a_minute() {
        let total: Duration = (0..MAX_REPEATS).map(backoff).sum();
        assert!(total < Duration::from_mins(1), "{total:?}");
        assert_eq!(Patience::Full.pause(MAX_REPEATS, &refusal(429, Some(1)), true), None);
    }

    #[test]
    fn a_probe_waits_only_where_it_is_asked_to_slow_down() {
        assert!(Patience::Probe.pause(0, &refusal(429, Some(1)), true).is_some());
        assert_eq!(Patience::Probe.pause(0, &refusal(503, Some(1)), true), None);
    }

    #[test]
    fn a_server_that_never_answered_is_not_waited_for() {
        let gone =
            ApiError::Unreachable { attempt: String::new(), server: String::new(), reason: String::new() };
        assert_eq!(Patience::Full.pause(0, &gone, false), None);
        assert!(Patience::Full.pause(0, &gone, true).is_some());
        assert_eq!(Patience::Probe.pause(0, &gone, true), None);
    }

    #[test]
    fn what_must_not_happen_twice_waits_only_for_a_connection() {
        let (attempt, reason) = (String::new(), String::new());
        let lost = ApiError::Interrupted { attempt, reason };
        for error in [lost, refusal(429, Some(1)), refusal(503, None)] {
            assert_eq!(Patience::Once.pause(0, &error, true), None, "{error}");
        }
        let gone =
            ApiError::Unreachable { attempt: String::new(), server: String::new(), reason: String::new() };
        assert!(Patience::Once.pause(0, &gone, true).is_some());
        assert_eq!(Patience::Once.pause(0, &gone, false), None);
    }

    #[test]
    fn refusals_that_time_does_not_heal_stand() {
        for code in [400, 401, 403, 404, 409, 410, 422, 500] {
            assert_eq!(Patience::Full.pause(0, &refusal(code, Some(1)), true), None, "{code}");
        }
    }
}
