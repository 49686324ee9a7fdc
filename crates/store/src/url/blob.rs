//! The address of a vault in Azure Blob Storage.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use super::VaultUrlError;

/// Host suffixes of the clouds, behind the account's name.
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>
const SUFFIXES: [&str; 3] =
    [".blob.core.windows.net", ".blob.core.usgovcloudapi.net", ".blob.core.chinacloudapi.cn"];

/// Longest prefix, in bytes. A blob's name may have 1,024 characters; the rest is for the paths of points.
const MAX_PREFIX_BYTES: usize = 512;

/// A container of Azure Blob Storage, or of an emulator on this machine, and a prefix in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobUrl {
    /// Scheme and host, for emulators also port and account: what the container's name is appended to.
    endpoint: String,
    account: String,
    container: String,
    /// Empty, or parts with `/` between them.
    prefix: String,
    emulator: bool,
}

impl BlobUrl {
    /// Name of the storage account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Name of the container.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The host, without a port.
    pub fn host(&self) -> &str {
        let host = self.endpoint.split_once("://").map_or("", |(_, rest)| rest);
        host.split(['/', ':']).next().unwrap_or_default()
    }

    /// Whether it is an emulator on this machine: reached without proxies, and http is allowed.
    pub fn is_emulator(&self) -> bool {
        self.emulator
    }

    /// The account, without a slash at the end: `https://account.blob.core.windows.net`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl FromStr for BlobUrl {
    type Err = VaultUrlError;

    fn from_str(text: &str) -> Result<Self, VaultUrlError> {
        let mut url = Url::parse(text).map_err(|error| {
            // What stands behind '?' or before '@' may be a secret.
            let shown = text.split(['?', '#']).next().unwrap_or_default();
            let shown = if shown.contains('@') { "https://..." } else { shown };
            VaultUrlError::Malformed(shown.to_owned(), error.to_string())
        })?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        let has_query = url.query().is_some() || url.fragment().is_some();
        for clear in [url.set_username(""), url.set_password(None)] {
            clear.map_err(|()| VaultUrlError::BlobHost(url.host_str().unwrap_or_default().to_owned()))?;
        }
        url.set_query(None);
        url.set_fragment(None);
        let shown = url.as_str().trim_end_matches('/').to_owned();
        if has_user {
            return Err(VaultUrlError::User(shown));
        }
        if has_query {
            return Err(VaultUrlError::Signature(shown));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let emulator = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if url.scheme() != "https" && !emulator {
            return Err(VaultUrlError::Unencrypted(shown));
        }
        let origin = url.origin().ascii_serialization();
        let mut parts = url.path().trim_matches('/').splitn(2, '/');
        let (endpoint, account, rest) = if emulator {
            let account = parts.next().unwrap_or_default();
            (format!("{origin}/{account}"), account, parts.next().unwrap_or_default())
        } else {
            let account = SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix)).unwrap_or_default();
            (origin, account, url.path().trim_matches('/'))
        };
        if !is_account(account) || (!emulator && url.port().is_some()) {
            return Err(VaultUrlError::BlobHost(if emulator { shown } else { host }));
        }
        let (container, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if container.is_empty() {
            return Err(VaultUrlError::NoContainer(shown));
        }
        if !is_container(container) {
            return Err(VaultUrlError::Container { url: shown, container: container.to_owned() });
        }
        if !is_prefix(prefix) {
            return Err(VaultUrlError::Prefix { url: shown, prefix: prefix.to_owned() });
        }
        Ok(Self {
            endpoint,
            account: account.to_owned(),
            container: container.to_owned(),
            prefix: prefix.to_owned(),
            emulator,
        })
    }
}

impl fmt::Display for BlobUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.endpoint, self.container)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

