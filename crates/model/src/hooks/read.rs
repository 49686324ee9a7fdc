//! From an object to hooks.
//!
//! Everything that is wrong is told, not the first alone. What a cluster stores may have
//! fields of later versions, which are noted; in a text that someone is writing they are
//! mistakes.

use std::time::Duration;

use serde_json::Value;

use super::fields::Fields;
use super::problem::{HooksError, Problem};
use super::{
    BackupHook, BackupHooks, DEFAULT_TIMEOUT, DEFAULT_WAIT, Exec, GROUP, HookReference, MAX_ARGUMENTS,
    MAX_COMMAND_BYTES, MAX_COMMANDS, MAX_CONDITIONS, MAX_HOOKS, MAX_NAME, OnError, RestoreExec, RestoreHook,
    RestoreHooks, Scope, VERSION, advice, duration,
};
use crate::document::{self, Content, short};
use crate::field::{Field, ROOT};
use crate::name::MAX_LABEL_LENGTH;
use crate::selection::{LabelSelector, NamespacePattern};

/// So many problems, and so many notes, of one object are kept.
pub(super) const MAX_TOLD: usize = 100;

pub(super) const OBJECT: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];
pub(super) const BACKUP_SPEC: &[&str] = &["backupHook"];
pub(super) const RESTORE_SPEC: &[&str] = &["restoreHook"];
pub(super) const BACKUP_HOOK: &[&str] =
    &["name", "includedNamespaces", "excludedNamespaces", "labelSelector", "preHooks", "postHooks"];
pub(super) const RESTORE_HOOK: &[&str] =
    &["name", "includedNamespaces", "excludedNamespaces", "labelSelector", "postHooks"];
pub(super) const SELECTOR: &[&str] = &["matchLabels", "matchExpressions"];
pub(super) const EXPRESSION: &[&str] = &["key", "operator", "values"];
pub(super) const ENTRY: &[&str] = &["exec"];
pub(super) const BACKUP_EXEC: &[&str] = &["container", "command", "onError", "timeout"];
pub(super) const RESTORE_EXEC: &[&str] =
    &["container", "command", "onError", "execTimeout", "waitTimeout", "waitForReady"];

impl BackupHooks {
    /// Reads a `BackupHook` object as the API server gives it. The notes name what was passed over.
    pub fn from_object(object: &Value) -> Result<(Self, Vec<Problem>), HooksError> {
        match from_object(object, Kind::Backup)? {
            (Object::Backup(hooks), notes) => Ok((hooks, notes)),
            (Object::Restore(_), _) => Err(other_kind("BackupHook")),
        }
    }
}

impl RestoreHooks {
    /// Reads a `RestoreHook` object as the API server gives it. The notes name what was passed over.
    pub fn from_object(object: &Value) -> Result<(Self, Vec<Problem>), HooksError> {
        match from_object(object, Kind::Restore)? {
            (Object::Restore(hooks), notes) => Ok((hooks, notes)),
            (Object::Backup(_), _) => Err(other_kind("RestoreHook")),
        }
    }
}

fn from_object(object: &Value, kind: Kind) -> Result<(Object, Vec<Problem>), HooksError> {
    let mut reader = Reader { lint: false, problems: Vec::new(), notes: Vec::new() };
    let read = match document::from_json(object) {
        Ok(root) => reader.object(Field::root(&root), Some(kind)),
        Err(problem) => {
            reader.problems.push(Problem {
                at: document::Place::default(),
                field: ROOT.to_owned(),
                problem: format!("cannot be read: {problem}"),
            });
            None
        }
    };
    match read {
        Some(object) if reader.problems.is_empty() => Ok((object, reader.notes)),
        _ => Err(HooksError { problems: reader.problems }),
    }
}

