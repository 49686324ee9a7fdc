//! The small blobs that Velero keeps beside an archive.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::gzip;
use crate::index::Index;
use crate::summary::{PointState, PointWarning};

/// Lists that are empty in every point: nothing of ours is a pod volume backup, a native snapshot or a pending operation.
pub(crate) const EMPTY_LISTS: [&str; 3] = ["podvolumebackups", "volumesnapshots", "itemoperations"];

/// Name of Velero's list of volumes among the JSON blobs.
pub(crate) const VOLUME_INFO: &str = "volumeinfo";

/// Name of the resource list among the JSON blobs.
pub(crate) const RESOURCE_LIST: &str = "resource-list";

/// A list that holds nothing.
pub(crate) fn empty_list() -> Bytes {
    gzip::compress(b"[]").into()
}

/// `"apps/v1/Deployment"` → sorted `"namespace/name"`.
pub(crate) fn resource_list(index: &Index) -> Bytes {
    let mut list: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (ty, number) in index.types().iter().zip(0u16..) {
        let names = index.rows_of(number).map(|row| {
            if row.namespace.is_empty() {
                row.name.to_owned()
            } else {
                format!("{}/{}", row.namespace, row.name)
            }
        });
        list.entry(format!("{}/{}", ty.api_version(), ty.kind)).or_default().extend(names);
    }
    for names in list.values_mut() {
        names.sort_unstable();
    }
    gzip_json(&list)
}

/// `{"warnings": ..., "errors": ...}`, as `velero backup describe` shows them.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Results {
    #[serde(default)]
    warnings: Section,
    #[serde(default)]
    errors: Section,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Section {
    #[serde(default)]
    velero: Option<Vec<String>>,
    #[serde(default)]
    cluster: Option<Vec<String>>,
    #[serde(default)]
    namespaces: Option<BTreeMap<String, Vec<String>>>,
}

/// What Velero shows as an error of a partial point, so that its phase has a reason.
const PARTIAL: &str = "the recovery point is partial: the warnings say what is missing";

/// Number of errors that [`results`] writes.
pub(crate) fn errors(state: PointState) -> u64 {
    u64::from(state == PointState::Partial)
}

/// The warnings as Velero's results.
pub(crate) fn results(warnings: &[PointWarning], state: PointState) -> Bytes {
    let mut section = Section::default();
    for warning in warnings {
        let line = line(warning);
        match (&warning.namespace, &warning.resource) {
            (Some(namespace), _) => {
                section.namespaces.get_or_insert_default().entry(namespace.clone()).or_default().push(line);
            }
            (None, Some(_)) => section.cluster.get_or_insert_default().push(line),
            (None, None) => section.velero.get_or_insert_default().push(line),
        }
    }
    let mut results = Results { warnings: section, errors: Section::default() };
    if errors(state) > 0 {
        results.errors.velero = Some(vec![PARTIAL.to_owned()]);
    }
    gzip_json(&results)
}

/// The resource stands in brackets before the message; empty brackets keep apart a message that begins with one.
fn line(warning: &PointWarning) -> String {
    match &warning.resource {
        Some(resource) => format!("[{resource}] {}", warning.message),
        None if warning.message.starts_with('[') => format!("[] {}", warning.message),
        None => warning.message.clone(),
    }
}

fn parse_line(line: String, namespace: Option<String>) -> PointWarning {
    let parts = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    match parts {
        Some((resource, message)) => PointWarning {
            resource: (!resource.is_empty()).then(|| resource.to_owned()),
            namespace,
            message: message.to_owned(),
        },
        None => PointWarning { resource: None, namespace, message: line },
    }
}

/// Reads results back: ours as they were written, Velero's as warnings with their errors first.
pub(crate) fn parse_results(json: &[u8]) -> Result<Vec<PointWarning>, serde_json::Error> {
    let results: Results = serde_json::from_slice(json)?;
    let mut warnings = Vec::new();
    for section in [results.errors, results.warnings] {
        let lines = section.velero.into_iter().chain(section.cluster).flatten();
        warnings.extend(lines.filter(|line| line != PARTIAL).map(|line| parse_line(line, None)));
        for (namespace, lines) in section.namespaces.into_iter().flatten() {
            warnings.extend(lines.into_iter().map(|line| parse_line(line, Some(namespace.clone()))));
        }
    }
    Ok(warnings)
}

fn gzip_json(value: &impl Serialize) -> Bytes {
    #[expect(clippy::expect_used, reason = "maps of strings to lists of strings are always JSON")]
    let json = serde_json::to_vec(value).expect("map as JSON");
    gzip::compress(&json).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(resource: Option<&str>, namespace: Option<&str>, message: &str) -> PointWarning {
        PointWarning {
            resource: resource.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
            message: message.to_owned(),
        }
    }

    #[test]
    fn warnings_come_back_as_they_were() {
        let warnings = vec![
            warning(None, None, "[odd] beginning"),
            warning(None, None, "plain"),
            warning(Some("pods"), None, "may not be listed"),
            warning(Some("widgets.example.io"), Some("shop"), "webhook [x] y"),
            warning(None, Some("shop"), "is terminating"),
        ];
        let raw = gzip::text(&results(&warnings, PointState::Partial), 1 << 20).unwrap();
        assert_eq!(parse_results(&raw).unwrap(), warnings);
        let json: serde_json::Value = serde_json::from_slice(&raw).unwrap();
        assert_eq!(json["warnings"]["cluster"][0], "[pods] may not be listed");
        assert_eq!(json["errors"]["velero"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn results_of_velero_with_nulls_are_read() {
        let json =
            br#"{"errors":{"velero":["broken"]},"warnings":{"cluster":null,"namespaces":{"a":["odd"]}}}"#;
        assert_eq!(
            parse_results(json).unwrap(),
            [warning(None, None, "broken"), warning(None, Some("a"), "odd")]
        );
    }
}
