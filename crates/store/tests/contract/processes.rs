//! Processes that write to the same vault: who wins, and what one does that was stopped for too long.
//!
//! Memory is shared by no processes; races in it are in [`crate::claims`].

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use holdfast_store::{Access, ClaimTiming, StoreError, Vault, VaultUrl, Writer};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use crate::azurite;
use crate::stores::*;

/// The claims of these tests. Stores tell whole seconds, so silence is a few of them.
const TIMING: ClaimTiming =
    ClaimTiming { heartbeat_every: Duration::from_millis(300), silent_after: Duration::from_secs(4) };

const COMMITTED: i32 = 0;
const LOST: i32 = 10;
const SUPERSEDED: i32 = 11;

/// A vault that several processes reach.
struct Shared {
    url: VaultUrl,
    vault: Vault,
    root: TempDir,
}

impl Shared {
    async fn on(kind: Kind) -> Self {
        let root = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Azure => azurite::place(&Uuid::new_v4().to_string()).await,
            _ => root.path().join("vault").to_str().unwrap().parse().unwrap(),
        };
        let vault = Vault::open_or_create(&url, &access(&url), &root.path().join("cache")).await.unwrap();
        Self { url, vault, root }
    }

    fn start(&self, point: &str, data: &str) -> Contender {
        let signs = self.root.path().join(format!("{point}-{data}"));
        fs::create_dir(&signs).unwrap();
        let child = Command::new(env::current_exe().unwrap())
            .args(["processes::contender", "--exact", "--ignored", "--nocapture"])
            .env("HOLDFAST_TEST_CONTENDER", format!("{} {point} {data}", self.url))
            .env("HOLDFAST_TEST_SIGNS", &signs)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Contender { child, signs, data: data.to_owned() }
    }
}

fn access(url: &VaultUrl) -> Access {
    if url.blob().is_some() { azurite::access() } else { Access::default() }
}

/// A process that writes a point in two steps, each when it is told to: its claim and objects, and the commit.
struct Contender {
    child: Child,
    signs: PathBuf,
    data: String,
}

impl Contender {
    fn tell(&self, step: &str) {
        fs::write(self.signs.join(step), "").unwrap();
    }

