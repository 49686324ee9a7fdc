//! Committing one point.
//!
//! Order: archive and small blobs, then the marker. The claim is looked at before
//! the archive is completed and again right before the marker, together with the
//! sizes of all blobs, and once more after it. No blob is ever replaced by
//! completing an upload: what a writer that was taken over wrote late is removed
//! by the one that took over, under its claim. Until the marker is there the point does not exist; whoever
//! fails before that removes what it wrote.

use bytes::Bytes;
use futures::future::join_all;
use object_store::MultipartUpload;
use object_store::path::Path;
use tokio::task::spawn_blocking;

use crate::artefacts::{self, EMPTY_LISTS, RESOURCE_LIST, VOLUME_INFO};
use crate::assembly::Archive;
use crate::blobs::{Completion, Created};
use crate::claim;
use crate::error::{Doing, StoreError};
use crate::gzip;
use crate::layout::PointFolder;
use crate::limits::{MAX_LOG_BYTES, MAX_MARKER_BYTES};
use crate::marker::{self, Written};
use crate::spool::SpoolFile;
use crate::summary::{Manifest, PointSummary};
use crate::upload::{Follower, PART_BYTES, Progress, Uploaded};
use crate::volumes;
use crate::writer::PointWriter;

impl PointWriter {
    /// Uploads the rest and writes the marker: from then on the point exists.
    ///
    /// After an error the point does not exist and what was written is removed, with two exceptions:
    /// [`StoreError::Superseded`], where the folder is another writer's, and [`StoreError::CommitUnknown`].
    pub async fn commit(mut self, manifest: Manifest) -> Result<PointSummary, StoreError> {
        match self.prepare(&manifest).await {
            Ok(marker) => self.mark(marker).await,
            Err(error) => {
                // What another took away fails in many ways; that it took over is what matters.
                let looked = claim::confirm(self.vault.blobs(), &self.folder, self.held).await;
                self.clean_up().await;
                Err(match looked {
                    Err(superseded @ StoreError::Superseded(_)) => superseded,
                    _ => error,
                })
            }
        }
    }

    /// Writes everything but the marker, and returns that.
    async fn prepare(&mut self, manifest: &Manifest) -> Result<Bytes, StoreError> {
        if !manifest.spec.is_object() {
            return Err(StoreError::InvalidSpec(self.folder.name().to_owned()));
        }
        let assembly = self.assembly.take().ok_or_else(|| self.interrupted())?;
        let archive = spawn_blocking(move || assembly.finish()).await.map_err(StoreError::Task)??;
        self.follower.report(Progress::Complete(archive.length));
        let spool = archive.file.clone();
        let small = SmallBlobs::encode(archive, manifest, &self.folder);
        let (uploaded, small) = tokio::join!(self.follower.join(), small);
        let (uploaded, small) = (uploaded?, small?);
        if let Err(error) = claim::confirm(self.vault.blobs(), &self.folder, self.held).await {
            uploaded.abort().await;
            return Err(error);
        }
        // Waits for all of them even if one fails: one that is let go could still arrive after the cleaning up.
        let others = join_all(small.blobs.iter().map(|(path, bytes)| self.put(path, bytes.clone())));
        let (archive, others) = tokio::join!(self.complete(uploaded, &spool, small.archive_bytes), others);
        archive?;
        others.into_iter().collect::<Result<(), StoreError>>()?;

        self.check_all(&small).await?;
        let written = Written {
            writer: self.held.writer,
            objects: small.objects,
            archive_bytes: small.archive_bytes,
            raw_bytes: small.raw_bytes,
            archive_hash: small.archive_hash,
            index_hash: small.index_hash,
            volumes_hash: small.volumes_hash,
            snapshots: manifest.volumes.as_ref().map_or(0, |volumes| volumes.snapshots().count() as u64),
        };
        let errors = artefacts::errors(manifest.state);
        let marker = marker::compose(&self.folder, self.started, manifest, &written, errors);
        if marker.len() as u64 > MAX_MARKER_BYTES {
            return Err(StoreError::TooLarge {
                what: self.folder.marker().to_string(),
                limit: MAX_MARKER_BYTES,
                advice: "select by fewer names and labels",
            });
        }

        Ok(marker)
    }

