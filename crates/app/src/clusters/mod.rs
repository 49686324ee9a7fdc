//! Clusters: the sandbox, then the contexts of the kubeconfig.
//!
//! The kubeconfig is looked at every [`LOOK_EVERY`]; when it changed, connections are dropped and the window is
//! told. A connection is made on first use and kept. Sign-in commands run only if the settings allow them.

mod kubeconfig;
mod login_path;
mod offers;
mod rehearse;
mod status;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use holdfast_cluster::Cluster;
use holdfast_sandbox::Sandbox;
use tokio::sync::OnceCell;

use crate::api::{ClusterKind, ClusterRow, Failure, FailureCode, Topic};
use crate::{App, Inner, blocking};

pub(crate) use kubeconfig::{KubeconfigFile, Loaded};
pub(crate) use login_path::LoginPath;

/// How often the kubeconfig is looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Identity of the built-in cluster. A context of the same name is reached as `context:sandbox`.
pub const SANDBOX: &str = Sandbox::NAME;

/// What stands before the name of a context that is called like the sandbox.
const CONTEXT_PREFIX: &str = "context:";

/// Connections, by cluster.
#[derive(Default)]
pub(crate) struct Clusters {
    pub kubeconfig: KubeconfigFile,
    connections: Mutex<HashMap<String, Arc<OnceCell<Cluster>>>>,
}

impl Clusters {
    /// Connects anew from now on; what runs keeps its connection.
    fn forget(&self) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn slot(&self, context: &str) -> Arc<OnceCell<Cluster>> {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(connections.entry(context.to_owned()).or_default())
    }
}

/// Identity of a context among the clusters.
pub(crate) fn id_of(context: &str) -> String {
    if context == SANDBOX || context.starts_with(CONTEXT_PREFIX) {
        format!("{CONTEXT_PREFIX}{context}")
    } else {
        context.to_owned()
    }
}

/// The context behind an identity.
pub(crate) fn context_of(id: &str) -> &str {
    id.strip_prefix(CONTEXT_PREFIX).unwrap_or(id)
}

impl App {
    /// All clusters: the sandbox, then the contexts by name. No cluster is asked.
    pub async fn clusters(&self) -> Result<Vec<ClusterRow>, Failure> {
        let loaded = self.kubeconfig().await?;
        let points = self.inner.model.points().await;
        let mut rows = vec![ClusterRow {
            id: SANDBOX.to_owned(),
            name: Sandbox::TITLE.to_owned(),
            kind: ClusterKind::Sandbox,
            server: None,
            current: false,
            last_backup: None,
            points: 0,
        }];
        rows.extend(loaded.contexts.iter().map(|context| ClusterRow {
            id: id_of(&context.name),
            name: context.name.clone(),
            kind: ClusterKind::Context,
            server: context.server.clone(),
            current: context.current,
            last_backup: None,
            points: 0,
        }));
        crate::overview::add_backups(&mut rows, &points);
        Ok(rows)
    }

    /// The kubeconfig as it is now. A broken one is part of the answer.
    pub(crate) async fn kubeconfig(&self) -> Result<Arc<Loaded>, Failure> {
        let inner = Arc::clone(&self.inner);
        let (loaded, changed) = blocking("reading the kubeconfig", move || inner.read_kubeconfig()).await?;
        if changed {
            self.inner.forget_connections();
        }
        Ok(loaded)
    }

    /// A way to a cluster. Signs in where that is needed and allowed; the API server is not asked yet.
    pub(crate) async fn cluster(&self, id: &str) -> Result<Cluster, Failure> {
        if id == SANDBOX {
            return self.sandbox().await;
        }
        let context = context_of(id);
        let loaded = self.kubeconfig().await?;
        if let Some(failure) = &loaded.failure {
            return Err(failure.clone());
        }
        if let Some(command) = loaded.kubeconfig.sign_in_command(context) {
            self.check_allowed(context, command)?;
        }
        let surroundings = self.surroundings().await;
        let slot = self.inner.clusters.slot(id);
        let cluster = slot.get_or_try_init(|| loaded.kubeconfig.connect_in(context, &surroundings)).await?;
        Ok(cluster.clone())
    }

    /// The built-in cluster, which terminal and window share.
    async fn sandbox(&self) -> Result<Cluster, Failure> {
        let folder = self.sandbox_folder();
        let open = || async {
            let sandbox = blocking("opening the sandbox", move || Sandbox::open(&folder)).await??;
            Ok::<_, Failure>(Cluster::from_service(Sandbox::NAME, sandbox))
        };
        self.inner.sandbox.get_or_try_init(open).await.cloned()
    }

    fn sandbox_folder(&self) -> PathBuf {
        self.inner.environment.data_dir.join("sandbox")
    }

    fn check_allowed(&self, context: &str, command: &str) -> Result<(), Failure> {
        if self.inner.settings.current().allowed_plugins.iter().any(|allowed| allowed == command) {
            return Ok(());
        }
        let message = format!("signing in to {context} runs the command \"{command}\" of the kubeconfig");
        let guidance = "Allow it if you know this command and trust the kubeconfig.";
        let failure = Failure::new(FailureCode::PluginNotAllowed, message, guidance);
        Err(Failure { details: Some(command.to_owned()), ..failure })
    }
}

impl Inner {
    /// What was read through connections that are made anew may be of another cluster.
    pub(crate) fn forget_connections(&self) {
        self.clusters.forget();
        self.readings.forget();
    }

    fn read_kubeconfig(&self) -> (Arc<Loaded>, bool) {
        self.clusters.kubeconfig.current(&self.environment, &self.settings.current())
    }

    /// Looks whether files that others write have changed, and tells the window.
    pub(crate) async fn look_at_files(self: Arc<Self>) {
        let app = App { inner: self };
        let inner = Arc::clone(&app.inner);
        let looked = blocking("looking at the kubeconfig", move || {
            let before = inner.settings.current();
            let settings = inner.settings.refresh().unwrap_or_default();
            let vaults = inner.vaults.refresh().unwrap_or_default();
            (before, settings, vaults, inner.read_kubeconfig().1)
        });
        let Ok((before, settings, vaults, kubeconfig)) = looked.await else { return };
        if settings {
            app.settings_changed(&before, &app.inner.settings.current());
        }
        if vaults {
            app.inner.events.changed(&[Topic::Vaults, Topic::Points, Topic::Jobs]);
        }
        if kubeconfig {
            tracing::info!("the kubeconfig changed");
            app.inner.forget_connections();
            app.inner.events.changed(&[Topic::Clusters]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_called_sandbox_is_another_cluster() {
        for context in ["prod", SANDBOX, "context:sandbox", "context:x", ""] {
            assert_eq!(context_of(&id_of(context)), context);
            assert_ne!(id_of(context), SANDBOX);
        }
    }
}
