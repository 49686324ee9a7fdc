//! A display without a screen.

use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::picture::Picture;

/// Large enough for every window size that is tried.
const SCREEN: &str = "1920x1080x24";

/// Xvfb, which ends with this value.
pub struct Display {
    _server: Child,
    /// What is on the screen, as a file.
    frames: TempDir,
    name: String,
}

impl Display {
    /// Starts Xvfb on a display that it chooses itself.
    pub async fn start() -> Self {
        let frames = TempDir::with_prefix("holdfast-display-").unwrap();
        let mut server = Command::new("Xvfb")
            // The number is written to standard output once the display can be used.
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-fbdir"])
            .arg(frames.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Xvfb cannot be started; `cargo xtask setup` installs it");
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let number = lines.next_line().await.unwrap().expect("Xvfb ended at once");
        Self { _server: server, frames, name: format!(":{number}") }
    }

    /// The value of `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What can be seen now.
    pub fn picture(&self) -> Picture {
        Picture::parse(&std::fs::read(self.frames.path().join("Xvfb_screen0")).unwrap())
    }
}
