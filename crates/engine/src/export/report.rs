//! What an export wrote, and what it left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_model::wave::Wave;
use holdfast_store::{Point, Row};
use serde::Serialize;

use super::clean::{Cleaned, Conversion, Document};
use super::{ExportFormat, ExportRequest};

/// Why an object was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// A controller or the API server makes it again.
    MadeAgain,
    /// Applying it would run something again that had ended, or only Kubernetes itself can make it.
    NotRestorable,
    /// A volume that belongs to a claim.
    BoundVolume,
    /// By the mappings it would go where another object goes.
    SameName,
    /// The recovery point holds something that is no object.
    Unreadable,
}

impl Why {
    /// Whether somebody who asked for the object misses it: the export is not all that was asked for.
    pub fn is_lack(self) -> bool {
        matches!(self, Self::SameName | Self::Unreadable)
    }

    /// As a person reads it behind a number.
    pub fn label(self) -> &'static str {
        match self {
            Self::MadeAgain => "made again by others",
            Self::NotRestorable => "ended, or made by Kubernetes alone",
            Self::BoundVolume => "volumes of claims",
            Self::SameName => "going to a name that is taken",
            Self::Unreadable => "unreadable",
        }
    }
}

/// An object that was selected, and left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// API group, empty for core.
    pub group: String,
    /// Kind.
    pub kind: String,
    /// Namespace in the recovery point, empty for cluster-scoped objects.
    pub namespace: String,
    /// Name in the recovery point.
    pub name: String,
    /// Why, to be counted by.
    pub why: Why,
    /// Why, in words.
    pub reason: Cow<'static, str>,
}

impl LeftOut {
    pub(super) fn new(row: &Row<'_>, why: Why, reason: Cow<'static, str>) -> Self {
        Self {
            group: row.ty.group.clone(),
            kind: row.ty.kind.clone(),
            namespace: row.namespace.to_owned(),
            name: row.name.to_owned(),
            why,
            reason,
        }
    }
}

/// How many objects of a wave were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaveCount {
    /// The wave.
    pub wave: Wave,
    /// The objects.
    pub objects: u64,
}

/// What an export did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportReport {
    /// The recovery point.
    pub recovery_point: String,
    /// What was written.
    pub format: ExportFormat,
    /// The file or folder.
    pub path: PathBuf,
    /// Objects written.
    pub objects: u64,
    /// Of these, Secrets, whose values stand in the files.
    pub secrets: u64,
    /// Bytes of YAML.
    pub bytes: u64,
    /// Objects by wave, in the order of writing.
    pub waves: Vec<WaveCount>,
    /// What was selected, and left out.
    pub left_out: Vec<LeftOut>,
    /// How many objects were left out for each reason.
    pub left_out_counts: BTreeMap<Why, u64>,
    /// The objects that were asked for by name and are not in the recovery point, or that the selection leaves out.
    pub missing: Vec<String>,
    /// What to know before the export is applied.
    pub warnings: Vec<String>,
    /// How long it took.
    #[serde(rename = "durationMs", serialize_with = "millis")]
    pub duration: Duration,
    #[serde(skip)]
    noted: Noted,
}

/// What warnings are made of.
#[derive(Debug, Default)]
struct Noted {
    empty_claims: u64,
    large: u64,
    odd: u64,
    used: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl ExportReport {
    pub(super) fn new(point: &Point, request: &ExportRequest) -> Self {
        Self {
            recovery_point: point.summary().name.to_string(),
            format: request.format,
            path: request.to.clone(),
            objects: 0,
            secrets: 0,
            bytes: 0,
            waves: Vec::new(),
            left_out: Vec::new(),
            left_out_counts: BTreeMap::new(),
            missing: Vec::new(),
            warnings: Vec::new(),
            duration: Duration::ZERO,
            noted: Noted::default(),
        }
    }

    /// Whether all that was asked for is in the export, but for what is left out by its rules.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && !self.left_out.iter().any(|object| object.why.is_lack())
    }

    /// Counts a batch, and takes the documents out of it.
    pub(super) fn take(&mut self, conversion: &Conversion, batch: Vec<Cleaned>) -> Vec<Document> {
        let mut documents = Vec::with_capacity(batch.len());
        for cleaned in batch {
            match cleaned {
                Cleaned::Document { row, document, empty_claim, large } => {
                    self.count(&document);
                    self.noted.empty_claims += u64::from(empty_claim);
                    self.noted.large += u64::from(large);
                    self.noted.odd += u64::from(document.odd);
                    if let Some(row) = conversion.index.row(row) {
                        self.note_namespace(&row);
                    }
                    documents.push(document);
                }
                Cleaned::LeftOut(row, why, reason) => {
                    let row = conversion.index.row(row);
                    self.left_out.extend(row.map(|row| LeftOut::new(&row, why, reason)));
                }
            }
        }
        documents
    }

    fn count(&mut self, document: &Document) {
        self.objects += 1;
        self.secrets += u64::from(document.secret);
        self.bytes += document.yaml.len() as u64;
        match self.waves.last_mut() {
            Some(last) if last.wave == document.wave => last.objects += 1,
            _ => self.waves.push(WaveCount { wave: document.wave, objects: 1 }),
        }
    }

    fn note_namespace(&mut self, row: &Row<'_>) {
        if row.ty.is("", "namespaces") {
            self.noted.namespaces.insert(row.name.to_owned());
        } else if !row.namespace.is_empty() && !self.noted.used.contains(row.namespace) {
            self.noted.used.insert(row.namespace.to_owned());
        }
    }

    /// Counts what was left out, and says what to know.
    pub(super) fn end(&mut self, mappings: &NamespaceMappings, duration: Duration) {
        self.duration = duration;
        for object in &self.left_out {
            *self.left_out_counts.entry(object.why).or_default() += 1;
        }
        self.warnings.extend(self.missing.iter().map(|object| {
            format!("{object} is not in the recovery point, or the rest of the selection leaves it out")
        }));
        let exported: BTreeSet<&str> =
            self.noted.namespaces.iter().map(|name| mappings.target(name)).collect();
        let used: BTreeSet<&str> = self.noted.used.iter().map(|name| mappings.target(name)).collect();
        for name in used.difference(&exported).filter(|name| **name != "default") {
            self.warnings.push(format!("namespace {name} is not in the export; make it before you apply"));
        }
        let has = |wave| self.waves.iter().any(|count| count.wave == wave);
        if has(Wave::Definitions) && has(Wave::CustomResources) {
            self.warnings.push(
                "kubectl looks up every kind before it applies anything: where the definitions are new, apply twice".to_owned(),
            );
        }
        if self.noted.large > 0 {
            let large = self.noted.large;
            self.warnings
                .push(format!("{large} objects are too large for kubectl apply without --server-side"));
        }
        if self.noted.odd > 0 {
            let odd = self.noted.odd;
            self.warnings.push(if self.format == ExportFormat::Kustomize {
                format!(
                    "{odd} objects hold control characters, which kustomize refuses: they are not listed in the \
                     kustomization; apply their files, named there in comments, without --server-side"
                )
            } else {
                format!("{odd} objects hold control characters, which --server-side refuses; apply those without it")
            });
        }
        if self.noted.empty_claims > 0 {
            let claims = self.noted.empty_claims;
            self.warnings
                .push(format!("{claims} claims held data, which is not exported: they will be made empty"));
        }
    }
}

fn millis<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
