//! Jobs: revisions that are never overwritten, signs of life, listing, and what a sweep leaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdfast_store::job::{
    Job, JobEntry, JobFilter, JobId, JobItem, JobItems, JobKind, JobLive, JobRecord, JobState, Jobs,
    KEPT_JOBS, LogLevel, LogLine, Packed, Revised, log_line,
};
use holdfast_store::volumes::HookRun;
use holdfast_store::{Access, Completion, ProcessIdentity, SILENT_AFTER, StoreError, Vault, VaultUrl};
use jiff::{SignedDuration, Timestamp};

use crate::stores::*;

fn record(id: &JobId) -> JobRecord {
    JobRecord {
        id: id.clone(),
        kind: JobKind::Backup,
        state: JobState::Running,
        started: started(),
        ended: None,
        cluster: Some("shop-prod".into()),
        point: Some("p".into()),
        host: None,
        version: "1.2.3".into(),
        process: None,
        phases: Vec::new(),
        counts: holdfast_store::job::JobCounts::default(),
        warnings: Vec::new(),
        error: None,
        log: None,
        report: None,
        hooks: None,
    }
}

fn ended(id: &JobId, state: JobState) -> JobRecord {
    JobRecord { state, ended: Some(started()), ..record(id) }
}

fn id(second: i64) -> JobId {
    JobId::new(started() + SignedDuration::from_secs(second))
}

async fn begin_job(jobs: &Jobs, id: &JobId, process: Option<ProcessIdentity>) {
    jobs.beat(id, &JobLive { process: process.clone(), ..JobLive::default() }).await.unwrap();
    let record = JobRecord { process, ..record(id) };
    assert_eq!(jobs.revise(&record, 0).await.unwrap(), Revised::Ours(1));
}

async fn state(jobs: &Jobs, id: &JobId) -> JobState {
    jobs.get(id).await.unwrap().record.state
}

fn readable(entries: Vec<JobEntry>) -> Vec<Job> {
    let readable = entries.into_iter().filter_map(|entry| match entry {
        JobEntry::Readable(job) => Some(*job),
        JobEntry::Unreadable { .. } => None,
    });
    readable.collect()
}

async fn paths_of(place: &Place, id: &JobId) -> Vec<String> {
    place.store.paths().await.into_iter().filter(|path| path.contains(id.as_str())).collect()
}

on_each_store!(of_many_who_revise_at_once_each_number_goes_to_one_and_no_change_is_lost);
async fn of_many_who_revise_at_once_each_number_goes_to_one_and_no_change_is_lost(kind: Kind) {
    let place = Place::on(kind).await;
    let jobs = place.vault.jobs();
    let id = id(0);
    begin_job(&jobs, &id, None).await;
    let tasks = (0..16u64).map(|n| {
        // A cache of its own each, as another process has.
        let (jobs, id) = (place.vault.jobs(), id.clone());
        tokio::spawn(async move {
            loop {
                let newest = jobs.newest(&id).await.unwrap();
                let mut record = newest.record;
                record.counts.objects += 1 << n;
                if let Revised::Ours(_) = jobs.revise(&record, newest.number).await.unwrap() {
                    return;
                }
            }
        })
    });
    futures::future::try_join_all(tasks).await.unwrap();
    let newest = place.vault.jobs().newest(&id).await.unwrap();
    assert_eq!((newest.number, newest.record.counts.objects), (17, 0xffff));
    let documents = paths_of(&place, &id).await.into_iter().filter(|path| path.starts_with("jobs/"));
    assert_eq!(documents.count(), 17, "every revision is still there");
}

on_each_store!(a_lost_answer_is_no_lost_race);
async fn a_lost_answer_is_no_lost_race(kind: Kind) {
    let place = Place::on(kind).await;
    let jobs = place.vault.jobs();
    let id = id(0);
    place.store.break_write(0, Fault::Torn);
    assert_eq!(jobs.revise(&record(&id), 0).await.unwrap(), Revised::Ours(1));
    assert!(place.store.heal());
    place.store.break_write(0, Fault::Lost);
    assert!(matches!(jobs.revise(&record(&id), 1).await, Err(StoreError::Storage { .. })));
    assert!(place.store.heal());
    let other = ended(&id, JobState::Interrupted);
    assert_eq!(jobs.revise(&other, 1).await.unwrap(), Revised::Ours(2));
    let Revised::Lost(newest) = jobs.revise(&ended(&id, JobState::Completed), 1).await.unwrap() else {
        panic!("a revision was overwritten");
    };
    assert_eq!((newest.number, newest.record.state), (2, JobState::Interrupted));
    assert_eq!(
        jobs.revise(&ended(&id, JobState::Completed), newest.number).await.unwrap(),
        Revised::Ours(3),
        "a process that was only asleep has the last word"
    );
    assert_eq!(state(&jobs, &id).await, JobState::Completed);
}

