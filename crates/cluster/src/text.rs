//! Text from outside, made fit to be shown.

/// Longest text taken over from an answer or a process, in characters.
const MAX_CHARS: usize = 4096;

/// One line of printable text: control characters (terminal escapes) become spaces, and what is too long is cut.
pub(crate) fn printable(text: &str) -> String {
    let mut line: String =
        text.trim().chars().take(MAX_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim().chars().nth(MAX_CHARS).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_do_not_get_through() {
        assert_eq!(printable(" no\u{1b}[2Jpe\nplease \n"), "no [2Jpe please");
        assert_eq!(printable(&"é".repeat(5000)).chars().count(), MAX_CHARS + 1);
    }
}
