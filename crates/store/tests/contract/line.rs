//! Troubles on the line to Azure Blob Storage: a busy storage, cut connections, lost answers, expired tokens.
//!
//! A proxy in this process stands between the vault and the emulator.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use holdfast_store::{Access, Authorization, StoreError, Vault, VaultUrl, Writer};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::azurite::{self, Token};
use crate::stores::*;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// The storage is busy, and says for how long.
    Busy { status: u16 },
    /// The connection ends when half of the request is read.
    Cut,
    /// The request is carried out, and the connection ends before the answer.
    LostAnswer,
    /// The token has expired.
    Expired,
}

type Choice = Box<dyn Fn(usize, &str) -> bool + Send>;

#[derive(Default)]
struct State {
    /// Requests, as `METHOD path`.
    seen: Vec<String>,
    trouble: Option<(Choice, Trouble)>,
}

/// A vault behind a line.
struct Line {
    state: Arc<Mutex<State>>,
    vault: Vault,
    token: Arc<Token>,
    _cache: TempDir,
    _server: JoinSet<()>,
}

impl Line {
    async fn new() -> Self {
        let url = azurite::place(&Uuid::new_v4().to_string()).await.to_string();
        let (account, rest) = url.split_once("/devstoreaccount1").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: VaultUrl =
            format!("http://{}/devstoreaccount1{rest}", listener.local_addr().unwrap()).parse().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, account.to_owned(), Arc::clone(&state)));
        let token = Arc::new(Token::for_audience("https://storage.azure.com"));
        let credential = Arc::clone(&token);
        let authorization = Some(Authorization::Token { credential, method: "the test".to_owned() });
        let access = Access { authorization, ..Access::default() };
        let cache = tempfile::tempdir().unwrap();
        let vault = Vault::open_or_create(&here, &access, cache.path()).await.unwrap();
        state.lock().unwrap().seen.clear();
        Self { state, vault, token, _cache: cache, _server: server }
    }

    /// The first request that is chosen, by its number and its line, meets trouble.
    fn trouble(&self, trouble: Trouble, choice: impl Fn(usize, &str) -> bool + Send + 'static) {
        self.state.lock().unwrap().trouble = Some((Box::new(choice), trouble));
    }

    fn has_met(&self) -> bool {
        self.state.lock().unwrap().trouble.is_none()
    }
}

async fn serve(listener: TcpListener, upstream: String, state: Arc<Mutex<State>>) {
    let client = azurite::network().client(true).unwrap();
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, upstream.clone(), client.clone(), Arc::clone(&state)));
    }
}

/// One connection, until either side has enough.
async fn converse(stream: TcpStream, upstream: String, client: reqwest::Client, state: Arc<Mutex<State>>) {
    let mut stream = BufReader::new(stream);
    while converse_once(&mut stream, &upstream, &client, &state).await.is_some() {}
}