on_each_store!(a_job_runs_until_its_process_is_silent_by_the_clock_of_the_store);
async fn a_job_runs_until_its_process_is_silent_by_the_clock_of_the_store(kind: Kind) {
    let place = Place::on(kind).await;
    let jobs = place.vault.jobs();
    let (id, other) = (id(0), id(1));
    begin_job(&jobs, &id, None).await;
    begin_job(&jobs, &other, None).await;
    assert_eq!(state(&jobs, &id).await, JobState::Running);
    let document = format!("jobs/{id}/1.json");
    place.store.age(&document, SILENT_AFTER * 2);
    assert_eq!(state(&jobs, &id).await, JobState::Running, "its heartbeat is young");
    place.store.age(&format!("live/{id}.json"), Duration::from_mins(14));
    assert_eq!(state(&jobs, &id).await, JobState::Running);
    place.store.age(&format!("live/{id}.json"), Duration::from_mins(2));
    let job = jobs.get(&id).await.unwrap();
    assert_eq!((job.record.state, job.record.ended), (JobState::Interrupted, job.seen));
    assert_eq!(state(&jobs, &other).await, JobState::Running);
    let paths = place.store.paths().await;
    assert_eq!(paths.iter().filter(|path| path.starts_with("live/")).count(), 2, "{paths:?}");

    let own = self::id(2);
    begin_job(&jobs, &own, None).await;
    let swept = jobs.sweep(&own).await.unwrap();
    assert_eq!(swept.interrupted, std::slice::from_ref(&id));
    assert_eq!(jobs.newest(&id).await.unwrap().record.state, JobState::Interrupted, "it is written down");
    assert_eq!(state(&jobs, &other).await, JobState::Running);
    let live = paths_of(&place, &id).await.into_iter().filter(|path| path.starts_with("live/"));
    assert_eq!(live.count(), 0);
    assert_eq!(jobs.sweep(&own).await.unwrap().interrupted, []);
}

#[cfg(target_os = "linux")]
on_each_store!(a_job_whose_process_ended_on_this_machine_is_interrupted_at_once);
#[cfg(target_os = "linux")]
async fn a_job_whose_process_ended_on_this_machine_is_interrupted_at_once(kind: Kind) {
    let place = Place::on(kind).await;
    let jobs = place.vault.jobs();
    let (dead, unborn, own) = (id(0), id(1), id(2));
    begin_job(&jobs, &dead, Some(crate::faults::dead_process())).await;
    jobs.request_cancel(&dead).await.unwrap_err();
    assert_eq!(state(&jobs, &dead).await, JobState::Interrupted);
    // Killed before its first document.
    let live = JobLive { process: Some(crate::faults::dead_process()), ..JobLive::default() };
    jobs.beat(&unborn, &live).await.unwrap();
    begin_job(&jobs, &own, ProcessIdentity::current()).await;
    assert_eq!(jobs.sweep(&own).await.unwrap().interrupted, std::slice::from_ref(&dead));
    assert_eq!(paths_of(&place, &unborn).await, [""; 0]);
    assert_eq!(state(&jobs, &own).await, JobState::Running);
}

