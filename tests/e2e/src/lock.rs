//! Who may disturb whom: tests share two clusters.
//!
//! A test that only works in its own namespaces shares the clusters; one that breaks
//! something for everybody, such as an aggregated API, has them alone. The lock is on
//! a file, because test programs of one run are separate processes.

use std::fs::File;
use std::path::Path;

/// How a test uses the clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Beside others.
    Shared,
    /// Alone.
    Alone,
}

/// Held until it is dropped or the process ends.
pub struct Lock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Lock {
    /// Waits for the lock of the clusters that this kubeconfig names.
    pub async fn take(kubeconfig: &Path, how: Use) -> Self {
        let path = kubeconfig.with_file_name("e2e.lock");
        let waiting = tokio::task::spawn_blocking(move || {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            match how {
                Use::Shared => file.lock_shared()?,
                Use::Alone => file.lock()?,
            }
            std::io::Result::Ok(file)
        });
        Self(waiting.await.unwrap().expect("cannot lock beside the kubeconfig"))
    }
}
