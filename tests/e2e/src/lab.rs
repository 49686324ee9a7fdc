//! What a test holds: two clusters, a vault, a home of its own and the built program.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::cluster::Cluster;
use crate::key::Key;
use crate::lock::{Lock, Use};
use crate::report::Report;
use crate::run::Run;
use crate::snapshot;
use crate::terminal::{Terminal, required};

/// The surroundings of one test. What it makes in the clusters begins with its prefix.
pub struct Lab {
    /// The cluster to back up.
    pub source: Cluster,
    /// Another cluster to restore into.
    pub target: Cluster,
    prefix: String,
    /// Whether what is here may need what others need too: addresses and ports of a fixed number.
    alone: bool,
    kubeconfig: PathBuf,
    terminal: Terminal,
    _lock: Lock,
}

/// Whether long forms of tests are wanted.
pub fn long() -> bool {
    std::env::var_os("HOLDFAST_LONG").is_some()
}

impl Lab {
    /// A lab beside others, cleaned of what an earlier run of the same test left.
    pub async fn new(prefix: &str) -> Self {
        Self::with(prefix, Use::Shared).await
    }

    /// A lab that has the clusters for itself.
    pub async fn alone(prefix: &str) -> Self {
        Self::with(prefix, Use::Alone).await
    }

    async fn with(prefix: &str, how: Use) -> Self {
        let lab = Self::at(required("HOLDFAST_TEST_KUBECONFIG"), prefix, how).await;
        let (source, target) = (&lab.source, &lab.target);
        tokio::join!(snapshot::clean(source, &lab.prefix), snapshot::clean(target, &lab.prefix));
        lab
    }

    /// A lab in the clusters that a kubeconfig calls `source` and `target`, which nobody has cleaned.
    pub async fn at(kubeconfig: PathBuf, prefix: &str, how: Use) -> Self {
        let terminal = Terminal::new();
        let lock = Lock::take(&kubeconfig, how).await;
        let source = Cluster::connect(&kubeconfig, "source").await;
        let target = Cluster::connect(&kubeconfig, "target").await;
        let prefix = format!("{prefix}-");
        let alone = how == Use::Alone;
        Self { source, target, prefix, alone, kubeconfig, terminal, _lock: lock }
    }

    /// A name of this test's own.
    pub fn name(&self, what: &str) -> String {
        format!("{}{what}", self.prefix)
    }

    /// What all names of this test begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A folder of this test's own.
    pub fn folder(&self) -> &Path {
        self.terminal.folder()
    }

    /// The kubeconfig of both clusters.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The folder of the vault.
    pub fn vault(&self) -> PathBuf {
        self.terminal.vault()
    }

    /// The folder of a recovery point.
    pub fn point(&self, name: &str) -> PathBuf {
        self.vault().join("operational/backups").join(name)
    }

    /// A namespace of this test's own in the source cluster.
    pub async fn namespace(&self, what: &str) -> String {
        let name = self.name(what);
        self.source
            .create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .await;
        let account = Key::new("v1", "ServiceAccount", &name, "default");
        self.source.wait("the default account", async || self.source.get(&account).await.is_some()).await;
        name
    }

    /// The program with these words, in an environment of its own; the vault and the kubeconfig are added where
    /// the words do not say them.
    pub fn command(&self, words: &str) -> Command {
        let mut words: Vec<&str> = words.split_whitespace().collect();
        let vault = format!("file://{}", self.vault().display());
        let kubeconfig = self.kubeconfig.display().to_string();
        let has = |words: &[&str], word: &str| words.contains(&word);
        let needs_vault = words[0] != "clusters"
            && !words.starts_with(&["modifiers", "lint"])
            && !["hooks", "extension"].contains(&words[0]);
        if needs_vault && !has(&words, "--vault") {
            words.extend(["--vault", vault.as_str()]);
        }
        let local = ["points", "jobs", "vaults", "modifiers", "hooks", "extension"].contains(&words[0]);
        let needs_kubeconfig = !local || words.starts_with(&["points", "delete"]);
        if needs_kubeconfig && !has(&words, "--kubeconfig") {
            words.extend(["--kubeconfig", kubeconfig.as_str()]);
        }
        self.terminal.command(&words)
    }

    /// Runs the program to its end.
    pub async fn run(&self, words: &str) -> Run {
        self.run_with(words, &[]).await
    }

    /// Runs the program to its end, with variables added to its environment.
    pub async fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(words);
        command.envs(variables.iter().copied());
        Terminal::output(words, command).await
    }

    /// Backs `source` up into a Completed point.
    pub async fn backup(&self, point: &str, words: &str) -> Value {
        let run =
            self.run(&format!("backup --cluster source --name {point} -o json {words}")).await.expect(0);
        let result = run.json();
        assert_eq!(result["state"], "Completed", "{run}");
        result
    }

    /// Restores, whatever comes of it.
    pub async fn restore(&self, cluster: &str, point: &str, words: &str) -> Report {
        let run = self.run(&format!("restore --cluster {cluster} --point {point} -o json {words}")).await;
        assert!(matches!(run.code, Some(0 | 3)), "{run}");
        let report = Report(run.json());
        let clean = report.count("failed") + report.count("blocked") == 0;
        assert_eq!(run.code == Some(0), clean, "the exit code says something else than the report: {run}");
        report
    }

    /// Undoes a restore, or with `--plan` says what that would do.
    pub async fn undo(&self, job: &str, words: &str) -> Report {
        let run = self.run(&format!("restore --undo {job} -o json {words}")).await.expect(0);
        Report(run.json())
    }

    /// Leaves the clusters as they were, as far as the next test can wait for it.
    pub async fn finish(self) {
        if self.alone {
            tokio::join!(
                snapshot::clean(&self.source, &self.prefix),
                snapshot::clean(&self.target, &self.prefix)
            );
            return;
        }
        tokio::join!(
            snapshot::start_cleaning(&self.source, &self.prefix),
            snapshot::start_cleaning(&self.target, &self.prefix)
        );
    }
}
