use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use super::*;

const FIRST: &str = r"
apiVersion: v1
kind: Config
current-context: ''
clusters:
- name: c1
  cluster: {server: 'https://first:6443', certificate-authority: pki/ca.crt}
contexts:
- name: shared
  context: {cluster: c1, user: u1}
users:
- name: u1
  user: {client-certificate: pki/me.crt, client-key: /abs/me.key, exec: {command: ./bin/login, env: null}}
";

const SECOND: &str = r"
current-context: second
clusters:
- name: c1
  cluster: {server: 'https://second:6443'}
- name: c2
  cluster: {server: 'https://second:6443', extensions: null}
contexts:
- name: shared
  context: {cluster: c2, user: u1, namespace: shop}
- name: second
  context: {cluster: c2, user: u1, namespace: shop}
- name: dangling
  context: {cluster: nowhere, user: ''}
users:
- name: u1
  user: {token: sesame}
";

fn dir(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn listed(dir: &TempDir, names: &[&str]) -> Result<Kubeconfig, ClusterError> {
    let paths =
        std::env::join_paths(names.iter().map(|n| if n.is_empty() { n.into() } else { dir.path().join(n) }));
    Kubeconfig::load_from(None, Some(&paths.unwrap()), None)
}

fn explicit(dir: &TempDir, name: &str) -> Result<Kubeconfig, ClusterError> {
    Kubeconfig::load_from(Some(&dir.path().join(name)), None, None)
}

#[test]
fn the_first_file_with_an_entry_wins_and_missing_files_are_skipped() {
    let dir = dir(&[("a", FIRST.as_bytes()), ("b", SECOND.as_bytes())]);
    let config = listed(&dir, &["missing", "", "a", "b"]).unwrap();
    let info =
        |name: &str, cluster: &str, user: &str, namespace: Option<&str>, server: Option<&str>| ContextInfo {
            name: name.into(),
            cluster: cluster.into(),
            user: user.into(),
            namespace: namespace.map(Into::into),
            server: server.map(Into::into),
            current: name == "second",
        };
    assert_eq!(
        config.contexts(),
        [
            info("dangling", "nowhere", "", None, None),
            info("second", "c2", "u1", Some("shop"), Some("https://second:6443")),
            info("shared", "c1", "u1", None, Some("https://first:6443")),
        ]
    );
    assert!(config.users["u1"].token.is_none(), "entries are not mixed");
}

#[test]
fn relative_paths_start_at_the_file() {
    let dir = dir(&[("a", FIRST.as_bytes())]);
    let config = explicit(&dir, "a").unwrap();
    let at = |path: &str| Some(dir.path().join(path).to_string_lossy().into_owned());
    assert_eq!(config.clusters["c1"].certificate_authority, at("pki/ca.crt"));
    let user = &config.users["u1"];
    assert_eq!(user.client_certificate, at("pki/me.crt"));
    assert_eq!(user.client_key.as_deref(), Some("/abs/me.key"));
    assert_eq!(user.exec.as_ref().unwrap().command, at("./bin/login"));
}

#[test]
fn a_file_asked_for_must_exist_and_the_default_need_not() {
    let dir = dir(&[]);
    let error = explicit(&dir, "missing").unwrap_err();
    assert!(matches!(error, ClusterError::Read { .. }), "{error}");
    assert!(error.to_string().contains("missing"), "{error}");
    assert_eq!(Kubeconfig::load_from(None, None, Some(dir.path())).unwrap().contexts(), []);
    assert_eq!(Kubeconfig::load_from(None, Some(OsStr::new("")), None).unwrap().contexts(), []);
}

#[test]
fn the_default_is_in_the_home_directory() {
    let dir = dir(&[]);
    fs::create_dir(dir.path().join(".kube")).unwrap();
    fs::write(dir.path().join(".kube/config"), SECOND).unwrap();
    assert_eq!(Kubeconfig::load_from(None, None, Some(dir.path())).unwrap().contexts().len(), 3);
}

#[test]
fn defects_are_named_with_file_and_line_and_without_content() {
    for (content, line, word) in [
        ("clusters:\n- name: c\n  cluster: [unclosed sesame\nusers: {", Some(3), "expected"),
        ("kind: Config\nclusters:\n- name: 'sesame\n", Some(3), "YAML"),
        ("users:\n- name: u\n  user: sesame\n", Some(3), "expected"),
        ("kind: Config\ncontexts: sesame\n", Some(2), "expected"),
        ("contexts:\n- context: {cluster: c}\n", Some(2), "name"),
        ("users:\n- name: u\n  user:\n    token: sesame\n    token: sesame\n", Some(5), "twice"),
        ("kind: Deployment\n", None, "Deployment"),
        ("users:\n- name: u\n  user: *sesame\n", Some(3), "alias"),
    ] {
        let dir = dir(&[("bad", content.as_bytes())]);
        let error = explicit(&dir, "bad").unwrap_err();
        let ClusterError::Malformed { line: found, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*found, line, "{content}: {error}");
        let text = format!("{error:?} {error}");
        assert!(text.contains("bad") && text.contains(word), "{content}: {text}");
        assert!(!text.contains("sesame"), "{text}");
        assert!(listed(&dir, &["bad"]).is_err(), "a listed file must be readable if it exists");
    }
}

#[test]
fn files_of_other_editors_are_read() {
    let mut utf16: Vec<u8> = vec![0xFF, 0xFE];
    utf16.extend(SECOND.encode_utf16().flat_map(u16::to_le_bytes));
    let mut utf8 = vec![0xEF, 0xBB, 0xBF];
    utf8.extend(SECOND.replace('\n', "\r\n").into_bytes());
    let dir = dir(&[("utf16", &utf16), ("utf8", &utf8), ("empty", b""), ("binary", &[0xC3, 0x28])]);
    assert_eq!(explicit(&dir, "utf16").unwrap().contexts().len(), 3);
    assert_eq!(explicit(&dir, "utf8").unwrap().contexts().len(), 3);
    assert_eq!(explicit(&dir, "empty").unwrap().contexts(), []);
    assert!(matches!(explicit(&dir, "binary"), Err(ClusterError::Malformed { .. })));
}

#[test]
fn a_fleet_of_five_hundred_clusters_is_read() {
    let certificate = "QUJD".repeat(15 * 1024);
    let mut text = String::from("clusters:\n");
    for n in 0..500 {
        writeln!(text, "- name: c{n}\n  cluster:\n    server: https://c{n}\n    certificate-authority-data: {certificate}")
            .unwrap();
    }
    text.push_str("contexts:\n");
    for n in 0..500 {
        writeln!(text, "- name: k{n}\n  context: {{cluster: c{n}, user: u}}").unwrap();
    }
    assert!(text.len() > 30_000_000);
    let dir = dir(&[("fleet", text.as_bytes())]);
    let config = explicit(&dir, "fleet").unwrap();
    assert_eq!(config.contexts().len(), 500);
    assert_eq!(config.clusters["c499"].certificate_authority_data.as_ref(), Some(&certificate));
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let dir = dir(&[]);
    fs::File::create(dir.path().join("huge")).unwrap().set_len(MAX_KUBECONFIG_BYTES + 1).unwrap();
    let error = explicit(&dir, "huge").unwrap_err();
    assert!(matches!(error, ClusterError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn contexts_that_do_not_add_up_say_why() {
    let dir = dir(&[("b", SECOND.as_bytes())]);
    let config = explicit(&dir, "b").unwrap();
    let unknown = config.connect("secnd").await.unwrap_err().to_string();
    assert!(unknown.contains("secnd") && unknown.contains("there are: second, "), "{unknown}");
    assert!(unknown.contains(&dir.path().join("b").display().to_string()), "{unknown}");
    let dangling = config.connect("dangling").await.unwrap_err().to_string();
    assert!(dangling.contains("dangling") && dangling.contains("nowhere"), "{dangling}");
    assert!(!format!("{config:?}").contains("sesame"));
}

#[test]
fn the_sign_in_command_is_told_without_running_it() {
    let dir = dir(&[("first", FIRST.as_bytes()), ("second", SECOND.as_bytes())]);
    let files = [dir.path().join("first"), dir.path().join("missing")];
    let config = Kubeconfig::read(&files).unwrap();
    let command = config.sign_in_command("shared").unwrap();
    assert!(command.ends_with("bin/login"), "{command}");
    assert_eq!(config.sign_in_command("nowhere"), None);
    assert!(matches!(Kubeconfig::read_chosen(&files), Err(ClusterError::Read { .. })));
    // A token of the file comes before a command.
    assert_eq!(explicit(&dir, "second").unwrap().sign_in_command("second"), None);
}
