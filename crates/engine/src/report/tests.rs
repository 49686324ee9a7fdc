//! Reports with texts that try to be more than text.

use holdfast_model::plan::{Action, Change};
use serde_json::json;

use super::*;

const EVIL: &str = "=HYPERLINK(\"http://x\")\nsecond \"line\", <script>alert('x')</script> \u{202e}\u{7}";

fn item(name: &str, outcome: Outcome) -> JobItem {
    JobItem {
        group: "apps".into(),
        version: "v1".into(),
        kind: "Deployment".into(),
        namespace: "shop".into(),
        name: name.into(),
        target_namespace: "shop-new".into(),
        target_name: None,
        action: Action::Patch,
        outcome,
        reason: Some(EVIL.into()),
        diff: vec![Change { path: "/spec/replicas".into(), live: 1.into(), point: 2.into() }],
        pruned_paths: vec!["/spec/selector".into()],
        modifiers: vec!["modifier rule 1 changed it".into()],
        earlier: false,
    }
}

fn report() -> ReportFile {
    let items = vec![item("identical", Outcome::Identical), item("web", Outcome::Failed)];
    let counts = Counts { identical: 1, failed: 1, ..Counts::default() };
    ReportFile {
        job: Some("20261125-120000-000a7679".parse().unwrap()),
        kind: JobKind::Restore,
        state: JobState::Partial,
        cluster: Some("@SUM(1)".into()),
        recovery_point: Some("first".into()),
        machine: None,
        started: Some("2026-11-25T12:00:00Z".parse().unwrap()),
        ended: Some("2026-11-25T12:00:05Z".parse().unwrap()),
        objects: 1,
        counts,
        warnings: vec![JobWarning { message: EVIL.into(), count: 3, objects: vec!["<b>".into()] }],
        error: None,
        items,
    }
}

fn written(format: ReportFormat) -> Vec<u8> {
    let mut out = Vec::new();
    report().write(format, &mut out).unwrap();
    out
}

#[test]
fn json_comes_back_and_what_is_none_says_why() {
    let json = written(ReportFormat::Json);
    assert_eq!(ReportFile::parse(&json).unwrap(), report());
    let error = |bytes: &[u8]| ReportFile::parse(bytes).unwrap_err().to_string();
    for cut in [0, 1, 40, json.len() / 2, json.len() - 3] {
        assert!(error(&json[..cut]).contains("ends in the middle"), "{cut}");
    }
    assert!(error(b"kind,name\nx,y").contains("not JSON"));
    assert!(error(b"PK\x03\x04").contains("not JSON"));
    for foreign in [json!([]), json!({}), json!({"job": null, "state": "Completed"}), json!({"items": 1})] {
        let text = error(foreign.to_string().as_bytes());
        assert!(text.contains("not a report") && text.contains("holdfast jobs report"), "{text}");
    }
    let too_large = vec![b' '; MAX_REPORT_BYTES + 1];
    assert!(matches!(ReportFile::parse(&too_large), Err(ReportError::TooLarge { .. })));
}

#[test]
fn what_restore_prints_is_a_report() {
    let printed = json!({"recoveryPoint": "first", "cluster": "c", "state": "Partial", "counts": {"created": 0, "patched": 0,
        "skipped": 0, "identical": 0, "derived": 0, "blocked": 0, "failed": 1, "cancelled": 0}, "job": null, "durationMs": 7,
        "warnings": ["a word"], "items": [item("web", Outcome::Failed)]});
    let report = ReportFile::parse(printed.to_string().as_bytes()).unwrap();
    assert_eq!((report.kind, report.items.len(), report.warnings[0].count), (JobKind::Restore, 1, 1));
    assert_eq!(report.recovery_point.as_deref(), Some("first"));
}

#[test]
fn no_field_of_csv_is_a_formula_and_every_field_comes_back() {
    let csv = written(ReportFormat::Csv);
    let mut reader = ::csv::Reader::from_reader(csv.as_slice());
    assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 2);
    assert_eq!((&records[1][4], &records[1][OUTCOME]), ("web", "Failed"));
    assert_eq!(&records[1][9], format!("'{EVIL}"));
    assert_eq!((&records[1][10], &records[1][11]), ("/spec/replicas", "/spec/selector"));
}

#[test]
fn the_page_shows_what_failed_first_and_nothing_of_it_is_markup() {
    let page = String::from_utf8(written(ReportFormat::Html)).unwrap();
    assert!(!page.contains("<script") && !page.contains("<b>)") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
    assert!(page.find("Failed (1)").unwrap() < page.find("Identical (1)").unwrap());
    for open in ["table", "details", "ul", "dl", "body", "html"] {
        let count = |tag: String| page.matches(&tag).count();
        assert_eq!(
            count(format!("<{open}>")) + count(format!("<{open} ")),
            count(format!("</{open}>")),
            "{open}"
        );
    }
}

#[test]
fn a_workbook_is_made_of_long_and_odd_texts() {
    let mut report = report();
    report.items[0].reason = Some("x😀".repeat(40_000));
    let mut out = Vec::new();
    report.write(ReportFormat::Xlsx, &mut out).unwrap();
    assert!(out.starts_with(b"PK"));
    let mut again = Vec::new();
    report.write(ReportFormat::Xlsx, &mut again).unwrap();
    assert!(out == again, "the same report gives the same bytes");
    ReportFile { items: Vec::new(), warnings: Vec::new(), ..report }
        .write(ReportFormat::Xlsx, &mut out)
        .unwrap();
}

#[test]
fn a_file_is_replaced_whole() {
    let place = tempfile::TempDir::new().unwrap();
    let file = place.path().join("a.HTML");
    std::fs::write(&file, "before").unwrap();
    let format = ReportFormat::of_path(&file).unwrap();
    report().write_file(format, &file).unwrap();
    assert!(std::fs::read(&file).unwrap() == written(ReportFormat::Html), "another page");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    let refused = report().write_file(format, &place.path().join("no/a.html")).unwrap_err();
    assert!(refused.to_string().contains("no/a.html cannot be written"), "{refused}");
}
