//! Commands in containers, against a WebSocket server that speaks as an API server does.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "tests fail by panicking")]
#![allow(clippy::result_large_err, reason = "the type of a handshake's callback")]

mod support;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use holdfast_cluster::{ApiError, Cluster, ExecEnd, ExecOutput, ExecRequest, Kubeconfig};
use http::HeaderValue;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use hyper_util::rt::TokioIo;
use support::Answer;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

type Socket = WebSocketStream<TcpStream>;

/// What the server saw of the requests.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// How the server answers the request for a connection.
#[derive(Clone)]
enum Agreement {
    /// Takes the first of these protocols that is offered.
    Speaks(&'static [&'static str]),
    Refuses(u16, String),
}

const BOTH: Agreement = Agreement::Speaks(&["v5.channel.k8s.io", "v4.channel.k8s.io"]);

/// A server that agrees as it is told to, and `serve`s what it agreed to.
async fn server<F>(
    agreement: Agreement,
    serve: impl Fn(Socket) -> F + Send + Sync + 'static,
) -> (Cluster, Log)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let seen = log.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let agree = |request: &Request, response| agree(&agreement, &seen, request, response);
            if let Ok(socket) = accept_hdr_async(stream, agree).await {
                tokio::spawn(serve(socket));
            }
        }
    });
    (connect(&format!("http://{address}")).await, log)
}

fn agree(
    agreement: &Agreement,
    log: &Log,
    request: &Request,
    mut response: Response,
) -> Result<Response, ErrorResponse> {
    let offered = request.headers()[SEC_WEBSOCKET_PROTOCOL].to_str().unwrap();
    log.0.lock().unwrap().push(format!("{} {offered}", request.uri()));
    match agreement {
        Agreement::Speaks(protocols) => {
            if let Some(chosen) = protocols.iter().find(|p| offered.split(", ").any(|o| o == **p)) {
                response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(chosen));
            }
            Ok(response)
        }
        Agreement::Refuses(code, body) => {
            let refusal = http::Response::builder().status(*code).header("content-length", body.len());
            Err(refusal.body(Some(body.clone())).unwrap())
        }
    }
}

async fn connect(server: &str) -> Cluster {
    let dir = TempDir::new().unwrap();
    let path: &Path = &dir.path().join("kubeconfig");
    let text = format!(
        "clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
         contexts: [{{name: it, context: {{cluster: c, user: u}}}}]\n"
    );
    std::fs::write(path, text).unwrap();
    Kubeconfig::load(Some(path)).unwrap().connect("it").await.unwrap()
}

async fn run(cluster: &Cluster, timeout: Duration) -> Result<ExecOutput, ApiError> {
    let command = ["/bin/sh".to_owned(), "-c".to_owned(), "echo 'a & b' >&2".to_owned()];
    let request = ExecRequest {
        namespace: "shop",
        pod: "database-0",
        container: Some("postgres"),
        command: &command,
        timeout,
        output_limit: 64 * 1024,
    };
    cluster.exec(&request).await
}

const LONG: Duration = Duration::from_secs(30);

fn frame(channel: u8, piece: impl AsRef<[u8]>) -> Message {
    Message::Binary([&[channel], piece.as_ref()].concat().into())
}

const SUCCESS: &str = r#"{"metadata":{},"status":"Success"}"#;

/// What a kubelet says of a command that ended with code 3.
const CODE_3: &str = r#"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit status 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#;

async fn send(socket: &mut Socket, messages: impl IntoIterator<Item = Message>) {
    for message in messages {
        socket.send(message).await.unwrap();
    }
}

