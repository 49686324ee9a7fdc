//! The way to an API server, which a test can close.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// So many bytes more towards the server, then nothing; connections stay.
    OpenFor(u64),
    /// Nothing; connections stay.
    Stalled,
    /// Connections end, and new ones are refused.
    Gone,
}

/// Passes bytes on between a client and an API server.
pub struct Gate {
    way: Arc<watch::Sender<Way>>,
    /// A kubeconfig in which one context leads through the gate.
    pub kubeconfig: PathBuf,
}

impl Gate {
    /// A gate before the server of `context`; `folder` is where its kubeconfig is put.
    pub async fn before(context: &str, kubeconfig: &Path, folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("https://{}", listener.local_addr().unwrap());
        let text = std::fs::read_to_string(kubeconfig).unwrap();
        let mut config: Value = serde_saphyr::from_str(&text).unwrap();
        let of = |value: &Value, name: &str| {
            value.as_array().unwrap().iter().find(|each| each["name"] == name).unwrap().clone()
        };
        let cluster = of(&config["contexts"], context)["context"]["cluster"].as_str().unwrap().to_owned();
        let server: SocketAddr = of(&config["clusters"], &cluster)["cluster"]["server"]
            .as_str()
            .and_then(|url| url.strip_prefix("https://"))
            .and_then(|address| address.trim_end_matches('/').parse().ok())
            .expect("the test cluster listens on an address of this machine");
        for each in config["clusters"].as_array_mut().unwrap() {
            if each["name"] == cluster.as_str() {
                each["cluster"]["server"] = Value::from(own.clone());
            }
        }
        let file = folder.join("gate.kubeconfig");
        std::fs::write(&file, config.to_string()).unwrap();
        let way = Arc::new(watch::Sender::new(Way::Open));
        tokio::spawn(listen(listener, server, Arc::clone(&way)));
        Self { way, kubeconfig: file }
    }

    /// Lets so many bytes more towards the server and then nothing in either direction.
    pub fn stall_after(&self, bytes: u64) {
        self.way.send_replace(Way::OpenFor(bytes));
    }

    /// Waits until nothing comes through any more.
    pub async fn stalled(&self) {
        self.way.subscribe().wait_for(|way| *way == Way::Stalled).await.unwrap();
    }

    /// Lets everything through.
    pub fn open(&self) {
        self.way.send_replace(Way::Open);
    }

    /// The server is not there any more.
    pub fn close(&self) {
        self.way.send_replace(Way::Gone);
    }
}

async fn listen(listener: TcpListener, server: SocketAddr, way: Arc<watch::Sender<Way>>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        if *way.borrow() == Way::Gone {
            continue;
        }
        let way = Arc::clone(&way);
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(server).await else { return };
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let mut gone = way.subscribe();
            tokio::select! {
                () = pass(from_client, to_server, &way, true) => {}
                () = pass(from_server, to_client, &way, false) => {}
                _ = gone.wait_for(|way| *way == Way::Gone) => {}
            }
        });
    }
}

/// Passes bytes on until either side ends.
async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    way: &watch::Sender<Way>,
    counted: bool,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut changes = way.subscribe();
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if counted {
            way.send_if_modified(|way| {
                let Way::OpenFor(left) = *way else { return false };
                let left = left.saturating_sub(read as u64);
                *way = if left == 0 { Way::Stalled } else { Way::OpenFor(left) };
                true
            });
        }
        if changes.wait_for(|way| *way != Way::Stalled).await.is_err()
            || to.write_all(&buffer[..read]).await.is_err()
        {
            return;
        }
    }
}
