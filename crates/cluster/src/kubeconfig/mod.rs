//! Kubeconfig files: contexts as kubectl sees them.
//!
//! Read once, never written. Several files are merged as kubectl merges them
//! (<https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files>):
//! the first file that has an entry of some name wins, whole.

mod file;
mod suggest;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster as ClusterEntry, Context};

pub use file::MAX_KUBECONFIG_BYTES;

use crate::cluster::Cluster;
use crate::connect::{self, Surroundings};
use crate::error::ClusterError;

/// The merged kubeconfig.
#[derive(Default)]
pub struct Kubeconfig {
    contexts: BTreeMap<String, Context>,
    clusters: BTreeMap<String, ClusterEntry>,
    users: BTreeMap<String, AuthInfo>,
    current: Option<String>,
    /// The files that were looked for, in order.
    searched: Vec<PathBuf>,
}

/// One context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextInfo {
    /// Name of the context.
    pub name: String,
    /// Name of its cluster's entry.
    pub cluster: String,
    /// Name of its user's entry; may be empty.
    pub user: String,
    /// Namespace that kubectl would use, if it names one.
    pub namespace: Option<String>,
    /// Address of the API server as written, if the cluster's entry exists and has one.
    pub server: Option<String>,
    /// Whether this is the `current-context`.
    pub current: bool,
}

impl Kubeconfig {
    /// Reads the file given explicitly, which must exist; else those that `KUBECONFIG` lists, else
    /// `~/.kube/config`. Of these, files that do not exist are skipped, as kubectl does.
    pub fn load(explicit: Option<&Path>) -> Result<Self, ClusterError> {
        let home = std::env::home_dir();
        Self::load_from(explicit, std::env::var_os("KUBECONFIG").as_deref(), home.as_deref())
    }

    fn load_from(
        explicit: Option<&Path>,
        listed: Option<&OsStr>,
        home: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        match explicit {
            Some(path) => Self::read_chosen(&[path.to_owned()]),
            None => Self::read(&Self::files(listed, home)),
        }
    }

    /// The files that kubectl reads: those that `listed`, the value of `KUBECONFIG`, names, else
    /// `~/.kube/config`.
    pub fn files(listed: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = listed.map(std::env::split_paths).into_iter().flatten().collect();
        paths.retain(|path| !path.as_os_str().is_empty());
        if paths.is_empty() {
            paths.extend(home.map(|home| home.join(".kube").join("config")));
        }
        paths
    }

    /// Reads and merges files, skipping those that do not exist, as kubectl does with [`Self::files`].
    pub fn read(files: &[PathBuf]) -> Result<Self, ClusterError> {
        let mut config = Self { searched: files.to_owned(), ..Self::default() };
        for path in files {
            match file::read(path) {
                Ok(file) => config.merge(file),
                Err(ClusterError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                    tracing::debug!(path = %path.display(), "kubeconfig does not exist");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(config)
    }

    /// Reads and merges files that a person named, which must all exist.
    pub fn read_chosen(files: &[PathBuf]) -> Result<Self, ClusterError> {
        let mut config = Self { searched: files.to_owned(), ..Self::default() };
        for path in files {
            config.merge(file::read(path)?);
        }
        Ok(config)
    }

    /// All contexts, sorted by name.
    pub fn contexts(&self) -> Vec<ContextInfo> {
        let info = |(name, context): (&String, &Context)| ContextInfo {
            name: name.clone(),
            cluster: context.cluster.clone(),
            user: context.user.clone().unwrap_or_default(),
            namespace: context.namespace.clone().filter(|ns| !ns.is_empty()),
            server: self.clusters.get(&context.cluster).and_then(|c| c.server.clone()),
            current: self.current.as_ref() == Some(name),
        };
        self.contexts.iter().map(info).collect()
    }

    /// The sign-in command that connecting this context would run; `None` where it runs none.
    pub fn sign_in_command(&self, context: &str) -> Option<&str> {
        let user = self.users.get(self.contexts.get(context)?.user.as_deref()?)?;
        connect::sign_in_command(user)
    }

    /// Makes the client of one context. Runs its sign-in command if it has one, as kubectl does; the server is not
    /// contacted yet ([`Cluster::version`] tests that).
    pub async fn connect(&self, context: &str) -> Result<Cluster, ClusterError> {
        self.connect_in(context, &Surroundings::default()).await
    }

    /// As [`Self::connect`], with what a program without a terminal knows better than its environment.
    pub async fn connect_in(
        &self,
        context: &str,
        surroundings: &Surroundings,
    ) -> Result<Cluster, ClusterError> {
        let Some(entry) = self.contexts.get(context) else { return Err(self.unknown(context)) };
        let Some(cluster) = self.clusters.get(&entry.cluster) else {
            return Err(ClusterError::Context {
                context: context.to_owned(),
                reason: format!(
                    "it names the cluster {:?}, which has no entry under clusters",
                    entry.cluster
                ),
            });
        };
        let user = match entry.user.as_deref().filter(|user| !user.is_empty()) {
            Some(name) => self.users.get(name).cloned().ok_or_else(|| ClusterError::Context {
                context: context.to_owned(),
                reason: format!("it names the user {name:?}, which has no entry under users"),
            })?,
            None => AuthInfo::default(),
        };
        connect::connect(context, cluster, user, surroundings).await
    }

    fn unknown(&self, context: &str) -> ClusterError {
        let searched: Vec<_> = self.searched.iter().map(|path| path.display().to_string()).collect();
        ClusterError::UnknownContext {
            name: context.to_owned(),
            searched: if searched.is_empty() { "any kubeconfig".into() } else { searched.join(", ") },
            suggestion: suggest::suggest(context, self.contexts.keys().map(String::as_str)),
        }
    }

    fn merge(&mut self, file: kube::config::Kubeconfig) {
        for named in file.contexts {
            self.contexts.entry(named.name).or_insert(named.context.unwrap_or_default());
        }
        for named in file.clusters {
            self.clusters.entry(named.name).or_insert(named.cluster.unwrap_or_default());
        }
        for named in file.auth_infos {
            self.users.entry(named.name).or_insert(named.auth_info.unwrap_or_default());
        }
        self.current = self.current.take().or(file.current_context.filter(|name| !name.is_empty()));
    }
}

/// Only names: entries hold credentials.
impl fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kubeconfig")
            .field("contexts", &self.contexts.keys())
            .field("searched", &self.searched)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
