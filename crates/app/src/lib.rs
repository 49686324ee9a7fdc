//! What the window shows and does: the engine as commands, without a window.
//!
//! [`App`] has one asynchronous method for every call of the window, and an event stream. It owns what outlives
//! calls: settings, the list of vaults, connections, opened points, plans, running jobs, and the read model, from
//! which the first screen is shown before any vault or cluster has answered. Everything that crosses to the web view
//! is a type of [`api`]; nothing in it is a secret unless a person asked to see that one value.
//!
//! Calls may run at the same time and may be dropped at any time. Several processes may share the data folder.

pub mod api;
mod clusters;
mod command;
mod document;
mod environment;
mod events;
mod failure;
mod hooks;
mod jobs;
pub mod log;
mod overview;
mod points;
mod preview;
mod read_model;
mod requests;
mod restore;
mod saved;
mod selection;
mod settings;
mod vaults;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use jiff::Timestamp;

use api::Failure;

pub use clusters::SANDBOX;
pub use environment::{Environment, NoFolder};
pub use events::Subscription;
pub use jobs::Closing;

/// The program behind its windows. Cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub environment: Environment,
    /// Damaged documents that were put aside when this program started.
    pub set_aside: Vec<PathBuf>,
    pub settings: settings::SettingsFile,
    pub vaults: vaults::VaultList,
    pub open_vaults: vaults::OpenVaults,
    pub model: read_model::ReadModel,
    pub clusters: clusters::Clusters,
    pub login_path: clusters::LoginPath,
    pub sandbox: tokio::sync::OnceCell<holdfast_cluster::Cluster>,
    pub readings: preview::Readings,
    pub points: points::OpenPoints,
    pub plans: restore::Plans,
    pub undos: restore::Undos,
    pub jobs: jobs::RunningJobs,
    pub reports: jobs::Reports,
    pub requests: requests::Requests,
    pub events: events::Events,
    /// When the process began, until the first screen was told.
    started: Instant,
    first_screen: AtomicBool,
}

impl App {
    /// Starts the program in its surroundings. `started` is when the process began, for the log.
    ///
    /// # Errors
    /// Fails where the data folder cannot be used. Damaged documents in it are put aside instead.
    ///
    /// # Panics
    /// Outside of a tokio runtime, which runs what goes on in the background.
    pub async fn start(environment: Environment, started: Instant) -> Result<Self, Failure> {
        let inner = blocking("starting", move || Inner::open(environment, started)).await??;
        let inner = Arc::new(inner);
        events::every(clusters::LOOK_EVERY, Arc::downgrade(&inner), Inner::look_at_files);
        events::every(vaults::LOOK_EVERY, Arc::downgrade(&inner), Inner::look_at_vaults);
        let app = Self { inner };
        app.look_at_all();
        Ok(app)
    }

    /// Events from now on.
    pub fn subscribe(&self) -> Subscription {
        self.inner.events.subscribe()
    }

    /// The time by the clock that was given.
    pub(crate) fn now(&self) -> Timestamp {
        (self.inner.environment.now)()
    }

    /// Writes into the log how long the first screen took, once.
    pub(crate) fn tell_first_screen(&self) {
        if !self.inner.first_screen.swap(true, Ordering::Relaxed) {
            tracing::info!("first screen after {} ms", self.inner.started.elapsed().as_millis());
        }
    }
}

impl Inner {
    fn open(environment: Environment, started: Instant) -> Result<Self, Failure> {
        let folder = &environment.data_dir;
        std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        let (settings, settings_aside) = settings::SettingsFile::open(&environment)?;
        log::set_level(settings.current().log_level);
        let (vaults, vaults_aside) = vaults::VaultList::open(&environment)?;
        let model = read_model::ReadModel::open(folder)
            .map_err(|error| Failure::defect("making the read model", &error))?;
        Ok(Self {
            set_aside: settings_aside.into_iter().chain(vaults_aside).collect(),
            settings,
            vaults,
            open_vaults: vaults::OpenVaults::default(),
            model,
            clusters: clusters::Clusters::default(),
            login_path: clusters::LoginPath::default(),
            sandbox: tokio::sync::OnceCell::new(),
            readings: preview::Readings::default(),
            points: points::OpenPoints::default(),
            plans: restore::Plans::default(),
            undos: restore::Undos::default(),
            jobs: jobs::RunningJobs::default(),
            reports: jobs::Reports::default(),
            requests: requests::Requests::default(),
            events: events::Events::new(),
            started,
            first_screen: AtomicBool::new(false),
            environment,
        })
    }
}

/// Runs what blocks on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Failure::defect(doing, &error))
}
