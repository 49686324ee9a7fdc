//! Recovery points as other programs write them, made by hand: Velero's layout, one gzip stream, both path forms.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

/// Makes `<vault>/backups/<name>` with an archive that `fill` writes; returns its folder.
pub fn point(vault: &Path, name: &str, fill: impl FnOnce(&mut Builder<GzEncoder<File>>)) -> PathBuf {
    let folder = vault.join("backups").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let archive = File::create(folder.join(format!("{name}.tar.gz"))).unwrap();
    let mut tar = Builder::new(GzEncoder::new(archive, Compression::fast()));
    entry(&mut tar, "metadata/version", b"1.1.0\n");
    fill(&mut tar);
    tar.into_inner().unwrap().finish().unwrap();
    let marker = json!({
        "apiVersion": "velero.io/v1", "kind": "Backup",
        "metadata": {"name": name, "namespace": "velero", "annotations": {
            "velero.io/source-cluster-k8s-gitversion": "v1.30.1"}},
        "spec": {"storageLocation": "default", "ttl": "720h0m0s"},
        "status": {"version": 1, "formatVersion": "1.1.0", "phase": "Completed",
            "startTimestamp": "2026-01-02T03:04:05Z", "completionTimestamp": "2026-01-02T03:05:05Z",
            "progress": {"totalItems": 3, "itemsBackedUp": 3}},
    });
    std::fs::write(folder.join("velero-backup.json"), serde_json::to_vec_pretty(&marker).unwrap()).unwrap();
    folder
}

/// Adds an object under its unversioned path and under the one of its version, as Velero does.
pub fn object<W: Write>(tar: &mut Builder<W>, plural: &str, object: &Value) {
    let (group, version) = match object["apiVersion"].as_str().unwrap().split_once('/') {
        Some((group, version)) => (format!(".{group}"), version),
        None => (String::new(), object["apiVersion"].as_str().unwrap()),
    };
    let name = object["metadata"]["name"].as_str().unwrap();
    let place = match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("namespaces/{namespace}/{name}.json"),
        None => format!("cluster/{name}.json"),
    };
    let text = object.to_string();
    entry(tar, &format!("resources/{plural}{group}/{place}"), text.as_bytes());
    entry(tar, &format!("resources/{plural}{group}/{version}-preferredversion/{place}"), text.as_bytes());
}

/// Adds a regular file under any path, also one that no honest program writes.
pub fn entry<W: Write>(tar: &mut Builder<W>, path: &str, content: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o755);
    header.set_size(content.len() as u64);
    if path.len() >= 100 {
        // In an entry of its own, which no hostile archive of ours needs.
        tar.append_data(&mut header, path, content).unwrap();
        return;
    }
    // Not `set_path`, which refuses what a hostile archive holds.
    let raw = header.as_mut_bytes();
    raw[..path.len()].copy_from_slice(path.as_bytes());
    header.set_cksum();
    tar.append(&header, content).unwrap();
}
