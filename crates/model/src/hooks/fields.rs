//! Fields of a document on their way to hooks: what stands where, and what is wrong with it.

use super::problem::Problem;
use super::read::{ENTRY, MAX_TOLD, RESTORE_HOOK, Reader};
use crate::document::{Content, Node, short};
use crate::field::Field;

impl<'a> Field<'a> {
    pub(super) fn problem(&self, problem: String) -> Problem {
        Problem { at: self.node.at, field: self.path.clone(), problem }
    }

    /// The field of a map, if it is one and has it.
    pub(super) fn get(&self, key: &str) -> Option<Field<'a>> {
        self.entries().ok()?.into_iter().find(|(name, _)| *name == key).map(|(_, field)| field)
    }

    /// The text that it is, if it is one.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        let node: &'a Node = self.node;
        match &node.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The known fields of a map.
pub(super) struct Fields<'a> {
    pub of: Field<'a>,
    pub fields: Vec<(&'a str, Field<'a>)>,
}

impl<'a> Fields<'a> {
    /// Takes a field out; nothing, `null` and `~` are as if it was not there.
    pub(super) fn take(&mut self, key: &str) -> Option<Field<'a>> {
        let at = self.fields.iter().position(|(name, _)| *name == key)?;
        let field = self.fields.swap_remove(at).1;
        (!matches!(field.node.content, Content::Null { .. })).then_some(field)
    }
}

impl Reader {
    pub(super) fn note(&mut self, field: &Field<'_>, note: impl Into<String>) {
        if self.notes.len() < MAX_TOLD {
            self.notes.push(field.problem(note.into()));
        }
    }

    pub(super) fn fields<'a>(
        &mut self,
        field: Field<'a>,
        known: &'static [&'static str],
    ) -> Option<Fields<'a>> {
        let (known_fields, unknown): (Vec<_>, Vec<_>) =
            self.entries(&field)?.into_iter().partition(|(key, _)| known.contains(key));
        for (key, field) in unknown {
            match refused(key, known) {
                Some(problem) => self.wrong(&field, problem),
                None if self.lint => {
                    let hint = meant(key, known).map_or_else(
                        || format!("what can stand here is {}", known.join(", ")),
                        |meant| format!("write {meant}"),
                    );
                    self.wrong(&field, format!("is unknown; {hint}"));
                }
                None => self.note(&field, "is unknown and passed over"),
            }
        }
        Some(Fields { of: field, fields: known_fields })
    }

    pub(super) fn required<'a>(
        &mut self,
        fields: &mut Fields<'a>,
        key: &str,
        what: &str,
    ) -> Option<Field<'a>> {
        let field = fields.take(key);
        if field.is_none() {
            self.wrong(&fields.of, format!("lacks {key}; {what}"));
        }
        field
    }

    pub(super) fn required_text<'a>(
        &mut self,
        fields: &mut Fields<'a>,
        key: &str,
        what: &str,
    ) -> Option<(Field<'a>, String)> {
        let field = self.required(fields, key, what)?;
        let text = self.text(&field)?;
        Some((field, text))
    }

    pub(super) fn text(&mut self, field: &Field<'_>) -> Option<String> {
        let problem = match &field.node.content {
            Content::Text(text) => return Some(text.clone()),
            Content::Recognised(text) => {
                format!("must be text: put it within quotes, \"{}\"", short(text))
            }
            Content::Null { .. } => "must be text, not nothing".to_owned(),
            Content::List(_) => "must be text, not a list".to_owned(),
            Content::Map(_) => "must be text, not a map".to_owned(),
        };
        self.wrong(field, problem);
        None
    }

    pub(super) fn texts(&mut self, field: &Field<'_>, limit: usize) -> Option<Vec<String>> {
        let items = self.items(field, limit)?;
        // Not lazily: each of them is told.
        let texts: Vec<Option<String>> = items.iter().map(|item| self.text(item)).collect();
        texts.into_iter().collect()
    }

    pub(super) fn items<'a>(&mut self, field: &Field<'a>, limit: usize) -> Option<Vec<Field<'a>>> {
        field.items(limit).map_err(|problem| self.wrong(field, problem)).ok()
    }

    pub(super) fn entries<'a>(&mut self, field: &Field<'a>) -> Option<Vec<(&'a str, Field<'a>)>> {
        field.entries().map_err(|problem| self.wrong(field, problem)).ok()
    }
}

/// Fields that are wrong wherever they stand, because leaving them out would change what is meant.
fn refused(key: &str, known: &[&str]) -> Option<&'static str> {
    let is = |of: &[&str]| known == of;
    match key {
        "preHooks" if is(RESTORE_HOOK) => {
            Some("cannot be in a restore hook: there is no pod to run anything in before; use postHooks")
        }
        "init" if is(ENTRY) => Some(
            "cannot be used: hooks that add init containers are Velero's, not AKS backup's; use exec, or a resource \
             modifier that adds the init container",
        ),
        _ => None,
    }
}

/// What was probably meant by an unknown field.
fn meant(key: &str, known: &[&str]) -> Option<&'static str> {
    let meant = match key {
        "pre" | "prehooks" | "preHook" => "preHooks",
        "post" | "posthooks" | "postHook" | "hooks" => "postHooks",
        "timeout" => "execTimeout",
        "execTimeout" | "exec-timeout" => "timeout",
        "backupHooks" | "backuphook" | "resources" => "backupHook",
        "restoreHooks" | "restorehook" => "restoreHook",
        "includeNamespaces" | "namespaces" => "includedNamespaces",
        "excludeNamespaces" => "excludedNamespaces",
        "labels" | "selector" => "labelSelector",
        "on-error" | "onerror" => "onError",
        "cmd" | "args" => "command",
        _ => return None,
    };
    known.contains(&meant).then_some(meant)
}
