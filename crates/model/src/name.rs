//! Names that come from people and from storage, parsed once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest name of a recovery point and of a namespace, in bytes (RFC 1123 label).
pub const MAX_LABEL_LENGTH: usize = 63;

/// A name that is not a DNS-1123 label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} \"{name}\" is not valid: {problem}; use at most {MAX_LABEL_LENGTH} lower-case letters, digits and '-', \
     beginning and ending with a letter or digit"
)]
pub struct NameError {
    what: &'static str,
    name: String,
    problem: &'static str,
}

fn parse_label(what: &'static str, text: &str) -> Result<String, NameError> {
    let problem = if text.is_empty() {
        Some("it is empty")
    } else if text.len() > MAX_LABEL_LENGTH {
        Some("it is too long")
    } else if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        Some("it has a character that is not allowed")
    } else if text.starts_with('-') || text.ends_with('-') {
        Some("it begins or ends with '-'")
    } else {
        None
    };
    match problem {
        None => Ok(text.to_owned()),
        Some(problem) => Err(NameError { what, name: text.chars().take(80).collect(), problem }),
    }
}

macro_rules! label {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                parse_label($what, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

label!(
    /// Name of a recovery point: a DNS-1123 label, because Velero makes a
    /// Kubernetes object and label values of it.
    PointName,
    "recovery point name"
);
label!(
    /// Name of a namespace that a restore creates or writes into.
    NamespaceName,
    "namespace name"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_parsed_by_rfc_1123() {
        for good in ["a", "shop-20261123-0400", "0", &"a".repeat(63)] {
            assert!(good.parse::<PointName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a.b", "a/b", "..", "ä", &"a".repeat(64)] {
            let error = bad.parse::<PointName>().expect_err(bad).to_string();
            assert!(error.starts_with("recovery point name"), "{error}");
        }
    }
}
