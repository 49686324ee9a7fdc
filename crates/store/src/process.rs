//! Which process wrote something, so that another one on the same machine can tell whether it still runs.
//!
//! A process number alone proves nothing: numbers are reused, and count within a
//! namespace. Together with the boot id, the namespace and the start time it does.

use serde::{Deserialize, Serialize};

/// A process, identified beyond reuse of its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProcessIdentity {
    /// Random id of this boot of the machine.
    pub boot: String,
    /// The namespace in which `pid` counts.
    pub pid_namespace: String,
    /// Number of the process.
    pub pid: i32,
    /// When it started, in clock ticks since boot.
    pub start_ticks: u64,
}

impl ProcessIdentity {
    /// This process; `None` where the system does not tell (it does on Linux).
    pub fn current() -> Option<Self> {
        Self::of(std::process::id())
    }

    /// A running process of this machine and namespace; `None` where the system does not tell.
    pub fn of(pid: u32) -> Option<Self> {
        proc::identity(i32::try_from(pid).ok()?)
    }

    /// Whether this process is proven to have ended. `false` is "it runs, or nobody here can know".
    pub fn is_gone(&self) -> bool {
        match Self::current() {
            Some(me) if me.boot == self.boot && me.pid_namespace == self.pid_namespace => {
                proc::is_gone(self.pid, self.start_ticks)
            }
            _ => false,
        }
    }
}

#[cfg(target_os = "linux")]
mod proc {
    use std::fs;

    use rustix::io::Errno;
    use rustix::process::{Pid, test_kill_process};

    use super::ProcessIdentity;

    pub(super) fn identity(pid: i32) -> Option<ProcessIdentity> {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        let pid_namespace = fs::read_link("/proc/self/ns/pid").ok()?.to_str()?.to_owned();
        // A /proc of another namespace, as after `unshare` without a new mount, would describe other processes.
        let own = u32::try_from(stat("/proc/self/stat")?.pid).ok()?;
        if own != std::process::id() || boot.is_empty() {
            return None;
        }
        let stat = stat(&format!("/proc/{pid}/stat"))?;
        Some(ProcessIdentity { boot, pid_namespace, pid, start_ticks: stat.start_ticks })
    }

    pub(super) fn is_gone(pid: i32, start_ticks: u64) -> bool {
        if pid <= 0 {
            return false;
        }
        if let Some(stat) = stat(&format!("/proc/{pid}/stat")) {
            return stat.start_ticks != start_ticks || stat.ended;
        }
        // With hidepid, /proc does not show the processes of others; signals know them all the same.
        Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
    }

    struct Stat {
        pid: i32,
        ended: bool,
        start_ticks: u64,
    }

    /// See proc(5): `pid (comm) state ppid ...`, start time as field 22; the name may hold spaces and parentheses.
    fn stat(path: &str) -> Option<Stat> {
        let text = fs::read_to_string(path).ok()?;
        let (pid, rest) = text.split_once(' ')?;
        let (_, rest) = rest.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let ended = matches!(fields.next()?, "Z" | "X" | "x");
        Some(Stat { pid: pid.parse().ok()?, ended, start_ticks: fields.nth(18)?.parse().ok()? })
    }
}

#[cfg(not(target_os = "linux"))]
mod proc {
    use super::ProcessIdentity;

    pub(super) fn identity(_pid: i32) -> Option<ProcessIdentity> {
        None
    }

    pub(super) fn is_gone(_pid: i32, _start_ticks: u64) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_gone_when_it_ended_and_not_before() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let identity = ProcessIdentity::of(child.id()).unwrap();
        assert!(!identity.is_gone());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(identity.is_gone());
    }

    #[test]
    fn a_reused_number_is_another_process_and_another_machine_is_unknown() {
        let me = ProcessIdentity::current().unwrap();
        assert!(!me.is_gone());
        assert!(ProcessIdentity { start_ticks: me.start_ticks + 1, ..me.clone() }.is_gone());
        assert!(!ProcessIdentity { boot: "another".into(), pid: i32::MAX, ..me.clone() }.is_gone());
        assert!(!ProcessIdentity { pid_namespace: "pid:[1]".into(), pid: i32::MAX, ..me }.is_gone());
    }
}
