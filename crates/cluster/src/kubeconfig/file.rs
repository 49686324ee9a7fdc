//! One kubeconfig file.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use kube::config::Kubeconfig;

use crate::error::ClusterError;
use crate::text::printable;

/// Largest kubeconfig that is read, in bytes. Fleets of hundreds of clusters reach tens of megabytes.
pub const MAX_KUBECONFIG_BYTES: u64 = 64 * 1024 * 1024;

/// Most YAML nodes of a file; a context with its cluster and user has about thirty.
const MAX_NODES: usize = 2_000_000;

/// Reads one file. Relative paths in it are made relative to it, as kubectl reads them.
pub(super) fn read(path: &Path) -> Result<Kubeconfig, ClusterError> {
    let text = read_text(path)?;
    let mut merged = Kubeconfig::default();
    for document in parse(path, &text)? {
        let mut document = document.unwrap_or_default();
        if let Some(kind) = document.kind.as_deref().filter(|kind| !matches!(*kind, "" | "Config")) {
            return Err(ClusterError::Malformed {
                path: path.to_owned(),
                line: None,
                reason: format!("kind is {:?}, not Config", printable(kind)),
            });
        }
        if let Some(dir) = path.parent() {
            resolve_paths(&mut document, dir);
        }
        merged.contexts.append(&mut document.contexts);
        merged.clusters.append(&mut document.clusters);
        merged.auth_infos.append(&mut document.auth_infos);
        merged.current_context =
            merged.current_context.or(document.current_context.filter(|name| !name.is_empty()));
    }
    Ok(merged)
}

fn read_text(path: &Path) -> Result<String, ClusterError> {
    let failed = |source: io::Error| ClusterError::Read { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let too_large =
        |size| ClusterError::TooLarge { path: path.to_owned(), size, limit: MAX_KUBECONFIG_BYTES };
    if size > MAX_KUBECONFIG_BYTES {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    // A pipe has no size beforehand.
    file.take(MAX_KUBECONFIG_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_KUBECONFIG_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    decode(bytes).ok_or_else(|| ClusterError::Malformed {
        path: path.to_owned(),
        line: None,
        reason: "it is not text in UTF-8 or UTF-16".into(),
    })
}

/// UTF-8, or UTF-16 with a byte order mark, which is what PowerShell writes into files.
fn decode(bytes: Vec<u8>) -> Option<String> {
    let utf16 = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match &*bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(u16::from_le_bytes, rest),
        [0xFE, 0xFF, rest @ ..] => utf16(u16::from_be_bytes, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => str::from_utf8(rest).ok().map(str::to_owned),
        _ => String::from_utf8(bytes).ok(),
    }
}

fn parse(path: &Path, text: &str) -> Result<Vec<Option<Kubeconfig>>, ClusterError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: MAX_NODES, max_events: 2 * MAX_NODES },
        // Excerpts would show credentials.
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| ClusterError::Malformed {
        path: path.to_owned(),
        line: error.location().map(|at| at.line()),
        reason: reason(&error),
    })
}

/// The parser's words, without the values that some of its messages quote.
fn reason(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error.without_snippet() {
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("{} is expected here", printable(expected))
        }
        Error::SerdeUnknownVariant { expected, .. } => {
            format!("one of {} is expected here", expected.join(", "))
        }
        Error::SerdeMissingField { field, .. } => format!("the field {field} is missing"),
        Error::DuplicateMappingKey { .. } => "a field is given twice".into(),
        Error::Unexpected { expected, .. } => format!("{expected} is expected here"),
        Error::Eof { .. } => "it ends early".into(),
        Error::Budget { .. } => "it has more entries than are read".into(),
        Error::UnknownAnchor { .. } => "an alias has no anchor".into(),
        _ => "this is not valid YAML for a kubeconfig".into(),
    }
}

fn resolve_paths(config: &mut Kubeconfig, dir: &Path) {
    let resolve = |path: &mut Option<String>| {
        if let Some(relative) = path.as_deref().filter(|p| !p.is_empty() && Path::new(p).is_relative()) {
            *path = Some(dir.join(relative).to_string_lossy().into_owned());
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        resolve(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        resolve(&mut user.client_certificate);
        resolve(&mut user.client_key);
        resolve(&mut user.token_file);
        if let Some(exec) = &mut user.exec
            && exec.command.as_deref().is_some_and(|command| command.contains(std::path::MAIN_SEPARATOR))
        {
            resolve(&mut exec.command);
        }
    }
}
