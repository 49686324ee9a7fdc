//! Where a vault is.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

mod blob;

pub use blob::BlobUrl;

/// The address of a vault: `file:///absolute/path` or just the absolute path for a folder, and
/// `https://account.blob.core.windows.net/container/prefix` for a container of Azure Blob Storage, where the prefix may
/// be left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VaultUrl {
    place: Place,
}

/// What an address leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Folder(PathBuf),
    Blob(BlobUrl),
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
    #[error(
        "vaults at {0}:// addresses are not supported: use a folder, such as file:///srv/backups, or a container of \
         Azure Blob Storage, such as https://account.blob.core.windows.net/container"
    )]
    NotYet(String),
    /// A shared access signature in the address, where it would end in logs and process lists.
    #[error(
        "the vault address {0} has something behind a '?': give the address without it, and keep a shared access \
         signature with `holdfast vaults credential set --vault {0}`, which reads it from standard input"
    )]
    Signature(String),
    /// `https://user:password@host`.
    #[error("the vault address {0} was given with a user name: Azure Blob Storage has none; leave it out")]
    User(String),
    /// Not a host of Azure Blob Storage.
    #[error(
        "{0} is not a host of Azure Blob Storage: use https://ACCOUNT.blob.core.windows.net/CONTAINER (or \
         blob.core.usgovcloudapi.net, blob.core.chinacloudapi.cn), or an emulator on this machine, such as \
         https://127.0.0.1:10000/devstoreaccount1/CONTAINER"
    )]
    BlobHost(String),
    /// http to a host that is not this machine.
    #[error("the vault address {0} is not encrypted: use https://")]
    Unencrypted(String),
    /// No container behind the account.
    #[error("the vault address {0} names no container: add one, such as {0}/backups")]
    NoContainer(String),
    /// The rules of Azure: 3 to 63 lower-case letters, digits and single hyphens between them.
    #[error(
        "\"{container}\" in the vault address {url} is not the name of a container: use 3 to 63 lower-case letters, \
         digits and hyphens, each hyphen between two others"
    )]
    Container {
        /// The address.
        url: String,
        /// What stands for the container.
        container: String,
    },
    /// A prefix that would not be the same everywhere.
    #[error(
        "\"{prefix}\" in the vault address {url} cannot be a prefix of blobs: use up to 512 letters, digits, '-', '_' \
         and '.', with single '/' between parts that are not \".\" or \"..\""
    )]
    Prefix {
        /// The address.
        url: String,
        /// What stands for the prefix.
        prefix: String,
    },
    /// Anything else.
    #[error(
        "\"{0}\" is not a vault address ({1}): use file:// and an absolute path, such as file:///srv/backups"
    )]
    Malformed(String, String),
}

impl VaultUrl {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The parts of the address, for a vault in Azure Blob Storage.
    pub fn blob(&self) -> Option<&BlobUrl> {
        match &self.place {
            Place::Folder(_) => None,
            Place::Blob(blob) => Some(blob),
        }
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
            return Ok(Self { place: Place::Folder(path.components().collect()) });
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(if text.starts_with("file:") || !text.contains(':') {
                VaultUrlError::Relative(text.to_owned())
            } else {
                VaultUrlError::Malformed(text.to_owned(), "it has no known scheme".to_owned())
            });
        };
        if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") {
            return Ok(Self { place: Place::Blob(text.parse()?) });
        }
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
        Ok(Self { place: Place::Folder(folder) })
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
        match &self.place {
            Place::Blob(blob) => blob.fmt(f),
            Place::Folder(folder) => match Url::from_file_path(folder) {
                Ok(url) => f.write_str(url.as_str()),
                Err(()) => write!(f, "file://{}", folder.display()),
            },
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
            assert_eq!(url.place, Place::Folder("/srv/my backups".into()), "{text}");
            assert_eq!(url.to_string(), "file:///srv/my%20backups", "{text}");
        }
        for odd in ["/", "/a#1", "/a?b", "/100%"] {
            let url: VaultUrl = odd.parse().unwrap();
            assert_eq!(url.place, Place::Folder(odd.into()));
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
        let text = "s3://key:secret@bucket/vault?sig=secret";
        let error = text.parse::<VaultUrl>().unwrap_err().to_string();
        assert!(error.starts_with("vaults at s3:// addresses are not supported"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
