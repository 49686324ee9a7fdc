//! Kubeconfigs with the certificates inside, so that one file is all a client needs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::certificates::Certificates;

/// One entry: a cluster as one of its clients reaches it.
pub(crate) struct Entry<'a> {
    /// The names of context and cluster.
    pub(crate) context: &'a str,
    /// `https://127.0.0.1:PORT`
    pub(crate) server: String,
    pub(crate) certificates: Certificates,
    /// Whose certificate: `admin`, `kube-controller-manager`, `kube-scheduler`.
    pub(crate) client: &'a str,
}

/// A kubeconfig with these entries, the first one being current. Each has a certificate of its own, so its user is
/// called `<client>@<context>`. Names are quoted: `true` and `1` are good names too.
pub(crate) fn render(entries: &[Entry<'_>]) -> Result<String> {
    let mut clusters = String::new();
    let mut users = String::new();
    let mut contexts = String::new();
    for Entry { context, server, certificates, client } in entries {
        let authority = embedded(&certificates.certificate("ca"))?;
        let certificate = embedded(&certificates.certificate(client))?;
        let key = embedded(&certificates.key(client))?;
        write!(
            clusters,
            "\n- name: \"{context}\"\n  cluster:\n    server: {server}\n    certificate-authority-data: {authority}"
        )?;
        write!(
            users,
            "\n- name: \"{client}@{context}\"\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}"
        )?;
        write!(
            contexts,
            "\n- name: \"{context}\"\n  context:\n    cluster: \"{context}\"\n    user: \"{client}@{context}\""
        )?;
    }
    let current = entries.first().map_or("", |entry| entry.context);
    let list = |entries: String| {
        if entries.is_empty() { " []".to_owned() } else { entries }
    };
    Ok(format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: \"{current}\"\nclusters:{}\nusers:{}\ncontexts:{}\n",
        list(clusters),
        list(users),
        list(contexts)
    ))
}

fn embedded(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(STANDARD.encode(bytes))
}
