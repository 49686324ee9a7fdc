//! What is to be run in one pod.

use std::collections::BTreeMap;
use std::fmt;

use super::{BackupHooks, Exec, HookReference, RestoreExec, RestoreHooks, annotations};

/// A pod as far as hooks look at it.
#[derive(Clone, Copy, Debug)]
pub struct HookedPod<'a> {
    /// Its namespace. After a restore that is the one that it was restored into.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its labels, after a restore those that it has now.
    pub labels: &'a BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: &'a BTreeMap<String, String>,
    /// Names of its containers, in the pod's order, without those that run before it.
    pub containers: &'a [String],
}

/// A command in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedExec<E = Exec> {
    /// Which hook asks for it: `default/postgresql: checkpoint`, or `annotation`.
    pub hook: String,
    /// The container; empty only where the pod has none.
    pub container: String,
    /// What is run and how.
    pub exec: E,
    /// Why it cannot be run, if so. It has failed then, without being tried.
    pub problem: Option<String>,
}

/// What a backup runs in a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodCommands {
    /// Before the cut, in this order.
    pub pre: Vec<PlannedExec>,
    /// After the cut, in this order.
    pub post: Vec<PlannedExec>,
    /// What is to be told of it.
    pub notes: Vec<String>,
}

/// What a restore runs in a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreCommands {
    /// Once the container is there, in this order.
    pub post: Vec<PlannedExec<RestoreExec>>,
    /// What is to be told of it.
    pub notes: Vec<String>,
}

impl fmt::Display for HookedPod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pod {}/{}", self.namespace, self.name)
    }
}

impl PodCommands {
    /// Whether nothing is run and nothing is to be told.
    pub fn is_empty(&self) -> bool {
        self.pre.is_empty() && self.post.is_empty() && self.notes.is_empty()
    }
}

impl RestoreCommands {
    /// Whether nothing is run and nothing is to be told.
    pub fn is_empty(&self) -> bool {
        self.post.is_empty() && self.notes.is_empty()
    }
}

/// What a backup runs in a pod. An annotation takes the place of all hooks for its phase.
pub fn backup_commands(pod: &HookedPod<'_>, objects: &[BackupHooks]) -> PodCommands {
    let mut notes = Vec::new();
    let mut pre: Vec<_> = annotations::pre(pod, &mut notes).into_iter().collect();
    let mut post: Vec<_> = annotations::post(pod, &mut notes).into_iter().collect();
    let (pre_is_said, post_is_said) = (!pre.is_empty(), !post.is_empty());
    for object in objects {
        for hook in object.hooks.iter().filter(|hook| hook.scope.takes(pod)) {
            let mut plan = |list: &mut Vec<PlannedExec>, execs: &[Exec]| {
                for exec in execs {
                    let container = exec.container.as_deref();
                    let name = source(&object.source, &hook.name);
                    list.push(planned(pod, name, container, exec.clone(), None, &mut notes));
                }
            };
            if !pre_is_said {
                plan(&mut pre, &hook.pre);
            }
            if !post_is_said {
                plan(&mut post, &hook.post);
            }
        }
    }
    PodCommands { pre, post, notes }
}

/// What a restore runs in a pod that it created. An annotation takes the place of all hooks.
pub fn restore_commands(pod: &HookedPod<'_>, objects: &[RestoreHooks]) -> RestoreCommands {
    let mut notes = Vec::new();
    let mut post: Vec<_> = annotations::restore(pod, &mut notes).into_iter().collect();
    if post.is_empty() {
        for object in objects {
            for hook in object.hooks.iter().filter(|hook| hook.scope.takes(pod)) {
                for exec in &hook.post {
                    let container = exec.container.as_deref();
                    let name = source(&object.source, &hook.name);
                    post.push(planned(pod, name, container, exec.clone(), None, &mut notes));
                }
            }
        }
    }
    RestoreCommands { post, notes }
}

fn source(object: &HookReference, hook: &str) -> String {
    format!("{object}: {hook}")
}

/// Finds the container, or says that there is none.
pub(super) fn planned<E>(
    pod: &HookedPod<'_>,
    hook: String,
    container: Option<&str>,
    exec: E,
    problem: Option<String>,
    notes: &mut Vec<String>,
) -> PlannedExec<E> {
    let found = match container {
        Some(name) if pod.containers.iter().any(|container| container == name) => Ok(name),
        Some(name) => Err(format!("the pod has no container {name}, only {}", pod.containers.join(", "))),
        None => {
            pod.containers.first().map(String::as_str).ok_or_else(|| "the pod has no container".to_owned())
        }
    };
    let container = found.as_deref().unwrap_or(container.unwrap_or_default()).to_owned();
    if let Err(missing) = &found {
        notes.push(format!("{pod}: {hook} cannot be run: {missing}"));
    }
    PlannedExec { hook, container, exec, problem: problem.or(found.err()) }
}
