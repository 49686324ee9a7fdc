//! Exports: what `kubectl apply` makes of them is what was backed up; nothing half-written; reports as files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test ends where its expectation fails, and tells one story however long it is"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use holdfast_e2e::cluster::Cluster;
use holdfast_e2e::corpus::Corpus;
use holdfast_e2e::exceptions::{DERIVED, differences};
use holdfast_e2e::key::Key;
use holdfast_e2e::lab::Lab;
use holdfast_e2e::many;
use holdfast_e2e::snapshot::{self, Snapshot};
use holdfast_e2e::terminal::Terminal;
use serde_json::{Value, json};
use tokio::process::Command;

const SEED: u64 = 20_261_125;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_and_applied_is_what_was_backed_up() {
    let lab = Lab::alone("exp").await;
    let corpus = Corpus::small(lab.prefix(), SEED);
    corpus.create(&lab.source).await;
    let before = snapshot::take(&lab.source, lab.prefix()).await;
    let everything = format!("--include-namespaces {}* --include-cluster-resources true", lab.prefix());
    lab.backup("whole", &everything).await;

    let mut forms = Vec::new();
    let mut left_out = BTreeSet::new();
    for (format, name) in
        [("folder", "folder"), ("yaml", "all.yaml"), ("tar", "all.tar.gz"), ("kustomize", "base")]
    {
        let to = lab.folder().join(name);
        let words =
            format!("points export whole --to {} --format {format} {everything} -o json", to.display());
        let report = lab.run(&words).await.expect(0).json();
        left_out = keys_left_out(&report);
        let documents = documents(&to, format);
        assert_eq!(report["objects"], documents.len(), "{format}");
        forms.push((to, documents));
    }
    let (folder, first) = forms[0].clone();
    for (path, documents) in &forms {
        let by_key = |all: &[Value]| all.iter().map(|o| (Key::of(o), o.clone())).collect::<BTreeMap<_, _>>();
        assert!(
            by_key(documents) == by_key(&first),
            "{} says something else than {}",
            path.display(),
            folder.display()
        );
    }
    let exported: BTreeSet<Key> = first.iter().map(Key::of).collect();
    let expected: Vec<&Key> = before.keys().filter(|key| !left_out.contains(&unversioned(key))).collect();
    let missing: Vec<&&Key> = expected.iter().filter(|key| !exported.contains(**key)).collect();
    assert!(missing.is_empty(), "neither exported nor left out: {missing:#?}");
    let silent: Vec<&Key> = before
        .keys()
        .filter(|key| left_out.contains(&unversioned(key)) && !exported.contains(*key))
        .filter(|key| !DERIVED.iter().any(|(kind, ..)| *kind == key.kind))
        .filter(|key| !["Job", "PersistentVolume"].contains(&key.kind.as_str()))
        .collect();
    assert!(silent.is_empty(), "left out without being derived or ended: {silent:#?}");
    assert!(expected.len() >= 140, "only {} objects are compared", expected.len());

    // Documents by requests of this test everywhere, and each form that kubectl takes by kubectl where it is there.
    apply(&lab.target, &first).await;
    equal(&lab.target, &before, &expected, true).await;
    if !kubectl_is_here().await {
        println!("no kubectl here: the documents were applied by this test's own requests only");
        lab.finish().await;
        return;
    }
    let base = fs::read_to_string(forms[3].0.join("kustomization.yaml")).unwrap();
    let unlisted: Vec<&str> =
        base.lines().filter_map(|line| line.strip_prefix("# control characters: - ")).collect();
    assert!(!unlisted.is_empty(), "the corpus has such objects");
    for (form, words) in [(0, "-R -f"), (1, "-f"), (3, "-k")] {
        // What was there goes first, so that each form makes everything.
        tokio::join!(snapshot::clean(&lab.source, lab.prefix()), snapshot::clean(&lab.target, lab.prefix()));
        let cluster = if form == 1 { ("target", &lab.target) } else { ("source", &lab.source) };
        let (by_server, by_client) = (
            format!("apply --server-side {words} {}", forms[form].0.display()),
            format!("apply {words} {}", forms[form].0.display()),
        );
        // Once for the definitions: kubectl looks every kind up before it applies anything. Then each way to apply may
        // refuse only what the other one takes: control characters by the server, large objects by the client. What is
        // both can be created.
        kubectl(&lab, cluster.0, &by_server).await;
        let create = by_client.replacen("apply", "create", 1);
        for (words, refusal) in [(by_server, "control characters are not allowed"), (by_client, "Too long")] {
            let said = kubectl(&lab, cluster.0, &words).await.stderr;
            let said = String::from_utf8_lossy(&said).into_owned();
            let count = |is: &dyn Fn(&str) -> bool| said.lines().filter(|line| is(line)).count();
            let errors = count(&|line| line.starts_with("Error") || line.starts_with("error"));
            let allowed = count(&|line| line.contains(refusal));
            let brief: Vec<String> = said.lines().map(|line| line.chars().take(300).collect()).collect();
            assert_eq!(errors, allowed, "kubectl {words}: {brief:#?}");
        }
        for file in unlisted.iter().filter(|_| form == 3) {
            kubectl(&lab, cluster.0, &format!("create -f {}", forms[3].0.join(file).display())).await;
        }
        // It complains of all that is there by now; what is still missing after it is found below.
        kubectl(&lab, cluster.0, &create).await;
        // `kubectl apply` takes a null for the wish to have no such field.
        equal(cluster.1, &before, &expected, false).await;
    }
    lab.finish().await;
}