    /// Right before the marker: the claim still rules, and every blob has its size.
    async fn check_all(&self, small: &SmallBlobs) -> Result<(), StoreError> {
        let content = claim::confirm(self.vault.blobs(), &self.folder, self.held).await?;
        let archive = (self.folder.archive(), small.archive_bytes);
        let others = small.blobs.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64));
        for (path, expected) in others.chain([archive]) {
            match content.size_of(&path) {
                Some(found) if found == expected => {}
                Some(found) => return Err(StoreError::Truncated { blob: path.to_string(), found, expected }),
                None => return Err(StoreError::BlobMissing { blob: path.to_string() }),
            }
        }
        Ok(())
    }

    /// Creates a blob; one that is there was left by a writer that this one took over from.
    async fn put(&self, path: &Path, bytes: Bytes) -> Result<(), StoreError> {
        let blobs = self.vault.blobs();
        if blobs.create(path, bytes.clone()).await? == Created::Taken {
            claim::confirm(blobs, &self.folder, self.held).await?;
            blobs.delete(path).await?;
            if blobs.create(path, bytes).await? == Created::Taken {
                return Err(StoreError::Superseded(self.folder.name().to_owned()));
            }
        }
        Ok(())
    }

    async fn complete(&self, uploaded: Uploaded, spool: &SpoolFile, length: u64) -> Result<(), StoreError> {
        let path = self.folder.archive();
        match uploaded {
            Uploaded::Nothing => {
                let spool = spool.clone();
                // Less than one part, or it would have been uploaded.
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let bytes =
                    spawn_blocking(move || spool.read_at(0, length)).await.map_err(StoreError::Task)??;
                self.put(&path, bytes).await
            }
            Uploaded::Parts(upload) => match self.vault.blobs().completion() {
                Completion::Replaces => self.complete_staged(upload, spool, length).await,
                Completion::IfAbsent => self.complete_in_place(upload, spool, length).await,
            },
        }
    }

    /// Completes under the writer's own name, then gives the archive its name if that is free.
    async fn complete_staged(
        &self,
        mut upload: Box<dyn MultipartUpload>,
        spool: &SpoolFile,
        length: u64,
    ) -> Result<(), StoreError> {
        let blobs = self.vault.blobs();
        let (staged, path) = (self.folder.staging(self.held.writer), self.folder.archive());
        if let Err(source) = upload.complete().await {
            let failed = StoreError::storage(Doing::Writing, &staged, source);
            self.has_arrived(&staged, spool, length).await.map_err(|_| failed)?;
        }
        if let Err(source) = blobs.link(&staged, &path).await {
            let failed = StoreError::storage(Doing::Writing, &path, source);
            if self.has_arrived(&path, spool, length).await.is_err() {
                self.make_room(&path, failed).await?;
                let failed = |source| StoreError::storage(Doing::Writing, &path, source);
                blobs.link(&staged, &path).await.map_err(failed)?;
            }
        }
        if let Err(error) = blobs.delete(&staged).await {
            // It stands beside the archive, hurts nobody and goes with the point.
            tracing::warn!(%staged, %error, "the second name of an archive could not be removed");
        }
        Ok(())
    }

    /// Completes the upload where the archive belongs; the store refuses if another stands there.
    async fn complete_in_place(
        &self,
        mut upload: Box<dyn MultipartUpload>,
        spool: &SpoolFile,
        length: u64,
    ) -> Result<(), StoreError> {
        let path = self.folder.archive();
        let Err(source) = upload.complete().await else { return Ok(()) };
        let failed = StoreError::storage(Doing::Writing, &path, source);
        if self.has_arrived(&path, spool, length).await.is_ok() {
            return Ok(());
        }
        self.make_room(&path, failed).await?;
        // The parts went when the other upload was completed.
        let mut again =
            Follower::start(self.vault.blobs().clone(), &self.folder, self.held.writer, spool.clone());
        again.report(Progress::Complete(length));
        match again.join().await? {
            Uploaded::Nothing => Err(StoreError::BlobMissing { blob: path.to_string() }),
            Uploaded::Parts(mut upload) => match upload.complete().await {
                Ok(_) => Ok(()),
                Err(source) => Err(StoreError::storage(Doing::Writing, &path, source)),
            },
        }
    }

    /// Removes what a writer that was taken over wrote late. Without such a blob the failure is what it seemed.
    async fn make_room(&self, path: &Path, failed: StoreError) -> Result<(), StoreError> {
        let blobs = self.vault.blobs();
        if !matches!(blobs.head(path).await, Ok(Some(_))) {
            return Err(failed);
        }
        claim::confirm(blobs, &self.folder, self.held).await?;
        blobs.delete(path).await?;
        Ok(())
    }

    /// Reads an archive back whose completion was not answered.
    async fn has_arrived(&self, path: &Path, spool: &SpoolFile, length: u64) -> Result<(), StoreError> {
        let blobs = self.vault.blobs();
        let found = blobs.head(path).await?.map(|meta| meta.size);
        if found != Some(length) {
            return Err(StoreError::BlobMissing { blob: path.to_string() });
        }
        let mut offset = 0;
        while offset < length {
            let end = length.min(offset + PART_BYTES);
            let there = blobs.range(path, offset..end).await?;
            let spool = spool.clone();
            let here = spawn_blocking(move || spool.read_at(offset, there.len()).map(|here| here == there));
            if !here.await.map_err(StoreError::Task)?? {
                return Err(StoreError::tampered(path, "it is not what was uploaded"));
            }
            offset = end;
        }
        Ok(())
    }

    /// The last write. Once it was sent, nothing is removed unless it is certain that it did not and will not arrive.
    async fn mark(self, marker: Bytes) -> Result<PointSummary, StoreError> {
        let path = self.folder.marker();
        let blobs = self.vault.blobs().clone();
        match blobs.create(&path, marker.clone()).await {
            Ok(Created::Ours) => {}
            Ok(Created::Taken) => self.replace_late_marker(&path, &marker).await?,
            // A folder answers when it is done. A request to a server may be carried out after it was given up.
            Err(error) if self.vault.folder().is_some() && matches!(blobs.head(&path).await, Ok(None)) => {
                self.clean_up().await;
                return Err(error);
            }
            Err(error) => {
                let name = self.folder.name().to_owned();
                return Err(StoreError::CommitUnknown { name, source: Box::new(error) });
            }
        }
        // Whoever took over before the marker was there may be writing now, and replaces it. Whoever takes over from
        // now on finds it.
        if let Err(error) = claim::confirm(&blobs, &self.folder, self.held).await {
            let name = self.folder.name().to_owned();
            return Err(StoreError::CommitUnknown { name, source: Box::new(error) });
        }
        drop(self.heartbeat);
        if let Err(error) = claim::stop(&blobs, self.held).await {
            tracing::debug!(%error, "the heartbeat of a finished backup could not be removed");
        }
        Ok(marker::parse(&self.folder, &marker)?.summary)
    }
}

