//! The globs of conditions, as Velero's library (gobwas/glob) reads them with `.` as separator.
//!
//! `*` is any text without a dot, `**` any text, `?` one character that is no dot,
//! `[abc]`, `[a-c]` and `[!a-c]` one character of a set, `{a,b}` one of several globs,
//! `\` takes the next character as it is. So `*` stands for the kinds of the core group,
//! `*.apps` for those of one group, and `**` for all.

use regex::{Regex, RegexBuilder};

/// Longest glob, in bytes.
const MAX_GLOB_LENGTH: usize = 1024;
/// Most memory for one compiled glob or regular expression, in bytes.
pub(super) const MAX_COMPILED: usize = 256 * 1024;

/// A compiled glob.
#[derive(Clone, Debug)]
pub(super) struct Glob(Regex);

impl Glob {
    /// Compiles a glob; an error says what is wrong with it.
    pub(super) fn new(glob: &str) -> Result<Self, &'static str> {
        if glob.len() > MAX_GLOB_LENGTH {
            return Err("is too long for a glob");
        }
        let pattern = translate(glob)?;
        let built = RegexBuilder::new(&pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build();
        built.map(Self).map_err(|_| "is no valid glob, or one that is too complex")
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// The regular expression that matches the same texts.
fn translate(glob: &str) -> Result<String, &'static str> {
    let mut pattern = String::from("^(?s:");
    let mut open = 0_usize;
    let mut rest = glob.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' => {
                let mut any = false;
                while rest.next_if_eq(&'*').is_some() {
                    any = true;
                }
                pattern.push_str(if any { ".*" } else { "[^.]*" });
            }
            '?' => pattern.push_str("[^.]"),
            '[' => class(&mut rest, &mut pattern)?,
            '{' => {
                open += 1;
                pattern.push_str("(?:");
            }
            ',' if open > 0 => pattern.push('|'),
            '}' if open > 0 => {
                open -= 1;
                pattern.push(')');
            }
            '\\' => literal(rest.next().ok_or("ends in a backslash that escapes nothing")?, &mut pattern),
            c => literal(c, &mut pattern),
        }
    }
    if open > 0 {
        return Err("opens a { that is never closed");
    }
    pattern.push_str(")$");
    Ok(pattern)
}

fn class(rest: &mut impl Iterator<Item = char>, pattern: &mut String) -> Result<(), &'static str> {
    let mut members: Vec<char> = rest.take_while(|c| *c != ']').collect();
    // `take_while` also ends where the text does; an empty set is as wrong as one that is never closed.
    let negated = members.first() == Some(&'!');
    if negated {
        members.remove(0);
    }
    if members.is_empty() {
        return Err("has a [ without members, or one that is never closed");
    }
    pattern.push_str(if negated { "[^" } else { "[" });
    let last = members.len() - 1;
    for (at, member) in members.into_iter().enumerate() {
        if member == '-' && at > 0 && at < last { pattern.push('-') } else { literal(member, pattern) }
    }
    pattern.push(']');
    Ok(())
}

fn literal(c: char, pattern: &mut String) {
    pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn globs_match_as_gobwas_does() {
        for (glob, matching, others) in [
            (
                "deployments.apps",
                &["deployments.apps"][..],
                &["deployments", "deploymentsXapps", "x.deployments.apps"][..],
            ),
            ("*", &["pods", "secrets", ""], &["deployments.apps"]),
            ("*.apps", &["deployments.apps"], &["pods", "a.b.apps"]),
            (
                "deployments.*",
                &["deployments.apps", "deployments.extensions"],
                &["deployments", "deployments.a.io"],
            ),
            ("*.*.k8s.io", &["ingresses.networking.k8s.io"], &["deployments.apps", "pods"]),
            ("**", &["pods", "deployments.apps", "ingresses.networking.k8s.io"], &[]),
            ("**.k8s.io", &["ingresses.networking.k8s.io", "a.b.c.k8s.io"], &["pods", "k8s.io"]),
            ("ingress**", &["ingresses.networking.k8s.io", "ingress"], &["pods"]),
            ("team-?", &["team-a"], &["team-", "team-ab", "team-."]),
            ("team-[a-c]", &["team-b"], &["team-d", "team--"]),
            ("team-[!ab]", &["team-c"], &["team-a"]),
            ("{pods,deployments.*}", &["pods", "deployments.apps"], &["secrets", "{pods"]),
            ("{a,{b,c}}x", &["ax", "bx", "cx"], &["x"]),
            (r"a\*", &["a*"], &["ab"]),
            ("a,b}", &["a,b}"], &["a"]),
        ] {
            let compiled = Glob::new(glob).unwrap();
            for text in matching {
                assert!(compiled.matches(text), "{glob} {text}");
            }
            for text in others {
                assert!(!compiled.matches(text), "{glob} {text}");
            }
        }
        for bad in ["{a", "[", "[]", "[!]", "a\\", "[z-a]"] {
            assert!(Glob::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_compiled_or_refused(glob in r"[a-c.*?{},\[\]!\\()|^$+-]{0,24}", text in "[a-c.]{0,12}") {
            if let Ok(glob) = Glob::new(&glob) {
                let _ = glob.matches(&text);
            }
        }

        #[test]
        fn a_text_without_signs_matches_itself_alone(text in "[a-z.()|^$+-]{0,12}", other in "[a-z.]{0,12}") {
            let glob = Glob::new(&text).unwrap();
            prop_assert!(glob.matches(&text));
            prop_assert_eq!(glob.matches(&other), text == other);
        }
    }
}