fn unversioned(key: &Key) -> (String, String, String, String) {
    (key.group().to_owned(), key.kind.clone(), key.namespace.clone(), key.name.clone())
}

fn keys_left_out(report: &Value) -> BTreeSet<(String, String, String, String)> {
    let text = |object: &Value, field: &str| object[field].as_str().unwrap().to_owned();
    let objects = report["leftOut"].as_array().unwrap().iter();
    objects.map(|o| (text(o, "group"), text(o, "kind"), text(o, "namespace"), text(o, "name"))).collect()
}

/// The documents of an export in the order in which they are applied.
///
/// On a thread with a stack of its own size: without optimisation, reading the deepest object of the corpus takes more than
/// the two megabytes that a test has.
fn documents(path: &Path, format: &str) -> Vec<Value> {
    let (path, format) = (path.to_owned(), format.to_owned());
    let reading =
        std::thread::Builder::new().stack_size(64 << 20).spawn(move || read_documents(&path, &format));
    reading.unwrap().join().unwrap()
}

fn read_documents(path: &Path, format: &str) -> Vec<Value> {
    // As deep as objects of the corpus are.
    let deep = || serde_saphyr::options! { budget: serde_saphyr::budget! { max_depth: 256 } };
    let parse = |text: &str| serde_saphyr::from_str_with_options::<Value>(text, deep()).unwrap();
    let read = |path: PathBuf| parse(&fs::read_to_string(&path).unwrap());
    match format {
        "yaml" => {
            let text = fs::read_to_string(path).unwrap();
            let documents = text.strip_prefix("---\n").unwrap().split("\n---\n").map(parse);
            documents.collect()
        }
        "tar" => {
            let file = flate2::read::GzDecoder::new(fs::File::open(path).unwrap());
            let unpacked = path.with_extension("unpacked");
            tar::Archive::new(file).unpack(&unpacked).unwrap();
            read_documents(&unpacked.join("whole"), "folder")
        }
        "kustomize" => {
            // What kustomize refuses is listed in comments.
            let base = fs::read_to_string(path.join("kustomization.yaml")).unwrap();
            let files = base.lines().filter_map(|line| Some(line.split_once("- ")?.1));
            files.map(|file| read(path.join(file))).collect()
        }
        _ => {
            let mut files = Vec::new();
            let mut open = vec![path.to_owned()];
            while let Some(folder) = open.pop() {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() { open.push(path) } else { files.push(path) }
                }
            }
            files.sort();
            files.into_iter().map(read).collect()
        }
    }
}

/// Creates each document, in order, or merges it into what is there already.
async fn apply(cluster: &Cluster, documents: &[Value]) {
    for document in documents {
        let key = Key::of(document);
        match cluster.try_create(document).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if status.code == 409 => {
                cluster.patch(&key, document.clone()).await;
            }
            Err(error) => panic!("{key} cannot be applied: {error}"),
        }
    }
}

async fn kubectl_is_here() -> bool {
    Command::new("kubectl").args(["version", "--client"]).output().await.is_ok_and(|run| run.status.success())
}

async fn kubectl(lab: &Lab, context: &str, words: &str) -> Output {
    let kubeconfig = lab.kubeconfig();
    Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["--context", context])
        .args(words.split_whitespace())
        .env("HOME", lab.folder().join("home"))
        .output()
        .await
        .unwrap()
}

