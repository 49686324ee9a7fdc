//! Ids of jobs.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How the time stands in an id.
const TIME: &str = "%Y%m%d-%H%M%S";
/// Length of the time.
const TIME_LENGTH: usize = 15;
/// Hex digits behind it: three for the millisecond, the others random.
const HEX_LENGTH: usize = 8;

/// Id of a job: when it began, in UTC, and eight hex digits, such as `20261125-152003-2bc6d081`: the first three
/// are the millisecond, the others random.
///
/// Sorted as text, ids are sorted by time, to the millisecond.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(String);

/// A text that is not the id of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not the id of a job, which looks like 20261125-152003-2bc6d081: list the jobs to see their ids"
)]
pub struct JobIdError(String);

impl JobId {
    /// A new id for a job that begins at `now`.
    pub fn new(now: Timestamp) -> Self {
        let random = Uuid::new_v4().simple().to_string();
        let millisecond = now.as_millisecond().rem_euclid(1000);
        Self(format!("{}-{millisecond:03x}{}", now.strftime(TIME), &random[..HEX_LENGTH - 3]))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the job began, to the second.
    pub fn time(&self) -> Timestamp {
        time(&self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn time(id: &str) -> Option<Timestamp> {
    let time = DateTime::strptime(TIME, id.get(..TIME_LENGTH)?).ok()?;
    Some(TimeZone::UTC.to_zoned(time).ok()?.timestamp())
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, JobIdError> {
        let hex = text.get(TIME_LENGTH..).and_then(|rest| rest.strip_prefix('-'));
        let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let is_id = hex.is_some_and(|hex| hex.len() == HEX_LENGTH && is_hex(hex))
            && time(text).is_some_and(|time| text.starts_with(&time.strftime(TIME).to_string()));
        if is_id { Ok(Self(text.to_owned())) } else { Err(JobIdError(text.chars().take(80).collect())) }
    }
}

impl TryFrom<String> for JobId {
    type Error = JobIdError;

    fn try_from(text: String) -> Result<Self, JobIdError> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> String {
        id.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_time_and_nothing_else_is_an_id() {
        let now: Timestamp = "2026-11-25T15:20:03.7Z".parse().unwrap();
        let id = JobId::new(now);
        assert!(id.as_str().starts_with("20261125-152003-2bc"), "{id}");
        assert_eq!(id.as_str().parse::<JobId>().unwrap(), id);
        assert_eq!(id.time(), "2026-11-25T15:20:03Z".parse().unwrap());
        assert_ne!(JobId::new(now), id);
        for bad in [
            "",
            "20261125-152003",
            "20261125-152003-",
            "20261125-152003-2bc6d08",
            "20261125-152003-2BC6D081",
            "20261325-152003-2bc6d081",
            "20261125_152003-2bc6d081",
            "2026112 -152003-2bc6d081",
            "../../../../../../../etc",
            "20261125-152003-2bc6d0811",
            "ä0261125-152003-2bc6d081",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }
}
