//! Local Kubernetes clusters: real control planes, several side by side, each without a node or with one.
//!
//! A `Clusters` is a folder of them. The user's own lives as long as the user wants (`cargo xtask cluster up`); a private
//! one belongs to one run of one command and ends with it, also when that run was interrupted. A private folder whose
//! run was killed outright is swept by the next command that makes one.

mod binary;
mod certificates;
mod control_plane;
mod kubeconfig;
mod link;
mod node;
mod process;
mod programs;
mod readiness;
mod state;
mod storage;
pub(crate) mod verbs;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::future;

pub(crate) use binary::GO_FLAGS;
use process::Owner;
use programs::Programs;
pub(crate) use state::ClusterName;
use state::{DISKS, Folder, State};

use crate::lock::Lock;
use crate::{clock, places};

/// How long a cluster that is said to run may take to answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A folder of clusters.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    root: PathBuf,
    private: bool,
}

impl Clusters {
    /// The user's own.
    pub(crate) fn of_user() -> Result<Self> {
        Self::at(places::state()?.join("clusters"), false)
    }

    /// A new folder for this run alone. Sweeps those of runs that are gone.
    pub(crate) fn private() -> Result<Self> {
        let runs = places::state()?.join("runs");
        sweep(&runs)?;
        Self::at(runs.join(Owner::this_process()?.to_string()), true)
    }

    fn at(root: PathBuf, private: bool) -> Result<Self> {
        fs::create_dir_all(&root).with_context(|| format!("cannot create {}", root.display()))?;
        Ok(Self { root, private })
    }

    /// Brings clusters up, side by side, and returns a guard that takes down again those that this call started.
    pub(crate) async fn up(&self, names: &[ClusterName]) -> Result<Running> {
        self.up_with(names, None).await
    }

    /// The same, each with a node.
    pub(crate) async fn up_with_nodes(&self, names: &[ClusterName]) -> Result<Running> {
        node::possible()?;
        let programs = Programs::ready().await?;
        self.up_with(names, Some(&programs)).await
    }

    async fn up_with(&self, names: &[ClusterName], programs: Option<&Programs>) -> Result<Running> {
        let binary = binary::testkube().await?;
        let mut running = Running { clusters: self.clone(), started: Vec::new() };
        let outcomes = future::join_all(names.iter().map(|name| self.up_one(name, &binary, programs))).await;
        for (name, outcome) in names.iter().zip(outcomes) {
            running.started.extend(outcome.with_context(|| format!("cluster {name} did not come up"))?);
        }
        self.write_kubeconfig()?;
        Ok(running)
    }

    /// `None` where it ran already.
    async fn up_one(
        &self,
        name: &ClusterName,
        binary: &Path,
        programs: Option<&Programs>,
    ) -> Result<Option<Started>> {
        let _lock = self.lock(name).await?;
        let folder = Folder::new(&self.root, name);
        if let Some(state) = folder.read()? {
            if state.is_running() {
                let client = readiness::client(&folder.kubeconfig("admin")).await?;
                if !tokio::time::timeout(ANSWER, readiness::is_ready(&client)).await.unwrap_or(false) {
                    bail!(
                        "it runs but does not answer at {}; see the logs in {}, or take it down first: \
                         cargo xtask cluster down --name {name}",
                        state.server(),
                        folder.path().display()
                    );
                }
                if programs.is_some() && state.node.is_none() {
                    bail!(
                        "it runs without a node; take it down first: cargo xtask cluster down --name {name}"
                    );
                }
                eprintln!("{name}: already runs at {}", state.server());
                return Ok(None);
            }
            eprintln!("{name}: removing what is left of an earlier cluster of that name");
            state.stop()?;
        }
        folder.remove()?;

        let began = Instant::now();
        let state = match control_plane::start(&folder, name, binary, programs).await {
            Err(error)
                if error.downcast_ref::<readiness::Ended>().is_some_and(readiness::Ended::may_be_a_port) =>
            {
                eprintln!("{name}: {error}\n{name}: trying once more, with other ports");
                folder.remove()?;
                control_plane::start(&folder, name, binary, programs).await?
            }
            outcome => outcome?,
        };
        eprintln!("{name}: ready at {} after {}", state.server(), clock::words(began.elapsed()));
        Ok(Some(Started { clusters: self.clone(), name: name.clone() }))
    }

    /// Takes a cluster down and removes its data. Returns whether there was one.
    pub(crate) async fn down(&self, name: &ClusterName) -> Result<bool> {
        if !Folder::new(&self.root, name).path().exists() {
            return Ok(false);
        }
        let _lock = self.lock(name).await?;
        self.take_down(name)?;
        self.write_kubeconfig()?;
        if self.list()?.is_empty() {
            self.remove_disks()?;
        }
        Ok(true)
    }

