//! From the text to rules. Every error says where: line, column, and the path of the field.

use json_patch::jsonptr::PointerBuf;
use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;

use super::error::ModifiersError;
use super::glob::{Glob, MAX_COMPILED};
use super::operation::Operation;
use super::rule::{Conditions, Patch, Rule};
use super::typing::typed;
use crate::document::{self, Content, short};
use crate::field::Field;
use crate::selection::LabelSelector;

/// Longest text, in bytes: what a ConfigMap can hold.
pub(super) const MAX_TEXT: usize = 1024 * 1024;
/// Most rules in one text.
const MAX_RULES: usize = 200;
/// Most patches in one rule.
const MAX_PATCHES: usize = 1000;
/// Most namespaces, or `matches`, in the conditions of one rule.
const MAX_CONDITIONS: usize = 1000;
/// Longest regular expression, in bytes.
const MAX_REGEX: usize = 4096;

type Result<T> = std::result::Result<T, ModifiersError>;

/// Reads a whole text.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>> {
    if text.len() > MAX_TEXT {
        return Err(ModifiersError::TooLarge { size: text.len(), limit: MAX_TEXT });
    }
    let root = document::parse(text).map_err(|(at, reason)| ModifiersError::Malformed { at, reason })?;
    let mut fields = Fields::of(Field::root(&root), ["version", "resourceModifierRules"])?;
    let version = fields.required("version", "it must be v1")?;
    if !version.text()?.eq_ignore_ascii_case("v1") {
        return Err(version.wrong("must be v1"));
    }
    let rules = fields.required("resourceModifierRules", "it must list at least one rule")?;
    let items = rules.list(MAX_RULES)?;
    if items.is_empty() {
        return Err(rules.wrong("must list at least one rule"));
    }
    items.into_iter().map(rule).collect()
}

fn rule(field: Field<'_>) -> Result<Rule> {
    let at = field.clone();
    let mut fields = Fields::of(field, ["conditions", "patches", "mergePatches", "strategicPatches"])?;
    let conditions = conditions(fields.required("conditions", "they must say at least a groupResource")?)?;
    let mut patch: Option<Patch> = None;
    for kind in ["patches", "mergePatches", "strategicPatches"] {
        let Some(list) = fields.take(kind) else { continue };
        let items = list.list(MAX_PATCHES)?;
        if items.is_empty() {
            continue;
        }
        if patch.is_some() {
            return Err(list.wrong(
                "is a second kind of patch; a rule has one of patches, mergePatches and strategicPatches: make two rules of it",
            ));
        }
        patch = Some(match kind {
            "patches" => Patch::Json(items.into_iter().map(operation).collect::<Result<_>>()?),
            "mergePatches" => Patch::Merge(items.into_iter().map(patch_data).collect::<Result<_>>()?),
            _ => Patch::Strategic(items.into_iter().map(patch_data).collect::<Result<_>>()?),
        });
    }
    let patch = patch
        .ok_or_else(|| at.wrong("changes nothing: give it patches, mergePatches or strategicPatches"))?;
    Ok(Rule { conditions, patch })
}

fn conditions(field: Field<'_>) -> Result<Conditions> {
    let mut fields =
        Fields::of(field, ["groupResource", "resourceNameRegex", "namespaces", "labelSelector", "matches"])?;
    let group_resource =
        fields.required("groupResource", "it must be a resource such as pods or deployments.apps")?;
    if group_resource.text()?.is_empty() {
        return Err(group_resource.wrong("must be a resource such as pods or deployments.apps"));
    }
    let name = match fields.take("resourceNameRegex") {
        Some(regex) => name_regex(&regex)?,
        None => None,
    };
    let namespaces = match fields.take("namespaces") {
        Some(list) => list.list(MAX_CONDITIONS)?.iter().map(Field::glob).collect::<Result<_>>()?,
        None => Vec::new(),
    };
    let labels = match fields.take("labelSelector") {
        Some(selector) => label_selector(selector)?,
        None => LabelSelector::default(),
    };
    let matches = match fields.take("matches") {
        Some(list) => list.list(MAX_CONDITIONS)?.into_iter().map(value_match).collect::<Result<_>>()?,
        None => Vec::new(),
    };
    Ok(Conditions { group_resource: group_resource.glob()?, name, namespaces, labels, matches })
}

