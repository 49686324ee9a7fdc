//! Every write fails once, and every write is torn once: a point is whole or is not there.

use std::time::Duration;

use holdfast_store::{SILENT_AFTER, StoreError, Writer};

use crate::stores::*;

/// Members that make an archive of more than one part.
fn big() -> Vec<holdfast_store::Member> {
    let maps = ty("", "configmaps", "ConfigMap", true);
    (0..OBJECTS)
        .map(|n| {
            let data = noise(u8::try_from(n).unwrap(), 3 << 19);
            member(&maps, &[("shop", &format!("m{n}"), &data)])
        })
        .collect()
}

async fn is_whole(place: &Place) -> bool {
    let points = place.vault.points().await.unwrap();
    if points.is_empty() {
        return false;
    }
    let point = place.vault.point(&name("p")).await.unwrap();
    assert_eq!(contents(&point).await.unwrap().len() as u64, OBJECTS);
    let report = point.verify().await.unwrap();
    assert!(report.is_good(), "{report:?}");
    true
}

/// How the log of the test store begins for a write.
const WRITES: [&str; 6] = ["put ", "multipart ", "part ", "complete ", "copy ", "delete "];

/// A write that met a fault, and what became of the backup.
struct Broken {
    write: String,
    result: Result<(), StoreError>,
}

/// Runs a backup for each write with that write broken, until the fault is no longer met; returns the writes.
async fn for_every_write(
    place: impl AsyncFn() -> Place,
    members: impl Fn() -> Vec<holdfast_store::Member>,
    fault: Fault,
    check: impl AsyncFn(&Place, &Writer, &Broken),
) -> usize {
    let members = members();
    for number in 0.. {
        let place = place().await;
        place.store.take_log();
        place.store.break_write(number, fault);
        let writer = Writer::new();
        let result = write(&place.vault, "p", &writer, members.clone()).await.map(|_| ());
        if !place.store.heal() {
            result.unwrap();
            return number;
        }
        let log = place.store.take_log().into_iter();
        let write = log.filter(|line| WRITES.iter().any(|verb| line.starts_with(verb))).nth(number).unwrap();
        check(&place, &writer, &Broken { write, result }).await;
    }
    unreachable!()
}

async fn lost(place: &Place, writer: &Writer, broken: &Broken) {
    let Broken { write: what, result } = broken;
    assert_eq!(is_whole(place).await, result.is_ok(), "{what}");
    match result {
        Ok(()) => return,
        // The marker could still arrive, so the name stays reserved until its writer is dead.
        Err(StoreError::CommitUnknown { .. }) => {
            assert!(matches!(begin(&place.vault, "p").await, Err(StoreError::NameInUse { .. })));
            for sign_of_life in ["holdfast-claim-1", &writer.id.to_string()] {
                place.store.age(sign_of_life, SILENT_AFTER + Duration::from_secs(1));
            }
        }
        Err(_) => {}
    }
    let rerun = write(&place.vault, "p", &Writer::new(), members("again")).await;
    rerun.unwrap_or_else(|error| panic!("after {what}: {error}"));
    check(&place.vault, "p", "again").await;
}

on_each_store!(a_write_that_fails_once_leaves_no_half_point_and_a_rerun_completes);
async fn a_write_that_fails_once_leaves_no_half_point_and_a_rerun_completes(kind: Kind) {
    let writes = for_every_write(async || Place::on(kind).await, || members("one"), Fault::Lost, lost).await;
    // Heartbeat, claim, eight small blobs, archive, marker, and the end of the heartbeat.
    assert_eq!(writes, 13);
}

on_each_store!(a_part_that_fails_leaves_no_half_point_and_a_rerun_completes);
async fn a_part_that_fails_leaves_no_half_point_and_a_rerun_completes(kind: Kind) {
    let writes = for_every_write(async || Place::on(kind).await, big, Fault::Lost, lost).await;
    // Three more for the upload; where it would replace an archive, also the second name and the end of the first.
    assert_eq!(writes, if kind == Kind::Azure { 16 } else { 18 });
}

async fn torn(place: &Place, _writer: &Writer, broken: &Broken) {
    let Broken { write: what, result } = broken;
    if what.starts_with("multipart ") || what.starts_with("part ") {
        // Parts are numbered by the store's client; only it can know whether one arrived, and it repeats them.
        assert!(!is_whole(place).await, "{what}");
        write(&place.vault, "p", &Writer::new(), members("again")).await.unwrap();
    } else {
        assert!(result.is_ok(), "{what}: {result:?}");
        assert!(is_whole(place).await, "{what}");
    }
}

