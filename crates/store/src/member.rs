//! One member of an archive: some objects of one resource type, as tar entries, compressed.
//!
//! Members are what is compressed in parallel, fetched by one range request and
//! checked by one hash. Callers cut them at 256 KiB to 1 MiB uncompressed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use holdfast_model::content::ContentHash;
use holdfast_model::resource::ResourceType;
use jiff::Timestamp;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::error::StoreError;
use crate::gzip;
use crate::hash::{Hash128, hash128};
use crate::limits::{MAX_LABELS_BYTES, MAX_MEMBER_BYTES, MAX_NAME_BYTES, MAX_OBJECT_BYTES};
use crate::tarball::path::{object_path, segment_problem};
use crate::tarball::write::EntryWriter;

/// What the index keeps of an object beside where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryMeta {
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// The server's identity of this very object. The nil UUID counts as none.
    pub uid: Option<Uuid>,
    /// The owner that controls it.
    pub owner: Option<Owner>,
    /// The labels, as the text of a JSON object.
    pub labels: Option<Box<str>>,
    /// Hash of the content by [`holdfast_model::content::ALGORITHM`].
    pub hash: ContentHash,
}

/// The controller of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `Kind.group`, such as `ReplicaSet.apps`; just the kind in the core group.
    pub kind: String,
    /// Name; the namespace is that of the owned object.
    pub name: String,
}

/// A finished member, ready for [`crate::PointWriter::append`].
#[derive(Clone)]
pub struct Member {
    pub(crate) ty: Arc<ResourceType>,
    pub(crate) compressed: Bytes,
    pub(crate) raw_len: u32,
    pub(crate) hash: Hash128,
    pub(crate) entries: Vec<MemberEntry>,
}

/// One object of a member.
#[derive(Clone, Debug)]
pub(crate) struct MemberEntry {
    pub(crate) meta: EntryMeta,
    pub(crate) offset: u32,
    pub(crate) length: u32,
}

impl Member {
    /// Number of objects.
    pub fn objects(&self) -> usize {
        self.entries.len()
    }

    /// Bytes as stored.
    pub fn compressed_len(&self) -> usize {
        self.compressed.len()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The bytes hold Secrets; they never reach a log.
        f.debug_struct("Member")
            .field("type", &self.ty.to_string())
            .field("objects", &self.entries.len())
            .field("raw_len", &self.raw_len)
            .finish_non_exhaustive()
    }
}

/// Collects objects of one type into a member. Synchronous, CPU only: made for a worker thread.
pub struct MemberBuilder {
    ty: Arc<ResourceType>,
    type_problem: Option<&'static str>,
    writer: EntryWriter,
    raw: Vec<u8>,
    entries: Vec<MemberEntry>,
}

impl MemberBuilder {
    /// An empty member. `mtime` becomes the modification time of the tar entries: the start of the point.
    pub fn new(ty: Arc<ResourceType>, mtime: Timestamp) -> Self {
        let type_problem = segment_problem(&ty.group_resource().to_string());
        Self { ty, type_problem, writer: EntryWriter::new(mtime), raw: Vec::new(), entries: Vec::new() }
    }

    /// Adds one object, given as pieces of JSON text that together are the object.
    ///
    /// # Errors
    /// [`StoreError::InvalidObject`] for a name that no path can hold, a scope that is not the type's, labels that
    /// are no JSON object, or a member that would exceed [`MAX_MEMBER_BYTES`]; [`StoreError::TooLarge`] for an
    /// object over [`MAX_OBJECT_BYTES`]. The member stays as it was.
    pub fn push(&mut self, entry: EntryMeta, json: &[&[u8]]) -> Result<(), StoreError> {
        let length: usize = json.iter().map(|piece| piece.len()).sum();
        if let Some(problem) = self.problem(&entry, length) {
            return Err(StoreError::InvalidObject { object: self.describe(&entry), problem });
        }
        if length > MAX_OBJECT_BYTES {
            return Err(StoreError::TooLarge {
                what: self.describe(&entry),
                limit: MAX_OBJECT_BYTES as u64,
                advice: "exclude it from the backup",
            });
        }
        let path = object_path(&self.ty, &entry.namespace, &entry.name);
        let offset = self.writer.append(&mut self.raw, &path, json);
        // Both fit: the member was checked to stay within MAX_MEMBER_BYTES.
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.entries.push(MemberEntry { meta: entry, offset: at(offset), length: at(length) });
        Ok(())
    }

    fn describe(&self, entry: &EntryMeta) -> String {
        let short = |text: &str| text.chars().take(80).collect::<String>();
        if entry.namespace.is_empty() {
            format!("{} {}", self.ty, short(&entry.name))
        } else {
            format!("{} {}/{}", self.ty, short(&entry.namespace), short(&entry.name))
        }
    }

