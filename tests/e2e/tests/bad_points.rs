//! Recovery points that are missing, damaged, changed or hostile: refused by name, and nothing of them is written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use holdfast_e2e::corpus::object;
use holdfast_e2e::foreign;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::report::Report;
use holdfast_e2e::run::Run;
use holdfast_e2e::snapshot;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

/// A restore that fails with these words and writes nothing.
async fn restore_fails(lab: &Lab, words: &str, needles: &[&str]) -> Run {
    let run = lab.run(&format!("restore --cluster target -o json {words}")).await.expect(1);
    let line = run.error();
    for needle in needles {
        assert!(line.contains(needle), "{needle:?} is not in: {line}");
    }
    let written = snapshot::take(&lab.target, lab.prefix()).await;
    assert!(written.is_empty(), "{run} wrote {:?}", written.keys());
    run
}

/// Recovery points of these names, each of one namespace with three ConfigMaps.
async fn points(lab: &Lab, names: &[&str]) {
    let ns = lab.namespace("a").await;
    for at in 0..3 {
        let data = json!({"data": {"x": format!("{at}").repeat(1000)}});
        lab.source.create(&object("v1", "ConfigMap", &ns, &format!("map-{at}"), data)).await;
    }
    for name in names {
        lab.backup(name, &format!("--include-namespaces {ns}")).await;
    }
}

fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    how(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_point_is_refused_by_name() {
    let lab = Lab::new("badpoint").await;
    points(
        &lab,
        &[
            "good",
            "half",
            "cut",
            "flipped",
            "no-archive",
            "no-json",
            "marker-changed",
            "index-flipped",
            "index-gone",
        ],
    )
    .await;
    let file = |point: &str, suffix: &str| lab.point(point).join(format!("{point}{suffix}"));
    fs::remove_file(lab.point("half").join("velero-backup.json")).unwrap();
    change(&file("cut", ".tar.gz"), |bytes| bytes.truncate(bytes.len() / 2));
    change(&file("flipped", ".tar.gz"), |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
    });
    fs::remove_file(file("no-archive", ".tar.gz")).unwrap();
    fs::write(lab.point("no-json").join("velero-backup.json"), "{\"kind\": ").unwrap();
    change(&file("index-flipped", "-holdfast-index.gz"), |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
    });
    fs::remove_file(file("index-gone", "-holdfast-index.gz")).unwrap();
    change(&lab.point("marker-changed").join("velero-backup.json"), |bytes| {
        *bytes =
            String::from_utf8(bytes.clone()).unwrap().replace("Completed", "PartiallyFailed").into_bytes();
    });

    let rows: [(&str, &[&str]); 6] = [
        ("nowhere", &["no recovery point nowhere", "list the points"]),
        ("half", &["half", "never finished"]),
        ("cut", &["cut.tar.gz", "use another point"]),
        ("no-archive", &["no-archive.tar.gz", "missing"]),
        ("no-json", &["velero-backup.json", "use another point"]),
        ("marker-changed", &["marker-changed/velero-backup.json", "changed after it was written"]),
    ];
    for (name, needles) in rows {
        restore_fails(&lab, &format!("--point {name}"), needles).await;
        let shown = lab.run(&format!("points show {name} --verify -o json")).await;
        assert!(matches!(shown.code, Some(1 | 3)), "{shown}");
    }
    let listed = lab.run("points list -o json").await.expect(0).json();
    let kind = |name: &str| {
        let found = listed.as_array().unwrap().iter().find(|point| point["name"] == name);
        found.map(|point| point["kind"].as_str().unwrap().to_owned())
    };
    assert_eq!(kind("good").as_deref(), Some("readable"));
    assert_eq!(kind("half"), None, "a folder without marker is no point");
    assert_eq!(kind("no-json").as_deref(), Some("unreadable"), "what is damaged is not hidden");

    // What the other members of the archive hold is good; what the changed one holds is named and not written.
    let partly = Report(lab.run("restore --cluster target --point flipped -o json").await.expect(3).json());
    assert_eq!(partly.count("failed"), 3, "{:?}", partly.outcomes());
    for item in partly.items().filter(|item| item.outcome() == "Failed") {
        assert!(item.reason().contains("flipped.tar.gz was changed after it was written"), "{item}");
        assert!(lab.target.get(&item.target()).await.is_none());
    }
    let shown = lab.run("points show flipped --verify").await.expect(3);
    assert!(shown.stdout.contains("DAMAGED") && shown.stdout.contains("flipped.tar.gz"), "{shown}");
    snapshot::clean(&lab.target, lab.prefix()).await;

    // The index can be made again from the archive; a wrong one is noticed.
    let mended = lab.run("restore --cluster target --point index-gone --plan -o json").await.expect(0);
    assert_eq!(mended.json()["counts"]["created"], 4, "{mended}");
    let flipped = lab.run("points show index-flipped --verify -o json").await;
    assert!(matches!(flipped.code, Some(1 | 3)), "{flipped}");
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_leads_astray_is_refused_and_writes_nothing_outside() {
    let lab = Lab::new("astray").await;
    let evil = lab.folder().join("evil");
    let absolute = evil.display().to_string();
    let map = object("v1", "ConfigMap", &lab.name("a"), "x", json!({"data": {}})).to_string();
    let paths = [
        "../../../../../../evil",
        absolute.as_str(),
        "resources/configmaps/namespaces/../../../evil.json",
        "resources/configmaps/namespaces/a/b/c/x.json",
    ];
    for (at, path) in paths.iter().enumerate() {
        let name = format!("astray-{at}");
        foreign::point(&lab.vault(), &name, |tar| foreign::entry(tar, path, map.as_bytes()));
        restore_fails(&lab, &format!("--point {name}"), &[&name, "do not restore from it"]).await;
    }
    let link = |kind: tar::EntryType| {
        move |tar: &mut tar::Builder<GzEncoder<fs::File>>| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            tar.append_link(&mut header, "resources/configmaps/namespaces/a/x.json", "/etc/passwd").unwrap();
        }
    };
    for (name, kind) in [("symlink", tar::EntryType::Symlink), ("hardlink", tar::EntryType::Link)] {
        foreign::point(&lab.vault(), name, link(kind));
        let run = lab.run(&format!("points objects {name} -o json")).await;
        assert!(!run.stdout.contains("root:"), "{run}");
        assert!(run.code == Some(1) || run.json() == json!([]), "{run}");
    }
    assert!(!evil.exists() && !lab.folder().join("vault/backups/evil").exists());
    lab.finish().await;
}

