//! Where a vault is.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// The address of a vault: `file:///absolute/path`, or just the absolute path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VaultUrl {
    folder: PathBuf,
}

/// An address that no vault can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultUrlError {
    /// A path that depends on where the program was started.
    #[error(
        "the vault address \"{0}\" is relative: give the whole path, such as file:///srv/backups or /srv/backups"
    )]
    Relative(String),
    /// `file://server/share`.
    #[error(
        "the vault address \"{0}\" names the server \"{1}\": mount the share and give the path where it is mounted, \
         with three slashes, such as file:///mnt/{1}"
    )]
    Host(String, String),
    /// A scheme for which there is no store yet.
    #[error("vaults at {0}:// addresses are not supported yet: use a folder, such as file:///srv/backups")]
    NotYet(String),
    /// Anything else.
    #[error(
        "\"{0}\" is not a vault address ({1}): use file:// and an absolute path, such as file:///srv/backups"
    )]
    Malformed(String, String),
}

impl VaultUrl {
    /// The folder the vault is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl FromStr for VaultUrl {
    type Err = VaultUrlError;

    fn from_str(text: &str) -> Result<Self, VaultUrlError> {
        let path = Path::new(text);
        if path.is_absolute() {
            let mut parts = path.components();
            if parts.any(|part| part == Component::ParentDir) {
                let why = "it has a \"..\"; give the path without it".to_owned();
                return Err(VaultUrlError::Malformed(text.to_owned(), why));
            }
            return Ok(Self { folder: path.components().collect() });
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(if text.starts_with("file:") || !text.contains(':') {
                VaultUrlError::Relative(text.to_owned())
            } else {
                VaultUrlError::Malformed(text.to_owned(), "it has no known scheme".to_owned())
            });
        };
        if !scheme.eq_ignore_ascii_case("file") {
            // The rest may carry a password or a signature, so it is not repeated.
            return Err(VaultUrlError::NotYet(scheme.to_owned()));
        }
        let malformed = |why: &str| VaultUrlError::Malformed(text.to_owned(), why.to_owned());
        if rest.starts_with('.') || rest.is_empty() {
            return Err(VaultUrlError::Relative(text.to_owned()));
        }
        let url = Url::parse(text).map_err(|e| malformed(&e.to_string()))?;
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            return Err(VaultUrlError::Host(text.to_owned(), host.to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(malformed("it has a '?' or a '#'; write them as %3F and %23"));
        }
        let folder = url.to_file_path().map_err(|()| malformed("it is not a path on this machine"))?;
        Ok(Self { folder })
    }
}

impl TryFrom<String> for VaultUrl {
    type Error = VaultUrlError;

    fn try_from(text: String) -> Result<Self, VaultUrlError> {
        text.parse()
    }
}

impl From<VaultUrl> for String {
    fn from(url: VaultUrl) -> String {
        url.to_string()
    }
}

impl fmt::Display for VaultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Url::from_file_path(&self.folder) {
            Ok(url) => f.write_str(url.as_str()),
            Err(()) => write!(f, "file://{}", self.folder.display()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn folders_are_given_as_url_or_as_path() {
        for text in
            ["file:///srv/my%20backups", "/srv/my backups", "/srv//my backups/", "FILE:///srv/my%20backups/"]
        {
            let url: VaultUrl = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(url.folder(), Path::new("/srv/my backups"), "{text}");
            assert_eq!(url.to_string(), "file:///srv/my%20backups", "{text}");
        }
        for odd in ["/", "/a#1", "/a?b", "/100%"] {
            let url: VaultUrl = odd.parse().unwrap();
            assert_eq!(url.folder(), Path::new(odd));
            assert_eq!(url.to_string().parse(), Ok(url));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write_instead() {
        for (text, says) in [
            ("backups", "is relative"),
            ("./backups", "is relative"),
            ("file:backups", "is relative"),
            ("file://./backups", "is relative"),
            ("file://", "is relative"),
            ("", "is relative"),
            ("file://nas/backups", "file:///mnt/nas"),
            ("file:///srv/a#b", "%23"),
            ("/srv/../etc", "\"..\""),
            ("mailto:me", "no known scheme"),
        ] {
            let error = text.parse::<VaultUrl>().expect_err(text).to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn an_address_of_the_future_is_not_repeated_with_its_secrets() {
        let text = "https://account.blob.core.windows.net/vault?sig=secret";
        let error = text.parse::<VaultUrl>().unwrap_err().to_string();
        assert!(error.starts_with("vaults at https:// addresses are not supported yet"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
