//! An index from a blob that may be damaged or hostile.
//!
//! Every number is checked against the table it refers to, so that an [`Index`]
//! can be used without further checks; nothing is allocated for a count alone.

use std::borrow::Cow;
use std::fmt;

use holdfast_model::name::NamespaceName;
use holdfast_model::resource::ResourceType;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::header::{AnyHeader, FORMAT, Header, MAX_HEADER_BYTES, Part};
use super::{Index, MemberInfo, NO_LABELS, NO_OWNER, RowData, Texts};
use crate::hash::parse128;
use crate::limits::{MAX_ARCHIVE_RAW_BYTES, MAX_INDEX_RAW_BYTES, MAX_MEMBER_BYTES, MAX_TYPES};
use crate::tarball::path::segment_problem;
use crate::{gzip, parallel};

/// Why an index cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadIndex(pub(crate) String);

impl From<&str> for BadIndex {
    fn from(problem: &str) -> Self {
        Self(problem.to_owned())
    }
}

impl fmt::Display for BadIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `[type, namespace, name, member, offset, length, hash, uid, labels, owner kind, owner name]`
#[derive(Deserialize)]
struct RowLine<'a>(
    u16,
    u32,
    #[serde(borrow)] Cow<'a, str>,
    u32,
    u32,
    u32,
    &'a str,
    Option<&'a str>,
    Option<u32>,
    Option<u16>,
    #[serde(borrow)] Option<Name<'a>>,
);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The rows of one part, with places in their own buffer of names.
struct RowsOfPart {
    rows: Vec<RowData>,
    names: String,
}

impl Index {
    /// Decodes an index of an archive of `archive_bytes`; CPU work on several threads.
    pub(crate) fn decode(blob: &[u8], archive_bytes: u64) -> Result<Self, BadIndex> {
        let (header, length) = gzip::first_member(blob, MAX_HEADER_BYTES)?;
        let any: AnyHeader = serde_json::from_slice(&header).map_err(|_| "its header is not readable")?;
        if any.format != FORMAT {
            return Err(BadIndex(format!(
                "it has format {}, and this version of Holdfast reads format {FORMAT}: update Holdfast",
                any.format
            )));
        }
        let header: Header = serde_json::from_slice(&header).map_err(|_| "its header is not readable")?;
        let members = members(&header, archive_bytes)?;
        check_tables(&header)?;
        let parts: Vec<Part> = header.label_parts.iter().chain(&header.row_parts).copied().collect();
        let parts = cut(&blob[length..], &parts)?;
        let (label_parts, row_parts) = parts.split_at(header.label_parts.len());

        let mut labels = Texts::default();
        for texts in parallel::map(label_parts, label_sets) {
            for text in &texts? {
                labels.push(text).ok_or("it has too many label sets")?;
            }
        }
        if labels.len() != header.label_sets as usize {
            return Err("it has fewer or more label sets than it says".into());
        }
        let scope = Scope { header: &header, members: &members };
        let parts: Vec<RowsOfPart> =
            parallel::map(row_parts, |part| rows(part, &scope)).into_iter().collect::<Result<_, _>>()?;
        let (rows, names) = join(parts)?;
        if rows.len() != header.rows as usize {
            return Err("it has fewer or more rows than it says".into());
        }
        let mut index = Self {
            algorithm: header.content_hash,
            types: header.types,
            type_starts: Vec::new(),
            namespaces: header.namespaces,
            owner_kinds: header.owner_kinds,
            labels,
            rows,
            names,
            members,
            non_atomic: header.non_atomic,
        };
        index.check_order()?;
        index.mark_types();
        Ok(index)
    }

    fn check_order(&self) -> Result<(), BadIndex> {
        let sorted = self.rows.is_sorted_by(|a, b| {
            (a.ty, a.namespace)
                .cmp(&(b.ty, b.namespace))
                .then_with(|| self.name_of(a).cmp(self.name_of(b)))
                .is_lt()
        });
        if sorted { Ok(()) } else { Err("its rows are not sorted".into()) }
    }
}

/// What a row may refer to.
struct Scope<'a> {
    header: &'a Header,
    members: &'a [MemberInfo],
}

fn members(header: &Header, archive_bytes: u64) -> Result<Vec<MemberInfo>, BadIndex> {
    let mut next = 0u64;
    let mut raw_total = 0u64;
    let mut members = Vec::with_capacity(header.members.len());
    for (offset, length, raw_len, hash) in &header.members {
        raw_total += u64::from(*raw_len);
        if *offset != next || *raw_len as usize > MAX_MEMBER_BYTES || raw_total > MAX_ARCHIVE_RAW_BYTES {
            return Err("its table of members has a gap or is too large".into());
        }
        next += u64::from(*length);
        let hash = parse128(hash).ok_or("its table of members has a malformed hash")?;
        members.push(MemberInfo { offset: *offset, length: *length, raw_len: *raw_len, hash });
    }
    if next == archive_bytes {
        Ok(members)
    } else {
        Err(BadIndex(format!("it describes an archive of {next} bytes, but the archive has {archive_bytes}")))
    }
}

