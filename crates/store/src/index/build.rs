//! Collecting rows while a point is written.

use std::collections::HashMap;

use holdfast_model::content::ALGORITHM;
use holdfast_model::resource::ResourceType;

use super::{Index, MemberInfo, NO_LABELS, NO_OWNER, RowData, Texts};
use crate::hash::{Hash128, hash128};
use crate::limits::MAX_TYPES;
use crate::member::{Member, MemberEntry};

/// An index that still grows.
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder {
    types: Vec<ResourceType>,
    type_ids: HashMap<ResourceType, u16>,
    namespaces: Interned,
    owner_kinds: Interned,
    labels: Interned,
    rows: Vec<RowData>,
    names: String,
    members: Vec<MemberInfo>,
}

/// Texts stored once. They are recognised by a cryptographic hash, so no second copy is kept to compare with.
#[derive(Debug, Default)]
struct Interned {
    texts: Texts,
    ids: HashMap<Hash128, u32>,
}

impl Interned {
    fn id(&mut self, text: &str) -> Option<u32> {
        let hash = hash128(text.as_bytes());
        if let Some(id) = self.ids.get(&hash) {
            return Some(*id);
        }
        let id = self.texts.push(text)?;
        self.ids.insert(hash, id);
        Some(id)
    }
}

/// The index would need numbers beyond those the format has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl IndexBuilder {
    /// Number of rows so far.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a member that holds no object.
    pub(crate) fn frame(&mut self, info: MemberInfo) {
        self.members.push(info);
    }

    /// Adds a member with its objects.
    pub(crate) fn add(&mut self, member: &Member, info: MemberInfo) -> Result<(), TooMany> {
        let number = u32::try_from(self.members.len()).map_err(|_| TooMany)?;
        let ty = self.type_id(&member.ty)?;
        let before = self.rows.len();
        for entry in &member.entries {
            match self.row(ty, number, entry) {
                Some(row) if self.rows.len() < NO_LABELS as usize => self.rows.push(row),
                _ => {
                    self.rows.truncate(before);
                    return Err(TooMany);
                }
            }
        }
        self.members.push(info);
        Ok(())
    }

    fn type_id(&mut self, ty: &ResourceType) -> Result<u16, TooMany> {
        if let Some(id) = self.type_ids.get(ty) {
            return Ok(*id);
        }
        let id =
            u16::try_from(self.types.len()).ok().filter(|id| usize::from(*id) < MAX_TYPES).ok_or(TooMany)?;
        self.types.push(ty.clone());
        self.type_ids.insert(ty.clone(), id);
        Ok(id)
    }

    fn row(&mut self, ty: u16, member: u32, entry: &MemberEntry) -> Option<RowData> {
        let meta = &entry.meta;
        let (name, name_len) = self.name(&meta.name)?;
        let (owner_kind, owner, owner_len) = match &meta.owner {
            Some(of) => {
                let kind = self.owner_kinds.id(&of.kind)?;
                let (owner, owner_len) = self.name(&of.name)?;
                (u16::try_from(kind).ok().filter(|kind| *kind != NO_OWNER)?, owner, owner_len)
            }
            None => (NO_OWNER, 0, 0),
        };
        Some(RowData {
            hash: meta.hash,
            uid: meta.uid.map_or([0; 16], uuid::Uuid::into_bytes),
            name,
            owner,
            namespace: self.namespaces.id(&meta.namespace)?,
            labels: match &meta.labels {
                Some(labels) => self.labels.id(labels)?,
                None => NO_LABELS,
            },
            member,
            offset: entry.offset,
            length: entry.length,
            ty,
            name_len,
            owner_len,
            owner_kind,
        })
    }

    fn name(&mut self, name: &str) -> Option<(u32, u16)> {
        let start = u32::try_from(self.names.len()).ok()?;
        u32::try_from(self.names.len() + name.len()).ok()?;
        let length = u16::try_from(name.len()).ok()?;
        self.names.push_str(name);
        Some((start, length))
    }

    /// Sorts everything. Of two rows for the same object the later one stays, as it does when a tarball is unpacked.
    pub(crate) fn finish(self, non_atomic: Vec<String>) -> Index {
        let (types, type_order) = sorted(self.types, |a, b| {
            (&a.group, &a.plural, &a.version, a).cmp(&(&b.group, &b.plural, &b.version, b))
        });
        let texts = |table: &Texts| {
            (0u32..).map_while(|id| table.get(id)).map(str::to_owned).collect::<Vec<String>>()
        };
        let (namespaces, namespace_order) = sorted(texts(&self.namespaces.texts), Ord::cmp);
        let mut rows = self.rows;
        for row in &mut rows {
            // Both orders are permutations of tables with fewer than 2^16 and 2^32 lines.
            row.ty = u16::try_from(type_order[usize::from(row.ty)]).unwrap_or(u16::MAX);
            row.namespace = u32::try_from(namespace_order[row.namespace as usize]).unwrap_or(u32::MAX);
        }
        let mut index = Index {
            algorithm: ALGORITHM.to_owned(),
            types,
            type_starts: Vec::new(),
            namespaces,
            owner_kinds: texts(&self.owner_kinds.texts),
            labels: self.labels.texts,
            rows: Vec::new(),
            names: self.names,
            members: self.members,
            non_atomic,
        };
        rows.sort_unstable_by(|a, b| {
            let key = |row: &RowData| (row.ty, row.namespace);
            let place = |row: &RowData| (row.member, row.offset);
            key(a)
                .cmp(&key(b))
                .then_with(|| index.name_of(a).cmp(index.name_of(b)))
                .then_with(|| place(b).cmp(&place(a)))
        });
        rows.dedup_by(|later, kept| {
            (later.ty, later.namespace) == (kept.ty, kept.namespace)
                && index.name_of(later) == index.name_of(kept)
        });
        index.rows = rows;
        index.mark_types();
        index
    }
}

/// Sorts a table and tells for each old place the new one.
fn sorted<T>(table: Vec<T>, compare: impl Fn(&T, &T) -> std::cmp::Ordering) -> (Vec<T>, Vec<usize>) {
    let mut numbered: Vec<(usize, T)> = table.into_iter().enumerate().collect();
    numbered.sort_by(|a, b| compare(&a.1, &b.1));
    let mut places = vec![0; numbered.len()];
    for (new, (old, _)) in numbered.iter().enumerate() {
        places[*old] = new;
    }
    (numbered.into_iter().map(|(_, value)| value).collect(), places)
}
