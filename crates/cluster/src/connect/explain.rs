//! Why a connection failed, in words that say what to do.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;

use rustls::{CertificateError, Error as TlsError};

use crate::text::printable;

/// The error and everything that caused it, outermost first.
pub(crate) fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    // `io::Error::source` skips the error it wraps.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// The first error of type `T` in the chain.
pub(crate) fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|e| e.downcast_ref::<T>())
}

/// One line for people: the root cause, with advice where there is any.
pub(crate) fn explain(error: &(dyn StdError + 'static)) -> String {
    if let Some(tls) = find::<TlsError>(error) {
        return explain_tls(tls);
    }
    let io = chain(error).filter_map(|e| e.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    match io {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused: nothing is listening there".into(),
        Some(io::ErrorKind::TimedOut) => {
            "no answer; check the network, the VPN, and whether the API server admits this address".into()
        }
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no route to it; check the network and the VPN".into()
        }
        _ => {
            let root = chain(error).last().map(ToString::to_string).unwrap_or_default();
            printable(&root)
        }
    }
}

fn explain_tls(error: &TlsError) -> String {
    let TlsError::InvalidCertificate(certificate) = error else {
        return match error {
            TlsError::AlertReceived(alert) => {
                format!(
                    "the server ended the TLS handshake ({alert:?}); the client certificate may be refused"
                )
            }
            other => format!("TLS failed: {}", printable(&other.to_string())),
        };
    };
    match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is not signed by the certificate authority that the kubeconfig trusts; the cluster \
             may have been recreated (fetch its kubeconfig again), or something else answers at this address"
                .into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired, or the clock of this computer is wrong".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; the clock of this computer may be wrong".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("its certificate is for another name ({certificate}); set tls-server-name in the kubeconfig if that is intended")
        }
        other => format!("its certificate is not acceptable: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_wrapped_in_io_errors_are_found() {
        let tls = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert!(
            explain(&error).contains("certificate authority that the kubeconfig trusts"),
            "{}",
            explain(&error)
        );
    }

    #[test]
    fn the_innermost_cause_is_named() {
        let error = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert!(explain(&error).starts_with("connection refused"));
        assert_eq!(explain(&io::Error::other("dns failure")), "dns failure");
    }
}
