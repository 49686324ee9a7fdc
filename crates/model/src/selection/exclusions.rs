//! What is never backed up, whatever was asked for.
//!
//! Sources: Azure's AKS backup skips the namespaces and the kinds of its own
//! extension, nodes and events; Velero adds its own bookkeeping and what belongs
//! to a node rather than to an application.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Namespaces that Azure's AKS backup always skips.
pub const EXCLUDED_NAMESPACES: [&str; 4] =
    ["dataprotection-microsoft", "kube-node-lease", "kube-public", "kube-system"];

/// The label by which an object (or a namespace with all its content) asks to be left out.
pub const EXCLUDE_LABEL: &str = "velero.io/exclude-from-backup";

const EXCLUDED: &[(&str, &[&str])] = &[
    ("", &["events", "nodes"]),
    (
        "clusterbackup.dataprotection.microsoft.com",
        &["backups", "deletebackups", "restores", "validateforbackups", "validateforrestores"],
    ),
    ("events.k8s.io", &["events"]),
    // Snapshots are taken by the backup itself; those of others belong to whoever made them.
    ("snapshot.storage.k8s.io", &["volumesnapshotcontents", "volumesnapshots"]),
    ("storage.k8s.io", &["csinodes", "csistoragecapacities", "volumeattachments"]),
    (
        "velero.io",
        &[
            "backuprepositories",
            "backups",
            "deletebackuprequests",
            "downloadrequests",
            "resticrepositories",
            "restores",
            "serverstatusrequests",
        ],
    ),
];

/// Whether a resource is never backed up nor restored.
pub fn is_always_excluded(group: &str, plural: &str) -> bool {
    EXCLUDED.iter().any(|(g, plurals)| *g == group && plurals.contains(&plural))
}

/// Whether these labels carry [`EXCLUDE_LABEL`] with the exact value `true`, as Velero reads it.
pub fn is_excluded_by_label(labels: Option<&RawValue>) -> bool {
    // The label is rare: most objects are told apart without parsing their labels.
    labels.is_some_and(|raw| {
        raw.get().contains(EXCLUDE_LABEL)
            && serde_json::from_str::<BTreeMap<String, String>>(raw.get())
                .is_ok_and(|labels| is_excluded_by_labels(&labels))
    })
}

/// The same for labels that are read already.
pub fn is_excluded_by_labels(labels: &BTreeMap<String, String>) -> bool {
    labels.get(EXCLUDE_LABEL).is_some_and(|value| value == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_value_true_excludes() {
        let excluded =
            |text: &str| is_excluded_by_label(Some(&RawValue::from_string(text.to_owned()).unwrap()));
        assert!(excluded(r#"{"a":"b","velero.io/exclude-from-backup":"true"}"#));
        assert!(!excluded(r#"{"velero.io/exclude-from-backup":"false"}"#));
        assert!(!excluded(r#"{"x":"velero.io/exclude-from-backup"}"#));
        assert!(!is_excluded_by_label(None));
    }
}
