//! Writing one point, up to its end: the claim, then members into the archive, which is uploaded beside.

use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::assembly::Assembly;
use crate::claim::{self, ClaimTiming, Held};
use crate::error::StoreError;
use crate::folder::Staging;
use crate::layout::PointFolder;
use crate::marker::whole_second;
use crate::member::Member;
use crate::process::ProcessIdentity;
use crate::spool::SpoolFile;
use crate::upload::{Follower, Progress};
use crate::vault::Vault;

/// Who writes one point.
#[derive(Clone, Debug)]
pub struct Writer {
    /// Random, new for every point: a claim with this id counts as one's own.
    pub id: Uuid,
    /// The process, so that others on this machine can tell at once when it is gone.
    pub process: Option<ProcessIdentity>,
    /// How it shows that it lives, and when it takes others for dead.
    pub timing: ClaimTiming,
}

impl Writer {
    /// This process with a new random id.
    pub fn new() -> Self {
        Self { id: Uuid::new_v4(), process: ProcessIdentity::current(), timing: ClaimTiming::STANDARD }
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

/// A point being written. Dropping it stops the upload and leaves debris; [`PointWriter::abandon`] cleans up.
#[derive(Debug)]
pub struct PointWriter {
    pub(crate) vault: Vault,
    pub(crate) folder: PointFolder,
    pub(crate) held: Held,
    pub(crate) started: Timestamp,
    /// Taken while a step works on it: one that failed or was cancelled leaves nothing that could be committed.
    pub(crate) assembly: Option<Box<Assembly>>,
    objects: u64,
    pub(crate) follower: Follower,
    pub(crate) heartbeat: AbortOnDropHandle<()>,
}

impl PointWriter {
    pub(crate) async fn begin(
        vault: Vault,
        folder: PointFolder,
        started: Timestamp,
        writer: &Writer,
    ) -> Result<Self, StoreError> {
        let started = whole_second(started);
        let held = claim::acquire(vault.blobs(), &folder, writer, started).await?;
        match Self::spool(&vault, &folder, started).await {
            Ok((assembly, file)) => Ok(Self {
                follower: Follower::start(vault.blobs().clone(), &folder, held.writer, file),
                heartbeat: claim::keep_alive(
                    vault.blobs().clone(),
                    held.writer,
                    writer.timing.heartbeat_every,
                ),
                vault,
                folder,
                held,
                started,
                assembly: Some(Box::new(assembly)),
                objects: 0,
            }),
            Err(error) => {
                give_back(&vault, &folder, held).await;
                Err(error)
            }
        }
    }

    async fn spool(
        vault: &Vault,
        folder: &PointFolder,
        started: Timestamp,
    ) -> Result<(Assembly, SpoolFile), StoreError> {
        let cache_dir = vault.cache_dir().to_owned();
        let name = folder.name().to_owned();
        let in_folder = vault.folder().map(|on_disk| (on_disk.clone(), folder.path()));
        spawn_blocking(move || {
            if let Some((on_disk, path)) = in_folder {
                // What a killed upload of an earlier writer left would stay for ever.
                on_disk.remove_staging(&path, Staging::OfUploads);
            }
            let file = SpoolFile::unnamed(&cache_dir)?;
            Ok((Assembly::begin(&name, file.clone(), started)?, file))
        })
        .await
        .map_err(StoreError::Task)?
    }

    /// Adds a member: spools it locally and notes its objects. Never waits for the upload.
    ///
    /// # Errors
    /// [`StoreError::CacheFull`] and others of the local disk, or the failure of the upload so far. After an error,
    /// and after a call that was dropped, the point cannot be committed any more.
    pub async fn append(&mut self, member: Member) -> Result<(), StoreError> {
        if self.follower.has_failed() {
            self.assembly = None;
            self.follower.join().await?;
        }
        let mut assembly = self.assembly.take().ok_or_else(|| self.interrupted())?;
        let (assembly, result) = spawn_blocking(move || {
            let result = assembly.append(&member);
            (assembly, result)
        })
        .await
        .map_err(StoreError::Task)?;
        result?;
        self.objects = assembly.objects();
        self.follower.report(Progress::Growing(assembly.length()));
        self.assembly = Some(assembly);
        Ok(())
    }

    pub(crate) fn interrupted(&self) -> StoreError {
        StoreError::Interrupted(self.folder.name().to_owned())
    }

    /// Objects appended so far.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// Name of the point.
    pub fn name(&self) -> &str {
        self.folder.name()
    }

    /// Gives up: removes everything written, the claim last.
    pub async fn abandon(self) -> Result<(), StoreError> {
        let Self { vault, folder, held, follower, heartbeat, .. } = self;
        follower.abandon().await;
        drop(heartbeat);
        release(&vault, &folder, held).await
    }

    pub(crate) async fn clean_up(self) {
        let name = self.folder.name().to_owned();
        if let Err(error) = self.abandon().await {
            tracing::warn!(point = name, %error, "what a failed backup wrote could not all be removed");
        }
    }
}

/// Removes what was written, if the folder is still one's own. A folder that is another's is left alone.
async fn release(vault: &Vault, folder: &PointFolder, held: Held) -> Result<(), StoreError> {
    match claim::confirm(vault.blobs(), folder, held).await {
        Ok(content) if content.marker.is_some() => return Ok(()),
        Ok(_) => claim::release(vault.blobs(), folder, held).await?,
        Err(StoreError::Superseded(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    vault.remove_empty(folder).await
}

async fn give_back(vault: &Vault, folder: &PointFolder, held: Held) {
    if let Err(error) = release(vault, folder, held).await {
        tracing::warn!(point = folder.name(), %error, "the claim of a failed backup could not be removed");
    }
}
