//! The first hour of a new user: nothing installed, nothing configured, only the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::time::Instant;

use holdfast_window_tests::{Desk, Start, in_time, terminal};

#[tokio::test(flavor = "multi_thread")]
async fn from_first_start_to_a_restored_namespace() {
    in_time(story()).await;
}

async fn story() {
    let clock = Instant::now();
    let desk = Desk::open(Start::default()).await;
    desk.reads("Sandbox (built in) is ready").await;
    println!("window opened and ready after {:?} (driver's start included)", desk.opened_in);
    desk.shot("overview-first-start").await;
    desk.is_accessible("overview, first start").await;

    desk.click("Back up now").await;
    desk.click("Keep them in this folder").await;
    desk.click_counting("Back up ", "object").await;
    desk.reads("Completed").await;
    desk.go("Recovery points").await;
    desk.reads("sandbox-").await;
    desk.shot("points-one").await;
    desk.is_accessible("recovery points").await;

    desk.go("Overview").await;
    desk.click("Try a restore").await;
    desk.click("Delete the namespace").await;
    desk.reads("Namespace shop is gone").await;
    desk.shot("sandbox-broken").await;
    desk.is_accessible("the sandbox, broken").await;
    desk.click("Restore…").await;
    desk.reads("Nothing is written before you have seen the plan.").await;
    desk.shot("restore-inputs").await;
    desk.click("Plan the restore").await;
    desk.reads("to create").await;
    desk.shot("restore-plan").await;
    desk.is_accessible("restore plan").await;
    desk.click_counting("Restore ", "object").await;
    desk.reads("created").await;
    desk.until("the restore ended", async || desk.text().await.contains("Completed")).await;
    desk.shot("restore-report").await;
    println!("a new user's way to a restored namespace: {:?}", clock.elapsed());

    let jobs = terminal(&desk, &format!("jobs list --vault {}", desk.vault())).await;
    let kinds: Vec<&str> = jobs.as_array().unwrap().iter().filter_map(|job| job["kind"].as_str()).collect();
    assert_eq!(kinds, ["restore", "backup"]);
    desk.close().await;
}
