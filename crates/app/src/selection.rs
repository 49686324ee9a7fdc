//! Selections, mappings and names as they are typed, parsed into the model's.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use holdfast_engine::backup::{MAX_SNAPSHOTS_AT_ONCE, VolumeOptions};
use holdfast_engine::restore;
use holdfast_model::modifiers::Modifiers;
use holdfast_model::name::PointName;
use holdfast_model::plan;
use holdfast_model::selection::{self as model, Filter};
use holdfast_model::target::mapping::NamespaceMappings;
use holdfast_model::volume::SUPPORTED_DRIVERS;

use crate::api::{
    ClusterScoped, ConflictPolicy, Failure, NamespaceMapping, PointKey, RestoreRequest, Selection,
    StorageClassMapping, VolumeChoice, VolumeMode,
};

/// What `--exclude-secrets` excludes in the terminal.
const SECRETS: &str = "v1/Secret";
/// Longest time that something about volumes may take: a day.
const MAX_SECONDS: u64 = 24 * 60 * 60;
/// Most entries of one list; of objects, as many as a person marks in a table.
const MAX_ENTRIES: usize = 100_000;

#[derive(Debug, thiserror::Error)]
#[error("an entry is empty")]
struct Unnamed;

#[derive(Debug, thiserror::Error)]
#[error("it has more than {MAX_ENTRIES} entries")]
struct TooMany;

#[derive(Debug, thiserror::Error)]
#[error("it is {0} s, and must be from 1 s to {MAX_SECONDS} s")]
struct NotALength(u64);

#[derive(Debug, thiserror::Error)]
#[error("it is {0}, and must be from 1 to {MAX_SNAPSHOTS_AT_ONCE}")]
struct NotANumber(u16);

#[derive(Debug, thiserror::Error)]
#[error("{0} stands for two classes")]
struct TwoClasses(String);

#[derive(Debug, thiserror::Error)]
#[error("{0:?} has a character that no namespace has")]
struct NotAMapping(String);

/// Parses a selection; the failure names the field.
pub(crate) fn selection(typed: &Selection) -> Result<model::Selection, Failure> {
    let mut exclude = list("excludeResources", &typed.exclude_resources)?;
    if typed.exclude_secrets {
        exclude.extend(SECRETS.parse());
    }
    Ok(model::Selection {
        namespaces: Filter {
            include: list("includeNamespaces", &typed.include_namespaces)?,
            exclude: list("excludeNamespaces", &typed.exclude_namespaces)?,
        },
        resources: Filter { include: list("includeResources", &typed.include_resources)?, exclude },
        labels: typed.label_selector.parse().map_err(|error| Failure::invalid("labelSelector", &error))?,
        cluster_scoped: match typed.cluster_scoped {
            ClusterScoped::Auto => model::ClusterScoped::Auto,
            ClusterScoped::All => model::ClusterScoped::All,
            ClusterScoped::None => model::ClusterScoped::None,
        },
    })
}

/// Parses what a restore shall do.
pub(crate) fn restore_request(typed: &RestoreRequest) -> Result<restore::RestoreRequest, Failure> {
    // Objects that name nothing must not become all objects.
    let named = typed.objects.iter().chain(&typed.exclusions);
    if named.into_iter().any(|object| object.trim().is_empty()) {
        return Err(Failure::invalid("objects", &Unnamed));
    }
    Ok(restore::RestoreRequest {
        selection: selection(&typed.selection)?,
        objects: list("objects", &typed.objects)?.into(),
        exclusions: list("exclusions", &typed.exclusions)?.into(),
        policies: list("policies", &typed.policies)?,
        mappings: mappings(typed)?,
        conflict_policy: match typed.conflict_policy {
            ConflictPolicy::Skip => plan::ConflictPolicy::Skip,
            ConflictPolicy::Patch => plan::ConflictPolicy::Patch,
        },
        modifiers: modifiers(&typed.modifiers)?,
        volume_mode: match typed.volume_mode {
            VolumeMode::WithData => plan::VolumeMode::WithData,
            VolumeMode::WithoutData => plan::VolumeMode::WithoutData,
        },
        storage_classes: storage_classes(&typed.storage_classes)?,
        volume_timeout: match typed.volume_timeout_seconds {
            // None at all, too: claims are filled whether somebody waits or not.
            Some(0) => Duration::ZERO,
            Some(seconds) => length("volumeTimeoutSeconds", seconds)?,
            None => restore::VOLUME_TIMEOUT,
        },
        hooks: list("hooks", &typed.hooks)?,
    })
}

/// Parses what a backup shall do about volumes.
pub(crate) fn volume_options(typed: &VolumeChoice) -> Result<VolumeOptions, Failure> {
    Ok(VolumeOptions {
        snapshots: typed.snapshots,
        timeout: length("timeoutSeconds", typed.timeout_seconds)?,
        freeze_timeout: length("freezeSeconds", typed.freeze_seconds)?,
        at_once: match typed.at_once {
            at_once @ 1..=MAX_SNAPSHOTS_AT_ONCE => at_once.into(),
            odd => return Err(Failure::invalid("atOnce", &NotANumber(odd))),
        },
        classes: snapshot_classes(typed.snapshot_class.trim()),
        hooks: list("hooks", &typed.hooks)?,
    })
}

