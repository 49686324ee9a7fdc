//! Shared access signatures.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// Longest text that is looked at, in bytes.
const MAX_BYTES: usize = 8 << 10;

/// A shared access signature: a secret that opens a container or an account until it expires.
#[derive(Clone)]
pub struct Sas {
    query: Zeroizing<String>,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
    permissions: Option<String>,
}

/// A text that is no shared access signature. It is not repeated: it may be part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "that is not a shared access signature: give the text that Azure calls \"SAS token\" (sv=...&sig=...), or the \
     whole \"SAS URL\""
)]
pub struct SasError;

impl Sas {
    /// Reads a token, with or without `?`, or a URL that ends with one.
    pub fn parse(text: &str) -> Result<Self, SasError> {
        let text = text.trim();
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        if text.len() > MAX_BYTES || query.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(SasError);
        }
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
        };
        if value("sig").is_none() || value("sv").is_none() {
            return Err(SasError);
        }
        Ok(Self {
            query: Zeroizing::new(query.to_owned()),
            starts: value("st").and_then(|text| time(&text)),
            expires: value("se").and_then(|text| time(&text)),
            permissions: value("sp"),
        })
    }

    /// When it becomes valid, if it says so.
    pub fn starts(&self) -> Option<Timestamp> {
        self.starts
    }

    /// When it expires; `None` where a stored access policy decides.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// One letter for each permission, if it says so: `rcwdl`.
    pub fn permissions(&self) -> Option<&str> {
        self.permissions.as_deref()
    }

    /// The secret: what stands behind the `?` of a request.
    pub fn query(&self) -> &str {
        &self.query
    }
}

impl fmt::Debug for Sas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sas")
            .field("expires", &self.expires)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

/// Azure takes a date alone, and times without seconds.
/// <https://learn.microsoft.com/rest/api/storageservices/formatting-datetime-values>
fn time(text: &str) -> Option<Timestamp> {
    let midnight =
        |text: &str| text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    text.parse().ok().or_else(|| midnight(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str =
        "sv=2022-11-02&st=2026-11-01T00%3A00Z&se=2026-12-01T00:00:00Z&sr=c&sp=rcwdl&sig=se%2Bcret%3D";

    #[test]
    fn a_token_is_read_with_what_it_says_of_itself() {
        for text in [
            TOKEN.to_owned(),
            format!("?{TOKEN}\n"),
            format!("https://shop1.blob.core.windows.net/backups?{TOKEN}"),
        ] {
            let sas = Sas::parse(&text).unwrap();
            assert_eq!(sas.query(), TOKEN);
            assert_eq!(sas.starts().unwrap().to_string(), "2026-11-01T00:00:00Z");
            assert_eq!(sas.expires().unwrap().to_string(), "2026-12-01T00:00:00Z");
            assert_eq!(sas.permissions(), Some("rcwdl"));
            assert!(!format!("{sas:?}").contains("cret"), "{sas:?}");
        }
        let day = Sas::parse("sv=1&sig=x&se=2026-12-01").unwrap();
        assert_eq!(day.expires().unwrap().to_string(), "2026-12-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_token_is_refused_and_not_repeated() {
        for text in [
            "",
            "secret",
            "sv=1",
            "sig=secret",
            "sv=1&sig=",
            "sv=1&sig=a b",
            &format!("{TOKEN}&x={}", "x".repeat(9000)),
        ] {
            assert!(!Sas::parse(text).unwrap_err().to_string().contains("secret"));
        }
    }
}