on_each_store!(a_write_whose_answer_is_lost_still_succeeds);
async fn a_write_whose_answer_is_lost_still_succeeds(kind: Kind) {
    for_every_write(async || Place::on(kind).await, || members("one"), Fault::Torn, torn).await;
    for_every_write(async || Place::on(kind).await, big, Fault::Torn, torn).await;
}

on_each_store!(a_deletion_whose_answer_is_lost_still_succeeds_and_one_that_fails_can_be_repeated);
async fn a_deletion_whose_answer_is_lost_still_succeeds_and_one_that_fails_can_be_repeated(kind: Kind) {
    for fault in [Fault::Torn, Fault::Lost] {
        for number in 0..11 {
            let place = Place::on(kind).await;
            write(&place.vault, "p", &Writer::new(), members("one")).await.unwrap();
            place.store.break_write(number, fault);
            let result = place.vault.delete(&name("p")).await;
            assert!(place.store.heal());
            assert_eq!(result.is_ok(), fault == Fault::Torn, "{number}: {result:?}");
            assert_eq!(place.vault.points().await.unwrap().is_empty(), number > 0 || fault == Fault::Torn);
            if fault == Fault::Lost {
                place.store.age("holdfast-claim", Duration::from_hours(1));
                place.vault.delete(&name("p")).await.unwrap();
            }
            assert_eq!(place.store.paths().await, ["vault.json"], "{number}");
        }
    }
}

#[tokio::test]
async fn a_failed_upload_ends_the_writing_and_what_is_incomplete_cannot_be_committed() {
    let place = Place::memory().await;
    let maps = ty("", "configmaps", "ConfigMap", true);
    let mut point = begin(&place.vault, "p").await.unwrap();
    // The upload begins, and its first part is lost.
    place.store.break_write(1, Fault::Lost);
    for member in big() {
        point.append(member).await.ok();
    }
    let mut failed = None;
    for _ in 0..100_000 {
        if let Err(error) = point.append(member(&maps, &[("shop", "small", "x")])).await {
            failed = Some(error);
            break;
        }
    }
    let failed = failed.unwrap();
    assert!(matches!(failed, StoreError::Storage { .. }), "{failed}");
    let error = point.commit(manifest()).await.unwrap_err();
    assert!(matches!(error, StoreError::Interrupted(_)), "{error}");
    assert_eq!(place.store.paths().await, ["vault.json"]);
}

#[test]
fn after_a_cancelled_append_nothing_can_be_committed() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.max_blocking_threads(1).enable_all().build().unwrap().block_on(async {
        let place = Place::memory().await;
        let mut point = begin(&place.vault, "p").await.unwrap();
        let mut members = members("one").into_iter();
        point.append(members.next().unwrap()).await.unwrap();
        // The one thread that could do the work is kept busy.
        let (release, busy) = std::sync::mpsc::channel::<()>();
        let keeper = tokio::task::spawn_blocking(move || busy.recv());
        {
            let append = std::pin::pin!(point.append(members.next().unwrap()));
            assert!(futures::poll!(append).is_pending());
        }
        drop(release);
        keeper.await.unwrap().unwrap_err();
        let error = point.append(members.next().unwrap()).await.unwrap_err();
        assert!(matches!(error, StoreError::Interrupted(_)), "{error}");
        point.abandon().await.unwrap();
        assert_eq!(place.store.paths().await, ["vault.json"]);
    });
}

#[cfg(target_os = "linux")]
on_each_store!(a_crash_before_any_write_leaves_no_half_point_and_the_next_writer_takes_over);
#[cfg(target_os = "linux")]
async fn a_crash_before_any_write_leaves_no_half_point_and_the_next_writer_takes_over(kind: Kind) {
    let dead = dead_process();
    let mut committed = 0;
    for number in 0..20 {
        let place = Place::on(kind).await;
        place.store.break_write(number, Fault::Gone);
        let writer = Writer { process: Some(dead.clone()), ..Writer::new() };
        let result = write(&place.vault, "p", &writer, members("one")).await;
        place.store.heal();
        if is_whole(&place).await {
            committed += 1;
            assert!(number >= 12, "{number}");
        } else {
            assert!(result.is_err());
            write(&place.vault, "p", &Writer::new(), members("again")).await.unwrap();
            check(&place.vault, "p", "again").await;
        }
    }
    assert_eq!(committed, 8);
}

/// The identity of a process that has ended.
#[cfg(target_os = "linux")]
pub(crate) fn dead_process() -> holdfast_store::ProcessIdentity {
    use std::process::{Command, Stdio};
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let identity = holdfast_store::ProcessIdentity::of(child.id()).unwrap();
    drop(child.stdin.take());
    child.wait().unwrap();
    identity
}
