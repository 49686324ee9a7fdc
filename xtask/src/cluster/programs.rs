//! What a node takes besides Kubernetes: the project's own `testnode` and `ledger`, and the CSI sidecars with the
//! definitions of their resources. Built and kept as [`binary`](super::binary) keeps Kubernetes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use super::binary::{GO_FLAGS, key, toolchain};
use crate::lock::Lock;
use crate::{child, clock, places};

/// Where csi-snapshotter's resources are defined.
const CLIENT_MODULE: &str = "github.com/kubernetes-csi/external-snapshotter/client/v8";

/// The programs of a node.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    node: PathBuf,
    sidecars: PathBuf,
}

impl Programs {
    /// Builds what the cache does not have.
    pub(super) async fn ready() -> Result<Self> {
        // The ledger runs in an image that has no library.
        let node = Module {
            name: "testnode",
            sources: places::node_sources(),
            packages: &["./", "./ledger"],
            cgo: Some("0"),
        };
        let sidecars = Module {
            name: "csi-sidecars",
            sources: places::sidecar_sources(),
            packages: &["tool"],
            cgo: None,
        };
        Ok(Self {
            node: node.built("the test node's own programs: about a minute, once").await?,
            sidecars: sidecars.built("the CSI sidecars: about four minutes on two idle cores, once").await?,
        })
    }

    pub(super) fn testnode(&self) -> PathBuf {
        self.node.join("testnode")
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.node.join("ledger")
    }

    /// `csi-provisioner`, `csi-snapshotter`, `snapshot-controller`.
    pub(super) fn sidecar(&self, name: &str) -> PathBuf {
        self.sidecars.join(name)
    }

    /// The file that defines a resource, `volumesnapshots`.
    pub(super) fn definition(&self, plural: &str) -> PathBuf {
        self.sidecars.join(definition(plural))
    }
}

/// The resources of snapshots.
pub(super) const DEFINITIONS: [&str; 3] =
    ["volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots"];

fn definition(plural: &str) -> String {
    format!("snapshot.storage.k8s.io_{plural}.yaml")
}

/// A Go module and what to build of it.
struct Module {
    name: &'static str,
    sources: PathBuf,
    packages: &'static [&'static str],
    /// `CGO_ENABLED`: without it programs are static.
    cgo: Option<&'static str>,
}

impl Module {
    /// The folder with its programs.
    async fn built(&self, what: &str) -> Result<PathBuf> {
        const LINKER_FLAGS: &str = "-s -w";
        let toolchain = toolchain(&self.sources).await?;
        let flags = format!("{} {LINKER_FLAGS} {:?} {:?}", GO_FLAGS.join(" "), self.cgo, self.packages);
        let folder = places::cache()?.join(self.name).join(key(&self.sources, &flags, &toolchain)?);
        let programs = folder.join("programs");
        if programs.exists() {
            return Ok(programs);
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let _lock =
            Lock::take(&folder.join("lock"), &format!("another command builds {}", self.name)).await?;
        if programs.exists() {
            return Ok(programs);
        }
        eprintln!("Building {what}, into {}.", folder.display());
        let began = Instant::now();
        let unfinished = folder.join("unfinished");
        fs::create_dir_all(&unfinished).with_context(|| format!("cannot create {}", unfinished.display()))?;
        let mut build = Command::new("go");
        build.arg("build").args(GO_FLAGS).args(["-ldflags", LINKER_FLAGS]);
        build.envs(self.cgo.map(|value| ("CGO_ENABLED", value)));
        build.arg("-o").arg(&unfinished).args(self.packages);
        let status = child::run(build_in(build, &self.sources)).await?;
        if !status.success() {
            bail!("{} could not be built in {} ({status})", self.name, self.sources.display());
        }
        if self.packages == ["tool"] {
            self.take_definitions(&unfinished).await?;
        }
        fs::rename(&unfinished, &programs).with_context(|| format!("cannot name {}", programs.display()))?;
        eprintln!("Built in {}.", clock::words(began.elapsed()));
        Ok(programs)
    }

    /// Copies them from Go's cache of modules, which may be emptied before a cluster is started next.
    async fn take_definitions(&self, into: &Path) -> Result<()> {
        let mut list = Command::new("go");
        list.args(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", CLIENT_MODULE]);
        let module = child::output(build_in(list, &self.sources)).await?;
        let folder = Path::new(module.trim()).join("config/crd");
        for plural in DEFINITIONS {
            let name = definition(plural);
            let text = fs::read(folder.join(&name))
                .with_context(|| format!("{CLIENT_MODULE} has no {name} in {}", folder.display()))?;
            fs::write(into.join(&name), text).with_context(|| format!("cannot write {name}"))?;
        }
        Ok(())
    }
}

fn build_in(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    command
}
