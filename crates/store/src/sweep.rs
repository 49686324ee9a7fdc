//! Removing what dead writers left behind.

use std::time::SystemTime;

use holdfast_model::name::PointName;
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use crate::claim::{self, Content, SILENT_AFTER, Verdict};
use crate::error::StoreError;
use crate::folder::Staging;
use crate::layout::{PointFolder, live};
use crate::vault::Vault;
use crate::writer::Writer;

impl Vault {
    /// Removes folders without a marker whose writer is dead, and on disk the staging files of killed uploads.
    /// Returns the names of the folders removed.
    ///
    /// A folder is taken over before it is emptied, so a sweep never removes what a new writer has begun.
    /// Folders without any claim were not made by Holdfast and stay.
    pub async fn sweep_debris(&self) -> Result<Vec<PointName>, StoreError> {
        self.check_writable()?;
        let mut removed = Vec::new();
        for name in self.blobs().folders(self.points_path()).await? {
            let Ok(name) = name.parse::<PointName>() else { continue };
            let folder = PointFolder::new(self.points_path(), name.as_str());
            if self.sweep_folder(&folder).await? {
                removed.push(name);
            }
        }
        self.sweep_staging(None).await?;
        Ok(removed)
    }

    async fn sweep_folder(&self, folder: &PointFolder) -> Result<bool, StoreError> {
        let content = Content::read(self.blobs(), folder).await?;
        if content.marker.is_some() {
            self.sweep_staging(Some(folder)).await?;
            return Ok(false);
        }
        let Some((number, claim)) = content.claims.last_key_value() else {
            if content.is_empty() {
                // On disk, an empty folder: a claim was never finished.
                self.sweep_staging(Some(folder)).await?;
            }
            return Ok(false);
        };
        let me = Writer::new();
        let verdict = claim::judge_once(self.blobs(), folder, *number, claim, &me).await?;
        if verdict != Verdict::Dead {
            return Ok(false);
        }
        match claim::acquire(self.blobs(), folder, &me, Timestamp::now()).await {
            Ok(held) => {
                claim::release(self.blobs(), folder, held).await?;
                self.remove_empty(folder).await?;
                Ok(true)
            }
            // Somebody was faster.
            Err(StoreError::NameInUse { .. } | StoreError::PointExists(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Staging files of one point, or of the vault itself, that nobody has written to for long.
    pub(crate) async fn sweep_staging(&self, folder: Option<&PointFolder>) -> Result<(), StoreError> {
        let Some(on_disk) = self.folder().cloned() else { return Ok(()) };
        let paths = match folder {
            Some(folder) => vec![folder.path()],
            None => vec![object_store::path::Path::default(), live()],
        };
        let before = SystemTime::now().checked_sub(SILENT_AFTER).unwrap_or(SystemTime::UNIX_EPOCH);
        spawn_blocking(move || {
            for path in &paths {
                on_disk.remove_staging(path, Staging::Before(before));
            }
        })
        .await
        .map_err(StoreError::Task)
    }
}