on_each_store!(another_process_asks_a_job_to_stop_by_a_blob_that_its_own_looks_for);
async fn another_process_asks_a_job_to_stop_by_a_blob_that_its_own_looks_for(kind: Kind) {
    let place = Place::on(kind).await;
    let (own, other) = (place.vault.jobs(), place.vault.jobs());
    let id = id(0);
    begin_job(&own, &id, None).await;
    assert!(!own.is_cancel_requested(&id).await.unwrap());
    for _ in 0..2 {
        other.request_cancel(&id).await.unwrap();
    }
    assert!(own.is_cancel_requested(&id).await.unwrap());
    let job = other.get(&id).await.unwrap();
    assert!(job.cancel_requested && job.record.state == JobState::Running);
    own.revise(&ended(&id, JobState::Cancelled), 1).await.unwrap();
    own.quiet(&id).await.unwrap();
    assert!(matches!(other.request_cancel(&id).await, Err(StoreError::JobEnded { .. })));
    assert!(matches!(other.request_cancel(&self::id(9)).await, Err(StoreError::UnknownJob { .. })));
    assert!(place.store.paths().await.iter().all(|path| !path.starts_with("live/")));
}

on_each_store!(log_and_report_come_back_as_they_were);
async fn log_and_report_come_back_as_they_were(kind: Kind) {
    let place = Place::on(kind).await;
    let jobs = place.vault.jobs();
    let id = id(0);
    let line = LogLine { time: started(), level: LogLevel::Warning, message: "odd: ü".into() };
    let log = Packed::log(log_line(&line).as_bytes(), 1);
    assert_eq!(log.blob().entries, 1);
    jobs.put_log(&id, log).await.unwrap();
    let item: JobItem = serde_json::from_value(serde_json::json!({
        "kind": "ConfigMap", "name": "a", "namespace": "shop", "action": "Patch", "outcome": "Failed",
        "reason": "no", "diff": [{"path": "/data/x", "live": null, "point": "1"}], "later": "unknown field",
    }))
    .unwrap();
    let mut report = JobItems::default();
    report.push(&item);
    report.push(&item);
    let report = report.pack();
    assert_eq!(report.blob().entries, 2);
    jobs.put_report(&id, report).await.unwrap();
    assert_eq!(jobs.log(&id).await.unwrap(), [line]);
    assert_eq!(jobs.report(&id).await.unwrap(), [item.clone(), item]);
    let run: HookRun = serde_json::from_value(serde_json::json!({
        "namespace": "shop", "pod": "db-0", "container": "db", "hook": "default/warm: cache", "phase": "restore",
        "command": ["/bin/warm"], "started": "2026-11-25T15:20:03Z", "millis": 1200, "output": "warm\n",
    }))
    .unwrap();
    let mut hooks = JobItems::default();
    hooks.push(&run);
    jobs.put_hooks(&id, hooks.pack()).await.unwrap();
    assert_eq!(jobs.hooks(&id).await.unwrap(), [run]);
    let empty = self::id(1);
    assert_eq!(jobs.hooks(&empty).await.unwrap(), []);
    jobs.put_report(&empty, JobItems::default().pack()).await.unwrap();
    assert_eq!(jobs.report(&empty).await.unwrap(), []);
    assert_eq!(jobs.log(&empty).await.unwrap(), [], "none is kept");
}

