//! `holdfast cleanup`

use holdfast_engine::progress_channel;
use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::access::open;
use crate::args::{Cleanup, Format};
use crate::failure::Failure;
use crate::output;
use crate::progress::Display;

pub(crate) async fn run(args: &Cleanup, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let vault = open(&args.vault).await?;
    let cluster = super::connect(&args.cluster, &args.kubeconfig).await?;
    let (context, progress) = progress_channel(cancel, Timestamp::now);
    let display = Display::start(progress);
    let done = holdfast_engine::cleanup(&cluster, &vault, &context).await;
    drop(display);
    let done = done?;
    if format == Format::Table {
        output::text(&format!(
            "released {} pods, cleared {} snapshot objects of backups and deletions and those of {} restored claims, removed {} unfinished recovery points\n",
            done.released,
            done.backups + done.deletions,
            done.restores,
            done.unfinished
        ))?;
    } else {
        let result = json!({
            "releasedPods": done.released,
            "snapshotObjects": done.backups + done.deletions,
            "restoredClaims": done.restores,
            "unfinishedPoints": done.unfinished,
        });
        output::value(&result, format)?;
    }
    Ok(true)
}
