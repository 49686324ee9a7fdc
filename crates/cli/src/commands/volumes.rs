//! What is printed about the volumes of a recovery point.

use holdfast_store::volumes::Volumes;

use crate::failure::Failure;
use crate::output::{self, size};

/// A table of claims, and for how long hooks held which pod; nothing where there are no claims.
pub(crate) fn print(volumes: &Volumes) -> Result<(), Failure> {
    if !volumes.volumes.is_empty() {
        let rows = volumes.volumes.iter().map(|record| {
            let snapshot = record.snapshot.as_ref();
            let cut = snapshot.and_then(|snapshot| snapshot.cut).map(|cut| cut.to_string());
            vec![
                format!("{}/{}", record.namespace, record.claim),
                format!("{:?}", record.state),
                snapshot
                    .and_then(|snapshot| snapshot.restore_size)
                    .map(size)
                    .or_else(|| record.size.clone())
                    .unwrap_or_default(),
                record.storage_class.clone().unwrap_or_default(),
                record.driver.clone().unwrap_or_default(),
                cut.unwrap_or_default(),
                snapshot
                    .map(|snapshot| last(&snapshot.handle).to_owned())
                    .or_else(|| record.reason.clone())
                    .unwrap_or_default(),
            ]
        });
        output::table(&["CLAIM", "STATE", "SIZE", "CLASS", "DRIVER", "CUT", "SNAPSHOT OR REASON"], rows)?;
    }
    for freeze in &volumes.freezes {
        let line = format!("held       {}/{} for {} ms\n", freeze.namespace, freeze.pod, freeze.millis);
        output::text(&line)?;
    }
    Ok(())
}

/// The last part of a resource id, which is what tells snapshots apart; JSON and YAML have all of it.
fn last(handle: &str) -> &str {
    handle.rsplit('/').next().unwrap_or(handle)
}
