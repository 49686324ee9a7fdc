//! Names of files, made of names that a recovery point holds and nobody may trust.
//!
//! `<number>-<wave>/<namespace or _cluster>/<kind>[.<group>]-<name>.yaml`. Only ASCII letters, digits, `-`, `_` and `.`
//! get through, no part begins with a dot or ends with one, is a device of Windows, or is longer than
//! [`MAX_PART`]. Two objects whose names become the same, also where a file system does not tell capitals apart, get
//! numbers. The same objects in the same order give the same names.

use std::collections::HashMap;

use holdfast_model::resource::ResourceType;
use holdfast_model::wave::Wave;

/// Longest name of one file or folder, in bytes; file systems stop at 255, some tools at 143.
const MAX_PART: usize = 140;
/// Folder of cluster-scoped objects. No namespace can be called so, and it comes before them.
const CLUSTER: &str = "_cluster";

/// What the folder of a wave is called, so that folders sort as waves are written.
pub(super) fn wave_folder(wave: Wave) -> &'static str {
    match wave {
        Wave::Definitions => "01-definitions",
        Wave::Namespaces => "02-namespaces",
        Wave::Storage => "03-storage",
        Wave::Configuration => "04-configuration",
        Wave::Workloads => "05-workloads",
        Wave::CustomResources => "06-custom-resources",
        Wave::Interception => "07-interception",
    }
}

/// The names given so far.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    /// A path for an object, relative and with `/`, that no other object has.
    pub(super) fn path(&mut self, wave: Wave, ty: &ResourceType, namespace: &str, name: &str) -> String {
        let folder = if namespace.is_empty() { CLUSTER.to_owned() } else { part(namespace) };
        let stem = part(&format!("{}-{name}", ty.group_kind().to_lowercase()));
        let base = format!("{}/{folder}/{stem}", wave_folder(wave));
        let mut path = base.clone();
        // Every name that is given counts up the one it was made of, so hostile names cost no more than others.
        loop {
            let taken = self.0.entry(path.to_lowercase()).or_insert(0);
            *taken += 1;
            if *taken == 1 {
                return format!("{path}.yaml");
            }
            path = format!("{base}~{taken}");
        }
    }
}

/// One part of a path.
fn part(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut part: String = text.chars().take(MAX_PART).map(|c| if allowed(c) { c } else { '_' }).collect();
    while part.ends_with('.') {
        part.pop();
    }
    if part.is_empty() || part.starts_with(['.', '-']) || part == CLUSTER || is_device(&part) {
        part.insert(0, '_');
    }
    part
}

/// Whether Windows takes a name for a device, whatever follows its first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(group: &str, kind: &str) -> ResourceType {
        ResourceType {
            group: group.into(),
            version: "v1".into(),
            plural: String::new(),
            kind: kind.into(),
            namespaced: true,
        }
    }

    #[test]
    fn names_read_well_and_sort_as_they_are_written() {
        let mut names = Names::default();
        let mut path =
            |wave, group, kind, ns, name| -> String { names.path(wave, &ty(group, kind), ns, name) };
        assert_eq!(
            path(Wave::Workloads, "apps", "Deployment", "shop", "web"),
            "05-workloads/shop/deployment.apps-web.yaml"
        );
        assert_eq!(
            path(Wave::Configuration, "rbac.authorization.k8s.io", "ClusterRole", "", "system:reader"),
            "04-configuration/_cluster/clusterrole.rbac.authorization.k8s.io-system_reader.yaml"
        );
        let folders = Wave::ALL.map(wave_folder);
        assert!(folders.is_sorted(), "{folders:?}");
    }

    #[test]
    fn hostile_names_stay_inside_and_apart() {
        let mut names = Names::default();
        let hostile = [
            "../../etc/passwd",
            "..",
            ".",
            "",
            "/etc",
            "C:\\x",
            "con",
            "NUL",
            "com1.txt",
            "a\0b",
            "a b",
            "a/b",
            "A",
            "a",
            "ä",
            "x\u{202e}y",
            "-rf",
            "_cluster",
            "trailing.",
            &"n".repeat(400),
            &format!("{}x", "n".repeat(400)),
        ];
        let mut seen = std::collections::HashSet::new();
        for namespace in hostile {
            for name in hostile {
                let path = names.path(Wave::Workloads, &ty("", "../Kind"), namespace, name);
                let parts: Vec<&str> = path.split('/').collect();
                assert_eq!(parts.len(), 3, "{path}");
                for part in &parts {
                    assert!(part.len() <= MAX_PART + 12 && !part.starts_with('.'), "{path}");
                    assert!(
                        part.bytes().all(|b| b.is_ascii_graphic() && !b"\\:*?\"<>|".contains(&b)),
                        "{path}"
                    );
                }
                assert!(!is_device(parts[1]), "{path}");
                assert_eq!(parts[1] == CLUSTER, namespace.is_empty(), "{path}");
                assert!(seen.insert(path.to_lowercase()), "twice: {path}");
            }
        }
    }

    #[test]
    fn many_objects_of_one_name_are_named_quickly() {
        let mut names = Names::default();
        let kind = ty("", "ConfigMap");
        let paths: std::collections::HashSet<String> =
            (0..100_000).map(|_| names.path(Wave::Workloads, &kind, "a", "x")).collect();
        assert_eq!(paths.len(), 100_000);
    }
}
