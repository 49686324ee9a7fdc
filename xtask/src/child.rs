//! Programs that a verb runs and waits for.
//!
//! Each runs in a process group of its own. When the future that waits for it is dropped, because the user
//! pressed Ctrl-C or another step failed, the whole group gets SIGTERM: cargo does not pass signals on to the
//! test programs it started.

use std::ffi::OsStr;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Runs a program with this process's own output streams.
pub(crate) async fn run(mut command: Command) -> Result<ExitStatus> {
    let (mut child, _group) = start(&mut command)?;
    child.wait().await.with_context(|| format!("cannot wait for {}", shown(&command)))
}

/// Runs a program, passes on what it prints and also gives each line of its standard output to `each`.
pub(crate) async fn run_with_lines(mut command: Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    command.stdout(Stdio::piped());
    let (mut child, _group) = start(&mut command)?;
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        // Bytes rather than `lines()`: a test may print anything, and one bad byte must not end the run.
        while output.read_until(b'\n', &mut line).await.context("cannot read a program's output")? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            each(text.trim_end());
            line.clear();
        }
    }
    child.wait().await.with_context(|| format!("cannot wait for {}", shown(&command)))
}

/// Runs a program that answers in a moment and returns its standard output.
pub(crate) async fn output(mut command: Command) -> Result<String> {
    command.stdout(Stdio::piped());
    let (child, _group) = start(&mut command)?;
    let output =
        child.wait_with_output().await.with_context(|| format!("cannot wait for {}", shown(&command)))?;
    if !output.status.success() {
        anyhow::bail!("`{}` failed: {}", shown(&command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command line as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let command = command.as_std();
    std::iter::once(command.get_program()).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn start(command: &mut Command) -> Result<(Child, Group)> {
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    Ok((child, group))
}

/// Ends what is left of a process group. After a normal end nothing is left and the signal reaches nobody.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            let _ = kill_process_group(leader, Signal::TERM);
        }
    }
}
