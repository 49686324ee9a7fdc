//! From the entries of one context to a client.

mod explain;
mod proxy;
mod sign_in;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::USER_AGENT;
use http::{HeaderValue, Uri};
use kube::client::{AuthError, ClientBuilder};
use kube::config::{AuthInfo, Cluster as ClusterEntry, ExecAuthCluster};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

pub(crate) use explain::{chain, explain, find};
pub(crate) use sign_in::SignIn;

use crate::cluster::Cluster;
use crate::error::ClusterError;
use crate::text::printable;
use crate::transport::{READ_TIMEOUT, Transport};

/// Longest wait for a connection: name lookup, TCP and TLS together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the network to take more of a request.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);
/// Also names us in `managedFields`: the API server takes the part before the slash.
const AGENT: &str = concat!("holdfast/", env!("CARGO_PKG_VERSION"));

/// What a connection takes from the program it is made in, beside the kubeconfig. The default is the process's
/// environment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `PATH` that sign-in commands are looked for in and run with: a program started from a desktop does not have
    /// the one of the user's shell.
    pub path: Option<OsString>,
    /// Proxy for clusters whose entry names none; the environment's is then not looked at.
    pub proxy: Option<String>,
    /// PEM file with authorities that are trusted beside those of the cluster's entry; instead of the system's
    /// where the entry names none.
    pub ca_file: Option<PathBuf>,
}

/// The sign-in command that [`connect`] would run for this user.
pub(crate) fn sign_in_command(user: &AuthInfo) -> Option<&str> {
    let exec =
        user.exec.as_ref().filter(|_| !has_own_credentials(user)).and_then(|exec| exec.command.as_deref());
    // kube runs the command of a retired kind of sign-in, too.
    let legacy = || user.auth_provider.as_ref()?.config.get("cmd-path").map(String::as_str);
    exec.or_else(legacy).filter(|command| !command.is_empty())
}

/// Builds the client of one context. Runs its sign-in command; does not contact the server.
pub(crate) async fn connect(
    context: &str,
    cluster: &ClusterEntry,
    mut user: AuthInfo,
    surroundings: &Surroundings,
) -> Result<Cluster, ClusterError> {
    let problem = |reason: String| ClusterError::Context { context: context.to_owned(), reason };
    // Reads certificate-authority(-data), whichever there is.
    let resolved = ExecAuthCluster::try_from(cluster).map_err(|error| problem(error.to_string()))?;
    let server = server_of(cluster).map_err(problem)?;

    let sign_in = match user.exec.take() {
        // kubectl prefers what stands in the file.
        Some(mut exec) if !has_own_credentials(&user) => {
            if exec.provide_cluster_info {
                exec.cluster = Some(resolved.clone());
            }
            let sign_in = SignIn::new(exec, surroundings.path.clone());
            let first = sign_in.credentials().await.map_err(|error| ClusterError::SignIn {
                context: context.to_owned(),
                reason: error.to_string(),
            })?;
            if let Some(identity) = first.identity {
                set_identity(&mut user, &identity);
            }
            Some(sign_in)
        }
        _ => None,
    };

    let mut config = kube::Config::new(server.clone());
    config.root_cert =
        resolved.certificate_authority_data.as_deref().map(authorities).transpose().map_err(problem)?;
    if let Some(file) = &surroundings.ca_file {
        let own = further_authorities(file).await.map_err(problem)?;
        config.root_cert.get_or_insert_default().extend(own);
    }
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    let proxy = cluster.proxy_url.as_deref().filter(|proxy| !proxy.is_empty());
    let proxy = proxy.or(surroundings.proxy.as_deref().filter(|_| !proxy::is_local(&server)));
    config.proxy_url = proxy::proxy_for(&server, proxy, |name| std::env::var(name).ok()).map_err(problem)?;
    // On the same computer compressing costs the API server more than the bytes cost the loopback.
    config.disable_compression = cluster.disable_compression.unwrap_or(false) || proxy::is_local(&server);
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(READ_TIMEOUT);
    config.write_timeout = Some(WRITE_TIMEOUT);
    config.reset_reader_on_write = true;
    config.default_retry = false;
    config.auth_info = user;
    config.headers.push((USER_AGENT, HeaderValue::from_static(AGENT)));

    // Reads files and, for retired kinds of sign-in, runs commands.
    let client = tokio::task::spawn_blocking(|| ClientBuilder::try_from(config).map(ClientBuilder::build))
        .await
        .map_err(|error| problem(error.to_string()))?
        .map_err(|error| problem(setup_failure(&error)))?;
    Ok(Cluster::new(context, Transport::new(client, address(&server), sign_in)))
}

fn server_of(cluster: &ClusterEntry) -> Result<Uri, String> {
    let server = cluster.server.as_deref().filter(|s| !s.is_empty()).ok_or("its cluster has no server")?;
    let uri: Uri =
        server.parse().map_err(|error| format!("the server of its cluster is not a URL: {error}"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|h| !h.is_empty()) => Ok(uri),
        _ => Err("the server of its cluster does not begin with https:// or http://".into()),
    }
}

/// Scheme, host and port: the rest of a URL may hold credentials.
fn address(server: &Uri) -> String {
    let port = server.port().map(|p| format!(":{p}")).unwrap_or_default();
    printable(&format!("{}://{}{port}", server.scheme_str().unwrap_or("https"), server.host().unwrap_or("")))
}

fn has_own_credentials(user: &AuthInfo) -> bool {
    user.token.is_some() || user.token_file.is_some() || (user.username.is_some() && user.password.is_some())
}

/// Puts a client certificate from a sign-in command where one from the file would stand.
fn set_identity(user: &mut AuthInfo, (certificate, key): &(String, String)) {
    user.client_certificate = None;
    user.client_key = None;
    user.client_certificate_data = Some(STANDARD.encode(certificate));
    user.client_key_data = Some(STANDARD.encode(key).into());
}

fn authorities(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(found) if !found.is_empty() => Ok(found.into_iter().map(|c| c.as_ref().to_vec()).collect()),
        Ok(_) => Err("the certificate-authority of its cluster holds no certificate in PEM".into()),
        Err(error) => Err(format!("the certificate-authority of its cluster is not PEM: {error}")),
    }
}

async fn further_authorities(file: &Path) -> Result<Vec<Vec<u8>>, String> {
    let pem = tokio::fs::read(file)
        .await
        .map_err(|error| format!("the file with certificate authorities {}: {error}", file.display()))?;
    authorities(&pem).map_err(|_| format!("{} holds no certificate in PEM", file.display()))
}

/// kube's own words, except where they would quote what a command printed.
fn setup_failure(error: &kube::Error) -> String {
    match find::<AuthError>(error) {
        Some(AuthError::AuthExecRun { out, .. }) => {
            format!("the sign-in command of its auth-provider failed ({})", out.status)
        }
        Some(AuthError::AuthExecParse(_) | AuthError::ParseTokenKey(_)) => {
            "the sign-in command of its auth-provider gave no usable credentials".into()
        }
        Some(other) => printable(&other.to_string()),
        None => printable(&error.to_string()),
    }
}
