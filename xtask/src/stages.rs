//! A verb's stages: announced with the time since the start, run to the end whatever fails, and summed up.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use tokio::process::Command;

use crate::tally::{Tally, TestOutput};
use crate::{child, clock};

pub(crate) struct Stages {
    began: Instant,
    tally: Tally,
}

impl Stages {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), tally: Tally::default() }
    }

    pub(crate) fn announce(&self, stage: &str) {
        println!("\n== {stage} (after {})", clock::words(self.began.elapsed()));
    }

    /// Work that the later stages stand on. `None` when it failed, which counts as one failure.
    pub(crate) async fn prepare<T>(
        &mut self,
        stage: &str,
        work: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        self.announce(stage);
        match work.await {
            Ok(value) => Some(value),
            Err(error) => {
                eprintln!("{error:#}");
                self.tally.broken(stage, &error);
                None
            }
        }
    }

    /// A command that counts as one test: it has to succeed.
    pub(crate) async fn check(&mut self, stage: &str, command: Command) {
        self.announce(stage);
        match child::run(command).await {
            Ok(status) if status.success() => self.tally.check(stage, Ok(())),
            Ok(status) => self.tally.check(stage, Err(status.to_string())),
            Err(error) => self.tally.broken(stage, &error),
        }
    }

    /// A command that counts as one test: it lists what is wrong, so it has to print nothing.
    pub(crate) async fn check_silent(&mut self, stage: &str, command: Command) {
        self.announce(stage);
        let outcome = child::output(command).await;
        match outcome {
            Ok(output) if output.trim().is_empty() => self.tally.check(stage, Ok(())),
            Ok(output) => {
                self.tally.check(stage, Err(output.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            Err(error) => self.tally.broken(stage, &error),
        }
    }

    /// A command that runs Rust tests.
    pub(crate) async fn tests(&mut self, stage: &str, command: Command) {
        self.announce(stage);
        let mut output = TestOutput::default();
        match child::run_with_lines(command, |line| output.line(line)).await {
            Ok(status) => self.tally.tests(stage, &output, status),
            Err(error) => self.tally.broken(stage, &error),
        }
    }

    /// Says what failed and ends with the sum.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n== finished after {}", clock::words(self.began.elapsed()));
        for remark in self.tally.remarks() {
            println!("{remark}");
        }
        println!("{}", self.tally);
        if self.tally.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
