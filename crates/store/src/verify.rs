//! Checking a point from end to end.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use holdfast_model::content::{ALGORITHM, Canonicalizer};
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::archive::unpack;
use crate::error::StoreError;
use crate::import;
use crate::index::{Index, MemberInfo, Row, RowId};
use crate::parallel;
use crate::point::Point;
use crate::spool::SpoolFile;
use crate::tarball::path::object_path;
use crate::tarball::read::TarReader;
use crate::volumes;

/// Compressed bytes read in one request.
const STEP: u64 = 8 << 20;

/// Problems listed; a point with more is bad beyond doubt.
const MAX_PROBLEMS: usize = 1000;

/// What [`Point::verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// Objects read and checked.
    pub objects: u64,
    /// Members read and checked. None where the archive is not in members of known place.
    pub members: u64,
    /// Uncompressed bytes read.
    pub raw_bytes: u64,
    /// What is wrong, in the order it was found; the first thousand.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong with a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The blob in which it was found.
    pub blob: String,
    /// The object concerned, as `resource namespace/name`, if it is one.
    pub object: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    fn add(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

impl Point {
    /// Reads the whole archive and checks every hash and length, every object against the index, and whether log and
    /// results can be read. An error means that the check could not be made; what is wrong is in the report.
    ///
    /// For a point of another program, which has no hashes, this is whether its archive can be read to its end.
    pub async fn verify(&self) -> Result<VerifyReport, StoreError> {
        let mut report = VerifyReport::default();
        let folder = &self.inner.folder;
        let index = match &self.inner.marker.written {
            Some(_) => note(&mut report, &folder.index(), self.own_index().await)?,
            None => None,
        };
        match index {
            Some(index) => self.verify_members(Arc::new(index), &mut report).await?,
            None => self.verify_stream(&mut report).await?,
        }
        note(&mut report, &folder.log(), self.log().await)?;
        note(&mut report, &folder.results(), self.warnings().await)?;
        if self.inner.marker.written.is_some() {
            note(&mut report, &folder.json(volumes::DOCUMENT), self.volumes().await)?;
        }
        Ok(report)
    }

    /// Without an index: the archive as a stream, the result thrown away.
    async fn verify_stream(&self, report: &mut VerifyReport) -> Result<(), StoreError> {
        let cache_dir = self.inner.vault.cache_dir().to_owned();
        let file =
            spawn_blocking(move || SpoolFile::unnamed(&cache_dir)).await.map_err(StoreError::Task)??;
        let source = self.import_source();
        let path = source.path.clone();
        if let Some((archive, notes)) = note(report, &path, import::read_through(source, file).await)? {
            report.objects = archive.index.len() as u64;
            report.raw_bytes = archive.raw_bytes;
            for message in notes {
                report.add(Problem { blob: path.to_string(), object: None, message });
            }
        }
        Ok(())
    }

    async fn verify_members(&self, index: Arc<Index>, report: &mut VerifyReport) -> Result<(), StoreError> {
        let path = self.inner.folder.archive();
        let rows = Arc::new(rows_by_member(&index));
        let mut hasher = blake3::Hasher::new();
        let mut first = 0;
        while first < index.members().len() {
            let group = group(&index, first);
            let (start, end) = span(&index.members()[group.clone()]);
            let chunk = self.inner.vault.blobs().range(&path, start..end).await;
            let Some(chunk) = note(report, &path, chunk)? else { return Ok(()) };
            hasher.update(&chunk);
            first = group.end;
            let (index, rows, blob) = (Arc::clone(&index), Arc::clone(&rows), path.to_string());
            let checked = spawn_blocking(move || check_group(&index, &rows, group, &chunk, &blob));
            for member in checked.await.map_err(StoreError::Task)? {
                report.objects += member.objects;
                report.raw_bytes += member.raw_bytes;
                report.members += 1;
                member.problems.into_iter().for_each(|problem| report.add(problem));
            }
        }
        let expected = self.inner.marker.written.as_ref().map(|written| written.archive_hash.as_str());
        if expected != Some(hasher.finalize().to_hex().as_str()) {
            let message = "its hash is not the one in velero-backup.json".to_owned();
            report.add(Problem { blob: path.to_string(), object: None, message });
        }
        Ok(())
    }
}

/// Turns a bad blob into a problem, and passes on that the storage cannot be reached.
fn note<T>(
    report: &mut VerifyReport,
    blob: &object_store::path::Path,
    result: Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_bad_blob() => {
            report.add(Problem { blob: blob.to_string(), object: None, message: error.to_string() });
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The members from `first` on that one request fetches.
fn group(index: &Index, first: usize) -> std::ops::Range<usize> {
    let members = &index.members()[first..];
    let start = members[0].offset;
    let more = members.iter().take_while(|m| m.offset + u64::from(m.length) - start <= STEP).count();
    first..first + more.max(1)
}

fn span(members: &[MemberInfo]) -> (u64, u64) {
    let end = members.last().map_or(0, |m| m.offset + u64::from(m.length));
    (members.first().map_or(end, |m| m.offset), end)
}

/// For each member its rows, by where they begin.
fn rows_by_member(index: &Index) -> Vec<HashMap<u32, RowId>> {
    let mut by_member = vec![HashMap::new(); index.members().len()];
    for row in index.rows() {
        by_member[row.member as usize].insert(row.offset, row.id);
    }
    by_member
}

struct Checked {
    objects: u64,
    raw_bytes: u64,
    problems: Vec<Problem>,
}

fn check_group(
    index: &Index,
    rows: &[HashMap<u32, RowId>],
    group: std::ops::Range<usize>,
    chunk: &Bytes,
    blob: &str,
) -> Vec<Checked> {
    let start = index.members()[group.start].offset;
    let members: Vec<usize> = group.collect();
    parallel::map(&members, |number| {
        let info = index.members()[*number];
        // The chunk is what the group spans, so it holds every member of it.
        let at = usize::try_from(info.offset - start).unwrap_or(usize::MAX);
        let compressed = chunk.get(at..at + info.length as usize).unwrap_or_default();
        let problem =
            |object: Option<String>, message: String| Problem { blob: blob.to_owned(), object, message };
        match unpack(compressed, info) {
            Ok(raw) => {
                let problems = check_objects(index, &rows[*number], &raw);
                let problems = problems.into_iter().map(|(object, message)| problem(Some(object), message));
                Checked {
                    objects: rows[*number].len() as u64,
                    raw_bytes: raw.len() as u64,
                    problems: problems.collect(),
                }
            }
            Err(message) => {
                let message = format!("member {number} at byte {}: {message}", info.offset);
                Checked { objects: 0, raw_bytes: 0, problems: vec![problem(None, message)] }
            }
        }
    })
}

/// Compares a member with its rows: every row must be an entry of that path, length and content.
fn check_objects(index: &Index, rows: &HashMap<u32, RowId>, raw: &[u8]) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let mut seen = 0;
    let mut canonical = Canonicalizer::default();
    let mut tar = TarReader::part(raw);
    while let Ok(Some(head)) = tar.next() {
        let Ok(at) = usize::try_from(tar.position()) else { break };
        let row = u32::try_from(at).ok().and_then(|at| rows.get(&at)).and_then(|id| index.row(*id));
        let content = usize::try_from(head.size).ok().and_then(|size| raw.get(at..at.checked_add(size)?));
        if let (Some(row), Some(content)) = (row, content) {
            seen += 1;
            if let Some(problem) = compare(index, &row, &head.path, content, &mut canonical) {
                problems.push((object(&row), problem.to_owned()));
            }
        }
        if tar.skip(head.size).is_err() {
            break;
        }
    }
    if seen < rows.len() {
        let missing = rows.len() - seen;
        problems
            .push((format!("{missing} objects"), "the index has them and the archive does not".to_owned()));
    }
    problems
}

fn compare(
    index: &Index,
    row: &Row<'_>,
    path: &[u8],
    content: &[u8],
    canonical: &mut Canonicalizer,
) -> Option<&'static str> {
    if path != object_path(row.ty, row.namespace, row.name).as_bytes() {
        Some("the archive has another object at its place")
    } else if content.len() != row.length as usize {
        Some("the archive has another length for it than the index")
    } else if index.content_hash_algorithm() == ALGORITHM && canonical.hash(content) != row.hash {
        Some("its content does not have the hash in the index")
    } else {
        None
    }
}

fn object(row: &Row<'_>) -> String {
    if row.namespace.is_empty() {
        format!("{} {}", row.ty, row.name)
    } else {
        format!("{} {}/{}", row.ty, row.namespace, row.name)
    }
}
