//! Label selectors in the syntax of `kubectl -l`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest selector accepted, in bytes.
const MAX_SELECTOR_LENGTH: usize = 16 * 1024;

/// A selector that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "label selector \"{selector}\": \"{part}\" {problem}; \
     write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined by commas"
)]
pub struct SelectorError {
    selector: String,
    part: String,
    problem: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

/// Requirements that must all hold; none of them holds for every object.
///
/// The syntax is that of `kubectl -l`; `;` joins as `,` does, because Azure's
/// portal writes it so. `!=` and `notin` also hold where the key is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelSelector(Vec<Requirement>);

impl LabelSelector {
    /// Whether it holds for every object.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it holds for an object with these labels.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            match &requirement.test {
                Test::In(values) => value.is_some_and(|v| values.contains(v)),
                Test::NotIn(values) => value.is_none_or(|v| !values.contains(v)),
                Test::Exists => value.is_some(),
                Test::Absent => value.is_none(),
            }
        })
    }

    /// Adds a requirement as `matchExpressions` of Kubernetes' own types writes it; `In` with one value is an entry
    /// of `matchLabels`. An error says what is wrong with it.
    pub fn require(&mut self, key: &str, operator: &str, values: &[String]) -> Result<(), &'static str> {
        let key = parse_key(key)?;
        let values = values.iter().map(|value| parse_value(value)).collect::<Result<Vec<_>, _>>()?;
        let test = match (operator, values.is_empty()) {
            ("In", false) => Test::In(values),
            ("NotIn", false) => Test::NotIn(values),
            ("Exists", true) => Test::Exists,
            ("DoesNotExist", true) => Test::Absent,
            ("In" | "NotIn", true) => return Err("needs values"),
            ("Exists" | "DoesNotExist", false) => return Err("takes no values"),
            _ => return Err("has an operator other than In, NotIn, Exists and DoesNotExist"),
        };
        self.0.push(Requirement { key, test });
        Ok(())
    }

    /// As the `LabelSelector` of Kubernetes' own types.
    pub fn to_kubernetes(&self) -> serde_json::Value {
        let expressions: Vec<_> = self
            .0
            .iter()
            .map(|Requirement { key, test }| {
                let (operator, values) = match test {
                    Test::In(values) => ("In", Some(values)),
                    Test::NotIn(values) => ("NotIn", Some(values)),
                    Test::Exists => ("Exists", None),
                    Test::Absent => ("DoesNotExist", None),
                };
                match values {
                    Some(values) => serde_json::json!({"key": key, "operator": operator, "values": values}),
                    None => serde_json::json!({"key": key, "operator": operator}),
                }
            })
            .collect();
        serde_json::json!({ "matchExpressions": expressions })
    }

    /// As [`LabelSelector::matches`], for labels still in JSON; labels that are not a map of strings match nothing.
    pub fn matches_json(&self, labels: Option<&str>) -> bool {
        self.is_empty()
            || serde_json::from_str(labels.unwrap_or("{}")).is_ok_and(|labels| self.matches(&labels))
    }
}

impl FromStr for LabelSelector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let fail = |part: &str, problem| SelectorError {
            selector: text.chars().take(200).collect(),
            part: part.chars().take(80).collect(),
            problem,
        };
        if text.len() > MAX_SELECTOR_LENGTH {
            return Err(fail("", "is too long"));
        }
        split_outside_parentheses(text)
            .into_iter()
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| parse_requirement(part).map_err(|problem| fail(part, problem)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut open) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '(' => open = true,
            ')' => open = false,
            ',' | ';' if !open => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn parse_requirement(part: &str) -> Result<Requirement, &'static str> {
    let one = |key: &str, value: &str, test: fn(Vec<String>) -> Test| {
        Ok(Requirement { key: parse_key(key)?, test: test(vec![parse_value(value)?]) })
    };
    if let Some((key, value)) = part.split_once("!=") {
        return one(key, value, Test::NotIn);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return one(key, value, Test::In);
    }
    if let Some(key) = part.strip_prefix('!') {
        return Ok(Requirement { key: parse_key(key)?, test: Test::Absent });
    }
    if let Some((head, values)) = part.split_once('(') {
        let values = values.trim().strip_suffix(')').ok_or("has no closing parenthesis")?;
        let values = values.split(',').map(parse_value).collect::<Result<Vec<_>, _>>()?;
        let mut words = head.split_whitespace();
        let key = parse_key(words.next().unwrap_or_default())?;
        let test = match (words.next(), words.next()) {
            (Some("in"), None) => Test::In(values),
            (Some("notin"), None) => Test::NotIn(values),
            _ => return Err("has neither 'in' nor 'notin' before its values"),
        };
        return Ok(Requirement { key, test });
    }
    Ok(Requirement { key: parse_key(part)?, test: Test::Exists })
}

