//! How a vault on the network is reached: who signs in, and through what.
//!
//! Vaults in folders need none of it; [`Access::default`] is theirs.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use url::Url;

use crate::azure::Sas;
use crate::error::StoreError;

/// How long the network may take to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// How long one answer may take, the sending of a part before it included: four parts of 8 MiB at once on a line of
/// 1 Mbit/s.
const ANSWER_WITHIN: Duration = Duration::from_mins(5);

/// How long sent bytes may stay unacknowledged before the connection counts as dead.
const SILENT_LINE: Duration = Duration::from_secs(30);

/// Longest file of certificates, in bytes.
const MAX_CA_BYTES: u64 = 1 << 20;

/// What a vault is opened with.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Who signs in. Vaults in Azure Blob Storage refuse to open without it.
    pub authorization: Option<Authorization>,
    /// The way there.
    pub network: Network,
}

impl Access {
    /// Whether a signature says that it permits no writing at all. What an identity may do shows only on trying.
    pub fn is_read_only(&self) -> bool {
        let permissions = match &self.authorization {
            Some(Authorization::Sas { sas, .. }) => sas.permissions(),
            Some(Authorization::Token { .. }) | None => None,
        };
        permissions.is_some_and(|letters| !letters.contains(['a', 'c', 'w']))
    }
}

/// Who signs in to a vault in Azure Blob Storage.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// An identity of Entra ID.
    Token {
        /// Where tokens come from. They are kept until shortly before they expire.
        credential: Arc<dyn TokenCredential>,
        /// What signs in, for messages: `Azure CLI`.
        method: String,
    },
    /// A shared access signature.
    Sas {
        /// The signature.
        sas: Sas,
        /// Where it was kept, for messages: `the keyring`.
        method: String,
    },
}

/// Certificates and proxies.
#[derive(Clone, Default)]
pub struct Network {
    /// Trusted beside what the system trusts: an emulator's, or that of a proxy which looks into connections.
    pub extra_ca: Option<ExtraCa>,
    /// Proxy for all requests but those to this machine. `None` is what `HTTPS_PROXY` and `NO_PROXY` say.
    pub proxy: Option<Url>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address of a proxy may hold a password.
        let proxy = self.proxy.as_ref().and_then(Url::host_str);
        f.debug_struct("Network").field("extra_ca", &self.extra_ca).field("proxy", &proxy).finish()
    }
}

impl Network {
    /// A client for hosts on the network, or (`local`) for an emulator on this machine.
    ///
    /// # Errors
    /// [`StoreError::Network`] for a proxy or a certificate that cannot be used.
    pub fn client(&self, local: bool) -> Result<reqwest::Client, StoreError> {
        let unusable = |source: reqwest::Error| StoreError::Network { source: Box::new(source) };
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(ANSWER_WITHIN)
            .tcp_keepalive(SILENT_LINE)
            // A redirect would carry the authorization to another host.
            .redirect(reqwest::redirect::Policy::none());
        #[cfg(target_os = "linux")]
        {
            builder = builder.tcp_user_timeout(SILENT_LINE);
        }
        if let Some(ca) = &self.extra_ca {
            builder = builder.tls_certs_merge(ca.certificates.iter().cloned());
        }
        if local {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.clone()).map_err(unusable)?);
        }
        builder.build().map_err(unusable)
    }

    /// Whether hosts are resolved by a proxy rather than here, as far as can be known.
    pub(crate) fn is_proxied(&self) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        self.proxy.is_some() || ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().any(set)
    }
}

/// Certificates of authorities from a PEM file.
#[derive(Clone)]
pub struct ExtraCa {
    file: PathBuf,
    certificates: Vec<reqwest::Certificate>,
}

impl ExtraCa {
    /// Reads a PEM file with one or more certificates.
    ///
    /// # Errors
    /// [`StoreError::ExtraCa`], naming the file.
    pub fn read(file: &Path) -> Result<Self, StoreError> {
        let failed = |problem: String| StoreError::ExtraCa { file: file.to_owned(), problem };
        let size = fs::metadata(file).map_err(|error| failed(error.to_string()))?.len();
        if size > MAX_CA_BYTES {
            return Err(failed(format!("it has {size} bytes, and {MAX_CA_BYTES} are allowed")));
        }
        let pem = fs::read(file).map_err(|error| failed(error.to_string()))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| failed(error.to_string()))?;
        if certificates.is_empty() {
            return Err(failed("it holds no certificate in PEM form".to_owned()));
        }
        Ok(Self { file: file.to_owned(), certificates })
    }
}

impl fmt::Debug for ExtraCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ExtraCa").field(&self.file).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_says_when_it_cannot_write() {
        let with = |query: &str| Access {
            authorization: Some(Authorization::Sas {
                sas: Sas::parse(&format!("sv=1&sig=x{query}")).unwrap(),
                method: "test".to_owned(),
            }),
            network: Network::default(),
        };
        assert!(with("&sp=rl").is_read_only());
        assert!(!with("&sp=racwdl").is_read_only());
        // A stored access policy decides.
        assert!(!with("").is_read_only());
        assert!(!Access::default().is_read_only());
    }
}
