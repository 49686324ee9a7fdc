//! The node of a cluster: containerd, a kubelet, CSI drivers and their sidecars, in namespaces of their own.
//!
//! `testnode` makes the namespaces and is the one process on record: with it all others end, and the kernel takes
//! away what they mounted and the interfaces they made. What remains are control groups, the files in the cluster's folder
//! and the volumes, see [`Node::clean`].

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::certificates::NodeNames;
use super::kubeconfig::{self, Entry};
use super::link::Link;
use super::programs::Programs;
use super::state::{DISKS, Folder, State};
use super::storage;

/// What its process is called: testnode's verb.
pub(super) const COMPONENT: &str = "node";

pub(crate) const REGION: &str = "westeurope";
pub(crate) const ZONE: &str = "westeurope-1";

/// Where the node sees its files: in its own mounts these are the cluster's.
pub(super) const KUBELET_ROOT: &str = "/var/lib/kubelet";
const CONTAINERD_SOCKET: &str = "/run/containerd/containerd.sock";
const CNI_PLUGINS: &str = "/usr/lib/cni";

/// How long the kernel may take to end what was in a control group.
const AFTER_KILL: Duration = Duration::from_secs(10);

/// The record of a node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) link: Link,
    /// Control group of its containers, under each of the kernel's hierarchies.
    cgroup: String,
}

/// Fails where no node can run, and says what to do about it.
pub(crate) fn possible() -> Result<()> {
    if cfg!(not(target_os = "linux")) {
        bail!(
            "a node needs Linux: its containers are the kernel's; leave --node out, or use a Linux machine"
        );
    }
    if !rustix::process::geteuid().is_root() {
        bail!(
            "a node needs root, for namespaces, mounts and control groups; run this as root \
             (sudo --preserve-env=HOME,PATH cargo xtask ...), or leave --node out"
        );
    }
    Ok(())
}

impl Node {
    /// Reserves what only one node may have.
    pub(super) fn reserve(cluster: &str, folder: &Folder) -> Result<Self> {
        let owner = folder.path().display().to_string();
        let hash = blake3::hash(owner.as_bytes()).to_hex();
        let node = Self {
            name: format!("{cluster}-node"),
            cgroup: format!("holdfast-{}", &hash[..16]),
            link: Link::reserve(&owner)?,
        };
        node.make_groups().inspect_err(|_| {
            let _ = node.clean();
        })?;
        Ok(node)
    }

    /// The kubelet makes everything under its control group, but not that one.
    fn make_groups(&self) -> Result<()> {
        for hierarchy in hierarchies()? {
            // Where there is but one hierarchy, controllers have to be passed down. Where that is done, it fails or not.
            let _ = fs::write(hierarchy.join("cgroup.subtree_control"), "+cpuset +cpu +io +memory +pids");
            let group = hierarchy.join(&self.cgroup);
            fs::create_dir_all(&group).with_context(|| format!("cannot create {}", group.display()))?;
        }
        Ok(())
    }

