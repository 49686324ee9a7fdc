//! Every screen with nothing, little and much, in both sizes and both themes: pictures to look at, and what a program
//! can judge of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::path::PathBuf;

use holdfast_e2e::many;
use holdfast_window_tests::{Desk, Start, in_time, terminal};
use serde_json::json;
use tempfile::TempDir;

const SIZES: [(u32, u32); 2] = [(1280, 800), (1920, 1080)];
const THEMES: [&str; 2] = ["light", "dark"];
const MANY: usize = 100_000;

/// One window: its theme, its size, and what is in it.
struct Look {
    desk: Desk,
    name: String,
    /// Accessibility does not depend on the size.
    judged: bool,
}

impl Look {
    /// A picture of a screen, judged.
    async fn at(&self, screen: &str) {
        let name = format!("{screen}-{}", self.name);
        self.desk.is_whole(&name).await;
        self.desk.shot(&name).await;
        if self.judged {
            self.desk.is_accessible(&name).await;
        }
    }
}

async fn open(theme: &str, data: Option<TempDir>) -> Desk {
    Desk::open(Start { settings: Some(json!({"appearance": theme})), data, ..Start::default() }).await
}

/// Lets `visit` see the window in every theme and size, on the same data.
async fn everywhere(state: &str, mut data: Option<TempDir>, visit: impl AsyncFn(&Look)) {
    for theme in THEMES {
        let mut look = Look { desk: open(theme, data).await, name: String::new(), judged: false };
        for (at, (width, height)) in SIZES.into_iter().enumerate() {
            look.desk.resize(width, height).await;
            look.name = format!("{state}-{theme}-{width}");
            look.judged = at == 0;
            visit(&look).await;
        }
        data = Some(look.desk.close().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_every_screen_says_what_to_do_next() {
    in_time(everywhere("none", None, async |look| {
        let desk = &look.desk;
        desk.go("Overview").await;
        desk.reads("Sandbox (built in) is ready").await;
        look.at("overview").await;
        desk.go("Clusters").await;
        desk.reads("1 cluster").await;
        look.at("clusters").await;
        desk.click_row("Sandbox (built in)").await;
        desk.reads("Reachable").await;
        look.at("cluster").await;
        desk.go("Recovery points").await;
        desk.reads("No recovery point").await;
        look.at("points").await;
        desk.go("Jobs").await;
        desk.reads("No job").await;
        look.at("jobs").await;
        desk.go("Vaults").await;
        desk.reads("No vault yet").await;
        look.at("vaults").await;
        desk.go("Settings").await;
        desk.reads("Appearance").await;
        look.at("settings").await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_little_every_screen_is_calm() {
    in_time(async {
        // Made once: a point, a loss, a restore.
        let desk = open("light", None).await;
        desk.click("Back up now").await;
        desk.click("Keep them in this folder").await;
        desk.click_counting("Back up ", "object").await;
        desk.reads("Completed").await;
        let vault = desk.vault();
        terminal(&desk, "sandbox lose shop").await;
        let points = terminal(&desk, &format!("points list --vault {vault}")).await;
        let point = points[0]["name"].as_str().unwrap().to_owned();
        let restore =
            format!("restore --cluster sandbox --vault {vault} --point {point} --volume-mode without-data");
        terminal(&desk, &restore).await;
        terminal(&desk, "sandbox drift shop").await;
        let data = desk.close().await;
        everywhere("little", Some(data), async |look| little(look).await).await;
    })
    .await;
}

async fn little(look: &Look) {
    let desk = &look.desk;
    desk.go("Overview").await;
    desk.reads("1 of 1 cluster").await;
    look.at("overview").await;
    desk.go("Clusters").await;
    desk.click_row("Sandbox (built in)").await;
    desk.reads("Reachable").await;
    look.at("cluster").await;
    desk.click("Back up now…").await;
    desk.reads("Equivalent command").await;
    desk.click("Advanced: limits and snapshot class").await;
    look.at("backup").await;
    desk.click("Write hooks…").await;
    desk.click("Begin with a template").await;
    desk.click_at("//*[@role='menuitem' and starts-with(normalize-space(), 'MySQL')]").await;
    desk.reads("Name default/mysql in this backup").await;
    look.at("hooks").await;
    desk.click("Close").await;
    desk.go("Recovery points").await;
    desk.click_row("sandbox-").await;
    desk.reads("Open").await;
    look.at("point-pane").await;
    desk.click("Open").await;
    desk.reads("objects").await;
    desk.fill("Filter objects", "kind:Deployment").await;
    desk.reads("13 of").await;
    desk.tick_row("cart").await;
    desk.click_row("shop").await;
    desk.reads("apiVersion").await;
    look.at("point").await;
    for tab in ["Volumes", "Log", "About"] {
        desk.click(tab).await;
        look.at(&format!("point-{}", tab.to_lowercase())).await;
    }
    desk.click("Restore…").await;
    start_over(desk).await;
    desk.choose("Cluster", "Sandbox (built in)").await;
    desk.click_label("Patch").await;
    desk.click("Replace a storage class").await;
    desk.reads("Wait until claims are filled").await;
    look.at("restore").await;
    desk.click("Plan the restore").await;
    desk.reads("to patch").await;
    look.at("plan").await;
    desk.click_row("Patch").await;
    desk.reads("Live now").await;
    look.at("diff").await;
    desk.go("Jobs").await;
    desk.click_row("Restore").await;
    desk.reads("Phases").await;
    look.at("job-pane").await;
    desk.click("Open report and log").await;
    desk.reads("Created").await;
    look.at("job").await;
    desk.go("Vaults").await;
    desk.click_row("Ready").await;
    desk.reads("Look again").await;
    look.at("vault").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_hundred_thousand_objects_every_screen_stays_quick() {
    in_time(async {
        let data = TempDir::with_prefix("holdfast-window-").unwrap();
        let vault: PathBuf = data.path().join("vault");
        many::write(&vault, MANY).await;
        let desk = open("light", Some(data)).await;
        println!("start to first screen: {:?} (the driver's start of the window included)", desk.opened_in);
        desk.go("Vaults").await;
        desk.click("Add a vault").await;
        desk.fill("Folder", &vault.display().to_string()).await;
        desk.click("Add vault").await;
        desk.reads("1 vault, all can be worked with.").await;
        let before = desk.memory_mib();
        desk.go("Recovery points").await;
        desk.click_row("big").await;
        desk.click("Open").await;
        desk.reads("100\u{202f}000 objects").await;
        let scrolled = desk.scroll("Objects").await;
        println!("scrolling {MANY} rows, each step a screen: {scrolled}");
        let after = desk.memory_mib();
        println!("memory of the program and its page in MiB: {before:?}, then with {MANY} rows {after:?}");
        let data = desk.close().await;
        everywhere("much", Some(data), async |look| much(look).await).await;
    })
    .await;
}

async fn much(look: &Look) {
    let desk = &look.desk;
    desk.go("Recovery points").await;
    desk.click_row("big").await;
    desk.click("Open").await;
    desk.reads("100\u{202f}000 objects").await;
    desk.fill("Filter objects", "object-0999").await;
    desk.reads("100 of").await;
    desk.click_row("object-0999").await;
    desk.reads("Hide server fields").await;
    look.at("point").await;
    desk.click("Restore…").await;
    start_over(desk).await;
    desk.choose("Cluster", "Sandbox (built in)").await;
    desk.click("Plan the restore").await;
    desk.reads("to create").await;
    look.at("plan").await;
}

/// The window keeps a restore while other screens are shown; each look wants its own.
async fn start_over(desk: &Desk) {
    desk.reads("Nothing is written").await;
    if desk.text().await.contains("Start over") {
        desk.click("Start over").await;
    }
}
