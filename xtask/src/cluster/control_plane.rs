//! Starting one cluster: etcd, kube-apiserver and kube-controller-manager as processes of this machine, with an empty
//! store, new certificates and free local ports.
//!
//! Without a node there is no scheduler either: objects are stored, admitted, defaulted, collected and controlled as
//! anywhere, but no pod runs. With one there are both.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::binary::KUBERNETES_VERSION;
use super::kubeconfig;
use super::node::{self, Node};
use super::process::Process;
use super::programs::Programs;
use super::readiness;
use super::state::{ClusterName, Folder, Ports, State};
use super::storage;

/// Starts a cluster, with a node where its programs are given, and returns once it is ready. `folder` must not exist.
/// Whatever was started is stopped again when this fails or is dropped.
pub(crate) async fn start(
    folder: &Folder,
    name: &ClusterName,
    binary: &Path,
    programs: Option<&Programs>,
) -> Result<State> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder.path())
        .with_context(|| format!("cannot create {}", folder.path().display()))?;
    let mut starting = Starting {
        folder,
        binary,
        state: State {
            name: name.clone(),
            kubernetes: KUBERNETES_VERSION.to_owned(),
            started: jiff::Timestamp::now(),
            ports: free_ports()?,
            processes: Vec::new(),
            node: None,
            ready: false,
        },
    };
    if programs.is_some() {
        starting.state.node = Some(Node::reserve(name.as_str(), folder)?);
        folder.write(&starting.state)?;
    }
    let names = starting.state.node.as_ref().map(Node::names);
    folder.certificates().issue(name.as_str(), names.as_ref())?;
    for client in ["admin", "kube-controller-manager", "kube-scheduler"] {
        let path = folder.kubeconfig(client);
        let text = kubeconfig::render(&[folder.entry(&starting.state, client)])?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }

    starting.launch("etcd", etcd(&starting.state, folder))?;
    starting.launch("kube-apiserver", apiserver(&starting.state, folder))?;
    let client = readiness::client(&folder.kubeconfig("admin")).await?;
    readiness::answers(&client, &starting.state, folder).await?;
    starting.launch("kube-controller-manager", controller_manager(&starting.state, folder))?;
    if let Some(programs) = programs {
        starting.launch("kube-scheduler", scheduler(folder))?;
        storage::define(&client, programs).await?;
        starting.launch_node(programs)?;
    }
    readiness::controllers_work(&client, &starting.state, folder).await?;
    if let Some(node) = &starting.state.node {
        readiness::node_works(&client, node, &starting.state, folder).await?;
    }

    starting.state.ready = true;
    folder.write(&starting.state)?;
    Ok(starting.state.clone())
}

/// A cluster that is not ready yet.
struct Starting<'a> {
    folder: &'a Folder,
    binary: &'a Path,
    state: State,
}

impl Starting<'_> {
    fn launch(&mut self, component: &str, arguments: Vec<String>) -> Result<()> {
        self.launch_program(self.binary, component, arguments)
    }

    fn launch_node(&mut self, programs: &Programs) -> Result<()> {
        let Some(node) = &self.state.node else { return Ok(()) };
        let config = node.prepare(self.folder, &self.state, self.binary, programs)?;
        let arguments = vec![format!("-config={}", config.display())];
        self.launch_program(&programs.testnode(), node::COMPONENT, arguments)
    }

    fn launch_program(&mut self, program: &Path, component: &str, arguments: Vec<String>) -> Result<()> {
        let log = self.folder.log(component);
        let output = File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
        let errors = output.try_clone().context("cannot duplicate a log's handle")?;
        let child = Command::new(program)
            .arg(component)
            .args(arguments)
            .current_dir(self.folder.path())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {} {component}", program.display()))?;
        let process = Process::identify(child.id(), component)
            .with_context(|| readiness::Ended::new(component, self.folder))?;
        self.state.processes.push(process);
        self.folder.write(&self.state)
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        if !self.state.ready
            && let Err(error) = self.state.stop()
        {
            eprintln!("{}: {error:#}", self.state.name);
        }
    }
}

/// Ports that were free a moment ago. All listeners are held until the last one is bound, so that no two are alike.
fn free_ports() -> Result<Ports> {
    let bind = || TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1");
    let (etcd, etcd_peer, apiserver) = (bind()?, bind()?, bind()?);
    let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    Ok(Ports { etcd: port(&etcd)?, etcd_peer: port(&etcd_peer)?, apiserver: port(&apiserver)? })
}

