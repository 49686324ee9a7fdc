//! Sign-in commands ("exec plugins"), run as kubectl runs them
//! (<https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>).
//!
//! kube runs the command twice for each connection, quotes its output in errors, and keeps a token that the server
//! has begun to refuse. Here it runs once, again shortly before the token expires or after a 401, and never twice at
//! a time. Dropping the future ends the process. What the command prints is never part of an error, except the end
//! of its standard error.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::process::Stdio;
use std::time::Duration;

use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use kube::config::{ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::text::printable;

/// Longest run of a command; a person may have to type a code into a browser meanwhile.
const LONGEST_RUN: Duration = Duration::from_mins(5);
/// Most output that is read, in bytes.
const MAX_OUTPUT_BYTES: u64 = 1024 * 1024;
/// A token is renewed this long before it expires.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// A sign-in command that gave no credentials. Never quotes its standard output.
#[derive(Debug, Error)]
pub(crate) enum SignInError {
    #[error("the kubeconfig names no command to sign in with")]
    NoCommand,
    #[error("signing in needs the command {command:?}, which is not installed or not on PATH{hint}")]
    NotInstalled { command: String, hint: String },
    #[error("the sign-in command {command:?} cannot be run: {reason}")]
    NotRun { command: String, reason: String },
    #[error(
        "the sign-in command {command:?} wants to ask questions, and there is no terminal to ask them in"
    )]
    NoTerminal { command: String },
    #[error("the sign-in command {command:?} failed ({status}){said}")]
    Failed { command: String, status: String, said: String },
    #[error("the sign-in command {command:?} did not finish within {} s", LONGEST_RUN.as_secs())]
    TooSlow { command: String },
    #[error("the sign-in command {command:?} gave no usable credentials: {reason}")]
    Unusable { command: String, reason: String },
}

/// Credentials that a command gives. Not `Debug`: it holds them.
pub(crate) struct SignIn {
    config: ExecConfig,
    /// `PATH` for the command, where it is another than this process's.
    path: Option<OsString>,
    current: Mutex<Option<Credentials>>,
}

/// What the command answered.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// `Authorization` header, for commands that give a token.
    pub(crate) header: Option<HeaderValue>,
    /// Client certificate and key in PEM, for commands that give those.
    pub(crate) identity: Option<(String, String)>,
    expires: Option<Timestamp>,
}

impl SignIn {
    pub(crate) fn new(config: ExecConfig, path: Option<OsString>) -> Self {
        Self { config, path, current: Mutex::new(None) }
    }

    /// The `Authorization` header to send, from the last run or a new one.
    pub(crate) async fn header(&self) -> Result<Option<HeaderValue>, SignInError> {
        Ok(self.credentials().await?.header)
    }

    /// What the last run gave if it is still good, else what a new run gives.
    pub(crate) async fn credentials(&self) -> Result<Credentials, SignInError> {
        let mut current = self.current.lock().await;
        if let Some(credentials) = current.as_ref().filter(|c| c.is_fresh(Timestamp::now())) {
            return Ok(credentials.clone());
        }
        let credentials = run(&self.config, self.path.as_deref()).await?;
        *current = Some(credentials.clone());
        Ok(credentials)
    }

    /// Forgets a header that the server refused, unless it has been replaced meanwhile.
    pub(crate) async fn refused(&self, header: &HeaderValue) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|c| c.header.as_ref() == Some(header)) {
            *current = None;
        }
    }
}

impl Credentials {
    fn is_fresh(&self, now: Timestamp) -> bool {
        // A client certificate belongs to the connections that were made with it; running the command again would
        // not change them.
        self.header.is_none() || self.expires.is_none_or(|at| now.duration_until(at) > LEEWAY)
    }
}

async fn run(config: &ExecConfig, path: Option<&OsStr>) -> Result<Credentials, SignInError> {
    let Some(name) = config.command.clone().filter(|c| !c.is_empty()) else {
        return Err(SignInError::NoCommand);
    };
    let interactive = match config.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::Always) if !std::io::stdin().is_terminal() => {
            return Err(SignInError::NoTerminal { command: name });
        }
        _ => std::io::stdin().is_terminal(),
    };
    let child = start(&name, config, path, interactive)?;
    let not_run =
        |error: std::io::Error| SignInError::NotRun { command: name.clone(), reason: error.to_string() };
    let (status, stdout, stderr) = tokio::time::timeout(LONGEST_RUN, collect(child))
        .await
        .map_err(|_| SignInError::TooSlow { command: name.clone() })?
        .map_err(not_run)?;
    if !status.success() {
        let said = printable(&String::from_utf8_lossy(&stderr));
        let said = if said.is_empty() { said } else { format!(": {said}") };
        return Err(SignInError::Failed { command: name, status: status.to_string(), said });
    }
    parse(&stdout, config.api_version.as_deref())
        .map_err(|reason| SignInError::Unusable { command: name, reason })
}

