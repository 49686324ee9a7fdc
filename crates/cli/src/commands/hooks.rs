//! `holdfast hooks` and `holdfast extension`

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use holdfast_model::hooks::templates::{self, TEMPLATES};
use holdfast_model::hooks::{BackupHooks, Linted, Problem, RestoreHooks, crds, lint as read};
use serde_json::{Value, json};

use super::modifiers::{count, read_text};
use crate::args::Format;
use crate::failure::Failure;
use crate::output::{self, printable};

#[derive(Debug, Args)]
pub(crate) struct Hooks {
    #[command(subcommand)]
    pub command: HooksCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HooksCommand {
    /// Check a file of hooks, and say what in it is hardly meant.
    Lint {
        /// BackupHook and RestoreHook objects as YAML or JSON; - for standard input.
        file: PathBuf,
    },
    /// List hooks for common databases, or print one of them as YAML.
    Templates {
        /// Which one to print; all are listed without it.
        name: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Extension {
    #[command(subcommand)]
    pub command: ExtensionCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExtensionCommand {
    /// Print the definitions of BackupHook and RestoreHook, for kubectl apply -f -. Clusters with the Backup extension of
    /// AKS have its own: leave those as they are.
    Crds,
}

pub(crate) fn run(args: &Hooks, format: Format) -> Result<bool, Failure> {
    match &args.command {
        HooksCommand::Lint { file } => lint(file, format),
        HooksCommand::Templates { name: None } => list(format),
        HooksCommand::Templates { name: Some(name) } => print(name, format),
    }
}

pub(crate) fn extension(args: &Extension) -> Result<bool, Failure> {
    match args.command {
        // They are what kubectl reads, whatever the format of results.
        ExtensionCommand::Crds => output::text(crds())?,
    }
    Ok(true)
}

fn lint(file: &Path, format: Format) -> Result<bool, Failure> {
    let (shown, text) = read_text(file)?;
    let Linted { backup, restore, advice } = read(&text).map_err(|problems| refused(&shown, &problems))?;
    let backup_hooks: usize = backup.iter().map(|object| object.hooks.len()).sum();
    let restore_hooks: usize = restore.iter().map(|object| object.hooks.len()).sum();
    if format == Format::Table {
        let mut text =
            format!("ok: {}, {}\n", count(backup_hooks, "backup hook"), count(restore_hooks, "restore hook"));
        for advice in &advice {
            let _ = writeln!(text, "warning: {}", printable(&advice.to_string()));
        }
        output::text(&text)?;
    } else {
        let sources: Vec<String> = backup
            .iter()
            .map(|BackupHooks { source, .. }| format!("BackupHook {source}"))
            .chain(restore.iter().map(|RestoreHooks { source, .. }| format!("RestoreHook {source}")))
            .collect();
        let result = json!({
            "valid": true, "objects": sources, "backupHooks": backup_hooks, "restoreHooks": restore_hooks,
            "warnings": advice.iter().map(told).collect::<Vec<_>>(),
        });
        output::value(&result, format)?;
    }
    Ok(true)
}

/// All that is wrong, one line each, and for scripts in the form of the result.
fn refused(file: &str, problems: &[Problem]) -> Failure {
    let lines: Vec<String> =
        problems.iter().map(|problem| printable(&format!("{file}: {problem}"))).collect();
    Failure::WithResult {
        result: json!({"valid": false, "problems": problems.iter().map(told).collect::<Vec<_>>()}),
        source: Box::new(Failure::Hooks(lines.join("\n"))),
    }
}

fn told(problem: &Problem) -> Value {
    let mut told = json!({"field": problem.field, "message": problem.to_string()});
    if problem.at.line > 0 {
        told["line"] = json!(problem.at.line);
        told["column"] = json!(problem.at.column);
    }
    told
}

fn list(format: Format) -> Result<bool, Failure> {
    if format == Format::Table {
        let rows = TEMPLATES.iter().map(|template| vec![template.name.to_owned(), template.title.to_owned()]);
        output::table(&["NAME", "WHAT IT DOES"], rows)?;
    } else {
        let templates: Vec<Value> = TEMPLATES
            .iter()
            .map(|one| json!({"name": one.name, "title": one.title, "consistency": one.consistency}))
            .collect();
        output::value(&json!({ "items": templates }), format)?;
    }
    Ok(true)
}

fn print(name: &str, format: Format) -> Result<bool, Failure> {
    let template = templates::find(name).ok_or_else(|| {
        let names: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
        Failure::Missing(format!("there is no template {name}; there are {}", names.join(", ")))
    })?;
    if format == Format::Json {
        let told = json!({
            "name": template.name, "title": template.title, "consistency": template.consistency, "text": template.text,
        });
        output::value(&told, format)?;
    } else {
        output::text(template.text)?;
    }
    Ok(true)
}
