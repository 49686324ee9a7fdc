//! Azurite, the emulator of Azure Blob Storage: over TLS, with OAuth, on a free port, empty, and gone afterwards.
//!
//! Its packages are installed from the lockfile in `tests/azurite` into the user's cache folder, filed under a hash of
//! what decides them, so that several checkouts share them.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::lock::Lock;
use crate::{child, places, setup};

/// What decides the installation.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "run.cjs"];

/// How long it may take until it answers. It takes about 2 s on two idle cores.
const PATIENCE: Duration = Duration::from_mins(2);
const INTERVAL: Duration = Duration::from_millis(100);

/// How often it is started, should somebody else take its port meanwhile.
const ATTEMPTS: u32 = 3;

/// The account that every emulator has.
const ACCOUNT: &str = "devstoreaccount1";

/// A running emulator. Dropping it ends it and removes its data.
pub(crate) struct Azurite {
    folder: TempDir,
    port: u16,
    child: Child,
}

impl Azurite {
    /// Installs it if need be and returns once it answers.
    pub(crate) async fn start() -> Result<Self> {
        let packages = install().await?;
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::start_on(free_port()?, &packages).await {
                Ok(running) => return Ok(running),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no attempt was made")?)
    }

    async fn start_on(port: u16, packages: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a folder for Azurite")?;
        let file = |name: &str| folder.path().join(name);
        certify(folder.path())?;
        let log = fs::File::create(file("log")).context("cannot create Azurite's log")?;
        let child = Command::new("node")
            .arg(packages.join("run.cjs"))
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string(), "--location"])
            .arg(file("data"))
            .arg("--cert")
            .arg(file("server.crt"))
            .arg("--key")
            .arg(file("server.key"))
            // Clients are newer than the emulator and ask for versions that it does not know.
            .args(["--oauth", "basic", "--skipApiVersionCheck", "--disableTelemetry", "--silent"])
            .current_dir(folder.path())
            // It ends when this pipe does.
            .stdin(Stdio::piped())
            .stdout(log.try_clone().context("cannot share Azurite's log")?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start node")?;
        let mut running = Self { folder, port, child };
        running.answers().await?;
        Ok(running)
    }

    async fn answers(&mut self) -> Result<()> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let began = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().context("cannot look at Azurite")? {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("Azurite ended before it answered ({status}):\n{log}");
            }
            if TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("Azurite did not answer at {address} within {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// What tests find it by.
    pub(crate) fn variables(&self) -> [(&'static str, String); 2] {
        let url = format!("https://127.0.0.1:{}/{ACCOUNT}", self.port);
        let ca = self.folder.path().join("ca.crt").display().to_string();
        [("HOLDFAST_TEST_AZURITE", url), ("HOLDFAST_TEST_AZURITE_CA", ca)]
    }
}

/// `cargo xtask azurite`: one to develop against, until Ctrl-C.
pub(crate) async fn run() -> Result<ExitCode> {
    setup::ensure()?;
    let azurite = Azurite::start().await?;
    for (name, value) in azurite.variables() {
        println!("export {name}={value}");
    }
    eprintln!("Azurite runs until Ctrl-C.");
    std::future::pending().await
}

/// The folder with its packages; installs them when the cache does not have them.
pub(crate) async fn install() -> Result<PathBuf> {
    let sources = places::checkout().join("tests/azurite");
    let mut hash = blake3::Hasher::new();
    for name in FILES {
        let bytes =
            fs::read(sources.join(name)).with_context(|| format!("cannot read {name} of tests/azurite"))?;
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    let folder = places::cache()?.join("azurite").join(&hash.finalize().to_hex()[..32]);
    let done = folder.join("installed");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let _lock = Lock::take(&folder.join("lock"), "another command installs Azurite").await?;
    if done.exists() {
        return Ok(folder);
    }
    eprintln!("Installing Azurite from npm into {}: about a minute, once.", folder.display());
    for name in FILES {
        fs::copy(sources.join(name), folder.join(name))
            .with_context(|| format!("cannot write {}", folder.join(name).display()))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
    let status = child::run(npm).await?;
    if !status.success() {
        bail!("Azurite could not be installed ({status}); what npm said stands above");
    }
    fs::write(&done, "").with_context(|| format!("cannot write {}", done.display()))?;
    Ok(folder)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr().context("no free port on 127.0.0.1")?.port())
}

/// An authority (`ca.crt`), and what it signed for the emulator.
fn certify(folder: &Path) -> Result<()> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Holdfast test storage");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let mut server = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let files = [
        ("ca.crt", authority.pem()),
        ("server.crt", server.signed_by(&key, &authority)?.pem()),
        ("server.key", key.serialize_pem()),
    ];
    for (name, pem) in files {
        let path = folder.join(name);
        fs::write(&path, pem).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