fn name_regex(field: &Field<'_>) -> Result<Option<Regex>> {
    let text = field.text()?;
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_REGEX {
        return Err(field.wrong(format!("is longer than {MAX_REGEX} bytes")));
    }
    // As in Go, `\w` and `\d` are about ASCII, which also keeps them small. Classes of Unicode are understood all the same.
    let build = |unicode| {
        let mut builder = RegexBuilder::new(&text);
        builder.unicode(unicode).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build()
    };
    let built = build(false).or_else(|_| build(true));
    built.map(Some).map_err(|error| {
        // The parser's message draws the expression; its last line says what is wrong.
        let words = error.to_string();
        let reason = words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        field.wrong(format!("is no regular expression that can be used: {}", short(&reason)))
    })
}

fn label_selector(field: Field<'_>) -> Result<LabelSelector> {
    let mut selector = LabelSelector::default();
    let mut fields = Fields::of(field, ["matchLabels", "matchExpressions"])?;
    if let Some(labels) = fields.take("matchLabels") {
        for (key, value) in labels.map()? {
            let text = value.text()?;
            selector.require(key, "In", &[text]).map_err(|problem| value.wrong(problem))?;
        }
    }
    if let Some(expressions) = fields.take("matchExpressions") {
        for expression in expressions.list(MAX_CONDITIONS)? {
            let at = expression.clone();
            let mut fields = Fields::of(expression, ["key", "operator", "values"])?;
            let key = fields.required("key", "it must be the key of a label")?.text()?;
            let operator =
                fields.required("operator", "it must be In, NotIn, Exists or DoesNotExist")?.text()?;
            let values = match fields.take("values") {
                Some(values) => {
                    values.list(MAX_CONDITIONS)?.iter().map(Field::text).collect::<Result<_>>()?
                }
                None => Vec::new(),
            };
            selector.require(&key, &operator, &values).map_err(|problem| at.wrong(problem))?;
        }
    }
    Ok(selector)
}

fn value_match(field: Field<'_>) -> Result<(PointerBuf, Value)> {
    let mut fields = Fields::of(field, ["path", "value"])?;
    let path = fields.required("path", "it must be a JSON pointer such as /spec/replicas")?.pointer()?;
    Ok((path, fields.value()?))
}

fn operation(field: Field<'_>) -> Result<Operation> {
    let mut fields = Fields::of(field, ["operation", "from", "path", "value"])?;
    let operation = fields.required("operation", "it must be add, remove, replace, move, copy or test")?;
    let name = operation.text()?.to_ascii_lowercase();
    let path = fields.required("path", "it must be a JSON pointer such as /spec/replicas")?.pointer()?;
    let from = fields.take("from");
    let value = fields.value();
    let from = || {
        let missing = || operation.wrong(format!("is {name}, which needs a `from`"));
        from.as_ref().ok_or_else(missing)?.pointer()
    };
    Ok(match name.as_str() {
        "add" => Operation::Add { path, value: value? },
        "replace" => Operation::Replace { path, value: value? },
        "test" => Operation::Test { path, value: value? },
        "remove" => Operation::Remove { path },
        "move" => Operation::Move { from: from()?, path },
        "copy" => Operation::Copy { from: from()?, path },
        _ => {
            let name = short(&name);
            return Err(
                operation.wrong(format!("is \"{name}\"; use add, remove, replace, move, copy or test"))
            );
        }
    })
}

