//! Counting tests over everything that a verb runs.
//!
//! Nothing passes by not being run: a stage that could not start, a stage without a single test and a test program that
//! ended in the middle each count as one failure and are named.

use std::fmt;
use std::process::ExitStatus;

/// What Rust's test programs print, or Vitest, read line by line.
#[derive(Debug, Default)]
pub(crate) struct TestOutput {
    passed: u64,
    failed: u64,
    ignored: u64,
    failures: Vec<String>,
    /// Programs that announced tests and ended without a result.
    unfinished: u64,
    awaiting_result: bool,
}

impl TestOutput {
    pub(crate) fn line(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.awaiting_result = false;
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
            self.ignored += count(result, "ignored");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        } else if let Some(result) = line.trim_start().strip_prefix("Tests  ") {
            self.passed += count(result, "passed");
            self.failed += count(result, "failed");
            self.ignored += count(result, "skipped") + count(result, "todo");
        } else if let Some(name) = line.trim_start().strip_prefix("FAIL  ") {
            self.failures.push(name.to_owned());
        } else if line.starts_with("running ") && (line.ends_with(" tests") || line.ends_with(" test")) {
            self.unfinished += u64::from(self.awaiting_result);
            self.awaiting_result = true;
        }
    }
}

/// The number before `word` in `ok. 12 passed; 0 failed; ...`.
fn count(result: &str, word: &str) -> u64 {
    let mut words = result.split([' ', ';']).filter(|word| !word.is_empty());
    let mut previous = words.next().unwrap_or_default();
    for next in words {
        if next == word {
            return previous.parse().unwrap_or(0);
        }
        previous = next;
    }
    0
}

/// The sum so far. Its text is the line that verbs end with: `12 passed, 0 failed`.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    /// What failed and what is worth knowing, one line each.
    remarks: Vec<String>,
}

impl Tally {
    /// A check that counts as one test.
    pub(crate) fn check(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(reason) => {
                self.failed += 1;
                self.remarks.push(format!("{name}: {reason}"));
            }
        }
    }

    /// A stage that could not be carried out.
    pub(crate) fn broken(&mut self, stage: &str, error: &anyhow::Error) {
        self.check(stage, Err(format!("{error:#}")));
    }

    /// A stage of Rust tests, with how its command ended.
    pub(crate) fn tests(&mut self, stage: &str, output: &TestOutput, status: ExitStatus) {
        let unfinished = output.unfinished + u64::from(output.awaiting_result);
        self.passed += output.passed;
        self.failed += output.failed;
        self.remarks.extend(output.failures.iter().map(|name| format!("{stage}: {name} failed")));
        if unfinished > 0 {
            self.failed += unfinished;
            self.remarks
                .push(format!("{stage}: {unfinished} test programs ended in the middle of their tests"));
        }
        if output.passed + output.failed + unfinished == 0 {
            self.check(stage, Err(format!("no test ran ({status})")));
        } else if !status.success() && output.failed + unfinished == 0 {
            self.check(stage, Err(format!("all tests that ran passed, but not all could run ({status})")));
        }
        if output.ignored > 0 {
            self.remarks
                .push(format!("{stage}: {} tests are marked as ignored and were not run", output.ignored));
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    pub(crate) fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn tally(text: &str, exit: i32) -> Tally {
        let mut output = TestOutput::default();
        text.lines().for_each(|line| output.line(line));
        let mut tally = Tally::default();
        tally.tests("cargo test", &output, ExitStatus::from_raw(exit << 8));
        tally
    }

    #[test]
    fn results_of_several_programs_add_up_and_failures_are_named() {
        let tally = tally(
            "running 2 tests\n\
             test name::refuses_a_dot ... ok\n\
             test name::keeps_order ... FAILED\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
             running 1 test\n\
             test only ... ok\n\
             test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n\
             running 0 tests\n\
             test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
            101,
        );
        assert_eq!(tally.to_string(), "2 passed, 1 failed");
        assert_eq!(tally.remarks(), ["cargo test: name::keeps_order failed"]);
        assert!(!tally.is_success());
    }

    #[test]
    fn vitest_says_it_in_one_line() {
        let tally =
            tally(" Test Files  1 failed | 8 passed (9)\n      Tests  2 failed | 53 passed (55)\n", 1);
        assert_eq!(tally.to_string(), "53 passed, 2 failed");
    }

    #[test]
    fn a_program_that_dies_in_the_middle_is_a_failure() {
        let died = "running 2 tests\ntest a ... ok\n";
        let fine = "running 1 test\ntest b ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        assert_eq!(tally(&format!("{died}{fine}"), 101).to_string(), "1 passed, 1 failed");
        assert_eq!(tally(&format!("{fine}{died}"), 101).to_string(), "1 passed, 1 failed");
    }

    #[test]
    fn nothing_run_is_a_failure_whatever_the_command_said() {
        for exit in [0, 101] {
            assert_eq!(tally("", exit).to_string(), "0 passed, 1 failed");
        }
        assert_eq!(
            tally("running 0 tests\ntest result: ok. 0 passed; 0 failed\n", 0).to_string(),
            "0 passed, 1 failed"
        );
    }

    #[test]
    fn a_command_that_failed_counts_although_its_tests_passed() {
        let tally = tally("running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored\n", 101);
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
    }

    #[test]
    fn tests_that_were_not_run_are_mentioned() {
        let tally = tally("running 4 tests\ntest result: ok. 1 passed; 0 failed; 3 ignored; 0 measured\n", 0);
        assert!(tally.is_success());
        assert_eq!(tally.remarks(), ["cargo test: 3 tests are marked as ignored and were not run"]);
    }

    #[test]
    fn what_tests_print_themselves_is_not_counted() {
        let tally = tally(
            "running 1 test\nhe said: test result: ok. 9 passed\ntest result: ok. 1 passed; 0 failed\n",
            0,
        );
        assert_eq!(tally.to_string(), "1 passed, 0 failed");
    }
}