fn check_tables(header: &Header) -> Result<(), BadIndex> {
    if header.types.len() > MAX_TYPES || header.owner_kinds.len() >= usize::from(NO_OWNER) {
        return Err("it has too many types".into());
    }
    if let Some(ty) = header.types.iter().find(|ty| !is_plain(ty)) {
        return Err(BadIndex(format!("its type {:?} cannot be a type of Kubernetes", ty.plural)));
    }
    for namespace in header.namespaces.iter().filter(|ns| !ns.is_empty()) {
        namespace.parse::<NamespaceName>().map_err(|e| BadIndex(e.to_string()))?;
    }
    let sorted = header.namespaces.is_sorted_by(|a, b| a < b)
        && header.types.is_sorted_by_key(|ty| (&ty.group, &ty.plural, &ty.version));
    if sorted { Ok(()) } else { Err("its tables are not sorted".into()) }
}

/// Whether every part of a type can stand in a URL as it is. What a type says ends up there in a restore.
pub(crate) fn is_plain(ty: &ResourceType) -> bool {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let dots = |text: &str| text.starts_with('.') || text.ends_with('.') || text.contains("..");
    [&ty.version, &ty.plural, &ty.kind].iter().all(|text| !text.is_empty())
        && [&ty.group, &ty.version, &ty.plural, &ty.kind].iter().all(|text| plain(text) && !dots(text))
        && !ty.plural.contains('.')
}

/// Cuts a blob into the parts that its header lists; they must fill it.
fn cut<'a>(mut blob: &'a [u8], parts: &[Part]) -> Result<Vec<(&'a [u8], usize)>, BadIndex> {
    let mut cuts = Vec::with_capacity(parts.len());
    let mut total = 0u64;
    for (length, raw_len) in parts {
        total += u64::from(*raw_len);
        if *raw_len as usize > MAX_MEMBER_BYTES || total > MAX_INDEX_RAW_BYTES {
            return Err("it is too large".into());
        }
        let (part, rest) = blob.split_at_checked(*length as usize).ok_or("it ends too early")?;
        cuts.push((part, *raw_len as usize));
        blob = rest;
    }
    if blob.is_empty() { Ok(cuts) } else { Err("it has bytes behind its end".into()) }
}

fn label_sets((part, raw_len): &(&[u8], usize)) -> Result<Vec<String>, BadIndex> {
    let raw = gzip::member(part, *raw_len)?;
    serde_json::Deserializer::from_slice(&raw)
        .into_iter::<&RawValue>()
        .map(|text| match text {
            Ok(text) if text.get().starts_with('{') => Ok(text.get().to_owned()),
            _ => Err("a label set is not readable".into()),
        })
        .collect()
}

fn rows((part, raw_len): &(&[u8], usize), scope: &Scope<'_>) -> Result<RowsOfPart, BadIndex> {
    let raw = gzip::member(part, *raw_len)?;
    let mut out = RowsOfPart { rows: Vec::new(), names: String::new() };
    for line in serde_json::Deserializer::from_slice(&raw).into_iter::<RowLine<'_>>() {
        let line = line.map_err(|_| "a row is not readable")?;
        let row = out.row(&line, scope).ok_or("a row refers to something that is not there")?;
        out.rows.push(row);
    }
    Ok(out)
}

impl RowsOfPart {
    fn row(&mut self, line: &RowLine<'_>, scope: &Scope<'_>) -> Option<RowData> {
        let RowLine(ty, namespace, name, member, offset, length, hash, uid, labels, owner_kind, owner) = line;
        let namespaced = scope.header.types.get(usize::from(*ty))?.namespaced;
        let in_namespace = !scope.header.namespaces.get(*namespace as usize)?.is_empty();
        let end = u64::from(*offset) + u64::from(*length);
        let fits = end <= u64::from(scope.members.get(*member as usize)?.raw_len);
        let labels = labels.unwrap_or(NO_LABELS);
        let has_labels = labels == NO_LABELS || labels < scope.header.label_sets;
        if namespaced != in_namespace || !fits || !has_labels || segment_problem(name).is_some() {
            return None;
        }
        let (owner_kind, owner) = match (owner_kind, owner) {
            (Some(kind), Some(owner)) if usize::from(*kind) < scope.header.owner_kinds.len() => {
                (*kind, owner.0.as_ref())
            }
            (None, None) => (NO_OWNER, ""),
            _ => return None,
        };
        let (name, name_len) = self.name(name)?;
        let (owner, owner_len) = self.name(owner)?;
        Some(RowData {
            hash: parse128(hash)?,
            uid: uid.map_or(Some([0; 16]), parse128)?,
            name,
            owner,
            namespace: *namespace,
            labels,
            member: *member,
            offset: *offset,
            length: *length,
            ty: *ty,
            name_len,
            owner_len,
            owner_kind,
        })
    }

    fn name(&mut self, name: &str) -> Option<(u32, u16)> {
        let place = (u32::try_from(self.names.len()).ok()?, u16::try_from(name.len()).ok()?);
        self.names.push_str(name);
        Some(place)
    }
}

/// Puts the parts behind each other.
fn join(parts: Vec<RowsOfPart>) -> Result<(Vec<RowData>, String), BadIndex> {
    let mut rows = Vec::with_capacity(parts.iter().map(|part| part.rows.len()).sum());
    let mut names = String::with_capacity(parts.iter().map(|part| part.names.len()).sum());
    for part in parts {
        let shift = u32::try_from(names.len()).map_err(|_| "its names are longer than 4 GiB")?;
        for mut row in part.rows {
            row.name = row.name.checked_add(shift).ok_or("its names are longer than 4 GiB")?;
            row.owner = row.owner.checked_add(shift).ok_or("its names are longer than 4 GiB")?;
            rows.push(row);
        }
        names.push_str(&part.names);
    }
    Ok((rows, names))
}
