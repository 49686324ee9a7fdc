//! Checks a file of hooks that someone is writing.

use super::problem::Problem;
use super::read::{Object, Reader};
use super::{BackupHooks, RestoreHooks};
use crate::document::{self, Place};
use crate::field::Field;

/// Longest text, in bytes.
const MAX_TEXT: usize = 1024 * 1024;
/// Most documents in one text, and most objects in one list.
const MAX_DOCUMENTS: usize = 100;

/// A text without mistakes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linted {
    /// Its `BackupHook` objects.
    pub backup: Vec<BackupHooks>,
    /// Its `RestoreHook` objects.
    pub restore: Vec<RestoreHooks>,
    /// What is allowed, and could be better.
    pub advice: Vec<Problem>,
}

/// Reads YAML or JSON: one `BackupHook` or `RestoreHook`, several of them as documents, or a list of them as kubectl
/// prints it. Everything that is wrong is told.
pub fn lint(text: &str) -> Result<Linted, Vec<Problem>> {
    let whole = |problem: String| Problem { at: Place::default(), field: "the text".to_owned(), problem };
    if text.len() > MAX_TEXT {
        let size = text.len();
        return Err(vec![whole(format!("is {size} bytes long; at most {MAX_TEXT} are read"))]);
    }
    let documents = documents(text);
    if documents.is_empty() {
        return Err(vec![whole("is empty".to_owned())]);
    }
    if documents.len() > MAX_DOCUMENTS {
        return Err(vec![whole(format!(
            "has more than {MAX_DOCUMENTS} documents, which is the most that is read"
        ))]);
    }
    let mut reader = Reader { lint: true, problems: Vec::new(), notes: Vec::new() };
    let mut linted = Linted::default();
    for (line, text) in documents {
        let parsed = document::parse(&text).map_err(|(at, reason)| (moved(at, line), reason));
        let mut node = match parsed {
            Ok(node) => node,
            Err((at, reason)) => {
                let problem = format!("is not valid YAML: {reason}");
                reader.problems.push(Problem { at, field: "the text".to_owned(), problem });
                continue;
            }
        };
        move_down(&mut node, line);
        let field = Field::root(&node);
        for field in objects(&mut reader, field) {
            match reader.object(field, None) {
                Some(Object::Backup(hooks)) => linted.backup.push(hooks),
                Some(Object::Restore(hooks)) => linted.restore.push(hooks),
                None => {}
            }
        }
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    linted.advice = reader.notes;
    Ok(linted)
}

/// The items of a list of objects, or the object itself.
fn objects<'a>(reader: &mut Reader, field: Field<'a>) -> Vec<Field<'a>> {
    let is_list = field.get("kind").is_some_and(|kind| kind.as_text() == Some("List"));
    match field.get("items") {
        Some(items) if is_list => reader.items(&items, MAX_DOCUMENTS).unwrap_or_default(),
        _ => vec![field],
    }
}

/// The documents of a text that hold anything, each with the number of lines before it. A line that begins with `---`
/// and a space, or is only that, ends a document wherever it stands.
fn documents(text: &str) -> Vec<(u64, String)> {
    let mut documents = Vec::new();
    let mut current = (0, String::new());
    for (line, words) in (0..).zip(text.split_inclusive('\n')) {
        let after =
            words.strip_prefix("---").filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        match after {
            Some(rest) => {
                let next = (line, format!("   {rest}"));
                documents.push(std::mem::replace(&mut current, next));
            }
            None => current.1.push_str(words),
        }
    }
    documents.push(current);
    documents.retain(|(_, text)| {
        text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
    });
    documents
}

fn moved(at: Place, lines: u64) -> Place {
    if at.line == 0 { at } else { Place { line: at.line + lines, ..at } }
}

fn move_down(node: &mut document::Node, lines: u64) {
    node.at = moved(node.at, lines);
    match &mut node.content {
        document::Content::List(items) => items.iter_mut().for_each(|item| move_down(item, lines)),
        document::Content::Map(fields) => fields.iter_mut().for_each(|(_, field)| move_down(field, lines)),
        document::Content::Null { .. } | document::Content::Recognised(_) | document::Content::Text(_) => {}
    }
}
