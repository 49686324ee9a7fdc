//! Commands in containers, over WebSocket.
//!
//! A container's streams come as channels of one connection (`v5.channel.k8s.io`, or `v4.channel.k8s.io` from servers
//! that know no better; they differ in what may be sent only, and nothing is). The command's end is a `Status` on a
//! channel of its own, which may overtake the last output: what counts is when the server closes the connection.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/> says nothing of it; the one description is
//! `k8s.io/apimachinery/pkg/util/remotecommand` with the server's `k8s.io/apiserver/pkg/util/proxy`.
//!
//! The request to change protocols is sent as any other is and not through kube's own way to do so: that forgets what
//! a server, or something on the way to it, says when it refuses without a `Status`.

use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use holdfast_model::resource::ResourceType;
use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{Error as WsError, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::api_error::ApiError;
use crate::cluster::{Cluster, object_target};
use crate::connect::explain;
use crate::retry::Patience;
use crate::text::printable;
use crate::transport::{Call, WireStatus};

/// What is understood, best first, as one header: servers read no second one.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;

/// After this much silence the server is asked for a sign of life. Longer silence ends connections: ours after
/// [`crate::transport::READ_TIMEOUT`], Azure's load balancers after four minutes.
const SILENCE: Duration = Duration::from_secs(20);
/// How long a server may be silent that has told how the command ended and has not closed the connection.
const AFTER_STATUS: Duration = Duration::from_secs(5);
/// Largest message that is taken. Servers cut streams into pieces of 32 KiB.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Most of a `Status` that is read.
const MAX_STATUS_BYTES: usize = 64 * 1024;

/// A command for a container. It gets no input and no terminal.
#[derive(Clone, Copy, Debug)]
pub struct ExecRequest<'a> {
    /// Namespace of the pod.
    pub namespace: &'a str,
    /// Name of the pod.
    pub pod: &'a str,
    /// Which container. Without a name the server takes the only one there is, and refuses where there are more.
    pub container: Option<&'a str>,
    /// The program and its arguments. No shell is involved.
    pub command: &'a [String],
    /// For the whole, connecting and signing in included.
    pub timeout: Duration,
    /// Most bytes kept of standard output, and as many of standard error. What is beyond is read and dropped, so that the
    /// command is not held up.
    pub output_limit: usize,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutput {
    /// The beginning of its standard output.
    pub stdout: Vec<u8>,
    /// The beginning of its standard error.
    pub stderr: Vec<u8>,
    /// Whether one of them is not all there was.
    pub truncated: bool,
    /// How it ended.
    pub end: ExecEnd,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEnd {
    /// With exit code 0.
    Success,
    /// With another exit code; 128 and a signal's number where a signal ended it.
    ExitCode(i32),
    /// It was not run, or nobody knows how it ended, in the server's words: no such program, the container is gone, the
    /// connection was lost.
    Failed(String),
    /// Not within the time it had. The connection was closed; the command itself may go on, as nothing ends it.
    TimedOut(Duration),
}

impl Cluster {
    /// Runs a command in a container and waits for its end.
    ///
    /// Asks for the permissions `get` and, of newer servers, `create` for `pods/exec`. An error means that the server did not
    /// agree to run it; of those only [`ApiError::Timeout`] and [`ApiError::Interrupted`] leave open whether it ran. Nothing is
    /// tried again except connecting, and once with new credentials where the server refuses the old ones. Dropping the
    /// future closes the connection.
    pub async fn exec(&self, request: &ExecRequest<'_>) -> Result<ExecOutput, ApiError> {
        let call = call(request)?;
        let attempt = call.attempt.clone();
        let mut capture = Capture::new(request.output_limit);
        let mut opened = false;
        let run = async {
            let mut stream = self.upgrade(call).await?;
            opened = true;
            Ok(follow(&mut stream, &mut capture).await)
        };
        let end = match tokio::time::timeout(request.timeout, run).await {
            Ok(end) => end?,
            Err(_) if opened => capture.end.take().unwrap_or(ExecEnd::TimedOut(request.timeout)),
            Err(_) => {
                let server = self.server().to_owned();
                return Err(ApiError::Timeout { attempt, server, after: request.timeout });
            }
        };
        let Capture { stdout, stderr, truncated, .. } = capture;
        Ok(ExecOutput { stdout, stderr, truncated, end })
    }

    async fn upgrade(&self, mut call: Call) -> Result<Stream, ApiError> {
        let key = generate_key();
        let headers = offer(&key).map_err(|error| ApiError::Malformed {
            attempt: call.attempt.clone(),
            reason: error.to_string(),
        })?;
        call.upgrade = Some(Box::new(headers));
        let response = self.transport().send(&call).await?;
        let malformed = |reason: String| ApiError::Malformed { attempt: call.attempt.clone(), reason };
        check(&response, &key).map_err(malformed)?;
        let connection = hyper::upgrade::on(response).await.map_err(|error| {
            malformed(format!(
                "the server agreed to WebSocket and then kept no connection: {}",
                explain(&error)
            ))
        })?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        Ok(WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Client, Some(config)).await)
    }
}

type Stream = WebSocketStream<TokioIo<Upgraded>>;

fn call(request: &ExecRequest<'_>) -> Result<Call, ApiError> {
    let container = request.container.map(|name| format!("container {name} of ")).unwrap_or_default();
    let attempt =
        printable(&format!("run a command in {container}pod {}/{}", request.namespace, request.pod));
    let pods = ResourceType {
        group: String::new(),
        version: "v1".to_owned(),
        plural: "pods".to_owned(),
        kind: "Pod".to_owned(),
        namespaced: true,
    };
    let target = object_target(&attempt, &pods, Some(request.namespace), request.pod)?;
    let bad = |reason: &str| ApiError::BadName { attempt: attempt.clone(), reason: reason.to_owned() };
    if request.container.is_some_and(str::is_empty) {
        return Err(bad(r#""" is not the name of a container"#));
    }
    if request.command.first().is_none_or(String::is_empty) {
        return Err(bad("there is no command to run"));
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(request.container.map(|name| ("container", name)));
    query.extend_pairs(request.command.iter().map(|part| ("command", part)));
    query.extend_pairs([("stdout", "true"), ("stderr", "true")]);
    let target = format!("{target}/exec?{}", query.finish());
    Ok(Call { accept: "*/*", patience: Patience::Once, ..Call::get(attempt, target) })
}

/// The headers that ask for WebSocket (RFC 6455, 4.1).
fn offer(key: &str) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
    let fields: [(HeaderName, &str); 5] = [
        (CONNECTION, "Upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_VERSION, "13"),
        (SEC_WEBSOCKET_KEY, key),
        (SEC_WEBSOCKET_PROTOCOL, &PROTOCOLS.join(", ")),
    ];
    fields.into_iter().map(|(name, value)| Ok((name, HeaderValue::from_str(value)?))).collect()
}

/// Whether the server agreed, or why that is no agreement.
fn check(response: &Response<Body>, key: &str) -> Result<(), String> {
    let status = response.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(format!("it offers no WebSocket connection ({status})"));
    }
    let header = |name| response.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    if !header(UPGRADE).is_some_and(|to| to.eq_ignore_ascii_case("websocket")) {
        return Err("it changes to another protocol than WebSocket".to_owned());
    }
    if header(SEC_WEBSOCKET_ACCEPT) != Some(&derive_accept_key(key.as_bytes())) {
        return Err("it accepts another WebSocket connection than this one".to_owned());
    }
    match header(SEC_WEBSOCKET_PROTOCOL) {
        Some(protocol) if PROTOCOLS.contains(&protocol) => Ok(()),
        Some(other) => Err(format!("it chose the protocol {:?}, which was not offered", printable(other))),
        None => Err(format!("it speaks neither {} nor {}", PROTOCOLS[0], PROTOCOLS[1])),
    }
}

/// Reads until the connection ends, or the server has told how the command ended and then fell silent.
async fn follow(stream: &mut Stream, capture: &mut Capture) -> ExecEnd {
    let why = loop {
        let silence = if capture.end.is_some() { AFTER_STATUS } else { SILENCE };
        match tokio::time::timeout(silence, stream.next()).await {
            Ok(Some(Ok(Message::Binary(message)))) => capture.take(&message),
            Ok(Some(Ok(Message::Text(message)))) => capture.take(message.as_bytes()),
            Ok(Some(Ok(Message::Close(said)))) => break said.map(|said| printable(&said.reason)),
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => break words(&error),
            Ok(None) => break None,
            Err(_) if capture.end.is_some() => break None,
            Err(_) => {
                if let Err(error) = stream.send(Message::Ping(Bytes::new())).await {
                    break words(&error);
                }
            }
        }
    };
    capture.end.take().unwrap_or_else(|| {
        // Something that is no Status is what servers say that fail before they begin.
        let said = printable(&String::from_utf8_lossy(&capture.status));
        let why = why.filter(|why| !why.is_empty()).map(|why| format!(": {why}")).unwrap_or_default();
        let lost = format!("the connection ended before the command did{why}");
        ExecEnd::Failed(if said.is_empty() { lost } else { said })
    })
}

/// Why a connection ended, where there is more to say than that.
fn words(error: &WsError) -> Option<String> {
    let plain = matches!(
        error,
        WsError::ConnectionClosed
            | WsError::AlreadyClosed
            | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    );
    (!plain).then(|| explain(error))
}

/// What has come so far.
struct Capture {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    limit: usize,
    truncated: bool,
    status: Vec<u8>,
    end: Option<ExecEnd>,
}

impl Capture {
    fn new(limit: usize) -> Self {
        let (stdout, stderr, status) = (Vec::new(), Vec::new(), Vec::new());
        Self { stdout, stderr, limit, truncated: false, status, end: None }
    }

    /// Takes one message: a channel's number and a piece of its stream, which is empty when the channel is opened.
    fn take(&mut self, message: &[u8]) {
        let Some((&channel, piece)) = message.split_first() else { return };
        let kept = match channel {
            STDOUT => &mut self.stdout,
            STDERR => &mut self.stderr,
            STATUS => {
                keep(&mut self.status, piece, MAX_STATUS_BYTES);
                // A Status in several pieces is none before the last one.
                self.end = serde_json::from_slice(&self.status).ok().and_then(end);
                return;
            }
            _ => return,
        };
        self.truncated |= !keep(kept, piece, self.limit);
    }
}

/// Appends what there is room for, and says whether that was all.
fn keep(kept: &mut Vec<u8>, piece: &[u8], limit: usize) -> bool {
    let room = limit.saturating_sub(kept.len());
    kept.extend_from_slice(&piece[..piece.len().min(room)]);
    piece.len() <= room
}

/// How the command ended, in the words of kubelet and API server: a `Status` whose cause `ExitCode` has the code as its
/// message.
fn end(status: WireStatus) -> Option<ExecEnd> {
    match status.status.as_deref()? {
        "Success" => return Some(ExecEnd::Success),
        "Failure" => {}
        _ => return None,
    }
    let causes = status.details.and_then(|details| details.causes).unwrap_or_default();
    let code = causes.into_iter().find(|cause| cause.reason.as_deref() == Some("ExitCode"));
    if let Some(code) = code.and_then(|cause| cause.message?.parse().ok()) {
        return Some(ExecEnd::ExitCode(code));
    }
    let said = [status.message, status.reason].into_iter().flatten().map(|said| printable(&said));
    let said = said.into_iter().find(|said| !said.is_empty());
    Some(ExecEnd::Failed(said.unwrap_or_else(|| "the server does not say why".to_owned())))
}
