//! Paths of tar entries, made and parsed. The rules are Velero's (`pkg/archive/parser.go`).

use holdfast_model::resource::ResourceType;

use crate::limits::{MAX_NAME_BYTES, MAX_PATH_BYTES};

/// `resources/<plural>.<group>/namespaces/<namespace>/<name>.json`, or `.../cluster/<name>.json`.
pub(crate) fn object_path(ty: &ResourceType, namespace: &str, name: &str) -> String {
    let mut path =
        String::with_capacity(64 + ty.plural.len() + ty.group.len() + namespace.len() + name.len());
    path.push_str("resources/");
    path.push_str(&ty.plural);
    if !ty.group.is_empty() {
        path.push('.');
        path.push_str(&ty.group);
    }
    if namespace.is_empty() {
        path.push_str("/cluster/");
    } else {
        path.push_str("/namespaces/");
        path.push_str(namespace);
        path.push('/');
    }
    path.push_str(name);
    path.push_str(".json");
    path
}

/// Why a text cannot be one segment of a path, or `None` if it can.
pub(crate) fn segment_problem(segment: &str) -> Option<&'static str> {
    if segment.is_empty() {
        Some("a part of its name is empty")
    } else if segment.len() > MAX_NAME_BYTES {
        Some("a part of its name is longer than 1,024 bytes")
    } else if segment == "." || segment == ".." {
        Some("a part of its name is \".\" or \"..\"")
    } else if segment.bytes().any(|b| b == b'/' || b == 0) {
        Some("a part of its name holds '/' or NUL")
    } else {
        None
    }
}

/// What an entry is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryPath<'a> {
    /// An object under its unversioned path.
    Object {
        /// `<plural>.<group>` or `<plural>`.
        resource: &'a str,
        /// Namespace; empty for cluster-scoped objects.
        namespace: &'a str,
        /// Name.
        name: &'a str,
    },
    /// An object under a versioned path, standing elsewhere too; or `metadata/version`.
    Skipped,
    /// Nothing that Velero would read either.
    Unexpected,
}

/// Cuts a path into its parts. An error says what is wrong with a path that no honest writer makes.
pub(crate) fn segments(path: &[u8]) -> Result<Vec<&str>, &'static str> {
    if path.len() > MAX_PATH_BYTES {
        return Err("whose path is too long");
    }
    let path = std::str::from_utf8(path).map_err(|_| "whose path is not UTF-8 text")?;
    if path.contains('\0') {
        return Err("whose path holds a NUL");
    }
    if path.starts_with('/') {
        return Err("whose path is absolute");
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    if segments.contains(&"..") || segments.contains(&".") {
        return Err("whose path leads out of the archive");
    }
    if segments.len() > 1 && segments.iter().any(|s| s.is_empty() || s.len() > MAX_NAME_BYTES) {
        return Err("whose path has an empty or overlong part");
    }
    Ok(segments)
}

/// Parses the path of a regular entry. Errors are those of [`segments`], and a depth at which no object can be.
pub(crate) fn parse(path: &[u8]) -> Result<EntryPath<'_>, &'static str> {
    let segments = segments(path)?;
    match segments.as_slice() {
        ["resources", resource, "cluster", file] => Ok(object(resource, "", file)),
        ["resources", resource, "namespaces", namespace, file] => Ok(object(resource, namespace, file)),
        ["resources", _, version, "cluster", _] | ["resources", _, version, "namespaces", _, _]
            if !matches!(*version, "cluster" | "namespaces") =>
        {
            Ok(EntryPath::Skipped)
        }
        ["metadata", "version"] => Ok(EntryPath::Skipped),
        ["resources", ..] => Err("which is at a depth where no object can be"),
        _ => Ok(EntryPath::Unexpected),
    }
}

fn object<'a>(resource: &'a str, namespace: &'a str, file: &'a str) -> EntryPath<'a> {
    match file.strip_suffix(".json") {
        Some(name) if segment_problem(name).is_none() => EntryPath::Object { resource, namespace, name },
        _ => EntryPath::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn velero_paths_are_told_apart() {
        let parsed = |path: &'static str| parse(path.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(
            parsed("resources/deployments.apps/namespaces/shop/web.json"),
            EntryPath::Object { resource: "deployments.apps", namespace: "shop", name: "web" }
        );
        assert_eq!(
            parsed("resources/clusterroles.rbac.authorization.k8s.io/cluster/system:node.json"),
            EntryPath::Object {
                resource: "clusterroles.rbac.authorization.k8s.io",
                namespace: "",
                name: "system:node"
            }
        );
        for skipped in [
            "metadata/version",
            "resources/pods/v1-preferredversion/namespaces/shop/p.json",
            "resources/pods/v1/namespaces/shop/p.json",
            "resources/nodes/v1-preferredversion/cluster/n.json",
        ] {
            assert_eq!(parsed(skipped), EntryPath::Skipped, "{skipped}");
        }
        for unexpected in ["README", "resources/pods/namespaces/shop/p.yaml", "resources/pods/cluster/.json"]
        {
            assert_eq!(parsed(unexpected), EntryPath::Unexpected, "{unexpected}");
        }
    }

    #[test]
    fn paths_that_lead_astray_are_refused() {
        for path in [
            "../etc/passwd",
            "/etc/passwd",
            "resources/pods/namespaces/../x.json",
            "resources/../../x/cluster/y.json",
            "resources/pods/namespaces/shop/a/b.json",
            "resources/pods/x.json",
            "resources/pods//cluster/x.json",
            "resources/pods/cluster/a\0b.json",
            "resources/pods/cluster/namespaces/a/b.json",
        ] {
            assert!(parse(path.as_bytes()).is_err(), "{path:?}");
        }
        assert!(parse(b"resources/pods/cluster/\xff.json").is_err());
        assert!(parse("a/".repeat(3000).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(plural in "[a-z]{1,20}", group in "([a-z]{1,9}\\.){0,3}", namespaced: bool, name in "[^/\0]{1,80}") {
            prop_assume!(segment_problem(&name).is_none());
            let ty = ResourceType { group: group.trim_end_matches('.').into(), version: "v1".into(), plural, kind: "K".into(), namespaced };
            let namespace = if namespaced { "shop" } else { "" };
            let path = object_path(&ty, namespace, &name);
            let resource = ty.group_resource().to_string();
            prop_assert_eq!(parse(path.as_bytes()), Ok(EntryPath::Object { resource: &resource, namespace, name: &name }));
        }
    }
}