fn parse_key(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    let prefix_is_bad = prefix.is_some_and(|p| {
        p.is_empty() || p.len() > 253 || !p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    });
    if prefix_is_bad || name.is_empty() || !is_label_text(name) {
        return Err("has a key that no label can have");
    }
    Ok(text.to_owned())
}

fn parse_value(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if is_label_text(text) { Ok(text.to_owned()) } else { Err("has a value that no label can have") }
}

/// Kubernetes' rule for label values and the name part of keys: up to 63 characters, alphanumeric at both ends.
fn is_label_text(text: &str) -> bool {
    text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && text.bytes().next().is_none_or(|b| b.is_ascii_alphanumeric())
        && text.bytes().next_back().is_none_or(|b| b.is_ascii_alphanumeric())
}

impl fmt::Display for LabelSelector {
    /// In the form that the API server's `labelSelector` takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Requirement { key, test }) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match test {
                Test::In(values) if values.len() == 1 => write!(f, "{key}={}", values[0])?,
                Test::NotIn(values) if values.len() == 1 => write!(f, "{key}!={}", values[0])?,
                Test::In(values) => write!(f, "{key} in ({})", values.join(","))?,
                Test::NotIn(values) => write!(f, "{key} notin ({})", values.join(","))?,
                Test::Exists => f.write_str(key)?,
                Test::Absent => write!(f, "!{key}")?,
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for LabelSelector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        text.parse()
    }
}

impl From<LabelSelector> for String {
    fn from(selector: LabelSelector) -> String {
        selector.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(selector: &str, labels: &[(&str, &str)]) -> bool {
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        selector.parse::<LabelSelector>().expect(selector).matches(&labels)
    }

    #[test]
    fn requirements_are_joined_by_and() {
        let labels = [("env", "prod"), ("app.kubernetes.io/name", "web"), ("empty", "")];
        for holds in [
            "",
            "env=prod",
            "env==prod,tier!=web",
            "env in (dev, prod);app.kubernetes.io/name",
            "!tier",
            "tier notin (a,b)",
            "empty=",
        ] {
            assert!(matches(holds, &labels), "{holds}");
        }
        for fails in ["env=dev", "env=prod,tier", "env!=prod", "env notin (prod)", "!env", "tier in (a)"] {
            assert!(!matches(fails, &labels), "{fails}");
        }
    }

    #[test]
    fn what_does_not_parse_is_named() {
        for (text, part) in [
            ("a=b,=c", "\"=c\""),
            ("a in b", "\"a in b\""),
            ("a in (b", "\"a in (b\""),
            ("a=b c", "\"a=b c\""),
            ("-a=b", "\"-a=b\""),
        ] {
            let error = text.parse::<LabelSelector>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn display_parses_back(keys in prop::collection::vec("[a-z]{1,5}(/[a-z]{1,3})?", 0..4), values in prop::collection::vec("[a-z0-9]{0,4}", 1..4), form in 0..6usize) {
            let value = values.join(",");
            let text: Vec<_> = keys.iter().map(|key| match form {
                0 => format!("{key}={}", values[0]),
                1 => format!("{key}!={}", values[0]),
                2 => format!("{key} in ({value})"),
                3 => format!("{key} notin ({value})"),
                4 => key.clone(),
                _ => format!("!{key}"),
            }).collect();
            let selector: LabelSelector = text.join(",").parse().unwrap();
            prop_assert_eq!(selector.to_string().parse::<LabelSelector>().unwrap(), selector);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<LabelSelector>();
        }
    }
}
