//! Running a plan as a job, with its journal.

use holdfast_cluster::Cluster;

use super::journal::{Head, PointIdentity};
use super::plan::RestorePlan;
use super::report::RestoreReport;
use super::resume::Earlier;
use super::run::run;
use crate::context::Context;
use crate::error::EngineError;
use crate::job::{JournalOf, NotKept, PATIENCE};

/// Runs a plan as the job of `journals`, which keep what is changed. With `earlier`, what that restore did belongs to it.
///
/// A journal that cannot be written does not keep the restore from running: a warning says that it cannot be undone.
///
/// # Errors
/// Those of [`run`].
pub async fn run_as(
    journals: &JournalOf,
    cluster: &Cluster,
    plan: &RestorePlan,
    earlier: Option<&Earlier>,
    context: &Context,
) -> Result<RestoreReport, EngineError> {
    let head = earlier.map_or_else(
        || {
            let point = PointIdentity::of(&plan.point);
            Head::new(point, cluster.name(), plan.cluster_uid.clone(), plan.request.clone())
        },
        Earlier::next_head,
    );
    let beginning = context.cancel.run_until_cancelled(tokio::time::timeout(PATIENCE, journals.begin(head)));
    let journal = match beginning.await {
        Some(Ok(begun)) => begun.map_err(NotKept::from),
        Some(Err(_)) => Err(NotKept::Silent),
        None => return Err(EngineError::Cancelled),
    };
    let mut report = run(cluster, plan, journal.as_ref().ok(), context).await?;
    let kept = match journal {
        Ok(journal) => match tokio::time::timeout(PATIENCE, journal.finish()).await {
            Ok(finished) => finished.map_err(NotKept::from),
            Err(_) => Err(NotKept::Silent),
        },
        Err(error) => Err(error),
    };
    if let Err(error) = kept {
        let message =
            format!("this restore cannot be undone, because its journal could not be kept: {error}");
        context.warn(&message);
        report.warnings.push(message);
    }
    Ok(report)
}
