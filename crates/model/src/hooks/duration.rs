//! Durations as Go writes them: `10s`, `1m30s`, `500ms`, `1.5h`.

use std::fmt::Write;
use std::time::Duration;

use super::MAX_TIMEOUT;

/// Longest text that is looked at.
const MAX_LENGTH: usize = 40;

/// Reads one; an error says what is wrong, as the end of a sentence.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || Err("is no duration; write one such as 30s, 1m30s or 500ms".to_owned());
    if text.len() > MAX_LENGTH {
        return wrong();
    }
    if text.starts_with('-') {
        return Err("is negative".to_owned());
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(format!("has no unit; write {text}s for seconds"));
    }
    let mut nanoseconds = 0_u128;
    let mut rest = text;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let Some(scale) = scale(unit) else { return wrong() };
        let Some(part) = scaled(number, scale) else { return wrong() };
        nanoseconds = nanoseconds.saturating_add(part);
        rest = tail;
    }
    if text.is_empty() {
        return wrong();
    }
    if nanoseconds > MAX_TIMEOUT.as_nanos() {
        return Err(format!("is longer than {}, which is the most that a hook may take", shown(MAX_TIMEOUT)));
    }
    // At most an hour of nanoseconds.
    Ok(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX)))
}

fn scale(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60 * 1_000_000_000,
        "h" => 3_600 * 1_000_000_000,
        _ => return None,
    })
}

/// `1.5` in units of `scale`. What is below one unit of that is cut off, as in Go.
fn scaled(number: &str, scale: u128) -> Option<u128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.saturating_mul(scale);
    let mut place = scale;
    for digit in fraction.bytes() {
        place /= 10;
        total = total.saturating_add(u128::from(digit - b'0') * place);
    }
    Some(total)
}

/// As people write it: `1h`, `5m`, `1m30s`, `1.5s`, `500ms`.
pub(super) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, duration.as_secs_f64() % 60.0);
    let mut text = String::new();
    let mut part = |number: f64, unit: &str| {
        // A String takes all that is written to it.
        let _ = write!(text, "{number}{unit}");
    };
    match (seconds, rest > 0.0) {
        (0, true) => part(rest * 1000.0, "ms"),
        (0, false) => part(0.0, "s"),
        _ => {
            for (number, unit) in [(hours as f64, "h"), (minutes as f64, "m"), (rest, "s")] {
                if number > 0.0 {
                    part(number, unit);
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, milliseconds) in [
            ("10s", 10_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("1.5s", 1_500),
            (".5m", 30_000),
            ("1h", 3_600_000),
            ("2000us", 2),
            ("1s1s", 2_000),
            ("0", 0),
            ("0s", 0),
            ("+5s", 5_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for (text, problem) in [
            ("10", "write 10s"),
            ("", "no duration"),
            ("s", "no duration"),
            ("1d", "no duration"),
            ("1..5s", "no duration"),
            (".s", "no duration"),
            ("5 s", "no duration"),
            ("-5s", "negative"),
            ("61m", "longer than 1h"),
            ("99999999999999999999999999999999999999h", "longer than 1h"),
            ("1e3s", "no duration"),
        ] {
            assert!(parse(text).unwrap_err().contains(problem), "{text}: {:?}", parse(text));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(milliseconds in 0..3_600_001_u64) {
            let duration = Duration::from_millis(milliseconds);
            let read = parse(&shown(duration)).unwrap();
            prop_assert!(read.abs_diff(duration) < Duration::from_micros(1), "{}", shown(duration));
        }

        #[test]
        fn no_text_panics(text in "[0-9.µsmhn+-]{0,45}|.{0,20}") {
            let _ = parse(&text);
        }
    }
}
