//! One running window.

use std::cell::Cell;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::display::Display;
use crate::picture::Picture;

/// What the kernel calls the program, which is cut to 15 characters.
const PROGRAM: &str = "holdfast-deskto";

/// How long the driver may take to be there, and the window to open.
const START_WITHIN: Duration = Duration::from_secs(30);

/// What a window is started with.
#[derive(Default)]
pub struct Start {
    /// `KUBECONFIG`; none by default, so that only the sandbox is there.
    pub kubeconfig: Option<PathBuf>,
    /// Settings that are there before the first start, as their file's JSON.
    pub settings: Option<serde_json::Value>,
    /// The data folder of an earlier window; otherwise a new one.
    pub data: Option<TempDir>,
    /// Further environment variables.
    pub environment: Vec<(String, String)>,
}

/// A window and everything under it. Ends with this value.
pub struct Desk {
    /// What drives it.
    pub client: Client,
    /// Folder of settings and read model, with the cache beside it.
    pub data: TempDir,
    /// From the start of the driver's session to a window that answers.
    pub opened_in: Duration,
    session: Session,
    display: Display,
    size: Cell<(u32, u32)>,
}

impl Desk {
    /// Opens the program in a window of 1280x800.
    pub async fn open(start: Start) -> Self {
        let program = std::env::var_os("HOLDFAST_DESKTOP_BIN")
            .expect("HOLDFAST_DESKTOP_BIN is not set: run these tests with `cargo xtask test`");
        let display = Display::start().await;
        let data = start.data.unwrap_or_else(|| TempDir::with_prefix("holdfast-window-").unwrap());
        let folder = |name: &str| {
            let path = data.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        if let Some(settings) = &start.settings {
            std::fs::write(folder("data").join("settings.json"), settings.to_string()).unwrap();
        }
        let port = free_port();
        let mut command = Command::new("dbus-run-session");
        command
            .args(["--", "WebKitWebDriver", "--host=127.0.0.1", &format!("--port={port}")])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder("home"))
            .env("XDG_RUNTIME_DIR", folder("runtime"))
            .env("LANG", "C.UTF-8")
            .env("DISPLAY", display.name())
            .env("HOLDFAST_DATA_DIR", folder("data"))
            .env("HOLDFAST_CACHE_DIR", folder("cache"))
            // Without these a window cannot be driven: the program leaves automation off.
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // No accessibility bus and no GPU here.
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .envs(start.kubeconfig.iter().map(|path| ("KUBECONFIG", path)))
            .envs(start.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let driver = command.spawn().expect("dbus-run-session and WebKitWebDriver cannot be started");
        await_port(port).await;
        let clock = Instant::now();
        let capabilities =
            json!({"webkitgtk:browserOptions": {"binary": program.to_string_lossy(), "args": []}});
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the window does not open");
        let desk = Self {
            client,
            data,
            opened_in: clock.elapsed(),
            session: Session { driver },
            display,
            size: Cell::new((0, 0)),
        };
        desk.resize(1280, 800).await;
        desk
    }

    /// Gives the window another size.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_rect(0, 0, width, height).await.unwrap();
        self.size.set((width, height));
    }

    /// What the window looks like.
    pub fn picture(&self) -> Picture {
        let (width, height) = self.size.get();
        self.display.picture().cropped(width as usize, height as usize)
    }

    /// A folder beside the program's own.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// The log that the program writes.
    pub fn log(&self) -> String {
        let folder = self.data.path().join("data").join("logs");
        let files =
            std::fs::read_dir(&folder).map(|files| files.flatten().collect::<Vec<_>>()).unwrap_or_default();
        files.iter().filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
    }

    /// Memory of the program's own process and of its web process, resident, in MiB.
    pub fn memory_mib(&self) -> (u64, u64) {
        let resident = |wanted: &str| self.processes(wanted).into_iter().map(resident_mib).sum();
        (resident(PROGRAM), resident("WebKitWebProces"))
    }

    fn processes(&self, wanted: &str) -> Vec<u32> {
        let all = descendants(self.session.driver.id().unwrap());
        all.into_iter().filter(|pid| command_of(*pid).contains(wanted)).collect()
    }

    /// Lets the whole program sleep, as a computer does whose lid is closed.
    pub async fn sleep(&self, lasting: Duration) {
        let pids: Vec<String> = [PROGRAM, "WebKit"]
            .iter()
            .flat_map(|name| self.processes(name))
            .map(|pid| pid.to_string())
            .collect();
        let signal = async |name: &str| Command::new("kill").arg(name).args(&pids).status().await.unwrap();
        assert!(signal("-STOP").await.success());
        tokio::time::sleep(lasting).await;
        assert!(signal("-CONT").await.success());
    }

    /// Starts the program once more beside the one that runs, and waits for its end.
    pub async fn start_again(&self) -> ExitStatus {
        let pid = self.processes(PROGRAM)[0];
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
        let variables = environment.split(|byte| *byte == 0).filter_map(|line| {
            let at = line.iter().position(|byte| *byte == b'=')?;
            Some((OsStr::from_bytes(&line[..at]).to_owned(), OsStr::from_bytes(&line[at + 1..]).to_owned()))
        });
        let mut command = Command::new(std::env::var_os("HOLDFAST_DESKTOP_BIN").unwrap());
        command.env_clear().envs(variables).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended = tokio::time::timeout(START_WITHIN, command.kill_on_drop(true).status()).await;
        ended.expect("a second start of the program does not end").unwrap()
    }

    /// Closes the window and gives its data folder back.
    pub async fn close(mut self) -> TempDir {
        let _ = self.client.clone().close().await;
        self.session.end();
        let _ = tokio::time::timeout(Duration::from_secs(5), self.session.driver.wait()).await;
        self.data
    }
}

/// The driver with everything under it; nothing of it stays, also where a test fails.
struct Session {
    driver: Child,
}

impl Session {
    fn end(&self) {
        if let Some(pid) = self.driver.id() {
            let group = format!("-{pid}");
            let _ = std::process::Command::new("kill").args(["-TERM", "--", &group]).status();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

async fn await_port(port: u16) {
    let clock = Instant::now();
    while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        assert!(clock.elapsed() < START_WITHIN, "WebKitWebDriver does not listen on port {port}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// All processes under `root`, itself included.
fn descendants(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        for task in std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
    }
    found
}

fn command_of(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

fn resident_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or_default()
        / 1024
}

/// Where screenshots go, if they are wanted.
pub(crate) fn screenshots() -> Option<PathBuf> {
    std::env::var_os("HOLDFAST_SCREENSHOTS").map(|folder| Path::new(&folder).to_owned())
}
