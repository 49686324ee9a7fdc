//! The access test: what a backup will need of a vault, tried step by step.
//!
//! Each step says what failed in words that a person can act on. What is written is
//! one small probe under `live/`, removed at the end; nothing else is changed.

use std::error::Error;
use std::fmt::Write;

use bytes::Bytes;
use object_store::path::Path;
use serde::Serialize;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::access::{Access, Authorization};
use crate::azure::{self, Container, Exposure};
use crate::blobs::{Blobs, Completion, Created};
use crate::error::StoreError;
use crate::folder::Folder;
use crate::layout::{live, vault_note};
use crate::limits::MAX_NOTE_BYTES;
use crate::url::{Place, VaultUrl};
use crate::vault::Vault;

/// What the access test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessReport {
    /// Address of the vault.
    pub vault: String,
    /// What signed in; `None` for folders.
    pub sign_in: Option<String>,
    /// The steps, in the order they were tried.
    pub steps: Vec<AccessStep>,
}

impl AccessReport {
    /// Whether backups can be written.
    pub fn can_write(&self) -> bool {
        self.steps.iter().all(|step| step.outcome == Outcome::Passed)
    }

    /// Whether recovery points can be listed and restored from.
    pub fn can_read(&self) -> bool {
        let needed = |step: &&AccessStep| matches!(step.step, Step::List | Step::Read);
        self.steps.iter().filter(needed).all(|step| step.outcome == Outcome::Passed)
    }
}

/// One step of the access test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessStep {
    /// What was tried.
    pub step: Step,
    /// Whether it could be done.
    pub outcome: Outcome,
    /// What failed and what to do, why it was not tried, or what is worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What a backup does with a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// Reach the place, sign in, list what is there.
    List,
    /// Who else can read it: only containers can be open to all.
    Private,
    /// Create a blob that must not exist yet.
    Write,
    /// Read a blob.
    Read,
    /// Delete a blob.
    Delete,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It worked.
    Passed,
    /// It did not, and backups will not either.
    Failed,
    /// It was not tried, because of an earlier failure.
    Skipped,
}

impl Vault {
    /// Tries what a backup will do at an address. The vault need not exist yet, its folder or container must.
    pub async fn check_access(url: &VaultUrl, access: &Access) -> AccessReport {
        let sign_in =
            url.blob().and(access.authorization.as_ref()).map(|authorization| match authorization {
                Authorization::Token { method, .. } | Authorization::Sas { method, .. } => method.clone(),
            });
        let mut test = Test { steps: Vec::new() };
        match connect(url, access).await {
            Ok((blobs, container)) => test.run(&blobs, container.as_ref()).await,
            Err(error) => test.note(Step::List, Err(error)),
        }
        for step in [Step::List, Step::Write, Step::Read, Step::Delete] {
            if !test.steps.iter().any(|done| done.step == step) {
                let message = Some("not tried, because an earlier step failed".to_owned());
                test.steps.push(AccessStep { step, outcome: Outcome::Skipped, message });
            }
        }
        AccessReport { vault: url.to_string(), sign_in, steps: test.steps }
    }
}

async fn connect(url: &VaultUrl, access: &Access) -> Result<(Blobs, Option<Container>), StoreError> {
    match url.place() {
        Place::Folder(root) => {
            let root = root.clone();
            let open = move || Folder::existing(&root)?.store();
            let store = spawn_blocking(open).await.map_err(StoreError::Task)??;
            Ok((Blobs::new(store, Completion::Replaces), None))
        }
        Place::Blob(blob) => {
            let azure::Place { store, container } = azure::place(blob, access)?;
            Ok((Blobs::new(store, Completion::IfAbsent), Some(container)))
        }
    }
}

struct Test {
    steps: Vec<AccessStep>,
}

impl Test {
    fn note(&mut self, step: Step, result: Result<(), StoreError>) {
        let (outcome, message) = match result {
            Ok(()) => (Outcome::Passed, None),
            Err(error) => (Outcome::Failed, Some(words(&error))),
        };
        self.steps.push(AccessStep { step, outcome, message });
    }

    async fn run(&mut self, blobs: &Blobs, container: Option<&Container>) {
        let listed = blobs.folders(&Path::default()).await.map(|_| ());
        let goes_on = !matches!(
            &listed,
            Err(error) if error.is_missing_container() || !matches!(error, StoreError::Refused { .. })
        );
        self.note(Step::List, listed);
        if !goes_on {
            return;
        }
        if let Some(container) = container {
            self.exposure(container).await;
        }
        let probe = live().join(format!("access-{}", Uuid::new_v4()));
        let content = Bytes::from(Uuid::new_v4().to_string());
        let written = write(blobs, &probe, &content).await;
        let is_written = written.is_ok();
        self.note(Step::Write, written);
        // Without a probe the vault's own note shows whether reading is allowed; whether it is there does not matter.
        let read = if is_written {
            match blobs.get(&probe, MAX_NOTE_BYTES).await {
                Ok(Some(found)) if found == content => Ok(()),
                Ok(_) => Err(StoreError::BlobMissing { blob: probe.to_string() }),
                Err(error) => Err(error),
            }
        } else {
            blobs.get(&vault_note(), MAX_NOTE_BYTES).await.map(|_| ())
        };
        self.note(Step::Read, read);
        if is_written {
            self.note(Step::Delete, blobs.delete(&probe).await.map(|_| ()));
        }
    }

    /// Not knowing is no failure: a signature for one container may not ask.
    async fn exposure(&mut self, container: &Container) {
        let step = match container.exposure().await {
            Ok(Exposure::Private) => AccessStep { step: Step::Private, outcome: Outcome::Passed, message: None },
            Ok(Exposure::Public) => AccessStep {
                step: Step::Private,
                outcome: Outcome::Failed,
                message: Some(
                    "anybody can read this container without signing in, and recovery points hold Secrets: set its \
                     public access level to private"
                        .to_owned(),
                ),
            },
            Err(error) => {
                tracing::debug!(%error, "the container's properties could not be read");
                return;
            }
        };
        self.steps.push(step);
    }
}

async fn write(blobs: &Blobs, probe: &Path, content: &Bytes) -> Result<(), StoreError> {
    match blobs.create(probe, content.clone()).await? {
        Created::Ours => Ok(()),
        Created::Taken => Err(StoreError::FolderInUse(probe.to_string())),
    }
}

/// The message with its causes, as far as they say something new.
fn words(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            let _ = write!(text, ": {words}");
        }
        cause = error.source();
    }
    text
}
