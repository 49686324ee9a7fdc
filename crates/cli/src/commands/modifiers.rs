//! `holdfast modifiers`

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use holdfast_engine::restore::{Trial, TrialOutcome, Tried, try_modifiers};
use holdfast_engine::{EngineError, progress_channel};
use holdfast_model::modifiers::Modifiers as Rules;
use holdfast_model::name::PointName;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::access::open;
use crate::args::{Format, SelectionArgs, Vault};
use crate::failure::Failure;
use crate::output::{self, printable};

/// Largest file that is read, in bytes. Modifiers and hooks are at most a quarter of it.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// So many changes of one object are shown.
const SHOWN_CHANGES: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct Modifiers {
    #[command(subcommand)]
    pub command: ModifiersCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModifiersCommand {
    /// Check a file of resource modifiers without applying them.
    Lint {
        /// YAML or JSON, or the manifest of a ConfigMap that holds it; - for standard input.
        file: PathBuf,
    },
    /// Show what resource modifiers would change in the objects of a recovery point; needs no cluster.
    Try(Box<Try>),
}

#[derive(Debug, Args)]
pub(crate) struct Try {
    /// YAML or JSON, or the manifest of a ConfigMap that holds it; - for standard input.
    pub file: PathBuf,
    #[command(flatten)]
    pub vault: Vault,
    /// Recovery point whose objects are tried.
    #[arg(long)]
    pub point: PointName,
    #[command(flatten)]
    pub selection: SelectionArgs,
}

pub(crate) async fn run(
    args: &Modifiers,
    format: Format,
    cancel: CancellationToken,
) -> Result<bool, Failure> {
    match &args.command {
        ModifiersCommand::Lint { file } => lint(file, format),
        ModifiersCommand::Try(args) => try_out(args, format, cancel).await,
    }
}

/// Reads resource modifiers from a file, or from standard input for `-`.
pub(crate) fn read(file: &Path) -> Result<Rules, Failure> {
    let (shown, text) = read_text(file)?;
    Rules::from_file(&text).map_err(|source| Failure::Modifiers { file: shown, source })
}

/// The text of a file, or of standard input for `-`, with what that is called.
pub(super) fn read_text(file: &Path) -> Result<(String, String), Failure> {
    let is_input = file == Path::new("-");
    let shown = if is_input { "standard input".to_owned() } else { file.display().to_string() };
    let mut bytes = Vec::new();
    let read = if is_input {
        io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|open| open.take(MAX_FILE + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::Missing(format!("{shown} cannot be read: {error}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| Failure::Missing(format!("{shown} is not text in UTF-8")))?;
    Ok((shown, text))
}

fn lint(file: &Path, format: Format) -> Result<bool, Failure> {
    let rules = read(file)?.rule_count();
    if format == Format::Table {
        output::text(&format!("ok: {}\n", count(rules, "rule")))?;
    } else {
        output::value(&json!({"valid": true, "rules": rules}), format)?;
    }
    Ok(true)
}

async fn try_out(args: &Try, format: Format, cancel: CancellationToken) -> Result<bool, Failure> {
    let modifiers = read(&args.file)?;
    let (context, _) = progress_channel(cancel, Timestamp::now);
    let opening = async {
        let point = open(&args.vault).await?.point(&args.point).await?;
        Ok::<_, Failure>(point)
    };
    let point = context.cancel.run_until_cancelled(opening).await.ok_or(EngineError::Cancelled)??;
    let trial = try_modifiers(&point, &args.selection.selection(), &modifiers, &context).await?;
    if format == Format::Table {
        print(&trial, args.point.as_str())?;
    } else {
        let items: Vec<Item<'_>> = trial.objects.iter().map(Item::new).collect();
        let result = json!({"recoveryPoint": args.point, "items": items, "idleRules": trial.idle_rules});
        output::value(&result, format)?;
    }
    Ok(trial.objects.iter().all(|tried| tried.outcome() != TrialOutcome::Failed))
}

#[derive(Serialize)]
struct Item<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    outcome: TrialOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    object: &'a Value,
}

impl<'a> Item<'a> {
    fn new(tried: &'a Tried) -> Self {
        let remarks = tried.remarks();
        Self {
            group: &tried.ty.group,
            version: &tried.ty.version,
            kind: &tried.ty.kind,
            namespace: &tried.namespace,
            name: &tried.name,
            outcome: tried.outcome(),
            reason: (!remarks.is_empty()).then(|| remarks.join("; ")),
            object: &tried.object,
        }
    }
}

fn print(trial: &Trial, point: &str) -> Result<(), Failure> {
    let number = |outcome| trial.objects.iter().filter(|tried| tried.outcome() == outcome).count();
    let mut summary = format!(
        "trial on {point}: {} to change, {} unchanged, {} failed, of {} selected",
        number(TrialOutcome::Changed),
        number(TrialOutcome::Unchanged),
        number(TrialOutcome::Failed),
        count(trial.selected, "object")
    );
    summary.push('\n');
    // One line for each remark, however many objects it is about.
    let mut remarks: BTreeMap<String, usize> = BTreeMap::new();
    for remark in trial.objects.iter().flat_map(Tried::remarks) {
        *remarks.entry(remark).or_default() += 1;
    }
    for (remark, objects) in remarks {
        let _ = writeln!(summary, "warning: {} ({})", printable(&remark), count(objects, "object"));
    }
    for rule in &trial.idle_rules {
        let _ = writeln!(summary, "warning: modifier rule {rule} fits none of the selected objects");
    }
    output::text(&summary)?;
    let rows: Vec<Vec<String>> = trial.objects.iter().map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    output::text("\n")?;
    output::table(&["", "KIND", "NAMESPACE", "NAME", "CHANGES"], rows)
}

fn row(tried: &Tried) -> Vec<String> {
    let mut changes: Vec<String> = tried
        .changes
        .iter()
        .take(SHOWN_CHANGES)
        .map(|change| {
            let shorten = |value: &Value| value.to_string().chars().take(40).collect::<String>();
            format!("{} {} → {}", change.path, shorten(&change.before), shorten(&change.after))
        })
        .collect();
    if tried.changes.len() > SHOWN_CHANGES {
        changes.push("…".to_owned());
    }
    vec![
        format!("{:?}", tried.outcome()),
        tried.ty.group_kind(),
        tried.namespace.clone(),
        tried.name.clone(),
        changes.join("; "),
    ]
}

pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
