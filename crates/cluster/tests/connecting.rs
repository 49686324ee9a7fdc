//! Real sockets: what a connection needs, and how it fails.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use holdfast_cluster::{ApiError, Cluster, ClusterError, Kubeconfig, WriteOptions};
use holdfast_model::resource::ResourceType;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

/// A kubeconfig with one context `it`, whose cluster and user are given in YAML's flow style.
async fn connect(dir: &Path, cluster: &str, user: &str) -> Result<Cluster, ClusterError> {
    let path = dir.join("kubeconfig");
    let text = format!(
        "clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n\
         contexts: [{{name: it, context: {{cluster: c, user: u}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    Kubeconfig::load(Some(&path)).unwrap().connect("it").await
}

fn executable(dir: &Path, name: &str, script: &str) {
    let path = dir.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Reads one request and returns it as text.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0usize) {
                return Some(head);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn respond(stream: &mut TcpStream, status: &str, body: &str) {
    let response = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(response.as_bytes()).await.unwrap();
}

const VERSION: &str = r#"{"major":"1","minor":"37","gitVersion":"v1.37.0"}"#;

#[tokio::test]
async fn a_server_that_is_not_there_is_named_at_once() {
    let dir = TempDir::new().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cluster = connect(dir.path(), &format!("server: 'https://127.0.0.1:{port}/base'"), "").await.unwrap();
    let start = Instant::now();
    let error = cluster.version().await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains(&format!("https://127.0.0.1:{port}")) && text.contains("connection refused"),
        "{text}"
    );
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_unreachable() {
    let dir = TempDir::new().unwrap();
    let cluster = connect(dir.path(), "server: 'https://no-such-host.invalid'", "").await.unwrap();
    let error = cluster.version().await.unwrap_err();
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("no-such-host.invalid"), "{error}");
}

#[tokio::test]
async fn thirty_two_creates_go_out_at_once_and_reuse_their_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("server: 'http://{}'", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let (all, accepted) = (Arc::new(Barrier::new(32)), connections.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            accepted.fetch_add(1, Ordering::Relaxed);
            let all = all.clone();
            tokio::spawn(async move {
                while let Some(head) = read_request(&mut stream).await {
                    assert!(head.contains("user-agent: holdfast/"), "{head}");
                    assert!(
                        !head.contains("accept-encoding"),
                        "nothing is compressed on one computer: {head}"
                    );
                    // Nobody is answered before everybody has asked.
                    all.wait().await;
                    respond(&mut stream, "201 Created", "{}").await;
                }
            });
        }
    });
    let dir = TempDir::new().unwrap();
    let cluster = connect(dir.path(), &server, "").await.unwrap();
    let ty = ResourceType {
        group: String::new(),
        version: "v1".into(),
        plural: "configmaps".into(),
        kind: "ConfigMap".into(),
        namespaced: true,
    };
    for _ in 0..2 {
        let creates = (0..32)
            .map(|_| cluster.create(&ty, Some("shop"), Bytes::from_static(b"{}"), WriteOptions::default()));
        let created = tokio::time::timeout(Duration::from_secs(20), futures::future::join_all(creates)).await;
        assert!(created.expect("all at once").iter().all(Result::is_ok));
    }
    assert_eq!(connections.load(Ordering::Relaxed), 32);
}

/// Accepts only the token `second`.
async fn picky_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("server: 'http://{}'", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while let Some(head) = read_request(&mut stream).await {
                    if head.contains("authorization: Bearer second") {
                        respond(&mut stream, "200 OK", VERSION).await;
                    } else {
                        respond(&mut stream, "401 Unauthorized", "Unauthorized").await;
                    }
                }
            });
        }
    });
    server
}

