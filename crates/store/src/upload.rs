//! Uploading an archive while it is still being written.
//!
//! A task follows the spool file and uploads each full part, a few at once. It
//! does not complete the upload: that is the writer's, after it has looked at its
//! claim. An archive that never fills a part is left to a single request.
//!
//! Where completing would replace what stands there ([`Completion::Replaces`]),
//! each writer uploads under a name of its own.

use std::collections::VecDeque;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use object_store::MultipartUpload;
use object_store::path::Path;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::blobs::{Blobs, Completion};
use crate::error::{Doing, StoreError};
use crate::layout::PointFolder;
use crate::spool::SpoolFile;

/// Size of a part, in bytes. All but the last have it, which some stores demand.
pub(crate) const PART_BYTES: u64 = 8 << 20;

/// Parts under way at once; with one being read, the most that is held in memory.
const PARTS_IN_FLIGHT: usize = 4;

/// How long one who gives up waits for the store to take the parts back.
const ABORT_WITHIN: Duration = Duration::from_secs(30);

/// How far the spool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// So many bytes are written, more will follow.
    Growing(u64),
    /// So many bytes are written, and no more will be.
    Complete(u64),
    /// Nobody wants the archive any more.
    Abandoned,
}

/// Parts that are uploaded, but not yet an archive.
pub(crate) enum Uploaded {
    /// No part was filled: the archive is still to be sent, in one request.
    Nothing,
    /// All parts are there.
    Parts(Box<dyn MultipartUpload>),
}

impl Uploaded {
    /// Takes the parts back.
    pub(crate) async fn abort(self) {
        if let Self::Parts(mut upload) = self
            && let Err(error) = upload.abort().await
        {
            tracing::debug!(%error, "an upload could not be aborted; the store drops it in time");
        }
    }
}

/// The task and the line to it.
#[derive(Debug)]
pub(crate) struct Follower {
    progress: watch::Sender<Progress>,
    /// `None` once its result was taken.
    task: Option<AbortOnDropHandle<Result<Uploaded, StoreError>>>,
    /// For messages.
    point: String,
}

impl Follower {
    pub(crate) fn start(blobs: Blobs, folder: &PointFolder, writer: Uuid, spool: SpoolFile) -> Self {
        let (progress, follow) = watch::channel(Progress::Growing(0));
        let path = match blobs.completion() {
            Completion::Replaces => folder.staging(writer),
            Completion::IfAbsent => folder.archive(),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(run(blobs, path, spool, follow)));
        Self { progress, task: Some(task), point: folder.name().to_owned() }
    }

    pub(crate) fn report(&self, progress: Progress) {
        self.progress.send_replace(progress);
    }

    /// Whether the task has ended before it was told to: it failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.task.as_ref().is_none_or(AbortOnDropHandle::is_finished)
    }

    /// Waits for the task and takes its result, which is there once.
    pub(crate) async fn join(&mut self) -> Result<Uploaded, StoreError> {
        let Some(task) = &mut self.task else { return Err(StoreError::Interrupted(self.point.clone())) };
        let result = task.await.map_err(StoreError::Task);
        self.task = None;
        result?
    }

    /// Stops the task and takes back what it uploaded.
    pub(crate) async fn abandon(mut self) {
        self.report(Progress::Abandoned);
        let Some(mut task) = self.task.take() else { return };
        // An answer that never comes must not hold up the one who gives up.
        match tokio::time::timeout(ABORT_WITHIN, &mut task).await {
            Ok(Ok(Ok(uploaded))) => uploaded.abort().await,
            Ok(_) => {}
            Err(_) => task.abort(),
        }
    }
}

async fn run(
    blobs: Blobs,
    path: Path,
    spool: SpoolFile,
    mut follow: watch::Receiver<Progress>,
) -> Result<Uploaded, StoreError> {
    let mut upload: Option<Box<dyn MultipartUpload>> = None;
    let result = send_parts(&blobs, &path, &spool, &mut follow, &mut upload).await;
    let abandoned = *follow.borrow() == Progress::Abandoned;
    match (result, upload) {
        (Ok(()), Some(upload)) if !abandoned => Ok(Uploaded::Parts(upload)),
        (Ok(()), None) => Ok(Uploaded::Nothing),
        (result, upload) => {
            if let Some(upload) = upload {
                Uploaded::Parts(upload).abort().await;
            }
            result.map(|()| Uploaded::Nothing)
        }
    }
}

async fn send_parts(
    blobs: &Blobs,
    path: &Path,
    spool: &SpoolFile,
    follow: &mut watch::Receiver<Progress>,
    upload: &mut Option<Box<dyn MultipartUpload>>,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::storage(Doing::Writing, path, source);
    let mut in_flight: FuturesUnordered<BoxFuture<'static, object_store::Result<()>>> =
        FuturesUnordered::new();
    let mut ready: VecDeque<(u64, u64)> = VecDeque::new();
    let mut sent = 0u64;
    loop {
        let progress = *follow.borrow_and_update();
        let (written, complete) = match progress {
            Progress::Growing(written) => (written, false),
            Progress::Complete(written) => (written, true),
            Progress::Abandoned => return Ok(()),
        };
        while written - sent >= PART_BYTES {
            ready.push_back((sent, PART_BYTES));
            sent += PART_BYTES;
        }
        // A last, short part only belongs to an upload that has begun.
        if complete && written > sent && sent > 0 {
            ready.push_back((sent, written - sent));
            sent = written;
        }
        while in_flight.len() < PARTS_IN_FLIGHT
            && let Some((offset, length)) = ready.pop_front()
        {
            let upload = match upload {
                Some(upload) => upload,
                None => upload.insert(blobs.upload(path).await.map_err(failed)?),
            };
            let part = read_part(spool, offset, length).await?;
            in_flight.push(upload.put_part(part.into()));
        }
        if complete && ready.is_empty() && in_flight.is_empty() {
            return Ok(());
        }
        tokio::select! {
            Some(part) = in_flight.next() => part.map_err(failed)?,
            changed = follow.changed() => if changed.is_err() { return Ok(()) },
        }
    }
}

async fn read_part(spool: &SpoolFile, offset: u64, length: u64) -> Result<bytes::Bytes, StoreError> {
    let spool = spool.clone();
    // A part is at most PART_BYTES long.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    tokio::task::spawn_blocking(move || spool.read_at(offset, length)).await.map_err(StoreError::Task)?
}