/// An archive that unpacks to 10 GiB of zeros: one gzip member of 64 MiB, many times over.
fn bomb(lab: &Lab, name: &str, entries: u64) {
    let folder = foreign::point(&lab.vault(), name, |_| {});
    let member = |content: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content).unwrap();
        gzip.finish().unwrap()
    };
    let zeros = member(&vec![0; 64 << 20]);
    let mut archive = fs::File::create(folder.join(format!("{name}.tar.gz"))).unwrap();
    for at in 0..entries {
        let mut header = tar::Header::new_gnu();
        header.set_path(format!("resources/configmaps/namespaces/a/{at}.json")).unwrap();
        header.set_mode(0o755);
        header.set_size((10 << 30) / entries);
        header.set_cksum();
        archive.write_all(&member(header.as_bytes())).unwrap();
        for _ in 0..160 / entries {
            archive.write_all(&zeros).unwrap();
        }
    }
    archive.write_all(&member(&[0; 1024])).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_refused_quickly_and_with_little_memory() {
    let lab = Lab::new("bomb").await;
    for (name, entries) in [("one", 1), ("many", 160)] {
        bomb(&lab, name, entries);
        let mut child =
            lab.command(&format!("restore --cluster target --point {name} -o json")).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id().unwrap());
        let clock = std::time::Instant::now();
        let mut peak = 0;
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            peak = peak.max(peak_kib(&status));
            assert!(clock.elapsed() < Duration::from_secs(30), "the bomb is still being read");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(name) && said.contains("larger than"), "{said}");
        assert!(clock.elapsed() < Duration::from_secs(10), "{:?}", clock.elapsed());
        assert!((1..250 << 10).contains(&peak), "{} MiB", peak >> 10);
    }
    let cache: u64 = sizes(&lab.folder().join("cache"));
    assert!(cache < 1 << 20, "{cache} bytes of a refused archive are left in the cache");
    lab.finish().await;
}

/// The most memory that a process has used so far, in KiB.
fn peak_kib(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

fn sizes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() { sizes(&entry.path()) } else { entry.metadata().map_or(0, |m| m.len()) }
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_not_what_its_path_says_is_not_restored_as_something_else() {
    let lab = Lab::new("liar").await;
    let ns = lab.name("a");
    let secret = object("v1", "Secret", &ns, "x", json!({"stringData": {"a": "b"}}));
    let elsewhere = object("v1", "ConfigMap", "kube-system", "x", json!({"data": {}}));
    let rows: [(&str, &str, Value); 4] = [
        ("other-kind", "resources/configmaps/namespaces/{ns}/x.json", secret.clone()),
        ("other-namespace", "resources/configmaps/namespaces/{ns}/x.json", elsewhere),
        ("other-name", "resources/secrets/namespaces/{ns}/y.json", secret),
        ("no-object", "resources/secrets/namespaces/{ns}/x.json", json!([1, 2])),
    ];
    for (name, path, object) in rows {
        foreign::point(&lab.vault(), name, |tar| {
            foreign::entry(tar, &path.replace("{ns}", &ns), object.to_string().as_bytes());
        });
        let run = lab.run(&format!("restore --cluster target --point {name} -o json")).await;
        assert!(run.code != Some(0) || run.json()["items"] == json!([]), "{run}");
        let written = snapshot::take(&lab.target, lab.prefix()).await;
        let restored = written
            .keys()
            .filter(|key| matches!(key.kind.as_str(), "Secret" | "ConfigMap") && key.name.len() == 1);
        assert_eq!(restored.count(), 0, "{run}");
    }
    lab.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_whose_backup_failed_is_shown_and_not_restored() {
    let lab = Lab::new("failed").await;
    let folder = foreign::point(&lab.vault(), "unlucky", |_| {});
    change(&folder.join("velero-backup.json"), |bytes| {
        *bytes = String::from_utf8(bytes.clone()).unwrap().replace("Completed", "Failed").into_bytes();
    });
    restore_fails(&lab, "--point unlucky", &["unlucky", "\"Failed\"", "choose another point"]).await;
    let listed = lab.run("points list").await.expect(0);
    assert!(listed.stdout.contains("unlucky") && listed.stdout.contains("Unreadable"), "{listed}");
    lab.finish().await;
}