fn start(
    name: &str,
    config: &ExecConfig,
    path: Option<&OsStr>,
    interactive: bool,
) -> Result<Child, SignInError> {
    let info = serde_json::json!({
        "kind": "ExecCredential",
        "apiVersion": config.api_version,
        "spec": { "interactive": interactive, "cluster": config.cluster },
    });
    let mut command = Command::new(name);
    command
        // First, so that the kubeconfig may say otherwise. The command is looked for in this PATH, too.
        .envs(path.map(|path| ("PATH", path)))
        .args(config.args.iter().flatten())
        .envs(config.env.iter().flatten().filter_map(variable))
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
        .stdout(Stdio::piped())
        // Codes to type into a browser are printed there; without a terminal nobody would read them.
        .stderr(if std::io::stderr().is_terminal() { Stdio::inherit() } else { Stdio::piped() })
        .kill_on_drop(true);
    command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            SignInError::NotInstalled { command: name.to_owned(), hint: hint(name, config) }
        }
        _ => SignInError::NotRun { command: name.to_owned(), reason: error.to_string() },
    })
}

fn variable(entry: &HashMap<String, String>) -> Option<(&String, &String)> {
    Some((entry.get("name")?, entry.get("value")?))
}

/// The kubeconfig's own advice, or ours for the command that AKS uses.
fn hint(command: &str, config: &ExecConfig) -> String {
    let own = config.install_hint.as_deref().map(printable).filter(|h| !h.is_empty());
    let aks = || command.ends_with("kubelogin").then(|| "install it with: az aks install-cli".to_owned());
    own.or_else(aks).map(|hint| format!("; {hint}")).unwrap_or_default()
}

async fn collect(mut child: Child) -> std::io::Result<(std::process::ExitStatus, Vec<u8>, Vec<u8>)> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let read_out = async {
        if let Some(out) = out {
            out.take(MAX_OUTPUT_BYTES).read_to_end(&mut stdout).await?;
        }
        std::io::Result::Ok(())
    };
    let read_err = async {
        if let Some(err) = err {
            err.take(MAX_OUTPUT_BYTES).read_to_end(&mut stderr).await?;
        }
        std::io::Result::Ok(())
    };
    let (status, (), ()) = tokio::try_join!(child.wait(), read_out, read_err)?;
    Ok((status, stdout, stderr))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    api_version: Option<String>,
    kind: Option<String>,
    status: Option<ExecCredentialStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredentialStatus {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Reads an answer; the reason given for an unusable one quotes nothing of it.
fn parse(stdout: &[u8], wanted: Option<&str>) -> Result<Credentials, String> {
    let text = std::str::from_utf8(stdout).map_err(|_| "its output is not text")?;
    // Some commands answer in YAML, of which JSON is a part. The parser's messages may quote the input.
    let answer: ExecCredential =
        serde_saphyr::from_str(text).map_err(|_| "its output is not an ExecCredential")?;
    if answer.kind.as_deref() != Some("ExecCredential") {
        return Err("its output is not an ExecCredential".into());
    }
    if let (Some(wanted), Some(given)) = (wanted, &answer.api_version)
        && wanted != given
    {
        return Err(format!("it answers in {}, and the kubeconfig asks for {wanted}", printable(given)));
    }
    let status = answer.status.ok_or("its answer has no status")?;
    let expires = match status.expiration_timestamp {
        Some(at) => Some(at.parse().map_err(|_| "expirationTimestamp is not a time")?),
        None => None,
    };
    let identity = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err("it gave a client certificate without a key, or a key without a certificate".into()),
    };
    let header = match status.token.filter(|t| !t.is_empty()) {
        Some(token) => {
            let mut header = HeaderValue::try_from(format!("Bearer {}", token.trim()))
                .map_err(|_| "its token contains characters that no token has")?;
            header.set_sensitive(true);
            Some(header)
        }
        None if identity.is_none() => return Err("it gave neither a token nor a client certificate".into()),
        None => None,
    };
    Ok(Credentials { header, identity, expires })
}