/// The class for every driver that is cut.
fn snapshot_classes(class: &str) -> BTreeMap<String, String> {
    let drivers = SUPPORTED_DRIVERS.iter().filter(|_| !class.is_empty());
    drivers.map(|driver| ((*driver).to_owned(), class.to_owned())).collect()
}

fn length(field: &str, seconds: u64) -> Result<Duration, Failure> {
    if !(1..=MAX_SECONDS).contains(&seconds) {
        return Err(Failure::invalid(field, &NotALength(seconds)));
    }
    Ok(Duration::from_secs(seconds))
}

/// The classes of the target by those of the recovery point; rows that are not filled in yet are left out.
pub(crate) fn storage_classes(typed: &[StorageClassMapping]) -> Result<BTreeMap<String, String>, Failure> {
    let mut classes = BTreeMap::new();
    for StorageClassMapping { from, to } in typed {
        let (from, to) = (from.trim(), to.trim());
        if to.is_empty() {
            continue;
        }
        let before = classes.insert(from.to_owned(), to.to_owned());
        if before.is_some_and(|before| before != to) {
            let named = if from.is_empty() { "no class".to_owned() } else { from.to_owned() };
            return Err(Failure::invalid("storageClasses", &TwoClasses(named)));
        }
    }
    Ok(classes)
}

/// Parses resource modifiers; text without a word is none.
fn modifiers(typed: &str) -> Result<Option<Modifiers>, Failure> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    Modifiers::parse(typed).map(Some).map_err(|error| Failure::invalid("modifiers", &error))
}

/// What a request of the engine would be, typed.
pub(crate) fn typed_request(
    point: PointKey,
    cluster_id: String,
    request: &restore::RestoreRequest,
) -> RestoreRequest {
    let texts = |list: &[model::ResourcePattern]| list.iter().cloned().map(String::from).collect();
    let names = |list: &[model::NamespacePattern]| list.iter().cloned().map(String::from).collect();
    let objects = |chosen: &model::ChosenObjects| chosen.iter().map(ToString::to_string).collect();
    let selection = &request.selection;
    RestoreRequest {
        point,
        cluster_id,
        selection: Selection {
            include_namespaces: names(&selection.namespaces.include),
            exclude_namespaces: names(&selection.namespaces.exclude),
            include_resources: texts(&selection.resources.include),
            exclude_resources: texts(&selection.resources.exclude),
            label_selector: String::from(selection.labels.clone()),
            cluster_scoped: match selection.cluster_scoped {
                model::ClusterScoped::Auto => ClusterScoped::Auto,
                model::ClusterScoped::All => ClusterScoped::All,
                model::ClusterScoped::None => ClusterScoped::None,
            },
            exclude_secrets: false,
        },
        objects: objects(&request.objects),
        exclusions: objects(&request.exclusions),
        mappings: request
            .mappings
            .pairs()
            .map(|(from, to)| NamespaceMapping { from: from.to_owned(), to: to.to_owned() })
            .collect(),
        conflict_policy: match request.conflict_policy {
            plan::ConflictPolicy::Skip => ConflictPolicy::Skip,
            plan::ConflictPolicy::Patch | plan::ConflictPolicy::Recreate => ConflictPolicy::Patch,
        },
        policies: request.policies.iter().map(ToString::to_string).collect(),
        volume_mode: match request.volume_mode {
            plan::VolumeMode::WithData => VolumeMode::WithData,
            plan::VolumeMode::WithoutData => VolumeMode::WithoutData,
        },
        storage_classes: request
            .storage_classes
            .iter()
            .map(|(from, to)| StorageClassMapping { from: from.clone(), to: to.clone() })
            .collect(),
        volume_timeout_seconds: Some(request.volume_timeout.as_secs())
            .filter(|_| request.volume_timeout != restore::VOLUME_TIMEOUT),
        modifiers: request
            .modifiers
            .as_ref()
            .map(|modifiers| modifiers.text().to_owned())
            .unwrap_or_default(),
        hooks: request.hooks.iter().map(ToString::to_string).collect(),
    }
}

/// The mappings as `old:new,...`; those that are wholly empty are left out.
pub(crate) fn mappings_text(typed: &RestoreRequest) -> Result<String, Failure> {
    let mut parts = Vec::new();
    for mapping in &typed.mappings {
        let (from, to) = (mapping.from.trim(), mapping.to.trim());
        if from.is_empty() && to.is_empty() {
            continue;
        }
        if let Some(odd) = [from, to].into_iter().find(|name| name.contains([':', ','])) {
            return Err(Failure::invalid("mappings", &NotAMapping(odd.to_owned())));
        }
        parts.push(format!("{from}:{to}"));
    }
    Ok(parts.join(","))
}

fn mappings(typed: &RestoreRequest) -> Result<NamespaceMappings, Failure> {
    mappings_text(typed)?.parse().map_err(|error| Failure::invalid("mappings", &error))
}

/// Parses the name of a recovery point.
pub(crate) fn point_name(typed: &str) -> Result<PointName, Failure> {
    typed.trim().parse().map_err(|error| Failure::invalid("name", &error))
}

fn list<T: FromStr>(field: &str, typed: &[String]) -> Result<Vec<T>, Failure>
where
    T::Err: std::error::Error + Display,
{
    if typed.len() > MAX_ENTRIES {
        return Err(Failure::invalid(field, &TooMany));
    }
    let entries = typed.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.parse().map_err(|error| Failure::invalid(field, &error))).collect()
}
