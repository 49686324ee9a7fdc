use std::time::Instant;

use holdfast_store::job::JobFilter;
use holdfast_store::{Access, VaultUrl};
use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::context::progress_channel;
use crate::error::EngineError;

struct Place {
    root: TempDir,
    vault: Vault,
    context: Context,
}

async fn place() -> Place {
    let root = tempfile::tempdir().unwrap();
    let url: VaultUrl = root.path().join("vault").to_str().unwrap().parse().unwrap();
    let vault = Vault::open_or_create(&url, &Access::default(), &root.path().join("cache")).await.unwrap();
    let (context, _) = progress_channel(CancellationToken::new(), Timestamp::now);
    Place { root, vault, context }
}

fn start() -> JobStart {
    JobStart::here(JobKind::Delete, Some("shop".into()), Some("p".into()), "1.2.3")
}

fn done() -> JobEnd {
    JobEnd::deletion(holdfast_store::Deleted { blobs: 3, bytes: 30 })
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_how_far_a_job_is_and_can_stop_it() {
    let Place { vault, context, .. } = place().await;
    let job = Job::begin(&vault, start(), &context);
    let id = job.id().clone();
    context.phase("deleting", Some(10));
    context.advance(4, 400, Some("blobs"));
    let other = vault.jobs();
    let clock = Instant::now();
    let progress = loop {
        if let Ok(job) = other.get(&id).await
            && let Some(progress) = job.progress.filter(|progress| progress.done > 0)
        {
            break progress;
        }
        assert!(clock.elapsed() < LOOK_EVERY * 5, "no progress is shown");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        (&*progress.phase, &*progress.detail, progress.done, progress.total),
        ("deleting", "blobs", 4, Some(10))
    );
    other.request_cancel(&id).await.unwrap();
    tokio::time::timeout(LOOK_EVERY * 5, context.cancel.cancelled())
        .await
        .expect("nobody looked for the request");
    job.finish(JobEnd::failed(&EngineError::Cancelled)).await.unwrap();
    let record = vault.jobs().get(&id).await.unwrap().record;
    assert_eq!((record.state, record.error), (JobState::Cancelled, None));
    assert_eq!(record.phases.len(), 1);
    assert_eq!((record.phases[0].done, record.phases[0].ended.is_some()), (4, true));
    let log = vault.jobs().log(&id).await.unwrap();
    assert_eq!(record.log.unwrap().entries, log.len() as u64);
    assert!(log.iter().any(|line| line.message.contains("another process asked")), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_of_a_job_has_the_last_word_over_one_that_took_it_for_dead() {
    let Place { vault, context, .. } = place().await;
    let job = Job::begin(&vault, start(), &context);
    let id = job.id().clone();
    let jobs = vault.jobs();
    while jobs.newest(&id).await.is_err() {
        tokio::task::yield_now().await;
    }
    for number in 1..=2 {
        let record = JobRecord { state: JobState::Interrupted, ..job.record.clone() };
        assert_eq!(jobs.revise(&record, number).await.unwrap(), Revised::Ours(number + 1));
    }
    job.finish(done()).await.unwrap();
    let newest = jobs.newest(&id).await.unwrap();
    assert_eq!((newest.number, newest.record.state), (4, JobState::Completed));
    assert_eq!(newest.record.counts.bytes, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_kept_says_why_and_fails_nothing() {
    let Place { root, vault, context } = place().await;
    let jobs = root.path().join("vault/jobs");
    // A file where the folder should be.
    std::fs::write(&jobs, "").unwrap();
    let job = Job::begin(&vault, start(), &context);
    let error = job.finish(done()).await.unwrap_err();
    assert!(matches!(error, NotKept::Store(_)), "{error}");
    std::fs::remove_file(&jobs).unwrap();
    assert_eq!(vault.jobs().list(&JobFilter::default()).await.unwrap(), []);
    let id = Job::begin(&vault, start(), &context).finish(done()).await.unwrap();
    assert_eq!(vault.jobs().get(&id).await.unwrap().record.state, JobState::Completed);
}
