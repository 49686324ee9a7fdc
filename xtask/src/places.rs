//! Where things are: the checkout, and the user's cache and state folders as the XDG base directory
//! specification gives them. Nothing is created here.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the checkout this program was built from.
pub(crate) fn checkout() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder)
}

/// The Go module of the test cluster.
pub(crate) fn cluster_sources() -> PathBuf {
    checkout().join("tests/cluster")
}

/// The Go module of what a node has besides Kubernetes: CSI drivers, images, namespaces.
pub(crate) fn node_sources() -> PathBuf {
    checkout().join("tests/storage/testnode")
}

/// The Go module that names the CSI sidecars and their versions.
pub(crate) fn sidecar_sources() -> PathBuf {
    checkout().join("tests/storage/sidecars")
}

/// What can be made again at the price of time: built tools.
pub(crate) fn cache() -> Result<PathBuf> {
    of_user("XDG_CACHE_HOME", ".cache")
}

/// What has to survive between two commands: the clusters that run.
pub(crate) fn state() -> Result<PathBuf> {
    of_user("XDG_STATE_HOME", ".local/state")
}

/// The specification has relative values of its variables ignored.
fn of_user(variable: &str, under_home: &str) -> Result<PathBuf> {
    let base = match env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute()) {
        Some(folder) => folder,
        None => env::home_dir()
            .filter(|home| home.is_absolute())
            .with_context(|| format!("neither {variable} nor HOME names a folder; set one of them"))?
            .join(under_home),
    };
    Ok(base.join("holdfast"))
}
