//! A lock between commands, held on a file until the value is dropped or the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// How often a waiting command looks again. The kernel offers to block instead, but then Ctrl-C would not end the wait.
const INTERVAL: Duration = Duration::from_millis(200);

pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Lock {
    /// Waits for the lock; says `why` once if that takes any time.
    pub(crate) async fn take(path: &Path, why: &str) -> Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
            if !said {
                eprintln!("Waiting: {why} ({}).", path.display());
                said = true;
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
