//! The one program that is etcd and every Kubernetes component, built from `tests/cluster` and kept outside the
//! checkout so that several checkouts share it.
//!
//! A build is filed under a hash of everything that decides what comes out of it; a finished file is never changed.
//! Two commands that need the same build at once do it once: the second waits for the first one's lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::lock::Lock;
use crate::{child, clock, places};

/// Without the stamp the API server says `v0.0.0-master`, and kubectl refuses to parse that. It is the version of
/// `k8s.io/kubernetes` in go.mod.
pub(crate) const KUBERNETES_VERSION: &str = "v1.35.4";

/// What `go build` and `go vet` are called with: shared, because the Go build cache files its results under them, and
/// recompiling Kubernetes for one more flag takes minutes.
pub(crate) const GO_FLAGS: [&str; 3] = ["-mod=readonly", "-buildvcs=false", "-trimpath"];

fn linker_flags() -> String {
    const VERSION: &str = "k8s.io/component-base/version";
    format!(
        "-s -w -X {VERSION}.gitVersion={KUBERNETES_VERSION} -X {VERSION}.gitMajor=1 -X {VERSION}.gitMinor=35"
    )
}

/// The path of the built program; builds it when the cache does not have it.
pub(crate) async fn testkube() -> Result<PathBuf> {
    let sources = places::cluster_sources();
    let toolchain = toolchain(&sources).await?;
    let flags = format!("{} {}", GO_FLAGS.join(" "), linker_flags());
    let folder = places::cache()?.join("testkube").join(key(&sources, &flags, &toolchain)?);
    let binary = folder.join("testkube");
    if binary.exists() {
        return Ok(binary);
    }

    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let _lock = Lock::take(&folder.join("lock"), "another command builds Kubernetes").await?;
    if binary.exists() {
        return Ok(binary);
    }
    eprintln!(
        "Building Kubernetes {KUBERNETES_VERSION} from Go modules into {}: about six minutes on two idle cores, once.",
        folder.display()
    );
    let began = Instant::now();
    let unfinished = folder.join("testkube.unfinished");
    let mut build = Command::new("go");
    build.arg("build").args(GO_FLAGS).arg("-ldflags").arg(linker_flags());
    build.arg("-o").arg(&unfinished).arg(".").current_dir(&sources);
    let status = child::run(build).await?;
    if !status.success() {
        bail!(
            "Kubernetes could not be built in {} ({status}); what `go build` said stands above",
            sources.display()
        );
    }
    fs::rename(&unfinished, &binary).with_context(|| format!("cannot name {}", binary.display()))?;
    eprintln!("Built in {}.", clock::words(began.elapsed()));
    Ok(binary)
}

/// The toolchain that builds these sources, in words.
pub(super) async fn toolchain(sources: &Path) -> Result<String> {
    let mut go_env = Command::new("go");
    go_env.args(["env", "GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED"]).current_dir(sources);
    child::output(go_env).await
}

/// Names a build by its sources, its flags and its toolchain. Lengths go into the hash so that no two inputs run into
/// each other.
pub(super) fn key(sources: &Path, flags: &str, toolchain: &str) -> Result<String> {
    let mut files = Vec::new();
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            let name = path.strip_prefix(sources).unwrap_or(&path).to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name == "go.mod"
                || name == "go.sum"
                || path.extension().is_some_and(|ending| ending == "go")
            {
                files.push((name, path));
            }
        }
    }
    files.sort();

    let mut hash = blake3::Hasher::new();
    let mut add = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(flags.as_bytes());
    add(toolchain.as_bytes());
    for (name, path) in files {
        add(name.as_bytes());
        add(&fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    // 128 bits name a build well enough and keep the path short.
    Ok(hash.finalize().to_hex()[..32].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_named_by_everything_that_decides_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("driver")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let key = |flags: &str, toolchain: &str| key(folder.path(), flags, toolchain).unwrap();
        write("main.go", "package main");
        write("go.mod", "module m");
        write("go.sum", "");
        let first = key("-trimpath", "go1.26");
        assert_eq!(first, key("-trimpath", "go1.26"), "the same inputs have the same name");

        let mut seen = vec![first.clone(), key("-race", "go1.26"), key("-trimpath", "go1.27")];
        for (name, text) in [
            ("main.go", "package main // 2"),
            ("go.mod", "module n"),
            ("go.sum", "h1:"),
            ("node.go", "package main"),
            ("driver/driver.go", "package driver"),
        ] {
            write(name, text);
            seen.push(key("-trimpath", "go1.26"));
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{seen:?}");

        let before = key("-trimpath", "go1.26");
        write("README.md", "about");
        assert_eq!(before, key("-trimpath", "go1.26"), "what is not compiled does not count");
    }
}
