//! The terminal program beside the window, on the same data.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::desk::Desk;

/// Runs it on the window's own sandbox and vaults; gives what it prints.
pub async fn terminal(desk: &Desk, words: &str) -> Value {
    let program = std::env::var_os("HOLDFAST_BIN").expect("HOLDFAST_BIN is not set: run `cargo xtask test`");
    let output = Command::new(program)
        .args(words.split_whitespace())
        .args(["--output", "json"])
        .env("HOLDFAST_DATA_DIR", desk.folder("data"))
        .env("HOLDFAST_CACHE_DIR", desk.folder("cache"))
        .env("HOME", desk.folder("home"))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Desk {
    /// The address of the only vault that the window knows.
    pub fn vault(&self) -> String {
        let text = std::fs::read_to_string(self.folder("data").join("vaults.json")).unwrap();
        let vaults: Value = serde_json::from_str(&text).unwrap();
        vaults["vaults"][0]["url"].as_str().unwrap().to_owned()
    }
}