fn patch_data(field: Field<'_>) -> Result<Value> {
    let mut fields = Fields::of(field, ["patchData"])?;
    let data = fields.required("patchData", "it must be the text of a patch, in YAML or JSON")?;
    if matches!(data.node.content, Content::Map(_) | Content::List(_)) {
        return Err(data.wrong("must be text: write `patchData: |` and the patch, indented, below it"));
    }
    match document::parse_json(&data.text()?) {
        Ok(patch @ Value::Object(_)) => Ok(patch),
        Ok(_) => Err(data.wrong("must be a map in YAML or JSON, such as {\"spec\": {\"replicas\": 0}}")),
        Err((at, reason)) => {
            let within = if at.line > 0 { format!(" in its line {}", at.line) } else { String::new() };
            Err(data.wrong(format!("is neither YAML nor JSON{within}: {reason}")))
        }
    }
}

impl<'a> Field<'a> {
    fn wrong(&self, problem: impl Into<String>) -> ModifiersError {
        ModifiersError::Field { at: self.node.at, field: self.path.clone(), problem: problem.into() }
    }

    /// A scalar as it is spelled; nothing is the empty text, as in Go.
    fn text(&self) -> Result<String> {
        match &self.node.content {
            Content::Text(text) | Content::Recognised(text) => Ok(text.clone()),
            Content::Null { .. } => Ok(String::new()),
            Content::List(_) => Err(self.wrong("must be text, not a list")),
            Content::Map(_) => Err(self.wrong("must be text, not a map")),
        }
    }

    /// [`Self::items`], told by this reader.
    fn list(&self, limit: usize) -> Result<Vec<Field<'a>>> {
        self.items(limit).map_err(|problem| self.wrong(problem))
    }

    /// [`Self::entries`], told by this reader.
    fn map(&self) -> Result<Vec<(&'a str, Field<'a>)>> {
        self.entries().map_err(|problem| self.wrong(problem))
    }

    fn glob(&self) -> Result<Glob> {
        Glob::new(&self.text()?).map_err(|problem| self.wrong(problem))
    }

    fn pointer(&self) -> Result<PointerBuf> {
        let text = self.text()?;
        if !text.starts_with('/') {
            return Err(
                self.wrong("must be a JSON pointer, which begins with a slash, such as /spec/replicas")
            );
        }
        PointerBuf::parse(text).map_err(|_| {
            self.wrong("is no JSON pointer: write ~1 for a slash within a name and ~0 for a tilde")
        })
    }
}

/// The fields of a map, each of them known.
struct Fields<'a> {
    of: Field<'a>,
    fields: Vec<(&'a str, Field<'a>)>,
}

impl<'a> Fields<'a> {
    fn of<const N: usize>(field: Field<'a>, known: [&str; N]) -> Result<Self> {
        let fields = field.map()?;
        if let Some((_, unknown)) = fields.iter().find(|(key, _)| !known.contains(key)) {
            return Err(unknown.wrong(format!("is unknown; what can stand here is {}", known.join(", "))));
        }
        Ok(Self { of: field, fields })
    }

    fn take(&mut self, key: &str) -> Option<Field<'a>> {
        let at = self.fields.iter().position(|(name, _)| *name == key)?;
        Some(self.fields.swap_remove(at).1)
    }

    fn required(&mut self, key: &str, what: &str) -> Result<Field<'a>> {
        self.take(key).ok_or_else(|| self.of.wrong(format!("lacks {key}; {what}")))
    }

    /// The `value` in its JSON type. Velero takes `value: null` for the empty text; what is written is taken here.
    fn value(&mut self) -> Result<Value> {
        let Some(value) = self.take("value") else { return Ok(Value::from("")) };
        if matches!(value.node.content, Content::Null { spelled: true }) {
            return Ok(Value::Null);
        }
        if matches!(value.node.content, Content::Map(_) | Content::List(_)) {
            return Err(value
                .wrong("must be text: write a map or a list as JSON within quotes, such as '{\"a\": 1}'"));
        }
        typed(&value.text()?).map_err(|problem| value.wrong(problem))
    }
}