#[tokio::test]
async fn a_sign_in_command_runs_once_and_again_when_its_token_is_refused() {
    let dir = TempDir::new().unwrap();
    let script = r#"cd "$(dirname "$0")"
echo "$KUBERNETES_EXEC_INFO $MODE $1" >> runs
token=first; [ "$(wc -l < runs)" -gt 1 ] && token=second
echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"$token\"}}""#;
    executable(dir.path(), "login", script);
    let user = "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [get-token], \
                interactiveMode: Never, env: [{name: MODE, value: quiet}]}";
    let server = picky_server().await;
    let cluster = connect(dir.path(), &server, user).await.unwrap();
    let runs = || std::fs::read_to_string(dir.path().join("runs")).unwrap();
    assert_eq!(runs().lines().count(), 1, "connecting signs in once");
    let all = futures::future::join_all((0..8).map(|_| cluster.version())).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(runs().lines().count(), 2, "eight refusals renew the token once");
    assert!(runs().contains(r#""interactive":false"#) && runs().contains("quiet get-token"), "{}", runs());
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_before_it_is_used() {
    let dir = TempDir::new().unwrap();
    let script = r#"cd "$(dirname "$0")"; echo >> runs
token=first; at=2001-01-01T00:00:00Z
[ "$(wc -l < runs)" -gt 1 ] && { token=second; at=2999-01-01T00:00:00Z; }
echo "{kind: ExecCredential, status: {token: $token, expirationTimestamp: '$at'}}""#;
    executable(dir.path(), "login", script);
    let server = picky_server().await;
    let cluster =
        connect(dir.path(), &server, "exec: {command: ./login, interactiveMode: Never}").await.unwrap();
    for _ in 0..3 {
        assert_eq!(cluster.version().await.unwrap().git_version, "v1.37.0");
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("runs")).unwrap().len(), 2);
}

#[tokio::test]
async fn sign_in_commands_that_do_not_work_say_so_without_what_they_printed() {
    let dir = TempDir::new().unwrap();
    executable(dir.path(), "fails", "echo sesame; echo 'AADSTS70043: expired' >&2; exit 3");
    executable(dir.path(), "mumbles", "echo sesame");
    executable(
        dir.path(),
        "old",
        "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"sesame\"}}'",
    );
    executable(dir.path(), "empty", "echo '{\"kind\":\"ExecCredential\",\"status\":{}}'");
    for (exec, expected) in [
        ("command: no-such-login, installHint: brew install no-such-login", "brew install no-such-login"),
        ("command: /nowhere/kubelogin", "az aks install-cli"),
        ("command: no-such-login", "not installed or not on PATH"),
        ("command: ./fails", "exit status: 3"),
        ("command: ./mumbles", "not an ExecCredential"),
        (
            "command: ./old, apiVersion: client.authentication.k8s.io/v1",
            "answers in client.authentication.k8s.io/v1beta1",
        ),
        ("command: ./empty", "neither a token nor a client certificate"),
        ("command: ''", "names no command"),
    ] {
        let user = format!("exec: {{{exec}, interactiveMode: Never}}");
        let error = connect(dir.path(), "server: 'https://127.0.0.1:1'", &user).await.unwrap_err();
        assert!(matches!(error, ClusterError::SignIn { .. }), "{error:?}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(expected) && text.contains("\"it\""), "{exec}: {text}");
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test]
async fn entries_that_make_no_connection_name_the_field() {
    let dir = TempDir::new().unwrap();
    for (cluster, user, expected) in [
        ("server: ''", "", "has no server"),
        ("server: 'tcp://x'", "", "https://"),
        ("server: 'https://x y'", "", "server"),
        ("server: 'https://x', certificate-authority: missing.crt", "", "missing.crt"),
        ("server: 'https://x', certificate-authority-data: '%%'", "", "certificate authority"),
        ("server: 'https://x', certificate-authority-data: aGVsbG8K", "", "holds no certificate"),
        ("server: 'https://x', proxy-url: 'ftp://p'", "", "proxy-url"),
        ("server: 'https://x'", "client-certificate: gone.crt, client-key: gone.key", "gone.crt"),
        ("server: 'https://x'", "tokenFile: gone.token", "gone.token"),
        ("server: 'https://x'", "auth-provider: {name: azure}", "kubelogin"),
    ] {
        let error = connect(dir.path(), cluster, user).await.unwrap_err();
        assert!(matches!(error, ClusterError::Context { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{cluster} {user}: {error}");
    }
}

type Certificate = rcgen::CertifiedKey<rcgen::KeyPair>;

fn certificate(name: &str) -> Certificate {
    rcgen::generate_simple_self_signed([name.to_owned()]).unwrap()
}

/// A TLS server that answers `/version` to whoever trusts its certificate and, if `client` is given, shows that one.
fn tls_server(own: &Certificate, client: Option<&Certificate>) -> u16 {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match client {
        Some(client) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(client.cert.der().clone()).unwrap();
            let verifier =
                rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let config = builder.with_single_cert(vec![own.cert.der().clone()], key.into()).unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(tls, stream.unwrap());
            // A client that does not trust the certificate hangs up here.
            if stream.read(&mut [0; 4096]).is_ok_and(|n| n > 0) {
                let _ =
                    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{VERSION}", VERSION.len());
            }
        }
    });
    port
}

#[tokio::test]
async fn certificates_are_checked_and_what_is_wrong_with_them_is_explained() {
    let dir = TempDir::new().unwrap();
    let (own, other) = (certificate("api.example"), certificate("api.example"));
    let port = tls_server(&own, None);
    let server = format!("server: 'https://127.0.0.1:{port}', certificate-authority: ");
    std::fs::write(dir.path().join("own.crt"), own.cert.pem()).unwrap();
    std::fs::write(dir.path().join("other.crt"), other.cert.pem()).unwrap();
    for (cluster, expected) in [
        (
            format!("{server}other.crt, tls-server-name: api.example"),
            "not signed by the certificate authority",
        ),
        (format!("{server}own.crt"), "for another name"),
    ] {
        let error = connect(dir.path(), &cluster, "").await.unwrap().version().await.unwrap_err();
        assert!(matches!(error, ApiError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let trusted =
        connect(dir.path(), &format!("{server}own.crt, tls-server-name: api.example"), "").await.unwrap();
    assert_eq!(trusted.version().await.unwrap().minor, "37");
}

#[tokio::test]
async fn a_client_certificate_may_come_from_the_sign_in_command() {
    let dir = TempDir::new().unwrap();
    let (own, mine) = (certificate("127.0.0.1"), certificate("me"));
    let port = tls_server(&own, Some(&mine));
    std::fs::write(dir.path().join("own.crt"), own.cert.pem()).unwrap();
    let answer = serde_json::json!({"kind": "ExecCredential", "status": {
        "clientCertificateData": mine.cert.pem(), "clientKeyData": mine.signing_key.serialize_pem(),
    }});
    executable(dir.path(), "login", &format!("cat <<'END'\n{answer}\nEND"));
    let server = format!("server: 'https://127.0.0.1:{port}', certificate-authority: own.crt");
    let login = "exec: {command: ./login, interactiveMode: Never}";
    let cluster = connect(dir.path(), &server, login).await.unwrap();
    assert_eq!(cluster.version().await.unwrap().minor, "37");
    let stranger = connect(dir.path(), &server, "").await.unwrap();
    let error = stranger.version().await.unwrap_err();
    assert!(error.to_string().contains("client certificate"), "{error}");
}
