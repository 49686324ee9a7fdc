//! `holdfast points delete`

use std::io::{self, BufRead, IsTerminal};

use holdfast_engine::job::{Job, JobEnd};
use holdfast_engine::points::{self, SnapshotsOf};
use holdfast_engine::progress_channel;
use holdfast_store::job::JobKind;
use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::access::open;
use crate::args::{DeletePoint, Format};
use crate::failure::Failure;
use crate::kept::{self, Kept};
use crate::output;
use crate::progress::Display;

pub(crate) async fn run(
    args: &DeletePoint,
    format: Format,
    cancel: CancellationToken,
) -> Result<bool, Failure> {
    let name = &args.point;
    if !args.yes && io::stdin().is_terminal() {
        eprint!("Recovery point {name} cannot be brought back. Type its name to delete it: ");
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        if answer.trim() != name.as_str() {
            return Err(Failure::Usage("not deleted: that is not its name".to_owned()));
        }
    }
    let vault = open(&args.vault).await?;
    let cluster = match &args.cluster {
        Some(cluster) => Some(super::connect(cluster, &args.kubeconfig).await?),
        None => None,
    };
    let snapshots = match &cluster {
        Some(cluster) => SnapshotsOf::DeletedBy(cluster, args.snapshot_timeout),
        None if args.keep_snapshots => SnapshotsOf::Kept,
        None => SnapshotsOf::Unsaid,
    };
    let (context, progress) = progress_channel(cancel, Timestamp::now);
    let job = Job::begin(&vault, kept::start(JobKind::Delete, args.cluster.as_deref(), name), &context);
    let display = Display::start(progress);
    let deleted = points::delete(&vault, name, snapshots, &context).await;
    drop(display);
    let end = deleted.as_ref().map_or_else(JobEnd::failed, |deleted| JobEnd::deletion(deleted.blobs));
    let kept = Kept::finish(Some(job), end).await;
    let deleted = deleted?;
    if format == Format::Table {
        let snapshots = match (deleted.snapshots + deleted.gone, deleted.kept) {
            (0, 0) => String::new(),
            (number, 0) => format!(", with {number} volume snapshots"),
            (_, kept) => format!("; {kept} volume snapshots are kept"),
        };
        output::text(&format!("recovery point {name} is deleted{snapshots}\n"))?;
        kept.note()?;
    } else {
        let result = json!({
            "deleted": name,
            "blobs": deleted.blobs.blobs,
            "bytes": deleted.blobs.bytes,
            "snapshots": {"deleted": deleted.snapshots, "gone": deleted.gone, "kept": deleted.kept},
            "job": kept.id(),
        });
        output::value(&result, format)?;
    }
    Ok(true)
}
