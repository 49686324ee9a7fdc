//! The `PATH` of the user's login shell.
//!
//! A program started from a desktop has a bare one: sign-in commands such as kubelogin, installed by a package
//! manager of the user, are found only by the shell's. It is asked once; where it cannot be asked the process's own
//! `PATH` has to do.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::environment::Environment;

/// Longest wait for the shell, whose start-up files may do anything.
const PATIENCE: Duration = Duration::from_secs(5);

/// Printed around the value: start-up files may print, too.
const MARK: &str = "__holdfast_path__";

/// The answer, once it is known.
#[derive(Debug, Default)]
pub(crate) struct LoginPath(OnceCell<Option<OsString>>);

impl LoginPath {
    /// The value; `None` where this process's own `PATH` is to be used.
    pub(crate) async fn get(&self, environment: &Environment) -> Option<OsString> {
        self.0.get_or_init(|| ask(environment)).await.clone()
    }
}

#[cfg(unix)]
async fn ask(environment: &Environment) -> Option<OsString> {
    let shell = environment.variable("SHELL")?.to_owned();
    let mut command = Command::new(&shell);
    command
        .arg("-lc")
        .arg(format!("printf '%s%s%s' {MARK} \"$PATH\" {MARK}"))
        .env_clear()
        .envs(&environment.variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => {
            tracing::warn!(shell = %shell.display(), %error, "the login shell cannot be asked for its PATH");
            return None;
        }
        Err(_) => {
            tracing::warn!(shell = %shell.display(), "the login shell does not tell its PATH in time");
            return None;
        }
    };
    between_marks(&output.stdout)
}

#[cfg(not(unix))]
#[expect(clippy::unused_async, reason = "as on the other systems")]
async fn ask(_: &Environment) -> Option<OsString> {
    None
}

#[cfg(unix)]
fn between_marks(output: &[u8]) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;
    let mark = MARK.as_bytes();
    let start = memchr::memmem::find(output, mark)? + mark.len();
    let end = start + memchr::memmem::find(&output[start..], mark)?;
    (start < end).then(|| OsString::from_vec(output[start..end].to_vec()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn environment(shell: &std::path::Path) -> Environment {
        Environment {
            data_dir: "/nowhere".into(),
            cache_dir: "/nowhere".into(),
            home: None,
            variables: BTreeMap::from([
                ("SHELL".into(), shell.into()),
                ("PATH".into(), "/usr/bin:/bin".into()),
            ]),
            now: jiff::Timestamp::now,
            time_zone: jiff::tz::TimeZone::UTC,
        }
    }

    #[tokio::test]
    async fn the_value_is_found_among_what_start_up_files_print() {
        let dir = tempfile::tempdir().unwrap();
        let shell = dir.path().join("shell");
        std::fs::write(
            &shell,
            "#!/bin/sh\necho Welcome\nexport PATH=/opt/tools:/bin\nshift\neval \"$1\"\necho Bye\n",
        )
        .unwrap();
        std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(LoginPath::default().get(&environment(&shell)).await, Some("/opt/tools:/bin".into()));
        let missing = dir.path().join("missing");
        assert_eq!(LoginPath::default().get(&environment(&missing)).await, None);
    }
}