#[tokio::test]
async fn a_command_is_run_and_its_streams_are_told_apart() {
    let (cluster, log) = server(BOTH, async |mut socket| {
        let opened = [0, 1, 2, 3].map(|channel| frame(channel, ""));
        send(&mut socket, opened).await;
        send(&mut socket, [frame(1, "out"), frame(2, "err"), frame(1, "put\n")]).await;
        // The status overtakes the end of the output, and comes in pieces.
        let (head, tail) = SUCCESS.split_at(9);
        send(&mut socket, [frame(3, head), frame(3, tail), frame(1, "late\n"), frame(9, "unheard of")]).await;
        socket.close(None).await.unwrap();
    })
    .await;
    let output = run(&cluster, LONG).await.unwrap();
    let expected = ExecOutput {
        stdout: b"output\nlate\n".to_vec(),
        stderr: b"err".to_vec(),
        truncated: false,
        end: ExecEnd::Success,
    };
    assert_eq!(output, expected);
    assert_eq!(
        log.all(),
        ["/api/v1/namespaces/shop/pods/database-0/exec?container=postgres&command=%2Fbin%2Fsh&command=-c&\
          command=echo+%27a+%26+b%27+%3E%262&stdout=true&stderr=true v5.channel.k8s.io, v4.channel.k8s.io"]
    );
}

#[tokio::test]
async fn an_exit_code_is_told() {
    let (cluster, _) = server(BOTH, async |mut socket| {
        send(&mut socket, [frame(2, "no\n"), frame(3, CODE_3)]).await;
        socket.close(None).await.unwrap();
    })
    .await;
    let output = run(&cluster, LONG).await.unwrap();
    assert_eq!((output.end, output.stderr.as_slice()), (ExecEnd::ExitCode(3), &b"no\n"[..]));
}