fn etcd(state: &State, folder: &Folder) -> Vec<String> {
    let Ports { etcd, etcd_peer, .. } = state.ports;
    vec![
        format!("--name={}", state.name),
        format!("--data-dir={}", folder.path().join("etcd").display()),
        format!("--listen-client-urls=http://127.0.0.1:{etcd}"),
        format!("--advertise-client-urls=http://127.0.0.1:{etcd}"),
        format!("--listen-peer-urls=http://127.0.0.1:{etcd_peer}"),
        format!("--initial-advertise-peer-urls=http://127.0.0.1:{etcd_peer}"),
        format!("--initial-cluster={}=http://127.0.0.1:{etcd_peer}", state.name),
        // The data dies with the cluster, so there is nothing to sync for.
        "--unsafe-no-fsync".to_owned(),
        // 8 GiB, four times the default: benchmarks load tens of thousands of objects.
        "--quota-backend-bytes=8589934592".to_owned(),
    ]
}

fn apiserver(state: &State, folder: &Folder) -> Vec<String> {
    let pki = folder.certificates();
    let mut arguments = match &state.node {
        None => vec![
            "--bind-address=127.0.0.1".to_owned(),
            // Otherwise it looks for a default route, and a machine without network has none.
            "--advertise-address=127.0.0.1".to_owned(),
        ],
        Some(node) => vec![
            // It takes one address or all, and needs two: the node has its own network.
            "--bind-address=0.0.0.0".to_owned(),
            format!("--advertise-address={}", node.link.machine()),
            format!("--kubelet-certificate-authority={}", pki.certificate("ca").display()),
            format!(
                "--kubelet-client-certificate={}",
                pki.certificate("kube-apiserver-kubelet-client").display()
            ),
            format!("--kubelet-client-key={}", pki.key("kube-apiserver-kubelet-client").display()),
            // Otherwise it asks DNS for the node's name.
            "--kubelet-preferred-address-types=InternalIP".to_owned(),
        ],
    };
    arguments.extend([
        format!("--etcd-servers=http://127.0.0.1:{}", state.ports.etcd),
        format!("--secure-port={}", state.ports.apiserver),
        format!("--client-ca-file={}", pki.certificate("ca").display()),
        format!("--tls-cert-file={}", pki.certificate("kube-apiserver").display()),
        format!("--tls-private-key-file={}", pki.key("kube-apiserver").display()),
        format!("--service-account-key-file={}", pki.service_account_public_key().display()),
        format!("--service-account-signing-key-file={}", pki.key("service-account").display()),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--authorization-mode=Node,RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        "--endpoint-reconciler-type=none".to_owned(),
        "--profiling=false".to_owned(),
        // Five times the defaults of 400 and 200: benchmarks measure the client, not this limit.
        "--max-requests-inflight=2000".to_owned(),
        "--max-mutating-requests-inflight=1000".to_owned(),
        "--event-ttl=1h".to_owned(),
    ]);
    arguments
}

fn scheduler(folder: &Folder) -> Vec<String> {
    vec![
        format!("--kubeconfig={}", folder.kubeconfig("kube-scheduler").display()),
        "--leader-elect=false".to_owned(),
        "--secure-port=0".to_owned(),
        "--kube-api-qps=200".to_owned(),
        "--kube-api-burst=400".to_owned(),
    ]
}

fn controller_manager(state: &State, folder: &Folder) -> Vec<String> {
    let pki = folder.certificates();
    let mut arguments = vec![
        format!("--kubeconfig={}", folder.kubeconfig("kube-controller-manager").display()),
        format!("--service-account-private-key-file={}", pki.key("service-account").display()),
        format!("--root-ca-file={}", pki.certificate("ca").display()),
        "--use-service-account-credentials".to_owned(),
        format!("--cluster-signing-cert-file={}", pki.certificate("ca").display()),
        format!("--cluster-signing-key-file={}", pki.key("ca").display()),
        "--leader-elect=false".to_owned(),
        // No port of its own: several run side by side.
        "--secure-port=0".to_owned(),
    ];
    if state.node.is_some() {
        // Hundreds of pods with claims come and go at once.
        arguments.extend(["--kube-api-qps=200".to_owned(), "--kube-api-burst=400".to_owned()]);
    }
    arguments
}
