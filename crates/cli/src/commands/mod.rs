//! One module per command.

pub(crate) mod backup;
pub(crate) mod cleanup;
pub(crate) mod clusters;
mod delete;
mod export;
pub(crate) mod hooks;
pub(crate) mod jobs;
pub(crate) mod modifiers;
pub(crate) mod points;
mod report;
pub(crate) mod restore;
pub(crate) mod sandbox;
pub(crate) mod vaults;
mod volumes;

use std::path::PathBuf;

use holdfast_cluster::{Cluster, ClusterError, Kubeconfig};
use holdfast_sandbox::Sandbox;

use crate::args;
use crate::failure::Failure;

/// The cluster that a name means. `sandbox` is the built-in one, so that it is the same on every machine; with a
/// kubeconfig given explicitly every name is a context of it, also that one.
async fn connect(name: &str, kubeconfig: &args::Kubeconfig) -> Result<Cluster, ClusterError> {
    if is_sandbox(name, kubeconfig) {
        let context = name.to_owned();
        return sandbox().map_err(|failure| ClusterError::Context { context, reason: failure.to_string() });
    }
    Kubeconfig::load(kubeconfig.kubeconfig.as_deref())?.connect(name).await
}

fn is_sandbox(name: &str, kubeconfig: &args::Kubeconfig) -> bool {
    name == Sandbox::NAME && kubeconfig.kubeconfig.is_none()
}

/// The built-in cluster.
fn sandbox() -> Result<Cluster, Failure> {
    Ok(Cluster::from_service(Sandbox::NAME, Sandbox::open(&sandbox_dir()?)?))
}

/// Where the sandbox keeps its state.
fn sandbox_dir() -> Result<PathBuf, Failure> {
    Ok(data_dir()?.join("sandbox"))
}

/// Where what cannot be made again is kept: the sandbox, and signatures on systems without a keyring.
pub(crate) fn data_dir() -> Result<PathBuf, Failure> {
    if let Some(dir) = std::env::var_os("HOLDFAST_DATA_DIR") {
        return Ok(dir.into());
    }
    dirs::data_dir()
        .map(|dir| dir.join("holdfast"))
        .ok_or_else(|| Failure::Usage("there is no data folder: set HOLDFAST_DATA_DIR".to_owned()))
}

/// Where what can be made again is kept: indexes of other programs' points, and spooled archives.
pub(crate) fn cache_dir() -> Result<PathBuf, Failure> {
    if let Some(dir) = std::env::var_os("HOLDFAST_CACHE_DIR") {
        return Ok(dir.into());
    }
    dirs::cache_dir()
        .map(|dir| dir.join("holdfast"))
        .ok_or_else(|| Failure::Usage("there is no cache folder: set HOLDFAST_CACHE_DIR".to_owned()))
}
