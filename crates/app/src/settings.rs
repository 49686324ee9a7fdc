//! What a person can set: one document in the data folder, kept in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use holdfast_cluster::Surroundings;
use url::Url;

use crate::api::{AppInfo, Event, Failure, Settings, Topic};
use crate::document::{Document, Stamp};
use crate::environment::Environment;
use crate::{App, blocking};

/// Longest list of allowed sign-in commands and of kubeconfig files.
const MAX_ENTRIES: usize = 100;

/// The settings with their document.
pub(crate) struct SettingsFile {
    document: Document,
    current: Mutex<(Arc<Settings>, Stamp)>,
}

impl SettingsFile {
    /// Reads the settings; also tells where a damaged document was put.
    pub(crate) fn open(environment: &Environment) -> Result<(Self, Option<PathBuf>), Failure> {
        let document = Document::new(&environment.data_dir, "settings.json", environment.now);
        let contents = document.read::<Settings>()?;
        let current = Mutex::new((Arc::new(contents.value), document.stamp()));
        Ok((Self { document, current }, contents.set_aside))
    }

    pub(crate) fn current(&self) -> Arc<Settings> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<Arc<Settings>, Failure> {
        let settings = self.document.update(|settings: &mut Settings| {
            change(settings);
            Ok(settings.clone())
        })?;
        let settings = Arc::new(settings);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) =
            (Arc::clone(&settings), self.document.stamp());
        Ok(settings)
    }

    /// Reads the document again where another process changed it; whether it did.
    pub(crate) fn refresh(&self) -> Result<bool, Failure> {
        let stamp = self.document.stamp();
        if self.current.lock().unwrap_or_else(PoisonError::into_inner).1 == stamp {
            return Ok(false);
        }
        let contents = self.document.read::<Settings>()?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *current.0 != contents.value;
        *current = (Arc::new(contents.value), stamp);
        Ok(changed)
    }
}

impl App {
    /// What the program says of itself.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn app_info(&self) -> Result<AppInfo, Failure> {
        let environment = &self.inner.environment;
        let suggested = environment.suggested_vault().and_then(|path| Url::from_file_path(path).ok());
        Ok(AppInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform: std::env::consts::OS.to_owned(),
            data_dir: environment.data_dir.display().to_string(),
            log_file: crate::log::current_file(environment).display().to_string(),
            suggested_vault: suggested.map(String::from).unwrap_or_default(),
        })
    }

    /// The folder of the log files.
    pub fn log_folder(&self) -> PathBuf {
        crate::log::folder(&self.inner.environment)
    }

    /// What is set.
    #[expect(clippy::unused_async, reason = "every call of the window is asynchronous")]
    pub async fn settings(&self) -> Result<Settings, Failure> {
        Ok((*self.inner.settings.current()).clone())
    }

    /// Sets everything. Gives what holds now.
    pub async fn save_settings(&self, settings: Settings) -> Result<Settings, Failure> {
        let settings = checked(settings)?;
        let saved = self.change_settings(move |current| *current = settings).await?;
        Ok((*saved).clone())
    }

    /// Lets a kubeconfig's sign-in command be run from now on.
    pub async fn allow_plugin(&self, command: String) -> Result<(), Failure> {
        if command.trim().is_empty() {
            return Err(Failure::invalid("command", &Empty));
        }
        self.change_settings(move |settings| {
            if !settings.allowed_plugins.contains(&command) {
                settings.allowed_plugins.push(command);
            }
        })
        .await?;
        Ok(())
    }

    async fn change_settings(
        &self,
        change: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<Arc<Settings>, Failure> {
        let before = self.inner.settings.current();
        let inner = Arc::clone(&self.inner);
        let after = blocking("saving the settings", move || inner.settings.change(change)).await??;
        self.settings_changed(&before, &after);
        Ok(after)
    }

    /// Puts changed settings to use.
    pub(crate) fn settings_changed(&self, before: &Settings, after: &Settings) {
        crate::log::set_level(after.log_level);
        let connecting = |s: &Settings| (s.kubeconfig_files.clone(), s.proxy.clone(), s.ca_file.clone());
        let mut topics = vec![Topic::Settings];
        if connecting(before) != connecting(after) {
            self.inner.forget_connections();
            topics.push(Topic::Clusters);
        }
        self.inner.events.send(Event::Changed { topics });
    }

    /// What connections are made with, beside the kubeconfig.
    pub(crate) async fn surroundings(&self) -> Surroundings {
        let settings = self.inner.settings.current();
        let set = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Surroundings {
            path: self.inner.login_path.get(&self.inner.environment).await,
            proxy: set(&settings.proxy),
            ca_file: set(&settings.ca_file).map(PathBuf::from),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it is empty")]
struct Empty;

#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an http, https or socks5 address, such as http://proxy:3128")]
struct NotAProxy(String);

#[derive(Debug, thiserror::Error)]
#[error("{} cannot be read: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("it has more than {MAX_ENTRIES} entries")]
struct TooMany;

/// Trims what was typed and refuses what cannot work.
fn checked(mut settings: Settings) -> Result<Settings, Failure> {
    for list in [&mut settings.kubeconfig_files, &mut settings.allowed_plugins] {
        list.retain(|entry| !entry.trim().is_empty());
    }
    if settings.kubeconfig_files.len() > MAX_ENTRIES {
        return Err(Failure::invalid("kubeconfigFiles", &TooMany));
    }
    if settings.allowed_plugins.len() > MAX_ENTRIES {
        return Err(Failure::invalid("allowedPlugins", &TooMany));
    }
    settings.proxy = settings.proxy.trim().to_owned();
    let proxy = || Url::parse(&settings.proxy).ok().filter(Url::has_host);
    if !settings.proxy.is_empty()
        && !proxy().is_some_and(|url| matches!(url.scheme(), "http" | "https" | "socks5"))
    {
        // A proxy's address may carry a password.
        let shown = settings.proxy.rsplit('@').next().unwrap_or_default().to_owned();
        return Err(Failure::invalid("proxy", &NotAProxy(shown)));
    }
    settings.ca_file = settings.ca_file.trim().to_owned();
    if !settings.ca_file.is_empty() {
        let path = PathBuf::from(&settings.ca_file);
        std::fs::metadata(&path)
            .map_err(|source| Failure::invalid("caFile", &Unreadable { path: path.clone(), source }))?;
    }
    Ok(settings)
}
