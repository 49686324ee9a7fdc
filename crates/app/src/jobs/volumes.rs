//! What a backup did about volumes, as its recovery point has it.

use jiff::Timestamp;

use crate::App;
use crate::api::{Failure, FailureCode, JobKind, JobRow, JobState, PointKey, PointVolumes};
use crate::points;

impl App {
    /// The volumes of the point that a backup made; `None` where it made none, or where there is not that point any more.
    pub async fn job_volumes(
        &self,
        vault_id: String,
        job_id: String,
    ) -> Result<Option<PointVolumes>, Failure> {
        let row = self.job(vault_id.clone(), job_id).await?.row;
        let made = matches!(row.state, JobState::Completed | JobState::Partial);
        if row.kind != JobKind::Backup || !made {
            return Ok(None);
        }
        let key = PointKey { vault_id, point: row.point.clone() };
        let open = match self.reopen_point(&key).await {
            Ok(open) => open,
            Err(failure) if failure.code == FailureCode::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if !is_of(&row, open.point.summary().started) {
            return Ok(None);
        }
        let volumes = open.point.volumes().await?;
        Ok(Some(points::volumes_of(key, &open, &volumes)))
    }
}

/// Whether a point was begun while a job ran: another one may have its name by now. Points keep whole seconds.
fn is_of(job: &JobRow, begun: Option<Timestamp>) -> bool {
    let second = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    let (started, ended) = (second(&job.started), job.ended.as_deref().and_then(second));
    begun.map(Timestamp::as_second).is_some_and(|begun| {
        started.is_some_and(|started| begun >= started) && ended.is_none_or(|ended| begun <= ended)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_point_of_the_same_name_is_not_that_of_the_job() {
        let job = JobRow {
            id: String::new(),
            vault_id: String::new(),
            vault_name: String::new(),
            kind: JobKind::Backup,
            state: JobState::Completed,
            point: "nightly".to_owned(),
            cluster: String::new(),
            summary: String::new(),
            started: "2026-11-23T04:00:00.7Z".to_owned(),
            ended: Some("2026-11-23T04:05:00Z".to_owned()),
            objects: 0,
            warnings: 0,
            failures: 0,
            progress: None,
            own: false,
        };
        let begun = |text: &str| Some(text.parse().unwrap());
        assert!(is_of(&job, begun("2026-11-23T04:00:00Z")));
        assert!(is_of(&job, begun("2026-11-23T04:05:00Z")));
        assert!(!is_of(&job, begun("2026-11-24T04:00:01Z")));
        assert!(!is_of(&job, begun("2026-11-22T04:00:01Z")));
        assert!(!is_of(&job, None));
    }
}
