//! File systems that refuse: too small ones and read-only ones.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mount that goes when it is dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// An empty file system in memory with that many bytes.
    pub fn small(at: &Path, bytes: u64) -> Self {
        std::fs::create_dir_all(at).unwrap();
        mount(&["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs"], at);
        Self(at.to_owned())
    }

    /// What is in the folder already, read-only.
    pub fn read_only(at: &Path) -> Self {
        let path = at.to_str().unwrap().to_owned();
        mount(&["--bind", &path], at);
        mount(&["-o", "remount,ro,bind"], at);
        Self(at.to_owned())
    }
}

fn mount(words: &[&str], at: &Path) {
    let status = Command::new("mount").args(words).arg(at).status().expect("there is no `mount`");
    assert!(
        status.success(),
        "this test mounts small file systems: run it as root, in a container with CAP_SYS_ADMIN"
    );
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
