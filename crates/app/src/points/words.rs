//! The words of a filter box: `kind:Deployment ns:shop -label:app=web redis`.
//!
//! All words must hold. `kind:` and `ns:` mean exactly that kind or namespace where there is one, and otherwise any
//! whose name has the text in it, so that the list narrows while a word is typed. `name:` and bare words look for
//! text; upper and lower case do not matter. A leading `-` negates a word. `kind:` without more holds always.

use std::collections::HashMap;

use holdfast_model::selection::LabelSelector;
use memchr::memmem;

use crate::api::Failure;

/// Longest text that is looked for, in bytes.
const MAX_LENGTH: usize = 4096;

/// One object, as words are asked about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub kind: &'a str,
    /// Plural with group.
    pub resource: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    /// As the text of a JSON object.
    pub labels: Option<&'a str>,
    /// Further text that bare words are looked for in.
    pub more: &'a str,
}

/// The kinds and namespaces that there are.
pub(crate) struct Known<'a> {
    /// Kinds, plurals, and plurals with group.
    pub kinds: &'a [String],
    pub namespaces: &'a [String],
}

/// Words, parsed.
#[derive(Debug)]
pub(crate) struct Words(Vec<Word>);

#[derive(Debug)]
struct Word {
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// Plural, plural with group, or kind.
    Kind(Text),
    Namespace(Text),
    Name(Text),
    /// With the answers for kinds by the address of their names: objects of one kind share theirs.
    Anywhere(Text, HashMap<usize, bool>),
    /// With the answers by the address of the text: equal sets of labels share theirs.
    Labels(LabelSelector, HashMap<usize, bool>),
}

#[derive(Debug, thiserror::Error)]
#[error("it is longer than {MAX_LENGTH} bytes")]
struct TooLong;

impl Words {
    /// Parses what was typed.
    pub(crate) fn parse(typed: &str, known: &Known<'_>) -> Result<Self, Failure> {
        if typed.len() > MAX_LENGTH {
            return Err(Failure::invalid("text", &TooLong));
        }
        let words = typed.split_whitespace().map(|word| Word::parse(word, known));
        Ok(Self(words.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()))
    }

    /// Whether all of them hold for an object.
    pub(crate) fn hold(&mut self, subject: &Subject<'_>) -> bool {
        self.0.iter_mut().all(|word| word.test.holds(subject) != word.negated)
    }
}

impl Word {
    /// `None` for a word that says nothing yet.
    fn parse(word: &str, known: &Known<'_>) -> Result<Option<Self>, Failure> {
        let (negated, rest) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let (field, value) = rest.split_once(':').unwrap_or(("", rest));
        let test = match field.to_ascii_lowercase().as_str() {
            _ if value.is_empty() => return Ok(None),
            "kind" => Test::Kind(Text::new(value, known.has_kind(value))),
            "ns" | "namespace" => Test::Namespace(Text::new(value, known.has_namespace(value))),
            "name" => Test::Name(Text::new(value, false)),
            "label" => {
                let labels = value.parse().map_err(|error| Failure::invalid("text", &error))?;
                Test::Labels(labels, HashMap::new())
            }
            // Names have colons, too: `system:node`.
            _ => Test::Anywhere(Text::new(rest, false), HashMap::new()),
        };
        Ok(Some(Self { negated, test }))
    }
}

impl Known<'_> {
    fn has_kind(&self, text: &str) -> bool {
        self.kinds.iter().any(|kind| kind.eq_ignore_ascii_case(text))
    }

    fn has_namespace(&self, text: &str) -> bool {
        self.namespaces.iter().any(|namespace| namespace == text)
    }
}

impl Test {
    fn holds(&mut self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Kind(text) => {
                let plural = subject.resource.split('.').next().unwrap_or_default();
                text.is_in(subject.kind) || text.is_in(subject.resource) || text.whole && text.is_in(plural)
            }
            Self::Namespace(text) => text.is_in(subject.namespace),
            Self::Name(text) => text.is_in(subject.name),
            Self::Anywhere(text, kinds) => {
                text.is_in(subject.name)
                    || text.is_in(subject.namespace)
                    || *kinds
                        .entry(subject.resource.as_ptr().addr())
                        .or_insert_with(|| text.is_in(subject.kind) || text.is_in(subject.resource))
                    || (!subject.more.is_empty() && text.is_in(subject.more))
            }
            Self::Labels(labels, known) => *known
                .entry(subject.labels.map_or(0, |text| text.as_ptr().addr()))
                .or_insert_with(|| labels.matches_json(subject.labels)),
        }
    }
}

/// A text to look for, whatever its case.
#[derive(Debug)]
struct Text {
    lower: String,
    finder: memmem::Finder<'static>,
    /// Whether a place must be the text, not only have it.
    whole: bool,
}

impl Text {
    fn new(text: &str, whole: bool) -> Self {
        let lower = text.to_ascii_lowercase();
        let finder = memmem::Finder::new(lower.as_bytes()).into_owned();
        Self { lower, finder, whole }
    }

    fn is_in(&self, place: &str) -> bool {
        if self.whole {
            return place.eq_ignore_ascii_case(&self.lower);
        }
        if place.len() < self.lower.len() {
            return false;
        }
        self.finder.find(place.as_bytes()).is_some()
            // Most names have no capitals.
            || (place.bytes().any(|b| b.is_ascii_uppercase())
                && self.finder.find(place.to_ascii_lowercase().as_bytes()).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(words: &str) -> bool {
        let kinds =
            ["Deployment", "deployments", "deployments.apps", "ConfigMap", "configmaps"].map(str::to_owned);
        let known = Known { kinds: &kinds, namespaces: &["shop".to_owned(), "shop-eu".to_owned()] };
        let subject = Subject {
            kind: "Deployment",
            resource: "deployments.apps",
            namespace: "shop-eu",
            name: "Web:redis",
            labels: Some(r#"{"app":"web","tier":"front"}"#),
            more: "exists and differs",
        };
        Words::parse(words, &known).unwrap_or_else(|failure| panic!("{words}: {failure}")).hold(&subject)
    }

    #[test]
    fn words_narrow_by_field_and_by_text() {
        for yes in [
            "",
            "kind:deployment",
            "kind:deployments",
            "kind:Deployments.apps",
            "kind:ploy",
            "ns:shop-eu",
            "ns:eu",
            "name:redis",
            "name:web:re",
            "Web:redis",
            "differs",
            "label:app=web",
            "label:app=web,tier!=back",
            "-ns:shop",
            "-kind:ConfigMap -label:old redis kind:",
            "KIND:Deploy",
        ] {
            assert!(holds(yes), "{yes}");
        }
        for no in [
            "ns:shop",
            "kind:configmap",
            "-redis",
            "redis -differs",
            "label:app=db",
            "name:shop",
            "-label:app",
        ] {
            assert!(!holds(no), "{no}");
        }
    }

    #[test]
    fn a_selector_that_does_not_parse_is_said() {
        let failure = Words::parse("label:a=b=c", &Known { kinds: &[], namespaces: &[] }).unwrap_err();
        assert_eq!(failure.code, crate::api::FailureCode::InvalidInput);
        assert!(failure.message.starts_with("text: label selector"), "{}", failure.message);
    }
}
