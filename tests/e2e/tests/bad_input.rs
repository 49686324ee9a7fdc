//! Bad input: one clear error that names what is wrong and how to mend it, and nothing half-done.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use holdfast_e2e::foreign;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::run::Run;
use serde_json::{Value, json};

/// What a command must come to: exit code, and words that its one error line must hold.
type Expected<'a> = (i32, &'a [&'a str]);

fn check(run: &Run, (code, words): Expected<'_>) {
    assert_eq!(run.code, Some(code), "{run}");
    for word in words {
        assert!(run.error().contains(word), "the error does not say {word:?}: {run}");
    }
}

/// A kubeconfig made from the real one.
fn kubeconfig(lab: &Lab, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut config: Value = serde_saphyr::from_str(&fs::read_to_string(lab.kubeconfig()).unwrap()).unwrap();
    change(&mut config);
    let file = lab.folder().join(name);
    fs::write(&file, config.to_string()).unwrap();
    file.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_used_is_explained_and_leaves_no_vault() {
    let lab = Lab::new("bad").await;
    let each = |config: &mut Value, list: &str, inner: &str, value: Value| {
        for entry in config[list].as_array_mut().unwrap() {
            entry[inner] = value.clone();
        }
    };
    let unreachable = kubeconfig(&lab, "unreachable", |config| {
        each(config, "clusters", "cluster", json!({"server": "https://127.0.0.1:1"}));
    });
    let unauthorised = kubeconfig(&lab, "unauthorised", |config| {
        each(config, "users", "user", json!({"token": "nobody-knows-this-token"}));
    });
    let plugin = kubeconfig(&lab, "plugin", |config| {
        each(
            config,
            "users",
            "user",
            json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1",
            "command": "no-such-kubelogin", "interactiveMode": "Never"}}),
        );
    });
    let malformed = lab.folder().join("malformed");
    fs::write(&malformed, "apiVersion: v1\nkind: Config\ncontexts:\n  - name: [unclosed\n").unwrap();
    let malformed = malformed.display().to_string();
    let real = lab.kubeconfig().display().to_string();
    let cases: [(&str, &str, Expected<'_>); 6] = [
        (&unreachable, "source", (1, &["127.0.0.1:1", "cannot be reached"])),
        (&unauthorised, "source", (1, &["does not accept these credentials", "Sign in"])),
        (&plugin, "source", (1, &["no-such-kubelogin"])),
        (&malformed, "source", (1, &["malformed:"])),
        ("/nowhere/kubeconfig", "source", (1, &["/nowhere/kubeconfig"])),
        (&real, "sorce", (1, &["sorce", "source"])),
    ];
    for (kubeconfig, context, expected) in cases {
        let run = lab.run(&format!("backup --cluster {context} --kubeconfig {kubeconfig} -o json")).await;
        check(&run, expected);
        let result = run.json();
        assert_eq!((&result["state"], &result["warnings"]), (&json!("Failed"), &json!([])), "{run}");
        assert!(!result["error"]["message"].as_str().unwrap().is_empty());
        assert!(!lab.vault().exists(), "a vault was made for nothing: {run}");
        assert!(!format!("{run}").contains("nobody-knows-this-token"), "a token is shown: {run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_make_no_sense_are_usage_errors() {
    let lab = Lab::new("use").await;
    for (words, named) in [
        ("backup --cluster source --name Upper", "Upper"),
        ("backup --cluster source --name a/../b", "a/../b"),
        ("backup --cluster source --selector a=b,=c", "=c"),
        ("backup --cluster source --include-resources a/b/c/d", "a/b/c/d"),
        ("backup --cluster source --include-namespaces Shop", "Shop"),
        ("backup --cluster source --include-cluster-resources maybe", "maybe"),
        ("restore --cluster source --point p --namespace-mappings a:B", "a:B"),
        ("restore --cluster source --point p --namespace-mappings a", "old:new"),
        ("restore --cluster source --point p --conflict-policy replace", "replace"),
        ("points list --vault relative/path", "relative/path"),
    ] {
        let run = lab.run(words).await;
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains(named) && run.stdout.is_empty(), "{run}");
    }
    assert!(!lab.vault().exists());
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_cannot_be_written_is_explained() {
    let lab = Lab::new("vlt").await;
    let namespace = lab.namespace("data").await;
    let file = lab.folder().join("file");
    fs::write(&file, "not a folder").unwrap();
    let backup = |vault: &str| {
        format!("backup --cluster source --include-namespaces {namespace} --name p -o json --vault {vault}")
    };
    let run = lab.run(&backup(&format!("file://{}", file.display()))).await;
    check(&run, (1, &["is not a folder"]));
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a folder");
    check(&lab.run(&backup("file:///proc/holdfast")).await, (1, &["/proc/holdfast"]));
    check(&lab.run("points list --vault file:///nowhere/at/all").await, (1, &["/nowhere/at/all"]));

    // Text that does not compress, so that the archive is larger than the disk.
    let mut random = holdfast_e2e::random::Random::new(1);
    for n in 0..8 {
        let bytes = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, random.bytes(300_000));
        lab.source
            .create(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": format!("big-{n}")},
                "binaryData": {"bytes": bytes}}))
            .await;
    }
    let disk = lab.folder().join("disk");
    fs::create_dir(&disk).unwrap();
    let inner = lab.command(&backup(&format!("file://{}/vault", disk.display())));
    let inner = inner.as_std();
    let mut words = vec![inner.get_program().to_string_lossy().into_owned()];
    words.extend(inner.get_args().map(|word| word.to_string_lossy().into_owned()));
    let script = format!(
        "mount -t tmpfs -o size=1m tmpfs {0} && {{ {1}; code=$?; find {0} -name velero-backup.json; exit $code; }}",
        disk.display(),
        words.join(" ")
    );
    // A mount namespace of its own; for anybody but root also a user namespace.
    let unshare = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    let mut command = tokio::process::Command::new("unshare");
    command.args([unshare, "sh", "-c", &script]).env("HOLDFAST_CACHE_DIR", lab.folder().join("cache"));
    command.env("HOME", lab.folder());
    let output = command.output().await.unwrap();
    let run = Run {
        words: "backup into a full disk".to_owned(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: std::time::Duration::ZERO,
    };
    check(&run, (1, &["no space left"]));
    assert!(!run.stdout.contains("velero-backup.json"), "a point counts although the disk was full: {run}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_point_is_refused_by_name() {
    let lab = Lab::new("dmg").await;
    let namespace = lab.namespace("data").await;
    lab.source
        .create(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": "c"}}))
        .await;
    let selection = format!("--include-namespaces {namespace}");
    lab.backup("good", &selection).await;
    let restore = |point: &str| format!("restore --cluster target --point {point} -o json");
    let taken = lab.run(&format!("backup --cluster source --name good -o json {selection}")).await;
    check(&taken, (1, &["good", "exists already", "choose another name"]));
    check(&lab.run(&restore("unknown")).await, (1, &["unknown", "list the points"]));

    for name in ["half", "short", "flipped", "index", "marker"] {
        lab.backup(name, &selection).await;
    }
    fs::remove_file(lab.point("half").join("velero-backup.json")).unwrap();
    check(&lab.run(&restore("half")).await, (1, &["half", "never finished"]));

    let archive = lab.point("short").join("short.tar.gz");
    let bytes = fs::read(&archive).unwrap();
    fs::write(&archive, &bytes[..bytes.len() / 2]).unwrap();
    check(&lab.run(&restore("short")).await, (1, &["short.tar.gz"]));

    let archive = lab.point("flipped").join("flipped.tar.gz");
    let mut bytes = fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&archive, bytes).unwrap();
    let verified = lab.run("points show flipped --verify -o json").await.expect(3).json();
    assert!(!verified["verified"]["problems"].as_array().unwrap().is_empty(), "{verified}");

    let index = lab.point("index").join("index-holdfast-index.gz");
    let mut bytes = fs::read(&index).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 0x10;
    fs::write(&index, bytes).unwrap();
    let run = lab.run("points objects index -o json").await;
    // The index can be made again from the archive; what must not happen is a wrong answer.
    assert!(
        run.code == Some(1) || run.json() == lab.run("points objects good -o json").await.json(),
        "{run}"
    );
    let marker = lab.point("marker").join("velero-backup.json");
    fs::write(&marker, fs::read_to_string(&marker).unwrap().replace("Completed", "PartiallyFailed")).unwrap();
    check(&lab.run(&restore("marker")).await, (1, &["marker/velero-backup.json", "checksum"]));
    let listed = lab.run("points list -o json").await.expect(0).json();
    assert!(!listed.to_string().contains("\"half\""), "a half-written point counts: {listed}");
    lab.finish().await;
}

/// A gzip stream of that many MiB of zeros, made of one member again and again.
fn zeros(file: &mut fs::File, mebibytes: usize) {
    let mut member = GzEncoder::new(Vec::new(), Compression::best());
    member.write_all(&vec![0; 1024 * 1024]).unwrap();
    let member = member.finish().unwrap();
    for _ in 0..mebibytes {
        file.write_all(&member).unwrap();
    }
}

fn bomb(archive: &Path) {
    let mut header = tar::Header::new_gnu();
    header.set_path("resources/configmaps/namespaces/shop/bomb.json").unwrap();
    header.set_size(10 << 30);
    header.set_mode(0o755);
    header.set_cksum();
    let mut head = GzEncoder::new(Vec::new(), Compression::fast());
    head.write_all(header.as_bytes()).unwrap();
    let mut file = fs::File::create(archive).unwrap();
    file.write_all(&head.finish().unwrap()).unwrap();
    zeros(&mut file, 10 << 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_archive_is_refused_quickly_and_writes_nothing() {
    let lab = Lab::new("hst").await;
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "c"}})
            .to_string();
    for (name, path) in [
        ("up", "resources/configmaps/namespaces/../../../../tmp/holdfast-escaped.json"),
        ("root", "/tmp/holdfast-escaped.json"),
        ("dots", "resources/configmaps/namespaces/shop/...json/../c.json"),
    ] {
        foreign::point(&lab.vault(), name, |tar| foreign::entry(tar, path, object.as_bytes()));
        check(&lab.run(&format!("points objects {name}")).await, (1, &[path]));
    }
    assert!(!Path::new("/tmp/holdfast-escaped.json").exists());

    let folder = foreign::point(&lab.vault(), "bomb", |_| {});
    bomb(&folder.join("bomb.tar.gz"));
    let words = lab.command("points objects bomb");
    let words = words.as_std();
    let line: Vec<_> = words.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut command = tokio::process::Command::new("sh");
    // 2 GiB of address space: far less than the bomb, far more than is needed.
    let script =
        format!("ulimit -v 2097152; exec {} {}", words.get_program().to_string_lossy(), line.join(" "));
    command.args(["-c", &script]).env("HOLDFAST_CACHE_DIR", lab.folder().join("cache"));
    let clock = std::time::Instant::now();
    let output = command.output().await.unwrap();
    let run = Run {
        words: "points objects bomb".to_owned(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: clock.elapsed(),
    };
    check(&run, (1, &["bomb"]));
    assert!(run.took.as_secs() < 10, "{run}");
    lab.finish().await;
}
