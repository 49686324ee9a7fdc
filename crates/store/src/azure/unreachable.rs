//! Why no connection could be made.

use std::error::Error;
use std::io;

use object_store::client::HttpError;

/// A host that cannot be reached, told apart by what can be done about it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Unreachable {
    #[error(
        "there is no storage account {account} (the host {host} does not exist): check the account's name in the \
         address, and whether this machine is online"
    )]
    NoSuchHost { account: String, host: String },
    #[error(
        "{host} shows a certificate that is not trusted here ({problem}): if an emulator or a proxy of your \
         organisation issued it, give that authority's certificate with --ca-file or HOLDFAST_CA_FILE"
    )]
    Untrusted { host: String, problem: String },
    #[error("{host} does not answer ({problem}): check the network, the proxy and the account's firewall")]
    Silent { host: String, problem: String },
}

impl Unreachable {
    /// Looks into a failed connection. `proxied`: the host is resolved elsewhere.
    pub(crate) async fn explain(
        error: &HttpError,
        account: &str,
        host: &str,
        port: u16,
        proxied: bool,
    ) -> Self {
        let (host, account) = (host.to_owned(), account.to_owned());
        let problem = innermost(error);
        if is_tls(error) {
            Self::Untrusted { host, problem }
        } else if !proxied && tokio::net::lookup_host((host.as_str(), port)).await.is_err() {
            Self::NoSuchHost { account, host }
        } else {
            Self::Silent { host, problem }
        }
    }
}

/// rustls reports what it does not accept as invalid data, inside an I/O error of another kind.
fn is_tls(error: &HttpError) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        // The source of an I/O error is that of the error in it, not that error itself.
        let inner = io.and_then(io::Error::get_ref).map(|error| error as &(dyn Error + 'static));
        next = inner.or_else(|| error.source());
    }
    false
}

fn innermost(error: &HttpError) -> String {
    let mut error: &(dyn Error + 'static) = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
