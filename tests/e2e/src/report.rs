//! The JSON that `restore -o json` prints, asked for what tests want to know.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::key::Key;

/// A restore report, or a plan.
#[derive(Clone, Debug)]
pub struct Report(pub Value);

/// One of its objects.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a>(pub &'a Value);

impl Report {
    /// How the restore ended.
    pub fn state(&self) -> &str {
        self.0["state"].as_str().expect("a report has a state")
    }

    /// A number of its counts.
    pub fn count(&self, name: &str) -> u64 {
        self.0["counts"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("the counts have no {name}: {}", self.0["counts"]))
    }

    /// The id of its job.
    pub fn job(&self) -> &str {
        self.0["job"].as_str().expect("it is kept as a job")
    }

    /// All objects.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.0["items"].as_array().expect("a report has items").iter().map(Item)
    }

    /// An object by its key in the recovery point, if it was selected.
    pub fn find(&self, key: &Key) -> Option<Item<'_>> {
        self.items().find(|item| item.key() == *key)
    }

    /// An object that must have been selected.
    #[track_caller]
    pub fn item(&self, key: &Key) -> Item<'_> {
        self.find(key).unwrap_or_else(|| panic!("{key} is not in the report: {:#}", self.brief()))
    }

    /// The objects with an outcome, as text for messages.
    pub fn with_outcome(&self, outcome: &str) -> Vec<String> {
        self.items().filter(|item| item.outcome() == outcome).map(|item| item.to_string()).collect()
    }

    /// What happened to each object, or would happen, in the words of outcomes.
    pub fn outcomes(&self) -> BTreeMap<Key, String> {
        let outcome = |item: Item<'_>| match (item.outcome(), item.action()) {
            ("Planned", "Create") => "Created".to_owned(),
            ("Planned", "Patch") => "Patched".to_owned(),
            ("Planned", "Recreate") => "Recreated".to_owned(),
            ("Planned", "Skip") => "Skipped".to_owned(),
            ("Planned", other) => other.to_owned(),
            (outcome, _) => outcome.to_owned(),
        };
        self.items().map(|item| (item.key(), outcome(item))).collect()
    }

    /// Ends the test unless nothing failed or was blocked.
    #[track_caller]
    pub fn expect_clean(&self) {
        let bad = [self.with_outcome("Failed"), self.with_outcome("Blocked")].concat();
        assert!(bad.is_empty() && self.state() == "Completed", "{} {bad:#?}", self.state());
    }

    fn brief(&self) -> Value {
        serde_json::json!({"state": self.0["state"], "counts": self.0["counts"],
            "items": self.items().map(|item| item.to_string()).collect::<Vec<_>>()})
    }
}

impl<'a> Item<'a> {
    fn text(self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_default()
    }

    /// Its key in the recovery point.
    pub fn key(self) -> Key {
        let (group, version) = (self.text("group"), self.text("version"));
        let api = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        Key::new(&api, self.text("kind"), self.text("namespace"), self.text("name"))
    }

    /// Its key in the target.
    pub fn target(self) -> Key {
        let mut key = self.key();
        self.text("targetNamespace").clone_into(&mut key.namespace);
        if let Some(name) = self.0["targetName"].as_str() {
            name.clone_into(&mut key.name);
        }
        key
    }

    /// What was planned or tried.
    pub fn action(self) -> &'a str {
        self.text("action")
    }

    /// What happened.
    pub fn outcome(self) -> &'a str {
        self.text("outcome")
    }

    /// Why, empty where there is nothing to say.
    pub fn reason(self) -> &'a str {
        self.text("reason")
    }

    /// Paths of the fields that differ.
    pub fn changed(self) -> Vec<&'a str> {
        let diff = self.0["diff"].as_array();
        diff.into_iter().flatten().map(|change| change["path"].as_str().unwrap()).collect()
    }

    /// The difference at a path: the live value and the recovery point's.
    pub fn change(self, path: &str) -> Option<(&'a Value, &'a Value)> {
        let mut diff = self.0["diff"].as_array().into_iter().flatten();
        diff.find(|change| change["path"] == path).map(|change| (&change["live"], &change["point"]))
    }

    /// Paths that were left as they were.
    pub fn pruned(self) -> Vec<&'a str> {
        self.0["prunedPaths"].as_array().into_iter().flatten().map(|path| path.as_str().unwrap()).collect()
    }
}

impl std::fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({}): {}", self.outcome(), self.key(), self.action(), self.reason())?;
        let diff = self.0["diff"].to_string();
        if diff == "null" { Ok(()) } else { write!(f, " {}", diff.chars().take(400).collect::<String>()) }
    }
}
