//! What is allowed in hooks and is hardly what was meant.
//!
//! All of it is guessed from the words of commands: it can be wrong either way, so it is
//! advice and never an error.

use std::collections::BTreeSet;

use super::BackupHook;
use crate::field::Field;

/// What reads a script, or a language of its own, from its arguments.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", "pwsh"];
const INTERPRETERS: &[&str] = &[
    "awk",
    "mariadb",
    "mongo",
    "mongosh",
    "mysql",
    "node",
    "perl",
    "psql",
    "python",
    "python3",
    "redis-cli",
    "ruby",
    "sed",
    "sqlcmd",
    "sqlplus",
    "su",
];
/// What stops a program from writing until something else is done, in small letters.
const FREEZES: &[&str] = &[
    "fsfreeze -f",
    "fsfreeze --freeze",
    "xfs_freeze -f",
    "fsynclock",
    "with read lock",
    "lock tables",
    "lock instance for backup",
    "pg_backup_start",
    "pg_start_backup",
];

/// Calls `tell` for each item that has the name of one before it.
pub(super) fn repeated_names<'a>(items: &[Field<'a>], mut tell: impl FnMut(&Field<'a>)) {
    let mut names = BTreeSet::new();
    for item in items {
        if let Some(name) = item.get("name").and_then(|name| name.as_text())
            && !names.insert(name)
        {
            tell(item);
        }
    }
}

/// About a hook as a whole.
pub(super) fn backup_hook(hook: &BackupHook, mut tell: impl FnMut(String)) {
    let freeze = hook.pre.iter().find_map(|exec| {
        let words = plain(&exec.command);
        FREEZES.iter().find(|freeze| words.contains(**freeze))
    });
    if let Some(freeze) = freeze
        && hook.post.is_empty()
    {
        tell(format!("stops writes before the cut ({freeze}), and no postHooks let them go on"));
    }
}

/// About one command.
pub(super) fn command(command: &[String], mut tell: impl FnMut(String)) {
    let Some((program, arguments)) = command.split_first() else { return };
    let name = program.rsplit('/').next().unwrap_or_default();
    if arguments.is_empty() && program.trim().contains(char::is_whitespace) {
        tell("is one word with spaces, which is looked for as a program of that name; make an item of each word".into());
    } else if SHELLS.contains(&name) {
        shell(arguments, &mut tell);
    } else if !INTERPRETERS.contains(&name)
        && let Some(sign) = command.iter().find_map(|argument| shell_sign(argument))
    {
        tell(format!(
            "has {sign}, which only a shell understands, and no shell runs it; write [/bin/sh, -c, \"...\"]"
        ));
    }
    if has_freeze_without_path(command) {
        tell("calls fsfreeze without the path of a mounted volume".into());
    }
    if command.iter().any(|argument| has_password(argument)) {
        tell(
            "has a password, which everybody can read who may read the hook or list processes; take it from the \
             container's environment"
                .into(),
        );
    }
}

fn shell(arguments: &[String], tell: &mut impl FnMut(String)) {
    let is_c = |argument: &String| {
        argument.strip_prefix('-').is_some_and(|letters| {
            letters.ends_with('c') && letters.bytes().all(|letter| letter.is_ascii_lowercase())
        })
    };
    match arguments.iter().position(is_c) {
        Some(at) => match &arguments[at + 1..] {
            [] => tell("gives the shell -c and no script".into()),
            [script, _, ..] if !script.contains(['$', ' ', '\n']) => {
                tell(
                    "gives the shell a script of one word; all of the script must be one item after -c"
                        .into(),
                );
            }
            _ => {}
        },
        None if arguments.iter().any(|argument| argument.contains(char::is_whitespace)) => {
            tell("gives a script to the shell without -c, which takes it for the name of a file".into());
        }
        None => {}
    }
}

/// What of an argument only a shell understands.
fn shell_sign(argument: &str) -> Option<&'static str> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    for sign in ["&&", "||", "|", ">>", ">", "<", "2>&1", ";", "&"] {
        if words.contains(&sign) {
            return Some(sign);
        }
    }
    if argument.contains('`') {
        return Some("`");
    }
    let is_variable = argument
        .split('$')
        .skip(1)
        .any(|after| after.starts_with(|c: char| c == '(' || c == '{' || c == '_' || c.is_ascii_uppercase()));
    is_variable.then_some("$")
}

/// Whether it calls fsfreeze to freeze or to thaw, and names nothing.
fn has_freeze_without_path(command: &[String]) -> bool {
    let text = command.join(" ");
    text.split([';', '|', '&', '(', ')', '{', '}', '\n']).any(|statement| {
        let mut words = statement.split_whitespace();
        let found = words.any(|word| {
            let name = word.rsplit('/').next().unwrap_or_default();
            matches!(name, "fsfreeze" | "xfs_freeze")
        });
        let rest: Vec<&str> = words.collect();
        found
            && rest.iter().any(|word| matches!(*word, "-f" | "-u" | "--freeze" | "--unfreeze"))
            && rest.iter().all(|word| word.starts_with(['-', '>', '<']))
    })
}

/// Whether it gives a password away: `--password=x`, `PGPASSWORD=x`; not `--password="$X"`.
fn has_password(argument: &str) -> bool {
    let small = argument.to_ascii_lowercase();
    ["password=", "passwd=", "pwd="].iter().any(|key| {
        small.match_indices(key).any(|(at, key)| {
            let value = small[at + key.len()..].trim_start_matches(['"', '\'']);
            !value.is_empty() && !value.starts_with(['$', ' ', '\n', ';', '}', '<'])
        })
    })
}

/// The words of a command in small letters, with one space between them.
fn plain(command: &[String]) -> String {
    command.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut told = Vec::new();
        command(&words, |advice| told.push(advice));
        told
    }

    #[test]
    fn what_is_hardly_meant_is_told() {
        for (words, told) in [
            (&["echo hello"][..], "one word with spaces"),
            (&["/bin/echo", "hello", ">", "/tmp/x"], "has >"),
            (&["/bin/echo", "a && b"], "has &&"),
            (&["pg_isready", "-U", "$POSTGRES_USER"], "has $"),
            (&["/bin/bash", "echo hi"], "without -c"),
            (&["/bin/sh", "-c"], "no script"),
            (&["sh", "-c", "echo", "hi"], "one word"),
            (&["/sbin/fsfreeze", "--unfreeze"], "without the path"),
            (&["sh", "-c", "sync; fsfreeze -f && true"], "without the path"),
            (&["mysqldump", "--password=secret"], "password"),
            (&["sh", "-c", "PGPASSWORD='x' psql"], "password"),
        ] {
            let all = advice(words);
            assert!(all.len() == 1 && all[0].contains(told), "{words:?}: {all:?}");
        }
    }

    #[test]
    fn what_is_well_meant_is_not() {
        for words in [
            &["/bin/uname", "-a"][..],
            &["/bin/bash", "-c", "echo hello > hello.txt && echo goodbye > goodbye.txt"],
            &["bash", "-euc", "echo $1", "name", "x"],
            &["/bin/sh", "/scripts/freeze.sh"],
            &["psql", "-c", "SELECT 1 > 0"],
            &["mongosh", "--eval", "db.x.updateOne({}, {$set: {a: 1}}) && 1"],
            &["/sbin/fsfreeze", "--freeze", "/var/lib/data"],
            &["sh", "-c", "command -v fsfreeze; PASSWORD=\"$X\" run --password=$X"],
        ] {
            assert_eq!(advice(words), Vec::<String>::new(), "{words:?}");
        }
    }
}