    pub(super) fn names(&self) -> NodeNames<'_> {
        NodeNames {
            name: &self.name,
            address: self.link.node().to_string(),
            apiserver: self.link.machine().to_string(),
        }
    }

    /// The API server as the node reaches it.
    pub(super) fn apiserver(&self, state: &State) -> String {
        format!("{}:{}", self.link.machine(), state.ports.apiserver)
    }

    /// Writes everything that the node reads; returns the configuration of `testnode`.
    pub(super) fn prepare(
        &self,
        folder: &Folder,
        state: &State,
        kubernetes: &Path,
        programs: &Programs,
    ) -> Result<PathBuf> {
        let own = folder.node();
        let cni = own.join("cni");
        fs::create_dir_all(&cni).with_context(|| format!("cannot create {}", cni.display()))?;
        for client in ["kubelet", "admin"] {
            let entry = Entry {
                context: state.name.as_str(),
                server: format!("https://{}", self.apiserver(state)),
                certificates: folder.certificates(),
                client,
            };
            write(&own.join(format!("{client}.kubeconfig")), &kubeconfig::render(&[entry])?)?;
        }
        images(&own, programs)?;
        write(&cni.join("10-bridge.conflist"), &self.network(&own).to_string())?;
        write(&own.join("kubelet.json"), &self.kubelet_configuration(folder).to_string())?;
        write(&own.join("containerd.toml"), &containerd_configuration(&cni))?;
        let config = own.join("testnode.json");
        write(&config, &self.testnode(folder, state, kubernetes, programs).to_string())?;
        Ok(config)
    }

    fn testnode(&self, folder: &Folder, state: &State, kubernetes: &Path, programs: &Programs) -> Value {
        let own = folder.node();
        let images = own.join("images.tar").display().to_string();
        let import =
            ["ctr", "--address", CONTAINERD_SOCKET, "--namespace", "k8s.io", "images", "import", &images];
        let mut processes = vec![
            json!({
                "name": "containerd",
                "program": "containerd",
                "arguments": ["--config", own.join("containerd.toml")],
                "log": folder.log("containerd"),
                "then": [import],
            }),
            json!({
                "name": "kubelet",
                "program": kubernetes,
                "arguments": self.kubelet(&own),
                "log": folder.log("kubelet"),
            }),
        ];
        processes.extend(storage::processes(self, folder, programs));
        json!({
            "name": self.name,
            "link": {
                "interface": self.link.peer(),
                "address": format!("{}/30", self.link.node()),
                "gateway": self.link.machine(),
            },
            "places": {
                KUBELET_ROOT: own.join("kubelet"),
                "/var/lib/containerd": own.join("containerd"),
                "/var/log/pods": own.join("pods"),
                "/var/log/containers": "",
                "/var/lib/cni": "",
                "/run/containerd": "",
                "/run/netns": "",
            },
            "shared": [KUBELET_ROOT],
            // The kubelet would set these for the whole machine.
            "settings": {
                "/proc/sys/vm/overcommit_memory": "1\n",
                "/proc/sys/vm/panic_on_oom": "0\n",
                "/proc/sys/kernel/panic": "10\n",
                "/proc/sys/kernel/panic_on_oops": "1\n",
                "/proc/sys/kernel/keys/root_maxkeys": "1000000\n",
                "/proc/sys/kernel/keys/root_maxbytes": "25000000\n",
            },
            // The `kubernetes` Service, which is all that a kube-proxy would be needed for.
            "forward": [{"from": "10.96.0.1:443", "to": self.apiserver(state)}],
            "scratch": own,
            "processes": processes,
        })
    }

    fn kubelet(&self, own: &Path) -> Vec<String> {
        vec![
            "kubelet".to_owned(),
            format!("--config={}", own.join("kubelet.json").display()),
            format!("--kubeconfig={}", own.join("kubelet.kubeconfig").display()),
            format!("--root-dir={KUBELET_ROOT}"),
            format!("--hostname-override={}", self.name),
            format!("--node-ip={}", self.link.node()),
            format!(
                "--node-labels=topology.kubernetes.io/region={REGION},topology.kubernetes.io/zone={ZONE}"
            ),
        ]
    }

    fn kubelet_configuration(&self, folder: &Folder) -> Value {
        let pki = folder.certificates();
        json!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "authentication": {
                "anonymous": {"enabled": false},
                "webhook": {"enabled": true},
                "x509": {"clientCAFile": pki.certificate("ca")},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": pki.certificate("kubelet"),
            "tlsPrivateKeyFile": pki.key("kubelet"),
            "containerRuntimeEndpoint": format!("unix://{CONTAINERD_SOCKET}"),
            "cgroupDriver": "cgroupfs",
            "failCgroupV1": false,
            "failSwapOn": false,
            // Kubelets side by side take each other's pods for orphans unless each has its own.
            "cgroupRoot": format!("/{}", self.cgroup),
            "enforceNodeAllocatable": [],
            "oomScoreAdj": 0,
            "localStorageCapacityIsolation": false,
            // The images are all there will ever be.
            "imageGCHighThresholdPercent": 100,
            "evictionHard": {
                "memory.available": "0%",
                "nodefs.available": "0%",
                "nodefs.inodesFree": "0%",
                "imagefs.available": "0%",
                "imagefs.inodesFree": "0%",
            },
            "makeIPTablesUtilChains": false,
            "resolvConf": "",
            "maxPods": 500,
            "kubeAPIQPS": 200,
            "kubeAPIBurst": 400,
            "serializeImagePulls": false,
        })
    }

    fn network(&self, own: &Path) -> Value {
        json!({
            "cniVersion": "0.4.0",
            "name": "pods",
            "plugins": [{
                "type": "bridge",
                "bridge": "pods",
                "isGateway": true,
                "ipMasq": false,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": self.link.pods()}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    "dataDir": own.join("addresses"),
                },
            }],
        })
    }

    /// Removes what does not go with the node's processes. Files are left to whoever removes the folder.
    pub(super) fn clean(&self) -> Result<()> {
        self.link.remove()?;
        let began = Instant::now();
        for hierarchy in hierarchies()? {
            let group = hierarchy.join(&self.cgroup);
            // What was in it has been killed, which takes the kernel a moment.
            while let Err(error) = remove_group(&group) {
                if began.elapsed() > AFTER_KILL {
                    return Err(error).with_context(|| format!("cannot remove {}", group.display()));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }
}

/// The folder of the volumes of the clusters beside this one.
pub(super) fn disks(folder: &Folder) -> PathBuf {
    folder.path().with_file_name(DISKS)
}

/// Where control groups are: the unified hierarchy, or those of their first version, one for each controller.
fn hierarchies() -> Result<Vec<PathBuf>> {
    const ROOT: &str = "/sys/fs/cgroup";
    if fs::exists(Path::new(ROOT).join("cgroup.controllers")).unwrap_or(false) {
        return Ok(vec![ROOT.into()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(ROOT).with_context(|| format!("cannot list {ROOT}"))? {
        let entry = entry.with_context(|| format!("cannot list {ROOT}"))?;
        // Two controllers of one hierarchy have a link for each besides.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Control groups are removed one by one, the innermost first; their files cannot be.
fn remove_group(group: &Path) -> std::io::Result<()> {
    let entries = match fs::read_dir(group) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_group(&entry.path())?;
        }
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Packs the images that pods are made of: nothing is pulled.
fn images(own: &Path, programs: &Programs) -> Result<()> {
    let output = Command::new(programs.testnode())
        .arg("images")
        .arg("--ledger")
        .arg(programs.ledger())
        .arg("--out")
        .arg(own.join("images.tar"))
        .output()
        .context("cannot start testnode")?;
    if !output.status.success() {
        bail!("the node's images cannot be made: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn containerd_configuration(cni: &Path) -> String {
    format!(
        r#"version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "holdfast.test/pause:1"
# Without CAP_SYS_RESOURCE runc cannot lower it, and dies of the attempt.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{CNI_PLUGINS}"
conf_dir = "{}"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#,
        cni.display()
    )
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