#[tokio::test]
async fn what_was_not_run_is_told_in_the_servers_words() {
    let said = r#"{"metadata":{},"status":"Failure","message":"Internal error occurred: exec: \"nope\": executable file not found in $PATH\u001b[2J","reason":"InternalError","code":500}"#;
    for (channel, words) in [
        (said, "Internal error occurred: exec: \"nope\": executable file not found in $PATH [2J"),
        ("container is gone\n", "container is gone"),
        (r#"{"status":"Failure"}"#, "the server does not say why"),
    ] {
        let (cluster, _) = server(BOTH, move |mut socket| async move {
            send(&mut socket, [frame(3, channel)]).await;
            socket.close(None).await.unwrap();
        })
        .await;
        assert_eq!(run(&cluster, LONG).await.unwrap().end, ExecEnd::Failed(words.to_owned()));
    }
}

#[tokio::test]
async fn a_flood_is_read_to_its_end_and_dropped() {
    const PIECES: usize = 2048;
    let (cluster, _) = server(BOTH, async |mut socket| {
        let piece = frame(1, vec![b'x'; 32 * 1024]);
        for _ in 0..PIECES {
            socket.feed(piece.clone()).await.unwrap();
        }
        send(&mut socket, [frame(2, "done"), frame(3, SUCCESS)]).await;
        socket.close(None).await.unwrap();
    })
    .await;
    let output = run(&cluster, LONG).await.unwrap();
    assert_eq!((output.stdout.len(), output.stderr.as_slice()), (64 * 1024, &b"done"[..]));
    assert!(output.stdout.capacity() <= 128 * 1024, "{} bytes are held", output.stdout.capacity());
    assert_eq!((output.truncated, output.end), (true, ExecEnd::Success));
}

/// Resolves when the other side has closed the connection.
async fn closed(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_left_with_what_it_said() {
    let (ended, mut end) = tokio::sync::mpsc::channel(1);
    let (cluster, _) = server(BOTH, move |mut socket| {
        let ended = ended.clone();
        async move {
            send(&mut socket, [frame(1, "working")]).await;
            closed(socket).await;
            ended.send(()).await.unwrap();
        }
    })
    .await;
    let clock = Instant::now();
    let limit = Duration::from_millis(300);
    let output = run(&cluster, limit).await.unwrap();
    assert_eq!((output.end, output.stdout.as_slice()), (ExecEnd::TimedOut(limit), &b"working"[..]));
    assert!(clock.elapsed() < Duration::from_secs(5), "{:?}", clock.elapsed());
    tokio::time::timeout(LONG, end.recv()).await.expect("the connection is closed").unwrap();
}

#[tokio::test]
async fn a_dropped_future_closes_the_connection() {
    let (told, mut tell) = tokio::sync::mpsc::channel(2);
    let (cluster, _) = server(BOTH, move |socket| {
        let told = told.clone();
        async move {
            told.send("open").await.unwrap();
            closed(socket).await;
            told.send("closed").await.unwrap();
        }
    })
    .await;
    tokio::select! {
        output = run(&cluster, LONG) => panic!("{output:?}"),
        opened = tell.recv() => assert_eq!(opened, Some("open")),
    }
    assert_eq!(tokio::time::timeout(LONG, tell.recv()).await.unwrap(), Some("closed"));
}

#[tokio::test]
async fn a_refusal_comes_in_the_servers_words() {
    let status = |code: u16, reason: &str, message: &str| {
        let status = serde_json::json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "code": code, "reason": reason, "message": message});
        Agreement::Refuses(code, status.to_string())
    };
    let forbidden =
        r#"pods "database-0" is forbidden: User "u" cannot create resource "pods/exec" in API group """#;
    let choose = "a container name must be specified for pod database-0, choose one of: [postgres metrics]";
    for (code, reason, message) in [
        (403, "Forbidden", forbidden),
        (404, "NotFound", r#"pods "database-0" not found"#),
        (400, "BadRequest", choose),
        (503, "ServiceUnavailable", "the kubelet is away"),
        (429, "TooManyRequests", "busy"),
    ] {
        let (cluster, log) = server(status(code, reason, message), async |_| {}).await;
        let error = run(&cluster, LONG).await.unwrap_err();
        let said = error.status().unwrap();
        assert_eq!((said.code, said.reason.as_str(), said.message.as_str()), (code, reason, message));
        assert!(said.from_api);
        let words = format!(
            "run a command in container postgres of pod shop/database-0: {message} ({code} {reason})"
        );
        assert_eq!(error.to_string(), words);
        assert_eq!(log.all().len(), 1, "{code}: a command is not asked for twice");
    }
    let (cluster, _) = server(status(401, "Unauthorized", "who are you"), async |_| {}).await;
    let error = run(&cluster, LONG).await.unwrap_err();
    assert!(matches!(&error, ApiError::Unauthorized { message, .. } if message == "who are you"), "{error}");
    let (cluster, _) = server(Agreement::Refuses(502, "<h1>Bad gateway</h1>".to_owned()), async |_| {}).await;
    let error = run(&cluster, LONG).await.unwrap_err();
    assert!(error.to_string().ends_with("<h1>Bad gateway</h1> (502 Bad Gateway)"), "{error}");
}

#[tokio::test]
async fn a_connection_that_ends_without_a_status_is_no_success() {
    let lost = "the connection ended before the command did";
    let (cluster, _) = server(BOTH, async |mut socket| {
        send(&mut socket, [frame(1, "half")]).await;
        // Without the WebSocket's own farewell.
        socket.get_mut().shutdown().await.unwrap();
    })
    .await;
    let output = run(&cluster, LONG).await.unwrap();
    assert_eq!((output.end, output.stdout.as_slice()), (ExecEnd::Failed(lost.into()), &b"half"[..]));
    let (cluster, _) = server(BOTH, async |mut socket| socket.close(None).await.unwrap()).await;
    assert_eq!(run(&cluster, LONG).await.unwrap().end, ExecEnd::Failed(lost.into()));
    let (cluster, _) = server(BOTH, async |mut socket| {
        send(&mut socket, [Message::Binary(Bytes::from(vec![1; 5 * 1024 * 1024]))]).await;
        closed(socket).await;
    })
    .await;
    let end = run(&cluster, LONG).await.unwrap().end;
    assert!(
        matches!(&end, ExecEnd::Failed(why) if why.starts_with(lost) && why.len() > lost.len()),
        "{end:?}"
    );
}

#[tokio::test]
async fn a_server_that_only_speaks_v4_is_understood() {
    let (cluster, _) = server(Agreement::Speaks(&["v4.channel.k8s.io"]), async |mut socket| {
        send(&mut socket, [frame(1, "old"), frame(3, SUCCESS)]).await;
        socket.close(None).await.unwrap();
    })
    .await;
    let output = run(&cluster, LONG).await.unwrap();
    assert_eq!((output.end, output.stdout.as_slice()), (ExecEnd::Success, &b"old"[..]));
    let (cluster, _) = server(Agreement::Speaks(&["channel.k8s.io"]), async |_| {}).await;
    let error = run(&cluster, LONG).await.unwrap_err().to_string();
    assert!(error.ends_with("it speaks neither v5.channel.k8s.io nor v4.channel.k8s.io"), "{error}");
}

#[tokio::test]
async fn a_server_that_keeps_the_connection_open_after_the_end_is_not_waited_for() {
    let (cluster, _) = server(BOTH, async |mut socket| {
        send(&mut socket, [frame(3, CODE_3)]).await;
        closed(socket).await;
    })
    .await;
    let clock = Instant::now();
    assert_eq!(run(&cluster, LONG).await.unwrap().end, ExecEnd::ExitCode(3));
    assert!(clock.elapsed() < Duration::from_secs(10), "{:?}", clock.elapsed());
    let output = run(&cluster, Duration::from_millis(500)).await.unwrap();
    assert_eq!(output.end, ExecEnd::ExitCode(3), "time that is up later changes nothing");
}

/// A connection on which nothing moves is cut: by our own limit for reading, and by load balancers.
#[tokio::test(start_paused = true)]
async fn a_command_that_is_silent_for_long_keeps_its_connection() {
    let service = tower::service_fn(async |request: http::Request<kube::client::Body>| {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            let log = Log::default();
            let agree = |request: &Request, response| agree(&BOTH, &log, request, response);
            let mut socket = accept_hdr_async(far, agree).await.unwrap();
            for _ in 0..30 {
                assert!(matches!(socket.next().await, Some(Ok(Message::Ping(_)))));
            }
            socket.send(frame(3, SUCCESS)).await.unwrap();
            socket.close(None).await.unwrap();
        });
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near)).await?;
        tokio::spawn(connection.with_upgrades());
        sender.send_request(request).await
    });
    let cluster = Cluster::from_service("fake", service);
    let clock = tokio::time::Instant::now();
    assert_eq!(run(&cluster, Duration::from_hours(1)).await.unwrap().end, ExecEnd::Success);
    assert_eq!(clock.elapsed().as_secs(), 600);
}