impl PointWriter {
    /// A marker that appeared under a ruling claim is that of a writer that was taken over: it was not there when the
    /// claim was won, and its writer will find that it came too late.
    async fn replace_late_marker(&self, path: &Path, marker: &Bytes) -> Result<(), StoreError> {
        let blobs = self.vault.blobs();
        let exists = || StoreError::PointExists(self.folder.name().to_owned());
        let found = blobs.get(path, MAX_MARKER_BYTES).await?;
        let read = found.and_then(|bytes| marker::parse(&self.folder, &bytes).ok());
        let other = read.and_then(|marker| marker.written).is_some_and(|by| by.writer != self.held.writer);
        if !other {
            return Err(exists());
        }
        claim::confirm(blobs, &self.folder, self.held).await?;
        blobs.delete(path).await?;
        match blobs.create(path, marker.clone()).await? {
            Created::Ours => Ok(()),
            Created::Taken => Err(exists()),
        }
    }
}

/// Everything beside archive and marker, ready to be written.
struct SmallBlobs {
    blobs: Vec<(Path, Bytes)>,
    objects: u64,
    archive_bytes: u64,
    raw_bytes: u64,
    archive_hash: String,
    index_hash: String,
    volumes_hash: Option<String>,
}

impl SmallBlobs {
    async fn encode(archive: Archive, manifest: &Manifest, folder: &PointFolder) -> Result<Self, StoreError> {
        let (folder, manifest) = (folder.clone(), manifest.clone());
        spawn_blocking(move || Self::encode_now(archive, &manifest, &folder)).await.map_err(StoreError::Task)
    }

    fn encode_now(archive: Archive, manifest: &Manifest, folder: &PointFolder) -> Self {
        let (archive_bytes, raw_bytes, archive_hash) =
            (archive.length, archive.raw_bytes, archive.hash.clone());
        let index = archive.into_index(manifest.non_atomic.clone());
        let encoded = Bytes::from(index.encode());
        let index_hash = blake3::hash(&encoded).to_hex().to_string();
        // A log that nobody could read back is worth less than its beginning.
        let log = &manifest.log[..manifest.log.len().min(MAX_LOG_BYTES)];
        let mut blobs = vec![
            (folder.index(), encoded),
            (folder.log(), gzip::compress(log).into()),
            (folder.results(), artefacts::results(&manifest.warnings, manifest.state)),
            (folder.json(RESOURCE_LIST), artefacts::resource_list(&index)),
        ];
        blobs.extend(EMPTY_LISTS.map(|what| (folder.json(what), artefacts::empty_list())));
        let mut volumes_hash = None;
        if let Some(volumes) = &manifest.volumes {
            let document = volumes.encode();
            volumes_hash = Some(blake3::hash(&document).to_hex().to_string());
            blobs.push((folder.json(volumes::DOCUMENT), document));
        }
        let info = manifest.volumes.as_ref().map_or_else(artefacts::empty_list, |volumes| {
            gzip::compress(&volumes::volume_info(volumes)).into()
        });
        blobs.push((folder.json(VOLUME_INFO), info));
        let objects = index.len() as u64;
        Self { blobs, objects, archive_bytes, raw_bytes, archive_hash, index_hash, volumes_hash }
    }
}
