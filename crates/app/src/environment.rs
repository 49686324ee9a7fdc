//! What the program is given from outside: folders, environment variables, the time.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The surroundings of one [`crate::App`].
#[derive(Clone, Debug)]
pub struct Environment {
    /// Folder of settings, vault list, read model and log; created when it is needed.
    pub data_dir: PathBuf,
    /// Folder of what can be made again: spool files, indexes of other programs' points.
    pub cache_dir: PathBuf,
    /// The user's own folder, if there is one.
    pub home: Option<PathBuf>,
    /// Environment variables.
    pub variables: BTreeMap<OsString, OsString>,
    /// The clock.
    pub now: fn() -> Timestamp,
    /// The time zone of days.
    pub time_zone: TimeZone,
}

/// Neither the system nor a variable names a folder.
#[derive(Debug, thiserror::Error)]
#[error("there is no folder for {what} on this system: set {variable}")]
pub struct NoFolder {
    what: &'static str,
    variable: &'static str,
}

impl Environment {
    /// That of this process. `HOLDFAST_DATA_DIR` and `HOLDFAST_CACHE_DIR` come before the system's folders.
    pub fn of_process() -> Result<Self, NoFolder> {
        let variables: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
        let folder = |variable: &'static str, system: Option<PathBuf>, what| {
            let named = variables.get(OsStr::new(variable)).filter(|value| !value.is_empty());
            named
                .map(PathBuf::from)
                .or_else(|| Some(system?.join("holdfast")))
                .ok_or(NoFolder { what, variable })
        };
        Ok(Self {
            data_dir: folder("HOLDFAST_DATA_DIR", dirs::data_dir(), "settings")?,
            cache_dir: folder("HOLDFAST_CACHE_DIR", dirs::cache_dir(), "spool files")?,
            home: std::env::home_dir(),
            variables,
            now: Timestamp::now,
            time_zone: TimeZone::system(),
        })
    }

    /// The value of an environment variable, if it is set to something.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// Where a vault is proposed: among the user's documents, or with everything else where a folder was named for it.
    pub(crate) fn suggested_vault(&self) -> Option<PathBuf> {
        if self.variable("HOLDFAST_DATA_DIR").is_some() {
            return Some(self.data_dir.join("Holdfast vault"));
        }
        Some(
            dirs::document_dir()
                .filter(|dir| dir.is_dir())
                .or_else(|| self.home.clone())?
                .join("Holdfast vault"),
        )
    }
}