    async fn wait_for(&self, step: &str) {
        wait_for(&self.signs, step).await;
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    async fn end(mut self) -> i32 {
        tokio::task::spawn_blocking(move || self.child.wait().unwrap().code().unwrap()).await.unwrap()
    }
}

async fn wait_for(signs: &Path, step: &str) {
    for _ in 0..60_000 {
        if signs.join(step).exists() {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("no sign of \"{step}\" in {}", signs.display());
}

/// What a contender does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is the process that the other tests start"]
async fn contender() {
    let order = env::var("HOLDFAST_TEST_CONTENDER").expect("started by another test of this file");
    let signs = PathBuf::from(env::var("HOLDFAST_TEST_SIGNS").unwrap());
    let mut order = order.split(' ');
    let (url, point, data) = (order.next().unwrap(), order.next().unwrap(), order.next().unwrap());
    let url: VaultUrl = url.parse().unwrap();
    let vault = Vault::open(&url, &access(&url), &signs.join("cache")).await.unwrap();
    let writer = Writer { timing: TIMING, ..Writer::new() };
    fs::write(signs.join("ready"), "").unwrap();
    wait_for(&signs, "begin").await;
    let result = async {
        let mut point = vault.begin(&name(point), started(), &writer).await?;
        for member in large(data) {
            point.append(member).await?;
        }
        fs::write(signs.join("appended"), "").unwrap();
        wait_for(&signs, "commit").await;
        point.commit(manifest()).await
    };
    let code = match result.await {
        Ok(_) => COMMITTED,
        Err(StoreError::NameInUse { .. } | StoreError::PointExists(_)) => LOST,
        Err(StoreError::Superseded(_) | StoreError::CommitUnknown { .. }) => SUPERSEDED,
        Err(error) => {
            eprintln!("{error:?}");
            1
        }
    };
    std::process::exit(code);
}

/// Members of more than one part, so that the archive is completed, rather than put.
fn large(data: &str) -> Vec<holdfast_store::Member> {
    let maps = ty("", "configmaps", "ConfigMap", true);
    let mut all: Vec<_> =
        (0..7).map(|n| member(&maps, &[("noise", &format!("m{n}"), &noise(n, 3 << 19))])).collect();
    all.extend(members(data));
    all
}

/// Makes sure that the point is whole and all `data`.
async fn is_of(vault: &Vault, point: &str, data: &str) {
    let point = vault.point(&name(point)).await.unwrap();
    let report = point.verify().await.unwrap();
    assert!(report.is_good(), "{report:?}");
    let lines = contents(&point).await.unwrap();
    let text = format!("{{\"text\":\"{data}\"}}");
    assert_eq!(lines.iter().filter(|line| line.contains(&text)).count() as u64, OBJECTS, "{data}");
}

macro_rules! on_shared_stores {
    ($name:ident) => {
        mod $name {
            use crate::stores::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_a_folder() {
                super::$name(Kind::Folder).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_azure() {
                super::$name(Kind::Azure).await;
            }
        }
    };
}

on_shared_stores!(of_eight_processes_that_race_for_a_name_one_wins);
async fn of_eight_processes_that_race_for_a_name_one_wins(kind: Kind) {
    let shared = Shared::on(kind).await;
    let contenders: Vec<_> = (0..8).map(|number| shared.start("p", &format!("writer-{number}"))).collect();
    for contender in &contenders {
        contender.wait_for("ready").await;
        contender.tell("commit");
    }
    for contender in &contenders {
        contender.tell("begin");
    }
    let mut winners = Vec::new();
    for contender in contenders {
        let data = contender.data.clone();
        match contender.end().await {
            COMMITTED => winners.push(data),
            LOST => {}
            code => panic!("{data} ended with {code}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    is_of(&shared.vault, "p", &winners[0]).await;
}

// The sleeper is stopped before its commit, or some milliseconds into it; another takes over meanwhile, and it wakes
// before or after that one commits.
on_shared_stores!(a_process_that_was_stopped_for_too_long_never_commits_over_another);
async fn a_process_that_was_stopped_for_too_long_never_commits_over_another(kind: Kind) {
    let shared = Shared::on(kind).await;
    let delays = [None, Some(0), Some(5), Some(12), Some(25), Some(50), Some(90)];
    let mut sleepers = Vec::new();
    for (number, delay) in delays.into_iter().enumerate() {
        let point = format!("p{number}");
        let sleeper = shared.start(&point, "asleep");
        sleeper.tell("begin");
        sleeper.wait_for("appended").await;
        if let Some(delay) = delay {
            sleeper.tell("commit");
            sleep(Duration::from_millis(delay)).await;
        }
        sleeper.signal(Signal::STOP);
        sleepers.push((point, sleeper));
    }
    sleep(TIMING.silent_after + Duration::from_secs(2)).await;

    let mut taken_over = 0;
    for (number, (point, sleeper)) in sleepers.into_iter().enumerate() {
        let writer = Writer { timing: TIMING, ..Writer::new() };
        let mut awake = match shared.vault.begin(&name(&point), started(), &writer).await {
            Ok(awake) => awake,
            // It had committed before it was stopped.
            Err(StoreError::PointExists(_)) => {
                sleeper.signal(Signal::CONT);
                let code = sleeper.end().await;
                assert!([COMMITTED, SUPERSEDED].contains(&code), "{point} ended with {code}");
                is_of(&shared.vault, &point, "asleep").await;
                continue;
            }
            Err(error) => panic!("{error:?}"),
        };
        taken_over += 1;
        for member in large("awake") {
            awake.append(member).await.unwrap();
        }
        let code = if number % 2 == 0 {
            awake.commit(manifest()).await.unwrap();
            sleeper.tell("commit");
            sleeper.signal(Signal::CONT);
            sleeper.end().await
        } else {
            sleeper.tell("commit");
            sleeper.signal(Signal::CONT);
            let code = sleeper.end().await;
            awake.commit(manifest()).await.unwrap();
            code
        };
        assert!([LOST, SUPERSEDED].contains(&code), "{point}: the sleeper ended with {code}");
        is_of(&shared.vault, &point, "awake").await;
    }
    assert!(taken_over > 0);
    assert!(shared.vault.sweep_debris().await.unwrap().is_empty());
}