fn other_kind(kind: &str) -> HooksError {
    HooksError {
        problems: vec![Problem {
            at: document::Place::default(),
            field: "kind".to_owned(),
            problem: format!("must be {kind}"),
        }],
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Backup,
    Restore,
}

pub(super) enum Object {
    Backup(BackupHooks),
    Restore(RestoreHooks),
}

/// That there is a problem, which the reader has.
#[derive(PartialEq)]
struct Told;

/// Reads objects, and collects what is to be said of them.
pub(super) struct Reader {
    /// Whether someone is writing the object: unknown fields are wrong, and there is advice.
    pub lint: bool,
    pub problems: Vec<Problem>,
    pub notes: Vec<Problem>,
}

impl Reader {
    /// Reads one object, of this kind if one is given. `None` where there are problems that leave nothing to read.
    pub(super) fn object(&mut self, field: Field<'_>, wanted: Option<Kind>) -> Option<Object> {
        let mut fields = self.fields(field, OBJECT)?;
        let api =
            self.required_text(&mut fields, "apiVersion", "it must be the group and version of the hooks");
        if let Some((api, text)) = api
            && text != format!("{GROUP}/{VERSION}")
        {
            self.wrong(&api, format!("is \"{}\"; it must be {GROUP}/{VERSION}", short(&text)));
        }
        let (kind_field, kind) =
            self.required_text(&mut fields, "kind", "it must be BackupHook or RestoreHook")?;
        let kind = match kind.as_str() {
            "BackupHook" => Kind::Backup,
            "RestoreHook" => Kind::Restore,
            _ => {
                let kind = short(&kind);
                self.wrong(&kind_field, format!("is \"{kind}\"; it must be BackupHook or RestoreHook"));
                return None;
            }
        };
        if wanted.is_some_and(|wanted| wanted != kind) {
            let other = if kind == Kind::Backup { "RestoreHook" } else { "BackupHook" };
            self.wrong(&kind_field, format!("must be {other} here"));
            return None;
        }
        let source = self.source(&mut fields);
        let spec = self.required(&mut fields, "spec", "it holds the list of hooks")?;
        match kind {
            Kind::Backup => {
                let items = self.hooks(spec, kind)?;
                let hooks = items.into_iter().filter_map(|item| self.backup_hook(item)).collect();
                Some(Object::Backup(BackupHooks { source: source?, hooks }))
            }
            Kind::Restore => {
                let items = self.hooks(spec, kind)?;
                let hooks = items.into_iter().filter_map(|item| self.restore_hook(item)).collect();
                Some(Object::Restore(RestoreHooks { source: source?, hooks }))
            }
        }
    }

    fn source(&mut self, fields: &mut Fields<'_>) -> Option<HookReference> {
        let metadata = self.required(fields, "metadata", "it must say name and namespace")?;
        let entries = self.entries(&metadata)?;
        let mut metadata = Fields { of: metadata, fields: entries };
        let (field, name) = self.required_text(&mut metadata, "name", "the object needs a name")?;
        let namespace = match metadata.take("namespace") {
            Some(namespace) => self.text(&namespace)?,
            None if self.lint => {
                self.note(
                    &metadata.of,
                    "lacks namespace; hooks are referred to by namespace and name, so say where they are to be",
                );
                "default".to_owned()
            }
            None => {
                self.wrong(&metadata.of, "lacks namespace");
                return None;
            }
        };
        match HookReference::new(&namespace, &name) {
            Ok(source) => Some(source),
            Err(error) => {
                self.wrong(&field, format!("cannot be referred to: {error}"));
                None
            }
        }
    }

    /// The items of the list of hooks.
    fn hooks<'a>(&mut self, spec: Field<'a>, kind: Kind) -> Option<Vec<Field<'a>>> {
        let (list, known) = match kind {
            Kind::Backup => ("backupHook", BACKUP_SPEC),
            Kind::Restore => ("restoreHook", RESTORE_SPEC),
        };
        let entries = self.entries(&spec)?;
        let stray: Vec<&str> =
            entries.iter().map(|(key, _)| *key).filter(|key| BACKUP_HOOK.contains(key)).collect();
        if !stray.is_empty() {
            self.wrong(
                &spec,
                format!(
                    "has {} directly, as a sample of AKS backup's documentation does, which no cluster takes; they \
                     belong to an item of a list: write `{list}:` under `spec:`, `- name: ...` below it, and indent \
                     the other fields to stand below that `name`",
                    stray.join(", ")
                ),
            );
            return None;
        }
        let mut fields = self.fields(spec, known)?;
        // A list that is spelled out as nothing is an empty one.
        let Some(at) = fields.fields.iter().position(|(key, _)| *key == list) else {
            self.wrong(&fields.of, format!("lacks {list}, the list of hooks"));
            return None;
        };
        let field = fields.fields.swap_remove(at).1;
        let items = self.items(&field, MAX_HOOKS)?;
        if items.is_empty() {
            self.note(&field, "is empty, so that nothing will be run");
        }
        if self.lint {
            advice::repeated_names(&items, |item| self.note(item, "has the name of a hook before it"));
        }
        Some(items)
    }

    fn backup_hook(&mut self, field: Field<'_>) -> Option<BackupHook> {
        let mut fields = self.fields(field, BACKUP_HOOK)?;
        let name = self.hook_name(&mut fields);
        let scope = self.scope(&mut fields);
        let pre = self.commands(&mut fields, "preHooks", Self::exec);
        let post = self.commands(&mut fields, "postHooks", Self::exec);
        let hook = BackupHook { name: name?, scope: scope?, pre: pre?, post: post? };
        if hook.pre.is_empty() && hook.post.is_empty() {
            self.note(&fields.of, "has neither preHooks nor postHooks, so that nothing will be run");
        }
        if self.lint {
            advice::backup_hook(&hook, |words| self.note(&fields.of, words));
        }
        Some(hook)
    }

    fn restore_hook(&mut self, field: Field<'_>) -> Option<RestoreHook> {
        let mut fields = self.fields(field, RESTORE_HOOK)?;
        let name = self.hook_name(&mut fields);
        let scope = self.scope(&mut fields);
        let post = self.commands(&mut fields, "postHooks", Self::restore_exec);
        let hook = RestoreHook { name: name?, scope: scope?, post: post? };
        if hook.post.is_empty() {
            self.note(&fields.of, "has no postHooks, so that nothing will be run");
        }
        Some(hook)
    }

    fn hook_name(&mut self, fields: &mut Fields<'_>) -> Option<String> {
        let (field, name) = self.required_text(fields, "name", "every hook needs a name")?;
        if name.trim().is_empty() {
            self.wrong(&field, "is empty; every hook needs a name");
        } else if name.len() > MAX_NAME || name.chars().any(char::is_control) {
            self.wrong(&field, format!("must be one line of at most {MAX_NAME} bytes"));
        } else {
            return Some(name);
        }
        None
    }

    fn scope(&mut self, fields: &mut Fields<'_>) -> Option<Scope> {
        let mut scope = Scope::default();
        for (key, list) in [
            ("includedNamespaces", &mut scope.namespaces.include),
            ("excludedNamespaces", &mut scope.namespaces.exclude),
        ] {
            let Some(field) = fields.take(key) else { continue };
            for item in self.items(&field, MAX_CONDITIONS)? {
                match self.text(&item)?.parse() {
                    Ok(pattern) => list.push(pattern),
                    Err(error) => self.wrong(&item, format!("cannot be used: {error}")),
                }
            }
        }
        if let Some(selector) = fields.take("labelSelector") {
            scope.labels = self.labels(selector)?;
        }
        if self.lint
            && (scope.namespaces.include.is_empty()
                || scope.namespaces.include.iter().any(NamespacePattern::is_everything))
        {
            let pods = if scope.labels.is_empty() { "every pod" } else { "every pod with its labels" };
            self.note(
                &fields.of,
                format!("takes {pods} of every namespace that is backed up or restored; name them in includedNamespaces"),
            );
        }
        Some(scope)
    }

    fn labels(&mut self, field: Field<'_>) -> Option<LabelSelector> {
        let mut selector = LabelSelector::default();
        let mut fields = self.fields(field, SELECTOR)?;
        if let Some(labels) = fields.take("matchLabels") {
            for (key, value) in self.entries(&labels)? {
                let text = self.text(&value)?;
                if let Err(problem) = selector.require(key, "In", &[text]) {
                    self.wrong(&value, problem);
                }
            }
        }
        if let Some(expressions) = fields.take("matchExpressions") {
            for expression in self.items(&expressions, MAX_CONDITIONS)? {
                let mut fields = self.fields(expression, EXPRESSION)?;
                let (_, key) = self.required_text(&mut fields, "key", "it must be the key of a label")?;
                let what = "it must be In, NotIn, Exists or DoesNotExist";
                let (_, operator) = self.required_text(&mut fields, "operator", what)?;
                let values = match fields.take("values") {
                    Some(values) => self.texts(&values, MAX_CONDITIONS)?,
                    None => Vec::new(),
                };
                if let Err(problem) = selector.require(&key, &operator, &values) {
                    self.wrong(&fields.of, problem);
                }
            }
        }
        Some(selector)
    }

    fn commands<T>(
        &mut self,
        fields: &mut Fields<'_>,
        key: &str,
        read: fn(&mut Self, Field<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(list) = fields.take(key) else { return Some(Vec::new()) };
        let items = self.items(&list, MAX_COMMANDS)?;
        let mut commands = Vec::new();
        for item in items {
            let Some(mut entry) = self.fields(item, ENTRY) else { continue };
            let Some(exec) = self.required(&mut entry, "exec", "it says which command is run") else {
                continue;
            };
            commands.extend(read(self, exec));
        }
        Some(commands)
    }

    fn exec(&mut self, field: Field<'_>) -> Option<Exec> {
        let mut fields = self.fields(field, BACKUP_EXEC)?;
        let on_error = self.on_error(&mut fields);
        if self.lint && on_error == Ok(None) {
            self.note(
                &fields.of,
                "lacks onError, which here is Fail and in Velero acts as Continue; say which is meant",
            );
        }
        let timeout = self.timeout(&mut fields, "timeout", DEFAULT_TIMEOUT);
        let container = self.container(&mut fields);
        let command = self.command(&mut fields);
        Some(Exec {
            container: container.ok()?,
            command: command?,
            on_error: on_error.ok()?.unwrap_or(OnError::BACKUP),
            timeout: timeout?,
        })
    }

    fn restore_exec(&mut self, field: Field<'_>) -> Option<RestoreExec> {
        let mut fields = self.fields(field, RESTORE_EXEC)?;
        let on_error = self.on_error(&mut fields);
        let exec_timeout = self.timeout(&mut fields, "execTimeout", DEFAULT_TIMEOUT);
        let wait_timeout = self.timeout(&mut fields, "waitTimeout", DEFAULT_WAIT);
        let wait_for_ready = self.flag(&mut fields, "waitForReady");
        let container = self.container(&mut fields);
        let command = self.command(&mut fields);
        Some(RestoreExec {
            container: container.ok()?,
            command: command?,
            on_error: on_error.ok()?.unwrap_or(OnError::RESTORE),
            exec_timeout: exec_timeout?,
            wait_timeout: wait_timeout?,
            wait_for_ready: wait_for_ready?,
        })
    }

    fn container(&mut self, fields: &mut Fields<'_>) -> Result<Option<String>, Told> {
        let Some(field) = fields.take("container") else { return Ok(None) };
        let name = self.text(&field).ok_or(Told)?;
        if name.is_empty() {
            return Ok(None);
        }
        if !is_container(&name) {
            self.wrong(&field, format!("is \"{}\"; no container has such a name", short(&name)));
            return Err(Told);
        }
        Ok(Some(name))
    }

    fn command(&mut self, fields: &mut Fields<'_>) -> Option<Vec<String>> {
        let what = "it must list the program and its arguments";
        let field = self.required(fields, "command", what)?;
        if matches!(field.node.content, Content::Text(_)) {
            self.wrong(
                &field,
                "must be a list: the program, then its arguments, one item each; for a shell, `[/bin/sh, -c, \"...\"]`",
            );
            return None;
        }
        let command = self.texts(&field, MAX_ARGUMENTS)?;
        if let Err(problem) = check(&command) {
            self.wrong(&field, problem);
            return None;
        }
        if self.lint {
            advice::command(&command, |words| self.note(&field, words));
        }
        Some(command)
    }

    fn on_error(&mut self, fields: &mut Fields<'_>) -> Result<Option<OnError>, Told> {
        let Some(field) = fields.take("onError") else { return Ok(None) };
        let text = self.text(&field).ok_or(Told)?;
        if text.is_empty() {
            return Ok(None);
        }
        let mode = on_error(&text);
        if mode.is_none() {
            self.wrong(&field, format!("is \"{}\"; use Continue or Fail", short(&text)));
        }
        mode.map(Some).ok_or(Told)
    }

    fn timeout(&mut self, fields: &mut Fields<'_>, key: &str, default: Duration) -> Option<Duration> {
        let shown = duration::shown(default);
        let Some(field) = fields.take(key) else {
            if self.lint {
                self.note(&fields.of, format!("lacks {key}, which then is {shown}"));
            }
            return Some(default);
        };
        let text = match &field.node.content {
            Content::Recognised(number) => number.clone(),
            _ => self.text(&field)?,
        };
        match duration::parse(&text) {
            Ok(Duration::ZERO) => {
                self.note(&field, format!("is no time at all; {shown} is taken"));
                Some(default)
            }
            Ok(duration) => Some(duration),
            Err(problem) => {
                self.wrong(&field, problem);
                None
            }
        }
    }

    fn flag(&mut self, fields: &mut Fields<'_>, key: &str) -> Option<bool> {
        let Some(field) = fields.take(key) else { return Some(false) };
        match &field.node.content {
            Content::Recognised(text) if text == "true" => Some(true),
            Content::Recognised(text) if text == "false" => Some(false),
            _ => {
                self.wrong(&field, "must be true or false, without quotes");
                None
            }
        }
    }

    pub(super) fn wrong(&mut self, field: &Field<'_>, problem: impl Into<String>) {
        if self.problems.len() < MAX_TOLD {
            self.problems.push(field.problem(problem.into()));
        }
    }
}

/// What a command must be, wherever it was written.
pub(super) fn check(command: &[String]) -> Result<(), String> {
    let bytes: usize = command.iter().map(String::len).sum();
    if command.first().is_none_or(String::is_empty) {
        Err("names no program".to_owned())
    } else if command.len() > MAX_ARGUMENTS {
        Err(format!("has {} arguments; at most {MAX_ARGUMENTS} are taken", command.len()))
    } else if bytes > MAX_COMMAND_BYTES {
        Err(format!("is {bytes} bytes long; at most {MAX_COMMAND_BYTES} are taken"))
    } else if command.iter().any(|argument| argument.contains('\0')) {
        Err("has a zero byte, which no argument can have".to_owned())
    } else {
        Ok(())
    }
}

pub(super) fn on_error(text: &str) -> Option<OnError> {
    match text {
        "Continue" => Some(OnError::Continue),
        "Fail" => Some(OnError::Fail),
        _ => None,
    }
}

pub(super) fn is_container(name: &str) -> bool {
    name.len() <= MAX_LABEL_LENGTH
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