#[tokio::test]
async fn a_server_that_is_silent_before_the_connection_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cluster = connect(&format!("http://{}", listener.local_addr().unwrap())).await;
    let limit = Duration::from_millis(200);
    let error = run(&cluster, limit).await.unwrap_err();
    assert!(matches!(error, ApiError::Timeout { after, .. } if after == limit), "{error}");
}

#[tokio::test]
async fn a_server_without_websocket_is_named_as_such() {
    let (cluster, _) = support::cluster(|_| Some(Answer::ok("{}")));
    let error = run(&cluster, LONG).await.unwrap_err().to_string();
    assert!(error.ends_with("it offers no WebSocket connection (200 OK)"), "{error}");
}

#[tokio::test]
async fn names_that_would_address_something_else_are_never_sent() {
    let (cluster, log) = support::cluster(|_| Some(Answer::ok("{}")));
    let command = ["true".to_owned()];
    let good = ExecRequest {
        namespace: "shop",
        pod: "a",
        container: None,
        command: &command,
        timeout: LONG,
        output_limit: 1,
    };
    for request in [
        ExecRequest { namespace: "..", ..good },
        ExecRequest { namespace: "", ..good },
        ExecRequest { pod: "", ..good },
        ExecRequest { pod: "..", ..good },
        ExecRequest { container: Some(""), ..good },
        ExecRequest { command: &[], ..good },
        ExecRequest { command: &[String::new()], ..good },
    ] {
        let error = cluster.exec(&request).await.unwrap_err();
        assert!(matches!(error, ApiError::BadName { .. }), "{request:?}: {error}");
    }
    assert_eq!(log.targets(), [""; 0]);
    cluster.exec(&ExecRequest { pod: "a/b?c", ..good }).await.unwrap_err();
    assert_eq!(
        log.targets(),
        ["/api/v1/namespaces/shop/pods/a%2Fb%3Fc/exec?command=true&stdout=true&stderr=true"]
    );
}
