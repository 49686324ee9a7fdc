//! The kubeconfig, read when it changed and never on the threads that answer the window.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_cluster::{ContextInfo, Kubeconfig};

use crate::api::{Failure, Settings};
use crate::document::Stamp;
use crate::environment::Environment;

/// Which files, and when they were changed last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    files: Vec<PathBuf>,
    /// Whether a person named them, so that each must exist.
    chosen: bool,
    stamps: Vec<Stamp>,
}

/// A kubeconfig as it was read.
#[derive(Debug)]
pub(crate) struct Loaded {
    source: Source,
    pub kubeconfig: Kubeconfig,
    /// Its contexts, sorted by name: asked for far more often than the file changes.
    pub contexts: Vec<ContextInfo>,
    /// Why nothing could be read.
    pub failure: Option<Failure>,
}

/// The kubeconfig read last.
#[derive(Debug, Default)]
pub(crate) struct KubeconfigFile {
    loaded: Mutex<Option<Arc<Loaded>>>,
    /// Held while the files are read, so that they are read once.
    reading: Mutex<()>,
}

impl KubeconfigFile {
    /// What stands in the files now, and whether that was read just now because they changed. Blocks.
    pub(crate) fn current(&self, environment: &Environment, settings: &Settings) -> (Arc<Loaded>, bool) {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let source = Source::now(environment, settings);
        let known = self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(loaded) = known.filter(|loaded| loaded.source == source) {
            return (loaded, false);
        }
        let read = if source.chosen {
            Kubeconfig::read_chosen(&source.files)
        } else {
            Kubeconfig::read(&source.files)
        };
        let (kubeconfig, failure) = match read {
            Ok(kubeconfig) => (kubeconfig, None),
            Err(error) => (Kubeconfig::default(), Some(error.into())),
        };
        let loaded = Arc::new(Loaded { source, contexts: kubeconfig.contexts(), kubeconfig, failure });
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&loaded));
        (loaded, true)
    }
}

impl Source {
    fn now(environment: &Environment, settings: &Settings) -> Self {
        let chosen = !settings.kubeconfig_files.is_empty();
        let files = if chosen {
            settings.kubeconfig_files.iter().map(PathBuf::from).collect()
        } else {
            Kubeconfig::files(environment.variable("KUBECONFIG"), environment.home.as_deref())
        };
        let stamps = files.iter().map(|path| Stamp::of(path)).collect();
        Self { files, chosen, stamps }
    }
}