#[tokio::test]
async fn hostile_documents_are_named_and_hide_no_other_job() {
    let place = Place::memory().await;
    let jobs = place.vault.jobs();
    let good = id(0);
    begin_job(&jobs, &good, None).await;
    let text = String::from_utf8(place.store.bytes(&format!("jobs/{good}/1.json")).await.to_vec()).unwrap();
    let plant = async |second: i64, number: &str, change: &dyn Fn(&str, &JobId) -> String| {
        let id = id(second);
        let own = text.replace(good.as_str(), id.as_str());
        place.store.put_bytes(&format!("jobs/{id}/{number}.json"), change(&own, &id).into()).await;
        id
    };
    let newer = plant(1, "1", &|own, _| {
        own.replace("\"backup\"", "\"tiering\"")
            .replace("\"Running\"", "\"Paused\"")
            .replace('{', "{\"new\":[],")
    })
    .await;
    let mut bad = vec![
        plant(2, "1", &|_, _| "not json".into()).await,
        plant(3, "1", &|own, _| own.replace("\"format\":1", "\"format\":2")).await,
        plant(4, "1", &|own, id| own.replace(id.as_str(), good.as_str())).await,
        plant(5, "1", &|own, _| format!("{own}{}", " ".repeat(1 << 20))).await,
        plant(6, "1", &|_, _| "[".repeat(100_000)).await,
        plant(7, "4294967295", &|own, _| own.replace("1.2.3", "last")).await,
    ];
    let last = bad.pop().unwrap();
    for odd in ["jobs/x/1.json", "jobs/1.json", "live/x.json", "live/x"] {
        place.store.put_bytes(odd, "odd".into()).await;
    }
    place.store.put_bytes(&format!("jobs/{good}/deeper/9.json"), "odd".into()).await;
    place.store.put_bytes(&format!("jobs/{good}/09.json"), "odd".into()).await;
    place.store.put_bytes(&format!("live/{good}.json"), vec![b'x'; 1 << 20].into()).await;

    let listed = jobs.list(&JobFilter::default()).await.unwrap();
    assert_eq!(listed.len(), 3 + bad.len());
    let unreadable: Vec<&JobId> = listed
        .iter()
        .filter_map(|entry| match entry {
            JobEntry::Unreadable { id, reason } => {
                assert!(reason.contains(id.as_str()) && reason.len() < 500, "{reason}");
                Some(id)
            }
            JobEntry::Readable(_) => None,
        })
        .collect();
    assert_eq!(unreadable, bad.iter().rev().collect::<Vec<_>>());
    let unknown = jobs.get(&newer).await.unwrap().record;
    assert_eq!((unknown.kind, unknown.state), (JobKind::Unknown, JobState::Unknown));
    assert_eq!(state(&jobs, &good).await, JobState::Running);
    assert!(matches!(jobs.revise(&record(&last), u32::MAX).await, Err(StoreError::JobUnreadable { .. })));
    for (blob, bytes) in [("log.gz", vec![1; 100]), ("report.json.gz", vec![0x1f; 100])] {
        place.store.put_bytes(&format!("jobs/{good}/{blob}"), bytes.into()).await;
    }
    assert!(matches!(jobs.log(&good).await, Err(StoreError::JobUnreadable { .. })));
    assert!(matches!(jobs.report(&good).await, Err(StoreError::JobUnreadable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_jobs_are_listed_fast_newest_first_and_read_once() {
    // Azurite takes longer to make a thousand of anything than all other tests together.
    for kind in [Kind::Memory, Kind::Folder] {
        let place = Place::on(kind).await;
        let jobs = place.vault.jobs();
        let count = i64::try_from(KEPT_JOBS).unwrap();
        let writing = (0..count).map(|second| {
            let (jobs, id) = (jobs.clone(), id(second));
            async move {
                let kind = if second % 4 == 0 { JobKind::Restore } else { JobKind::Backup };
                jobs.revise(&JobRecord { kind, ..ended(&id, JobState::Completed) }, 0).await.unwrap();
            }
        });
        futures::StreamExt::collect::<()>(futures::StreamExt::buffer_unordered(
            futures::stream::iter(writing.collect::<Vec<_>>()),
            16,
        ))
        .await;
        place.store.take_log();
        let jobs = place.vault.jobs();
        let newest = readable(jobs.list(&JobFilter { limit: 20, ..JobFilter::default() }).await.unwrap());
        let seconds: Vec<SignedDuration> =
            newest.iter().map(|job| job.record.id.time().duration_since(started())).collect();
        let expected: Vec<SignedDuration> =
            (count - 20..count).rev().map(SignedDuration::from_secs).collect();
        assert_eq!(seconds, expected);
        let asked = place.store.take_log();
        assert_eq!(asked.iter().filter(|line| line.starts_with("list ")).count(), 2);
        assert!(
            asked.iter().filter(|line| line.starts_with("get ")).count() <= 36,
            "more was read than shown"
        );

        assert_eq!(jobs.list(&JobFilter::default()).await.unwrap().len(), KEPT_JOBS);
        place.store.take_log();
        let clock = Instant::now();
        assert_eq!(jobs.list(&JobFilter::default()).await.unwrap().len(), KEPT_JOBS);
        let took = clock.elapsed();
        assert_eq!(place.store.take_log().len(), 2, "two LISTs and nothing that is known already");
        assert!(took < Duration::from_secs(1), "{took:?}");
        let filter = JobFilter { kind: Some(JobKind::Restore), state: Some(JobState::Completed), limit: 10 };
        let restores = readable(jobs.list(&filter).await.unwrap());
        assert!(restores.len() == 10 && restores.iter().all(|job| job.record.kind == JobKind::Restore));
    }
}

#[tokio::test]
async fn old_jobs_and_those_beyond_the_number_kept_are_removed_a_few_at_a_time() {
    let (root, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url: VaultUrl = root.path().to_str().unwrap().parse().unwrap();
    let folder = Vault::open_or_create(&url, &Access::default(), cache.path()).await.unwrap();
    for vault in [Place::memory().await.vault, folder] {
        let jobs = vault.jobs();
        let now = Timestamp::now();
        let own = JobId::new(now);
        begin_job(&jobs, &own, None).await;
        let days_ago = |days: i64| JobId::new(now - SignedDuration::from_hours(24 * days));
        let (kept, running) = (days_ago(399), days_ago(402));
        let old: Vec<JobId> = (401..431).rev().map(days_ago).collect();
        for id in old.iter().chain([&kept]) {
            jobs.revise(&ended(id, JobState::Failed), 0).await.unwrap();
            jobs.put_log(id, Packed::log(b"", 0)).await.unwrap();
        }
        begin_job(&jobs, &running, None).await;
        let swept = jobs.sweep(&own).await.unwrap();
        assert_eq!(swept.removed, old[..20]);
        assert_eq!(jobs.sweep(&own).await.unwrap().removed, old[20..]);
        assert_eq!(jobs.sweep(&own).await.unwrap().removed, []);
        for id in &old {
            assert!(matches!(jobs.log(id).await.as_deref(), Ok([])));
            assert!(!root.path().join("jobs").join(id.as_str()).exists(), "an empty folder is left");
        }
        assert_eq!(jobs.list(&JobFilter::default()).await.unwrap().len(), 3);
    }
    let place = Place::memory().await;
    let jobs = place.vault.jobs();
    let now = Timestamp::now();
    let own = JobId::new(now);
    begin_job(&jobs, &own, None).await;
    for second in 1..=i64::try_from(KEPT_JOBS).unwrap() {
        let id = JobId::new(now - SignedDuration::from_secs(second));
        jobs.revise(&ended(&id, JobState::Completed), 0).await.unwrap();
    }
    assert_eq!(jobs.sweep(&own).await.unwrap().removed.len(), 1, "the oldest of one too many");
}

#[tokio::test]
async fn an_interrupted_removal_still_says_how_the_job_ended() {
    let place = Place::memory().await;
    let jobs = place.vault.jobs();
    let own = JobId::new(Timestamp::now());
    begin_job(&jobs, &own, None).await;
    let old = JobId::new(Timestamp::now() - SignedDuration::from_hours(24 * 401));
    jobs.revise(&record(&old), 0).await.unwrap();
    jobs.revise(&ended(&old, JobState::Partial), 1).await.unwrap();
    jobs.put_log(&old, Packed::log(b"", 0)).await.unwrap();
    for (number, left) in [(0, 3), (1, 2), (1, 1)] {
        place.store.break_write(number, Fault::Gone);
        jobs.sweep(&own).await.unwrap_err();
        place.store.heal();
        assert_eq!(place.vault.jobs().newest(&old).await.unwrap().record.state, JobState::Partial);
        assert_eq!(paths_of(&place, &old).await.len(), left);
    }
    assert_eq!(jobs.sweep(&own).await.unwrap().removed, [old]);
}

#[tokio::test]
async fn a_container_of_another_program_has_no_jobs_and_gets_none() {
    let store = TestStore::memory();
    store.put_bytes("backups/x/velero-backup.json", "{}".into()).await;
    let cache = tempfile::tempdir().unwrap();
    let vault = Vault::from_existing_store(Arc::new(store.clone()), Completion::Replaces, cache.path())
        .await
        .unwrap();
    let jobs = vault.jobs();
    assert_eq!(jobs.list(&JobFilter::default()).await.unwrap(), []);
    assert!(matches!(jobs.beat(&id(0), &JobLive::default()).await, Err(StoreError::ReadOnly(_))));
    assert!(matches!(jobs.revise(&record(&id(0)), 0).await, Err(StoreError::ReadOnly(_))));
    assert_eq!(store.paths().await.len(), 1);
}