    /// Where the volumes and snapshots of all clusters with nodes are. Its name is no cluster's name.
    pub(crate) fn disks(&self) -> PathBuf {
        self.root.join(DISKS)
    }

    fn remove_disks(&self) -> Result<()> {
        match fs::remove_dir_all(self.disks()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.disks().display()))
            }
            _ => Ok(()),
        }
    }

    fn take_down(&self, name: &ClusterName) -> Result<()> {
        let folder = Folder::new(&self.root, name);
        if let Some(state) = folder.read()? {
            state.stop().with_context(|| format!("cluster {name} could not be stopped"))?;
        }
        folder.remove()
    }

    /// Every cluster there is a record of, by name.
    fn list(&self) -> Result<Vec<State>> {
        let mut states = Vec::new();
        for entry in
            fs::read_dir(&self.root).with_context(|| format!("cannot list {}", self.root.display()))?
        {
            let entry = entry.with_context(|| format!("cannot list {}", self.root.display()))?;
            if let Some(name) = entry.file_name().to_str().and_then(|name| name.parse().ok())
                && let Some(state) = Folder::new(&self.root, &name).read()?
            {
                states.push(state);
            }
        }
        states.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(states)
    }

    /// One kubeconfig for these clusters, or for all that run; a context has its cluster's name.
    pub(crate) fn kubeconfig(&self, names: &[ClusterName]) -> Result<String> {
        let states: Vec<_> = self.list()?.into_iter().filter(State::is_running).collect();
        if let Some(missing) = names.iter().find(|name| !states.iter().any(|state| state.name == **name)) {
            bail!("no cluster {missing} runs; start it: cargo xtask cluster up --name {missing}");
        }
        let entries: Vec<_> = states
            .iter()
            .filter(|state| names.is_empty() || names.contains(&state.name))
            .map(|state| Folder::new(&self.root, &state.name).entry(state, "admin"))
            .collect();
        kubeconfig::render(&entries)
    }

    /// The file with this cluster alone.
    pub(crate) fn kubeconfig_of(&self, name: &ClusterName) -> PathBuf {
        Folder::new(&self.root, name).kubeconfig("admin")
    }

    /// The file with all clusters that run, kept up to date by `up` and `down`. Its name is no cluster's name.
    pub(crate) fn kubeconfig_path(&self) -> PathBuf {
        self.root.join("all.kubeconfig")
    }

    fn write_kubeconfig(&self) -> Result<()> {
        let path = self.kubeconfig_path();
        let unfinished = tempfile::NamedTempFile::new_in(&self.root).context("cannot write a kubeconfig")?;
        fs::write(unfinished.path(), self.kubeconfig(&[])?)
            .with_context(|| format!("cannot write {}", unfinished.path().display()))?;
        unfinished.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }

    async fn lock(&self, name: &ClusterName) -> Result<Lock> {
        Lock::take(&self.root.join(format!("{name}.lock")), "another command is busy with this cluster").await
    }

    fn remove(&self) -> Result<()> {
        for state in self.list()? {
            self.take_down(&state.name)?;
        }
        fs::remove_dir_all(&self.root).with_context(|| format!("cannot remove {}", self.root.display()))
    }
}

/// A cluster that this run started; dropping it takes it down.
#[derive(Debug)]
struct Started {
    clusters: Clusters,
    name: ClusterName,
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Err(error) = self.clusters.take_down(&self.name) {
            eprintln!("{error:#}");
        }
    }
}

/// Clusters that are up; dropping it takes down those that this run started.
#[derive(Debug)]
pub(crate) struct Running {
    clusters: Clusters,
    started: Vec<Started>,
}

impl Running {
    /// The kubeconfig of all clusters in the folder.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.clusters.kubeconfig_path()
    }

    /// The folder of their nodes' volumes and snapshots.
    pub(crate) fn disks(&self) -> PathBuf {
        self.clusters.disks()
    }

    /// Leaves them running.
    pub(crate) fn keep(mut self) {
        self.started.drain(..).for_each(std::mem::forget);
        self.clusters.private = false;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.started.clear();
        let ended =
            if self.clusters.private { self.clusters.remove() } else { self.clusters.write_kubeconfig() };
        if let Err(error) = ended {
            eprintln!("{error:#}");
        }
    }
}

/// Takes down what runs left behind that could not do it themselves.
fn sweep(runs: &Path) -> Result<()> {
    let entries = match fs::read_dir(runs) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot list {}", runs.display()))?,
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", runs.display()))?;
        let owner = entry.file_name().to_str().and_then(Owner::parse);
        if owner.is_some_and(|owner| !owner.is_running()) {
            eprintln!("Taking down the clusters of a run that was killed: {}", entry.path().display());
            Clusters::at(entry.path(), true)?.remove()?;
        }
    }
    Ok(())
}
