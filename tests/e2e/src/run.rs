//! One run of the program, and what can be said about it.

use std::time::Duration;

use serde_json::Value;

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// The command line, for messages.
    pub words: String,
    /// Exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Run {
    /// Ends the test unless the run ended with this code.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "often only the check matters")]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard output as the one JSON document that it must be.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// The one line that says what went wrong. Progress lines, which begin with a time, do not count.
    #[track_caller]
    pub fn error(&self) -> &str {
        let errors: Vec<&str> = self.stderr.lines().filter(|line| !is_progress(line)).collect();
        let [line] = errors.as_slice() else { panic!("not exactly one error line: {self}") };
        line.strip_prefix("holdfast: ").unwrap_or_else(|| panic!("the error does not say who speaks: {self}"))
    }

    /// The same for a command line that is refused before anything is done.
    #[track_caller]
    pub fn usage_error(&self) -> &str {
        assert_eq!(self.code, Some(2), "{self}");
        assert!(self.stdout.is_empty(), "{self}");
        let errors: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let [line] = errors.as_slice() else { panic!("not exactly one error: {self}") };
        line
    }
}

/// `  0.3s listing: 17 objects configmaps`
fn is_progress(line: &str) -> bool {
    let time = line.trim_start().split_once("s ").map_or("", |(time, _)| time);
    !time.is_empty() && time.chars().all(|c| c.is_ascii_digit() || c == '.')
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let short = |text: &str| text.chars().take(6000).collect::<String>();
        let Self { words, code, stdout, stderr, took } = self;
        write!(
            f,
            "`holdfast {words}` ended with {code:?} after {took:?}\n{}\n{}",
            short(stderr),
            short(stdout)
        )
    }
}
