//! How long things took, in words.

use std::time::Duration;

/// `0.4 s`, `12.3 s`, `2 min 05 s`.
pub(crate) fn words(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}
