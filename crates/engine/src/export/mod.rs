//! Export: any part of a recovery point as files that `kubectl apply` takes.
//!
//! What is written is the target form of each object, as a restore would send it: without what a server assigned,
//! without owners, in mapped namespaces, and without `kubectl.kubernetes.io/last-applied-configuration`, which a
//! later `kubectl apply` writes anew. What something else makes again is left out if what makes it is in the export;
//! the report names everything that is left out, and why.
//!
//! Nothing half-written is left where the export was asked for: files are written beside and put in place at the end.
//! Objects stream through a few batches of about 1 MiB; memory grows by the index and the list of files only.
//! Nothing of a name in a recovery point is trusted to name a file (`names`).

mod choose;
mod clean;
mod error;
mod names;
mod place;
mod report;
mod sink;
#[cfg(test)]
mod tests;
mod yaml;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt, stream};
use holdfast_model::selection::{ChosenObject, Selection};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_store::{Index, Point};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

pub use error::ExportError;
pub use report::{ExportReport, LeftOut, WaveCount, Why};

use crate::context::Context;
use crate::restore::{RestoreRequest, select};
use choose::{Choosing, Entry};
use clean::Cleaned;
use sink::Sink;

/// Batches that are read and converted while another one is written.
const BATCHES_AT_ONCE: usize = 3;
/// A batch ends when its objects have this many bytes as stored.
const BATCH_BYTES: u64 = 1 << 20;
/// A batch has at most this many objects.
const BATCH_OBJECTS: usize = 512;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExportFormat {
    /// A folder with a YAML file for each object, in folders by wave and namespace.
    Folder,
    /// One YAML file with a document for each object.
    Yaml,
    /// That folder as a tar file; compressed if its name ends in `.tar.gz` or `.tgz`.
    Tar,
    /// That folder with a `kustomization.yaml` that lists the files in the order of writing.
    Kustomize,
}

impl ExportFormat {
    /// What the ending of a name says; a folder where it says nothing.
    pub fn of_path(path: &std::path::Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&[".yaml", ".yml"]) {
            Self::Yaml
        } else if ends(&[".tar", ".tar.gz", ".tgz"]) {
            Self::Tar
        } else {
            Self::Folder
        }
    }
}

/// What to export, and where to.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// What to take from the recovery point.
    pub selection: Selection,
    /// Of that, only these objects; empty for all. What they need comes along, as in a restore.
    pub objects: Vec<ChosenObject>,
    /// Where namespaces go.
    pub mappings: NamespaceMappings,
    /// What to write.
    pub format: ExportFormat,
    /// The file or folder.
    pub to: PathBuf,
    /// Whether to replace a file, or in a folder what an earlier export wrote there.
    pub replace: bool,
}

/// Writes what `request` selects of `point`.
///
/// # Errors
/// Fails when the point cannot be read, when nothing is selected, when the files cannot be written, when something is
/// in the way, or on cancellation; nothing is left in place then.
pub async fn export(
    point: &Point,
    request: &ExportRequest,
    context: &Context,
) -> Result<ExportReport, ExportError> {
    let clock = Instant::now();
    let top = point.summary().name.to_string();
    let (format, to, replace) = (request.format, request.to.clone(), request.replace);
    let made = point.summary().completed.unwrap_or(context.now());
    let mut sink = blocking(move || Sink::open(format, &to, replace, &top, made)).await?;

    context.phase("reading the recovery point", None);
    let index = context.run(point.index()).await?;
    let restore = RestoreRequest {
        selection: request.selection.clone(),
        objects: request.objects.iter().cloned().collect(),
        mappings: request.mappings.clone(),
        ..RestoreRequest::default()
    };
    let selected = select::rows(point, &index, &restore, context).await?;
    let mut report = ExportReport::new(point, request);
    report.missing = select::missing(&index, &selected, &restore);
    let choosing = Choosing { point, index: &index, request: &restore, selected, context };
    let entries = choosing.entries(&mut report.left_out).await?;

    context.phase("exporting", Some(entries.len() as u64));
    let conversion = Arc::new(clean::Conversion { index: Arc::clone(&index), request: restore });
    // Made before they are streamed, for the same reason as the kinds of a plan.
    let conversions: Vec<_> = batches(&index, entries)
        .into_iter()
        .map(|batch| convert(point.clone(), Arc::clone(&conversion), batch, context.clone()))
        .collect();
    let mut converted = stream::iter(conversions).buffered(BATCHES_AT_ONCE);
    while let Some(batch) = converted.next().await {
        let batch = batch?;
        context.check()?;
        context.advance(batch.len() as u64, batch.iter().map(Cleaned::bytes).sum(), None);
        let documents = report.take(&conversion, batch);
        sink = blocking(move || {
            for document in &documents {
                sink.put(document)?;
            }
            Ok(sink)
        })
        .await?;
    }
    drop(converted);
    if report.objects == 0 {
        return Err(ExportError::Nothing { point: report.recovery_point, left_out: report.left_out.len() });
    }
    context.check()?;
    blocking(move || sink.finish()).await?;
    report.end(&conversion.request.mappings, clock.elapsed());
    Ok(report)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    spawn_blocking(work).await.map_err(|_| ExportError::WorkerGone)?
}

/// Cuts the entries into batches; their order stays.
fn batches(index: &Index, entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for entry in entries {
        bytes += index.row(entry.row).map_or(0, |row| u64::from(row.length));
        batch.push(entry);
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_OBJECTS {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
    }
    batches.push(batch);
    batches
}

/// Reads the objects of a batch and brings them into their form as files.
async fn convert(
    point: Point,
    conversion: Arc<clean::Conversion>,
    batch: Vec<Entry>,
    context: Context,
) -> Result<Vec<Cleaned>, ExportError> {
    // In the order of the archive, so that each member is unpacked once; and copied, so that none is held by an object of it.
    let place = |entry: &Entry| {
        conversion.index.row(entry.row).map_or((u32::MAX, u32::MAX), |row| (row.member, row.offset))
    };
    let mut order: Vec<usize> = (0..batch.len()).collect();
    order.sort_by_key(|at| place(&batch[*at]));
    let mut stored: Vec<(Entry, Vec<u8>)> = batch.into_iter().map(|entry| (entry, Vec::new())).collect();
    for at in order {
        let json = context.run(point.read(stored[at].0.row)).await?;
        stored[at].1.extend_from_slice(&json);
    }
    blocking(move || stored.into_iter().map(|(entry, json)| conversion.clean(entry, &json)).collect()).await
}