/// 3 to 24 lower-case letters and digits.
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name>
fn is_account(name: &str) -> bool {
    (3..=24).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>
fn is_container(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

/// Only what every client spells the same way in a URL.
fn is_prefix(prefix: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    prefix.is_empty() || (prefix.len() <= MAX_PREFIX_BYTES && prefix.split('/').all(is_part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::VaultUrl;

    #[test]
    fn containers_are_given_by_their_address_in_each_cloud_and_in_emulators() {
        for (text, account, container, prefix) in [
            ("https://shop1.blob.core.windows.net/backups", "shop1", "backups", ""),
            ("HTTPS://Shop1.Blob.Core.Windows.Net/backups/", "shop1", "backups", ""),
            ("https://shop1.blob.core.windows.net:443/a-1/x/y_Z.9", "shop1", "a-1", "x/y_Z.9"),
            ("https://gov.blob.core.usgovcloudapi.net/backups", "gov", "backups", ""),
            ("https://cn1.blob.core.chinacloudapi.cn/backups", "cn1", "backups", ""),
            ("https://127.0.0.1:10000/devstoreaccount1/backups/p", "devstoreaccount1", "backups", "p"),
            ("http://localhost:10000/devstoreaccount1/backups", "devstoreaccount1", "backups", ""),
            ("https://[::1]:1/devstoreaccount1/backups", "devstoreaccount1", "backups", ""),
        ] {
            let url: BlobUrl = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!((url.account(), url.container(), url.prefix()), (account, container, prefix));
            assert_eq!(url.is_emulator(), account == "devstoreaccount1", "{text}");
        }
        let url: BlobUrl = "HTTPS://Shop1.Blob.Core.Windows.Net/backups/".parse().unwrap();
        assert_eq!(url.to_string(), "https://shop1.blob.core.windows.net/backups");
    }

    #[test]
    fn what_is_no_container_is_refused_with_what_to_write_instead() {
        for (text, says) in [
            ("https://shop1.blob.core.windows.net", "names no container: add one, such as https://shop1"),
            ("https://127.0.0.1:1/devstoreaccount1", "names no container"),
            ("https://shop1.blob.core.windows.net/c1?sv=1&sig=secret", "holdfast vaults credential set"),
            ("https://shop1.blob.core.windows.net/c1?", "behind a '?'"),
            ("https://shop1.blob.core.windows.net/c1#secret", "behind a '?'"),
            ("https://u:secret@shop1.blob.core.windows.net/cont", "user name"),
            ("https://u:secret@[/cont?secret", "is not a vault address"),
            ("http://shop1.blob.core.windows.net/cont", "not encrypted"),
            ("https://shop1.dfs.core.windows.net/cont", "is not a host of Azure Blob Storage"),
            ("https://shop1-secondary.blob.core.windows.net/cont", "is not a host of"),
            ("https://blob.core.windows.net/cont", "is not a host of"),
            ("https://shop1.blob.core.windows.net.example.org/cont", "is not a host of"),
            ("https://10.0.0.1:10000/devstoreaccount1/cont", "is not a host of"),
            ("https://shop1.blob.core.windows.net:8443/cont", "is not a host of"),
            ("https://127.0.0.1:10000/", "is not a host of"),
            ("https://shop1.blob.core.windows.net/Cont", "\"Cont\""),
            ("https://shop1.blob.core.windows.net/co", "\"co\""),
            ("https://shop1.blob.core.windows.net/a--b", "\"a--b\""),
            ("https://shop1.blob.core.windows.net/-ab", "\"-ab\""),
            ("https://shop1.blob.core.windows.net/$root", "\"$root\""),
            ("https://shop1.blob.core.windows.net/cont/a//b", "\"a//b\""),
            ("https://shop1.blob.core.windows.net/cont/a%20b", "\"a%20b\""),
        ] {
            let error = text.parse::<VaultUrl>().expect_err(text).to_string();
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
        let long = format!("https://shop1.blob.core.windows.net/cont/{}", "p".repeat(MAX_PREFIX_BYTES + 1));
        assert!(matches!(long.parse::<BlobUrl>(), Err(VaultUrlError::Prefix { .. })));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back_as_the_same_address(
            (account, container) in ("[a-z0-9]{3,24}", "[a-z0-9]{1,20}(-[a-z0-9]{1,10}){1,3}"),
            prefix in prop::collection::vec("[A-Za-z0-9_-][A-Za-z0-9._-]{0,12}", 0..4),
            cloud in 0..5_usize,
            port in 1..=u16::MAX,
        ) {
            let endpoint = match SUFFIXES.get(cloud) {
                Some(suffix) => format!("https://{account}{suffix}"),
                None => format!("{}://127.0.0.1:{port}/{account}", ["http", "https"][cloud - SUFFIXES.len()]),
            };
            let text = format!("{endpoint}/{container}/{}", prefix.join("/"));
            let url: VaultUrl = text.parse().unwrap();
            let blob = url.blob().unwrap();
            prop_assert_eq!((blob.account(), blob.container()), (account.as_str(), container.as_str()));
            prop_assert_eq!(blob.prefix(), prefix.join("/"));
            prop_assert_eq!(url.to_string().parse::<VaultUrl>(), Ok(url.clone()));
            prop_assert_eq!(url.to_string(), url.to_string().parse::<VaultUrl>().unwrap().to_string());
        }

        #[test]
        fn no_text_breaks_the_parser_and_what_is_accepted_is_read_back(text in "\\PC{0,60}") {
            for text in [text.clone(), format!("https://{text}"), format!("https://abc.blob.core.windows.net/{text}")] {
                if let Ok(url) = text.parse::<VaultUrl>() {
                    prop_assert_eq!(url.to_string().parse::<VaultUrl>(), Ok(url));
                }
            }
        }
    }
}
