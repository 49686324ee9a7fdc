//! The built program in surroundings of its own: a home, a vault, and nothing else of this machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use tempfile::TempDir;
use tokio::process::Command;

use crate::run::Run;

/// The program and its folders. Needs no cluster.
pub struct Terminal {
    program: PathBuf,
    folder: TempDir,
}

/// The value of a variable without which no test can run.
pub fn required(name: &str) -> PathBuf {
    match std::env::var_os(name) {
        Some(value) if !value.is_empty() => value.into(),
        _ => panic!(
            "{name} is not set: these tests need two clusters and the built program, so run them with `cargo xtask test`"
        ),
    }
}

impl Terminal {
    /// The program that `HOLDFAST_BIN` names, in an empty home.
    #[expect(clippy::new_without_default, reason = "it starts something, rather than being a value")]
    pub fn new() -> Self {
        let folder = TempDir::with_prefix("holdfast-e2e-").unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { program: required("HOLDFAST_BIN"), folder }
    }

    /// The folder of everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder of the vault.
    pub fn vault(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    /// The program with these words.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .env_clear()
            .env("HOME", self.home())
            .env("HOLDFAST_CACHE_DIR", self.folder.path().join("cache"))
            .env("HOLDFAST_DATA_DIR", self.folder.path().join("data"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the program with these words to its end.
    pub async fn run(&self, words: &str) -> Run {
        let split: Vec<&str> = words.split_whitespace().collect();
        Self::output(words, self.command(&split)).await
    }

    /// Runs a command to its end; `words` are for messages.
    pub(crate) async fn output(words: &str, mut command: Command) -> Run {
        let clock = Instant::now();
        let output = command.output().await.expect("the program cannot be started");
        Run {
            words: words.to_owned(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is not UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is not UTF-8"),
            took: clock.elapsed(),
        }
    }
}
