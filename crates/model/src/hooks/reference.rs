//! Where an object with hooks is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::name::NamespaceName;

/// Longest name of an object, in bytes (RFC 1123 subdomain).
const MAX_OBJECT_NAME: usize = 253;

/// Namespace and name of a `BackupHook` or a `RestoreHook`. As text `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct HookReference {
    namespace: NamespaceName,
    name: String,
}

/// What is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no reference to hooks: {problem}; write NAMESPACE/NAME, such as default/postgresql")]
pub struct HookReferenceError {
    text: String,
    problem: &'static str,
}

#[derive(Serialize, Deserialize)]
struct Parts {
    namespace: String,
    name: String,
}

impl HookReference {
    /// Checks both parts.
    pub fn new(namespace: &str, name: &str) -> Result<Self, HookReferenceError> {
        let fail = |problem| HookReferenceError {
            text: format!("{namespace}/{name}").chars().take(120).map(shown).collect(),
            problem,
        };
        let namespace = namespace.parse().map_err(|_| fail("no namespace has that name"))?;
        if !is_object_name(name) {
            return Err(fail("no object has that name"));
        }
        Ok(Self { namespace, name: name.to_owned() })
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        self.namespace.as_str()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn shown(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

fn is_object_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_end = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        is_end(part.bytes().next())
            && is_end(part.bytes().next_back())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= MAX_OBJECT_NAME && name.split('.').all(is_part)
}

impl FromStr for HookReference {
    type Err = HookReferenceError;

    fn from_str(text: &str) -> Result<Self, HookReferenceError> {
        match text.trim().split_once('/') {
            Some((namespace, name)) => Self::new(namespace, name),
            None => Err(HookReferenceError {
                text: text.chars().take(120).map(shown).collect(),
                problem: "it has no slash",
            }),
        }
    }
}

impl fmt::Display for HookReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl TryFrom<Parts> for HookReference {
    type Error = HookReferenceError;

    fn try_from(parts: Parts) -> Result<Self, HookReferenceError> {
        Self::new(&parts.namespace, &parts.name)
    }
}

impl From<HookReference> for Parts {
    fn from(reference: HookReference) -> Self {
        Self { namespace: reference.namespace.into(), name: reference.name }
    }
}