    fn problem(&self, entry: &EntryMeta, length: usize) -> Option<&'static str> {
        // Long path, its header, the header of the object, and padding of both.
        const OVERHEAD: usize = 8192;
        let scope = match (self.ty.namespaced, entry.namespace.is_empty()) {
            (true, true) => Some("it has no namespace, but its type is namespaced"),
            (true, false) => segment_problem(&entry.namespace),
            (false, false) => Some("it has a namespace, but its type is cluster-scoped"),
            (false, true) => None,
        };
        let owner_is_long = entry
            .owner
            .as_ref()
            .is_some_and(|o| o.name.len() > MAX_NAME_BYTES || o.kind.len() > MAX_NAME_BYTES);
        let full = length <= MAX_OBJECT_BYTES && self.raw.len() + length + OVERHEAD > MAX_MEMBER_BYTES;
        self.type_problem
            .or(scope)
            .or_else(|| segment_problem(&entry.name))
            .or_else(|| labels_problem(entry.labels.as_deref()?))
            .or(owner_is_long.then_some("the name or kind of its owner is too long"))
            .or(full.then_some("its member of the archive would be too large"))
    }

    /// Uncompressed bytes so far.
    pub fn raw_len(&self) -> usize {
        self.raw.len()
    }

    /// Number of objects so far.
    pub fn objects(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Compresses the member.
    pub fn finish(self) -> Result<Member, StoreError> {
        let compressed = gzip::compress(&self.raw);
        let raw_len = u32::try_from(self.raw.len()).map_err(|_| StoreError::InvalidObject {
            object: self.ty.to_string(),
            problem: "its member of the archive is too large",
        })?;
        Ok(Member {
            ty: self.ty,
            hash: hash128(&compressed),
            compressed: compressed.into(),
            raw_len,
            entries: self.entries,
        })
    }
}

impl fmt::Debug for MemberBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberBuilder")
            .field("type", &self.ty.to_string())
            .field("objects", &self.entries.len())
            .finish_non_exhaustive()
    }
}

fn labels_problem(labels: &str) -> Option<&'static str> {
    if labels.len() > MAX_LABELS_BYTES {
        Some("its labels are larger than 1 MiB")
    } else if !labels.trim_start().starts_with('{') || serde_json::from_str::<&RawValue>(labels).is_err() {
        Some("its labels are not a JSON object")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config_maps() -> Arc<ResourceType> {
        Arc::new(ResourceType {
            group: String::new(),
            version: "v1".into(),
            plural: "configmaps".into(),
            kind: "ConfigMap".into(),
            namespaced: true,
        })
    }

    fn entry(namespace: &str, name: &str) -> EntryMeta {
        EntryMeta {
            namespace: namespace.into(),
            name: name.into(),
            uid: None,
            owner: None,
            labels: None,
            hash: [0; 16],
        }
    }

    #[test]
    fn objects_that_no_path_can_hold_are_refused_and_named() {
        let mut builder = MemberBuilder::new(config_maps(), Timestamp::UNIX_EPOCH);
        for (namespace, name) in
            [("shop", ".."), ("shop", "a/b"), ("shop", ""), ("", "a"), ("..", "a"), ("a\0", "a")]
        {
            let error = builder.push(entry(namespace, name), &[b"{}"]).expect_err(name);
            assert!(error.to_string().starts_with("configmaps "), "{error}");
        }
        for labels in ["[]", "{", "x", ""] {
            let bad = EntryMeta { labels: Some(labels.into()), ..entry("shop", "a") };
            assert!(builder.push(bad, &[b"{}"]).is_err(), "{labels}");
        }
        assert_eq!((builder.raw_len(), builder.objects()), (0, 0));
    }

    #[test]
    fn objects_and_members_have_limits() {
        let mut builder = MemberBuilder::new(config_maps(), Timestamp::UNIX_EPOCH);
        let big = vec![b' '; MAX_OBJECT_BYTES];
        assert!(matches!(
            builder.push(entry("shop", "over"), &[&big, b" "]),
            Err(StoreError::TooLarge { .. })
        ));
        for name in ["a", "b", "c"] {
            builder.push(entry("shop", name), &[&big]).unwrap();
        }
        assert!(matches!(builder.push(entry("shop", "d"), &[&big]), Err(StoreError::InvalidObject { .. })));
        assert_eq!(builder.objects(), 3);
    }

    #[test]
    fn the_same_objects_give_the_same_bytes() {
        let build = || {
            let mut builder = MemberBuilder::new(config_maps(), Timestamp::UNIX_EPOCH);
            builder
                .push(entry("shop", "a"), &[b"{\"apiVersion\":\"v1\",", b"\"kind\":\"ConfigMap\"}"])
                .unwrap();
            builder.finish().unwrap()
        };
        let member = build();
        assert_eq!(member.compressed, build().compressed);
        let raw = gzip::member(&member.compressed, member.raw_len as usize).unwrap();
        let at = member.entries[0].offset as usize;
        assert_eq!(
            &raw[at..at + member.entries[0].length as usize],
            b"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}"
        );
    }
}