async fn converse_once(
    stream: &mut BufReader<TcpStream>,
    upstream: &str,
    client: &reqwest::Client,
    state: &Mutex<State>,
) -> Option<()> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let (method, rest) = lines[0].split_once(' ').unwrap();
    let path = rest.split_once(' ').unwrap().0;
    let headers: Vec<(&str, &str)> = lines[1..].iter().map(|line| line.split_once(": ").unwrap()).collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];

    let trouble = {
        let mut state = state.lock().unwrap();
        let number = state.seen.len();
        let line = format!("{method} {path}");
        let met = state.trouble.take_if(|(choice, _)| choice(number, &line));
        state.seen.push(line);
        met.map(|(_, trouble)| trouble)
    };
    if trouble == Some(Trouble::Cut) {
        let half = body.len() / 2;
        stream.read_exact(&mut body[..half]).await.ok()?;
        return None;
    }
    stream.read_exact(&mut body).await.ok()?;
    match trouble {
        Some(Trouble::Busy { status }) => {
            let answer = format!("HTTP/1.1 {status} Busy\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n");
            return stream.write_all(answer.as_bytes()).await.ok();
        }
        Some(Trouble::Expired) => {
            let answer = "HTTP/1.1 401 Unauthorized\r\nx-ms-error-code: InvalidAuthenticationInfo\r\n\
                          content-length: 0\r\n\r\n";
            return stream.write_all(answer.as_bytes()).await.ok();
        }
        _ => {}
    }
    let mut request = client.request(method.parse().unwrap(), format!("{upstream}{path}")).body(body);
    for (name, value) in headers {
        if !["host", "content-length", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    if trouble == Some(Trouble::LostAnswer) {
        return None;
    }
    let mut head = format!("HTTP/1.1 {}\r\n", answer.status());
    for (name, value) in answer.headers() {
        if !["transfer-encoding", "connection", "keep-alive", "content-length"].contains(&name.as_str()) {
            write!(head, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
        }
    }
    let told =
        answer.headers().get("content-length").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = answer.bytes().await.unwrap();
    // The answer to HEAD tells the length of a body that does not follow.
    let told = told.filter(|_| method == "HEAD").unwrap_or_else(|| bytes.len().to_string());
    write!(head, "content-length: {told}\r\n\r\n").unwrap();
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(&bytes).await.ok()
}

/// The least that a small backup asks: the folder, heartbeat, claim, nine blobs, four looks at the claim, the marker.
const REQUESTS: usize = 17;

/// Makes a backup for each of its requests with that one in trouble; returns how many there are.
async fn for_every_request(trouble: Trouble) -> usize {
    for number in 0.. {
        let line = Line::new().await;
        line.trouble(trouble, move |seen, _| seen == number);
        let result = write(&line.vault, "p", &Writer::new(), members("one")).await;
        let asked = line.state.lock().unwrap().seen.get(number).cloned();
        result.unwrap_or_else(|error| panic!("{trouble:?} at {asked:?}: {error:?}"));
        if !line.has_met() {
            return number;
        }
        check(&line.vault, "p", "one").await;
        let others = line.vault.sweep_debris().await.unwrap();
        assert!(others.is_empty(), "{others:?}");
    }
    unreachable!()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_at_any_request_fails_no_backup() {
    assert!(for_every_request(Trouble::Cut).await >= REQUESTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_at_any_request_fails_no_backup() {
    assert!(for_every_request(Trouble::LostAnswer).await >= REQUESTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_expires_at_any_request_is_replaced() {
    assert!(for_every_request(Trouble::Expired).await >= REQUESTS);
}

/// Members that make an archive of more than one part.
fn big() -> Vec<holdfast_store::Member> {
    let maps = ty("", "configmaps", "ConfigMap", true);
    let noisy = |n: u8| member(&maps, &[("shop", &format!("m{n}"), &noise(n, 3 << 19))]);
    (0..8).map(noisy).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_in_the_middle_of_an_upload_fails_no_backup() {
    for trouble in [Trouble::Cut, Trouble::LostAnswer, Trouble::Expired, Trouble::Busy { status: 503 }] {
        for what in ["comp=block&", "comp=blocklist"] {
            let line = Line::new().await;
            line.trouble(trouble, move |_, line| line.contains(what));
            write(&line.vault, "p", &Writer::new(), big())
                .await
                .unwrap_or_else(|e| panic!("{trouble:?}: {e:?}"));
            assert!(line.has_met(), "{what}");
            let point = line.vault.point(&name("p")).await.unwrap();
            assert!(point.verify().await.unwrap().is_good());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_storage_is_left_alone_as_long_as_it_asks() {
    for (status, verb) in [(429, "PUT"), (503, "PUT"), (503, "GET"), (503, "DELETE")] {
        let line = Line::new().await;
        line.trouble(Trouble::Busy { status }, move |_, line| line.starts_with(verb));
        let clock = Instant::now();
        write(&line.vault, "p", &Writer::new(), members("one")).await.unwrap();
        assert!(line.has_met() && clock.elapsed() >= Duration::from_secs(1), "{status} {verb}");
        check(&line.vault, "p", "one").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_token_serves_a_whole_backup() {
    let line = Line::new().await;
    write(&line.vault, "p", &Writer::new(), big()).await.unwrap();
    assert_eq!(line.token.given.load(std::sync::atomic::Ordering::SeqCst), 1);
    let error = begin(&line.vault, "p").await.unwrap_err();
    assert!(matches!(error, StoreError::PointExists(_)), "{error}");
}