/// Every expected object is there, and says what it said but for the table, its owners and kubectl's own annotation.
async fn equal(cluster: &Cluster, before: &Snapshot, expected: &[&Key], nulls: bool) {
    let comparable = |object: &Value| {
        let mut object = comparable(object);
        if !nulls {
            remove_nulls(&mut object);
        }
        object
    };
    let mut problems = Vec::new();
    for key in expected {
        let original = comparable(&before[*key]);
        let mut found = Vec::new();
        // Controllers fill some fields in their own time.
        for _ in 0..300 {
            found = match cluster.get(key).await {
                Some(applied) => differences(&original, &comparable(&applied)),
                None => vec!["it is not there".to_owned()],
            };
            if found.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        problems.extend(found.into_iter().map(|problem| format!("{key} {problem}")));
        assert!(problems.len() < 20, "{problems:#?}");
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    let metadata = object["metadata"].as_object_mut().unwrap();
    metadata.remove("ownerReferences");
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_stopped_leaves_nothing_and_one_that_ends_is_quick() {
    let terminal = Terminal::new();
    many::write(&terminal.vault(), 30_000).await;
    let place = terminal.folder().join("place");
    fs::create_dir(&place).unwrap();
    let export = |words: &str| {
        let vault = terminal.vault().display().to_string();
        format!("points export big --vault file://{vault} --to {} {words}", place.join("out").display())
    };
    for (format, signal) in
        [("kustomize", rustix::process::Signal::INT), ("tar", rustix::process::Signal::TERM)]
    {
        let words = export(&format!("--format {format}"));
        let child = terminal.command(&words.split_whitespace().collect::<Vec<_>>()).spawn().unwrap();
        while fs::read_dir(&place).unwrap().count() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "{format}");
    }
    let run = terminal.run(&export("--exclude-secrets -o json")).await.expect(0);
    println!("20,000 objects as a folder in {:?}", run.took);
    assert_eq!((&run.json()["objects"], &run.json()["secrets"]), (&json!(20_000), &json!(0)));
    let refused = terminal.run(&export("")).await.expect(1);
    assert!(
        refused.error().contains("out is not empty: it holds 04-configuration, 05-workloads"),
        "{refused}"
    );
    let replaced = terminal.run(&export("--force --include-namespaces team-001 -o json")).await.expect(0);
    assert_eq!(replaced.json()["objects"], 120, "{replaced}");
    let nothing = terminal.run(&export("--force --include-namespaces absent")).await.expect(1);
    assert!(nothing.error().contains("the selection matches no object; nothing was written"), "{nothing}");
    assert_eq!(documents(&place.join("out"), "folder").len(), 120, "what is there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_restore_is_a_file_in_every_form() {
    let terminal = Terminal::new();
    let vault = format!("--vault file://{}", terminal.vault().display());
    terminal.run(&format!("backup --cluster sandbox {vault} --name first")).await.expect(0);
    terminal.run("sandbox lose shop").await.expect(0);
    let restored = terminal
        .run(&format!(
            "restore --cluster sandbox {vault} --point first --storage-class-mapping managed-csi=absent -o json"
        ))
        .await;
    let restored = restored.json();
    assert_eq!(restored["state"], "Partial");
    let job = restored["job"].as_str().unwrap();
    let report = |words: &str| format!("jobs report {job} {vault} {words}");

    let json = terminal.run(&report("")).await.expect(0).json();
    for field in ["job", "state", "cluster", "recoveryPoint", "counts", "items"] {
        assert_eq!(json[field], restored[field], "{field}");
    }
    assert!(json["kind"] == "restore" && json["started"].is_string() && json["ended"].is_string());
    let items = json["items"].as_array().unwrap();

    let csv = terminal.run(&report("--format csv")).await.expect(0).stdout;
    assert_eq!(csv.lines().count(), items.len() + 1);
    let html = terminal.folder().join("report.html");
    let said = terminal.run(&report(&format!("--to {}", html.display()))).await.expect(0);
    assert!(said.stdout.contains(&format!("{} objects", items.len())), "{said}");
    let page = fs::read_to_string(&html).unwrap();
    assert!(page.find("Blocked (").unwrap() < page.find("Created (").unwrap());
    let refused = terminal.run(&report("--format xlsx")).await.expect(2);
    assert!(refused.error().contains("--to FILE"), "{refused}");
    let workbook = terminal.folder().join("report.xlsx");
    let written = terminal.run(&report(&format!("--to {} -o json", workbook.display()))).await.expect(0);
    assert_eq!(written.json()["format"], "xlsx");
    assert!(fs::read(&workbook).unwrap().starts_with(b"PK"));
    let unclear = terminal.run(&report("--to report.pdf")).await.expect(2);
    assert!(unclear.error().contains("does not tell a format"), "{unclear}");
    let counts: BTreeMap<String, u64> = serde_json::from_value(json["counts"].clone()).unwrap();
    assert_eq!(counts.values().sum::<u64>(), items.len() as u64);
}
