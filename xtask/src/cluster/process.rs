//! A process that outlives the command that started it.
//!
//! It is known by boot, pid, start time and program together, as the kernel reports them, because a pid alone
//! names somebody else's process once the kernel has used it again. A signal goes through a pidfd opened before the
//! identity is compared, so it reaches that very process or nobody.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// How long a process gets between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(10);
/// How long the kernel gets to take a killed process away.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// A process as recorded when it was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    /// What it does, for messages: `etcd`.
    pub(crate) component: String,
    pub(crate) pid: i32,
    /// Clock ticks between boot and its start: field 22 of `/proc/<pid>/stat`.
    start_time: u64,
    /// `/proc/sys/kernel/random/boot_id`, without which a start time means nothing.
    boot: String,
    executable: PathBuf,
}

impl Process {
    /// Records the running process `pid`.
    pub(crate) fn identify(pid: u32, component: &str) -> Result<Self> {
        let pid = i32::try_from(pid).context("a pid beyond the kernel's own range")?;
        let stat = Stat::read(pid).with_context(|| format!("{component} (pid {pid}) ended at once"))?;
        Ok(Self {
            component: component.to_owned(),
            pid,
            start_time: stat.start_time,
            boot: boot_id()?,
            executable: executable(pid)
                .with_context(|| format!("cannot tell which program pid {pid} runs"))?,
        })
    }

    /// Whether that very process still runs. A zombie does not.
    pub(crate) fn is_running(&self) -> bool {
        self.open().is_some()
    }

    /// Ends it and waits until it is gone: SIGTERM, then SIGKILL after 10 s.
    pub(crate) fn stop(&self) -> Result<()> {
        let Some(handle) = self.open() else { return Ok(()) };
        for (signal, patience) in [(Signal::TERM, GRACE), (Signal::KILL, AFTER_KILL)] {
            let _ = pidfd_send_signal(&handle, signal);
            if ended_within(&handle, patience)? {
                return Ok(());
            }
        }
        bail!("{} (pid {}) survived SIGKILL; look at it with `ps -p {}`", self.component, self.pid, self.pid)
    }

    fn open(&self) -> Option<OwnedFd> {
        let handle = pidfd_open(Pid::from_raw(self.pid)?, PidfdFlags::empty()).ok()?;
        let stat = Stat::read(self.pid)?;
        let same = stat.start_time == self.start_time
            && stat.is_alive()
            && boot_id().is_ok_and(|boot| boot == self.boot)
            && executable(self.pid).is_some_and(|path| path == self.executable);
        same.then_some(handle)
    }
}

/// A process that runs now, told apart from a later one with the same pid. Used to name what belongs to this
/// very run of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pid: i32,
    start_time: u64,
}

impl Owner {
    pub(crate) fn this_process() -> Result<Self> {
        let pid = i32::try_from(std::process::id()).context("a pid beyond the kernel's own range")?;
        let stat = Stat::read(pid).context("cannot read /proc/self/stat")?;
        Ok(Self { pid, start_time: stat.start_time })
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (pid, start_time) = name.split_once('-')?;
        Some(Self { pid: pid.parse().ok()?, start_time: start_time.parse().ok()? })
    }

    pub(crate) fn is_running(self) -> bool {
        Stat::read(self.pid).is_some_and(|stat| stat.is_alive() && stat.start_time == self.start_time)
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.pid, self.start_time)
    }
}

struct Stat {
    state: char,
    start_time: u64,
}

impl Stat {
    fn read(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The program's name, field 2, may itself hold spaces and parentheses: count from its last one.
    fn parse(text: &str) -> Option<Self> {
        let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let start_time = fields.nth(18)?.parse().ok()?;
        Some(Self { state, start_time })
    }

    fn is_alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }
}

fn boot_id() -> Result<String> {
    const FILE: &str = "/proc/sys/kernel/random/boot_id";
    let text = fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    Ok(text.trim().to_owned())
}

/// The kernel marks a program whose file was replaced meanwhile; it is the same program all the same.
fn executable(pid: i32) -> Option<PathBuf> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let unmarked = path.to_str().and_then(|text| text.strip_suffix(" (deleted)")).map(PathBuf::from);
    Some(unmarked.unwrap_or(path))
}

fn ended_within(handle: &OwnedFd, patience: Duration) -> Result<bool> {
    let timeout = Timespec::try_from(patience).context("a patience beyond the kernel's own range")?;
    loop {
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("cannot wait for a process to end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").spawn().unwrap()
    }

    #[test]
    fn a_recorded_process_is_stopped() {
        let mut child = sleeper();
        let process = Process::identify(child.id(), "sleeper").unwrap();
        assert!(process.is_running());
        process.stop().unwrap();
        assert!(!process.is_running(), "a zombie does not count as running");
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(15));
    }

    #[test]
    fn whoever_has_the_pid_now_is_left_alone() {
        let mut child = sleeper();
        let recorded = Process::identify(child.id(), "sleeper").unwrap();
        let strangers = [
            Process { start_time: recorded.start_time - 1, ..recorded.clone() },
            Process { boot: "another boot".to_owned(), ..recorded.clone() },
            Process { executable: "/usr/bin/other".into(), ..recorded.clone() },
        ];
        for stranger in strangers {
            assert!(!stranger.is_running(), "{stranger:?}");
            stranger.stop().unwrap();
        }
        assert!(recorded.is_running(), "a process that was not recorded got a signal");
        recorded.stop().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_program_name_with_parentheses_does_not_shift_the_fields() {
        let stat =
            Stat::parse("7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9\n").unwrap();
        assert_eq!((stat.state, stat.start_time), ('S', 4711));
    }

    #[test]
    fn an_owner_is_found_again_by_its_name_and_only_while_it_runs() {
        let owner = Owner::this_process().unwrap();
        let again = Owner::parse(&owner.to_string()).unwrap();
        assert_eq!(again, owner);
        assert!(again.is_running());
        assert!(!Owner { start_time: owner.start_time - 1, ..owner }.is_running());
        assert_eq!(Owner::parse("scratch"), None);
    }
}
