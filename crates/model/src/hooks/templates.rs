//! Hooks to begin with, for common databases.
//!
//! Each is a complete object, to be changed where it names what is not known here: the
//! namespace `shop`, labels, containers. What stops writes lets them go on by itself, too,
//! within the pod and after 60 s: the second command may never come. Passwords are taken from
//! the container's environment, and are never arguments.

/// One template.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// How it is asked for.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub title: &'static str,
    /// When what it does makes a snapshot consistent, and when it is not needed or not enough.
    pub consistency: &'static str,
    /// The object as YAML, with comments.
    pub text: &'static str,
}

/// All templates.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "postgresql",
        title: "PostgreSQL: a checkpoint before the cut",
        consistency: "On one volume any snapshot is consistent; the checkpoint makes recovery quick. With pg_wal or \
                      tablespaces on other volumes it is not enough.",
        text: include_str!("templates/postgresql.yaml"),
    },
    Template {
        name: "mysql",
        title: "MySQL and MariaDB: no commits during the cut, for at most 60 s",
        consistency: "Consistent with the binary log, for MyISAM too, and over several volumes that are cut within the \
                      60 s. InnoDB on one volume does not need it.",
        text: include_str!("templates/mysql.yaml"),
    },
    Template {
        name: "mongodb",
        title: "MongoDB: fsyncLock during the cut, for at most 60 s",
        consistency: "Consistent for one mongod, over several volumes too. With data and journal on one volume it is \
                      not needed; for sharded clusters it is not enough.",
        text: include_str!("templates/mongodb.yaml"),
    },
    Template {
        name: "redis",
        title: "Redis: a dump right before the cut",
        consistency: "The dump is of one instant. With appendonly on, the append-only file is what a restored server \
                      loads.",
        text: include_str!("templates/redis.yaml"),
    },
    Template {
        name: "fsfreeze",
        title: "Any program: its file system frozen during the cut, for at most 60 s",
        consistency: "No write is half done on that volume. What the program has in memory is not in it. Needs a \
                      privileged container.",
        text: include_str!("templates/fsfreeze.yaml"),
    },
    Template {
        name: "postgresql-restore",
        title: "PostgreSQL: waits until a restored server has recovered",
        consistency: "Changes nothing.",
        text: include_str!("templates/postgresql-restore.yaml"),
    },
    Template {
        name: "mysql-restore",
        title: "MySQL and MariaDB: waits until a restored server answers",
        consistency: "Changes nothing.",
        text: include_str!("templates/mysql-restore.yaml"),
    },
    Template {
        name: "mongodb-restore",
        title: "MongoDB: waits until a restored server answers",
        consistency: "Changes nothing.",
        text: include_str!("templates/mongodb-restore.yaml"),
    },
    Template {
        name: "redis-restore",
        title: "Redis: waits until a restored server has loaded its data",
        consistency: "Changes nothing.",
        text: include_str!("templates/redis-restore.yaml"),
    },
];

/// The template of that name.
pub fn find(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::{OnError, lint};

    #[test]
    fn every_template_is_valid_and_needs_no_advice() {
        for Template { name, text, .. } in TEMPLATES {
            let linted = lint(text).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
            assert_eq!(linted.advice, [], "{name}");
            assert_eq!(linted.backup.len() + linted.restore.len(), 1, "{name}");
            assert_eq!(linted.restore.len() == 1, name.ends_with("-restore"), "{name}");
        }
    }

    #[test]
    fn so_is_every_example_of_the_documentation() {
        let documentation = include_str!("../../../../docs/hooks.md");
        let examples: Vec<&str> =
            documentation.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(examples.len(), 2);
        for text in examples {
            let linted = lint(text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
            assert_eq!(linted.advice, [], "{text}");
        }
    }

    #[test]
    fn what_stops_writes_lets_them_go_on() {
        for name in ["mysql", "mongodb", "fsfreeze"] {
            let linted = lint(find(name).unwrap().text).unwrap();
            let hook = &linted.backup[0].hooks[0];
            assert_eq!((hook.pre.len(), hook.post.len()), (1, 1), "{name}");
            assert_eq!(hook.pre[0].on_error, OnError::Fail, "{name}");
            assert!(hook.pre[0].command[2].contains("60"), "{name} must end by itself");
        }
    }
}
