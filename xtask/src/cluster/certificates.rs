//! The keys and certificates of one cluster: one authority, and what it signed.
//!
//! They are made anew for every cluster and live in a folder that only its user can read. Validity is rcgen's default
//! of many decades on purpose: a test machine's clock may be wrong, and the clusters live for hours.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

/// The names under which clients may address the API server. 10.96.0.1 is the first address of the service network,
/// which is the `kubernetes` Service.
const SERVER_NAMES: [&str; 6] =
    ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost", "127.0.0.1", "10.96.0.1"];

/// Who presents a certificate to the API server, and as whom. Kubernetes takes the user from the common name and
/// groups from the organisation.
const CLIENTS: [(&str, &str, Option<&str>); 3] = [
    ("admin", "admin", Some("system:masters")),
    ("kube-controller-manager", "system:kube-controller-manager", None),
    ("kube-scheduler", "system:kube-scheduler", None),
];

/// As whom the API server comes to the kubelet: as somebody who may do everything there.
const TO_KUBELET: (&str, &str, Option<&str>) =
    ("kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", Some("system:masters"));

/// What a node adds to the names and certificates of a cluster.
#[derive(Debug)]
pub(crate) struct NodeNames<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: String,
    /// Under which address the node reaches the API server.
    pub(crate) apiserver: String,
}

/// The folder that holds them.
#[derive(Debug, Clone)]
pub(crate) struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A certificate file: `ca`, `kube-apiserver`, `admin`, `kube-controller-manager`, `kube-scheduler`; with a node also
    /// `kubelet` and `kube-apiserver-kubelet-client`.
    pub(crate) fn certificate(&self, of: &str) -> PathBuf {
        self.folder.join(format!("{of}.crt"))
    }

    /// The private key of the same, and of `service-account`.
    pub(crate) fn key(&self, of: &str) -> PathBuf {
        self.folder.join(format!("{of}.key"))
    }

    /// With which the API server checks the tokens that `service-account`'s private key signed.
    pub(crate) fn service_account_public_key(&self) -> PathBuf {
        self.folder.join("service-account.pub")
    }

    /// Makes them all. `cluster` names the authority.
    pub(crate) fn issue(&self, cluster: &str, node: Option<&NodeNames<'_>>) -> Result<()> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;

        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, format!("{cluster} test cluster"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        write(&self.certificate("ca"), &authority.pem())?;
        write(&self.key("ca"), &authority.key().serialize_pem())?;

        let mut names = SERVER_NAMES.map(str::to_owned).to_vec();
        names.extend(node.map(|node| node.apiserver.clone()));
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign("kube-apiserver", server, &authority)?;

        let of_node = node.map(|_| TO_KUBELET);
        for (file, user, group) in CLIENTS.into_iter().chain(of_node) {
            let mut client = CertificateParams::default();
            client.distinguished_name.push(DnType::CommonName, user);
            if let Some(group) = group {
                client.distinguished_name.push(DnType::OrganizationName, group);
            }
            client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            self.sign(file, client, &authority)?;
        }

        if let Some(node) = node {
            // One for both directions: what the kubelet is to the API server, and what it serves.
            let mut kubelet = CertificateParams::new(vec![node.name.to_owned(), node.address.clone()])?;
            kubelet.distinguished_name.push(DnType::CommonName, format!("system:node:{}", node.name));
            kubelet.distinguished_name.push(DnType::OrganizationName, "system:nodes");
            kubelet.extended_key_usages =
                vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
            self.sign("kubelet", kubelet, &authority)?;
        }

        let service_account = KeyPair::generate()?;
        write(&self.key("service-account"), &service_account.serialize_pem())?;
        write(&self.service_account_public_key(), &service_account.public_key_pem())
    }

    fn sign(
        &self,
        file: &str,
        mut subject: CertificateParams,
        authority: &CertifiedIssuer<'_, KeyPair>,
    ) -> Result<()> {
        subject.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        subject.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        write(&self.certificate(file), &subject.signed_by(&key, authority)?.pem())?;
        write(&self.key(file), &key.serialize_pem())
    }
}

fn write(path: &Path, pem: &str) -> Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(pem.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
