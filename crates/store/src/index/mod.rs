//! The index of a point: which objects it holds, and where in the archive.
//!
//! In memory a row is 68 bytes plus its name and its owner's name; namespaces,
//! kinds and label sets are stored once. `docs/formats.md` describes the blob.

mod build;
mod decode;
mod encode;
mod header;

use holdfast_model::content::ContentHash;
use holdfast_model::resource::ResourceType;
use uuid::Uuid;

pub(crate) use build::IndexBuilder;
pub(crate) use decode::is_plain;

use crate::hash::Hash128;

/// Number of a row within its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

/// The index of one point, in memory.
#[derive(Debug, Default)]
pub struct Index {
    algorithm: String,
    types: Vec<ResourceType>,
    /// Number of the first row of each type, and the number of rows at the end.
    type_starts: Vec<u32>,
    namespaces: Vec<String>,
    owner_kinds: Vec<String>,
    labels: Texts,
    rows: Vec<RowData>,
    names: String,
    members: Vec<MemberInfo>,
    non_atomic: Vec<String>,
}

/// One row, as stored. Texts are places in [`Index::names`] or numbers in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RowData {
    hash: Hash128,
    uid: [u8; 16],
    name: u32,
    owner: u32,
    namespace: u32,
    labels: u32,
    member: u32,
    offset: u32,
    length: u32,
    ty: u16,
    name_len: u16,
    owner_len: u16,
    owner_kind: u16,
}

/// "No label set".
const NO_LABELS: u32 = u32::MAX;
/// "No owner".
const NO_OWNER: u16 = u16::MAX;

/// Where one member of the archive stands, and how it is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberInfo {
    /// Where its gzip member begins in the archive.
    pub(crate) offset: u64,
    /// Compressed length, in bytes.
    pub(crate) length: u32,
    /// Uncompressed length, in bytes.
    pub(crate) raw_len: u32,
    /// Hash of the compressed bytes.
    pub(crate) hash: Hash128,
}

/// Many short texts in one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    buffer: String,
    ends: Vec<u32>,
}

impl Texts {
    fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let end = *self.ends.get(number)? as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        self.buffer.get(start..end)
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    /// Appends a text and returns its number; `None` when the buffer would exceed 4 GiB.
    fn push(&mut self, text: &str) -> Option<u32> {
        let end = u32::try_from(self.buffer.len() + text.len()).ok()?;
        let number = u32::try_from(self.ends.len()).ok().filter(|n| *n != NO_LABELS)?;
        self.buffer.push_str(text);
        self.ends.push(end);
        Some(number)
    }
}

/// One object of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Number of the row.
    pub id: RowId,
    /// Type of the object.
    pub ty: &'a ResourceType,
    /// Place of the type in [`Index::types`].
    pub type_id: u16,
    /// Namespace; empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
    /// The server's identity of this very object.
    pub uid: Option<Uuid>,
    /// Kind (`Kind.group`) and name of the owner that controls it.
    pub owner: Option<(&'a str, &'a str)>,
    /// The labels, as the text of a JSON object.
    pub labels: Option<&'a str>,
    /// Member of the archive that holds the object.
    pub member: u32,
    /// Where the JSON begins in the uncompressed member.
    pub offset: u32,
    /// Length of the JSON in bytes.
    pub length: u32,
    /// Hash of the content, by [`Index::content_hash_algorithm`].
    pub hash: ContentHash,
}

impl Index {
    /// The types, sorted by group, plural and version.
    pub fn types(&self) -> &[ResourceType] {
        &self.types
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, sorted by type, namespace and name.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.range(0, self.rows.len())
    }

    /// The rows of one type, sorted by namespace and name. None for a type that is not in [`Index::types`].
    pub fn rows_of(&self, type_id: u16) -> impl ExactSizeIterator<Item = Row<'_>> {
        let (start, end) = self.bounds(type_id);
        self.range(start, end)
    }

    /// One row; `None` if the index has none of that number.
    pub fn row(&self, id: RowId) -> Option<Row<'_>> {
        self.rows.get(id.0 as usize).map(|data| self.view(id.0, data))
    }

    /// The row of one object.
    pub fn find(&self, type_id: u16, namespace: &str, name: &str) -> Option<Row<'_>> {
        let (start, end) = self.bounds(type_id);
        let key = |data: &RowData| (self.namespace_of(data), self.name_of(data));
        let found = self.rows[start..end].binary_search_by(|data| key(data).cmp(&(namespace, name))).ok()?;
        self.row(RowId(u32::try_from(start + found).ok()?))
    }

    /// Kinds whose list was not one consistent snapshot.
    pub fn non_atomic(&self) -> &[String] {
        &self.non_atomic
    }

    /// Name of the algorithm behind [`Row::hash`]. Hashes of different algorithms are never equal in meaning.
    pub fn content_hash_algorithm(&self) -> &str {
        &self.algorithm
    }

    pub(crate) fn members(&self) -> &[MemberInfo] {
        &self.members
    }

    fn bounds(&self, type_id: u16) -> (usize, usize) {
        let at = usize::from(type_id);
        match (self.type_starts.get(at), self.type_starts.get(at + 1)) {
            (Some(start), Some(end)) => (*start as usize, *end as usize),
            _ => (0, 0),
        }
    }

    fn range(&self, start: usize, end: usize) -> impl ExactSizeIterator<Item = Row<'_>> {
        // The number of rows was checked to fit when the index was made.
        let first = u32::try_from(start).unwrap_or(u32::MAX);
        let mut number = first;
        self.rows[start..end].iter().map(move |data| {
            let row = self.view(number, data);
            number = number.saturating_add(1);
            row
        })
    }

    fn view<'a>(&'a self, number: u32, data: &RowData) -> Row<'a> {
        let owner = (data.owner_kind != NO_OWNER).then(|| {
            let start = data.owner as usize;
            (
                self.owner_kinds[usize::from(data.owner_kind)].as_str(),
                &self.names[start..start + usize::from(data.owner_len)],
            )
        });
        Row {
            id: RowId(number),
            ty: &self.types[usize::from(data.ty)],
            type_id: data.ty,
            namespace: self.namespace_of(data),
            name: self.name_of(data),
            uid: Some(Uuid::from_bytes(data.uid)).filter(|uid| !uid.is_nil()),
            owner,
            labels: self.labels.get(data.labels),
            member: data.member,
            offset: data.offset,
            length: data.length,
            hash: data.hash,
        }
    }

    fn namespace_of(&self, data: &RowData) -> &str {
        &self.namespaces[data.namespace as usize]
    }

    fn name_of(&self, data: &RowData) -> &str {
        let start = data.name as usize;
        &self.names[start..start + usize::from(data.name_len)]
    }

    /// Fills `type_starts` from rows sorted by type.
    fn mark_types(&mut self) {
        self.type_starts = (0..=self.types.len())
            .map(|ty| {
                let start = self.rows.partition_point(|row| usize::from(row.ty) < ty);
                u32::try_from(start).unwrap_or(u32::MAX)
            })
            .collect();
    }
}

#[cfg(test)]
mod tests;
