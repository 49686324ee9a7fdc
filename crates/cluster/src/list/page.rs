//! One page while its body arrives.

use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;
use futures::FutureExt;
use http_body_util::BodyExt;
use kube::client::Body;

use super::cutter::{CutError, Cutter, ListMeta};

/// A group of objects is handed out once it has this many bytes, even if more is there to be read.
const GROUP_BYTES: usize = 256 * 1024;

/// Where a page begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Start {
    /// Token; none on the first page.
    pub(super) token: Option<String>,
    /// Whether the token names one state of the cluster, so that the page is the same however often it is read. It
    /// does not on the first page, and not after a token has expired.
    pub(super) pinned: bool,
    /// Objects of this page that are handed out already.
    pub(super) emitted: Emitted,
}

/// What was handed out of a page before its body broke off.
#[derive(Clone, Debug, Default)]
pub(super) struct Emitted {
    count: usize,
    /// Over the objects' bytes, for pages that are not pinned.
    hash: DefaultHasher,
}

impl Emitted {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn add(&mut self, object: &Bytes, pinned: bool) {
        self.count += 1;
        if !pinned {
            self.hash.write(object);
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.count == other.count && self.hash.finish() == other.hash.finish()
    }
}

/// Why a page ended before its end.
pub(super) enum PageError {
    /// The body broke off.
    Body(kube::Error),
    /// The body is not a page.
    Cut(CutError),
    /// Read again, the page does not begin with what was handed out before.
    Changed,
}

/// A page being read.
pub(super) struct Page {
    body: Body,
    cutter: Cutter,
    pinned: bool,
    emitted: Emitted,
    /// What was handed out by an earlier try and has to be skipped.
    before: Emitted,
    ended: bool,
}

impl Page {
    pub(super) fn new(body: Body, start: &Start) -> Self {
        Self {
            body,
            cutter: Cutter::new(),
            pinned: start.pinned,
            emitted: Emitted::default(),
            before: start.emitted.clone(),
            ended: false,
        }
    }

    /// The list's metadata, once it has arrived.
    pub(super) fn metadata(&self) -> Option<&ListMeta> {
        self.cutter.metadata()
    }

    /// What has been handed out, by this and earlier tries.
    pub(super) fn emitted(&self) -> &Emitted {
        if self.emitted.count < self.before.count { &self.before } else { &self.emitted }
    }

    /// Waits for more of the body and returns the objects completed by it, which may be none; `None` at the end of
    /// the page. May be dropped while waiting: nothing is lost.
    pub(super) async fn read(&mut self) -> Result<Option<Vec<Bytes>>, PageError> {
        let mut objects = Vec::new();
        let mut bytes = 0;
        while !self.ended && bytes < GROUP_BYTES {
            let frame = if bytes == 0 {
                self.body.frame().await
            } else {
                // What has arrived meanwhile joins the group; nothing more is waited for.
                match self.body.frame().now_or_never() {
                    Some(frame) => frame,
                    None => break,
                }
            };
            match frame {
                Some(frame) => {
                    if let Ok(piece) = frame.map_err(PageError::Body)?.into_data() {
                        bytes += piece.len();
                        self.cutter.push(piece, &mut objects).map_err(PageError::Cut)?;
                    }
                }
                None => self.ended = true,
            }
        }
        if self.ended && objects.is_empty() {
            self.cutter.finish().map_err(PageError::Cut)?;
            return if self.emitted.count < self.before.count { Err(PageError::Changed) } else { Ok(None) };
        }
        self.skip_known(&mut objects)?;
        Ok(Some(objects))
    }

    /// Counts the objects about to be handed out, without those that an earlier try handed out.
    fn skip_known(&mut self, objects: &mut Vec<Bytes>) -> Result<(), PageError> {
        let known = self.before.count.saturating_sub(self.emitted.count).min(objects.len());
        for (index, object) in objects.iter().enumerate() {
            self.emitted.add(object, self.pinned);
            if index + 1 == known && self.emitted.count == self.before.count && !self.emitted.is(&self.before)
            {
                return Err(PageError::Changed);
            }
        }
        objects.drain(..known);
        Ok(())
    }
}
