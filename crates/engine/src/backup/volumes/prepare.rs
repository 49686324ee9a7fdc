//! Before the cut: which claims, from what, with which class, and which commands run in which pods.

use std::collections::BTreeSet;

use holdfast_model::hooks::{PodCommands, backup_commands};
use holdfast_model::selection::is_excluded_by_labels;
use holdfast_model::volume::{SNAPSHOT_GROUP, SnapshotClass, assess, choose_class};
use holdfast_store::volumes::VolumeRecord;
use serde_json::Value;

use super::record::{Claim, Plan};
use super::{Found, Surroundings, sources};
use crate::error::EngineError;
use crate::hooks::{self, Pod};
use crate::snapshots::{SnapshotApi, region};

/// What is to be done.
pub(super) struct Prepared {
    /// By namespace and name.
    pub claims: Vec<Claim>,
    /// Claims that pods in scope mount and that are not selected themselves.
    pub unselected: Vec<VolumeRecord>,
    /// By namespace and name.
    pub pods: Vec<Pod>,
    /// For each pod.
    pub commands: Vec<PodCommands>,
    pub region: Option<String>,
    /// What will not be as asked.
    pub problems: Vec<String>,
}

pub(super) async fn prepare(
    around: &Surroundings<'_>,
    mut found: Found,
    api: Option<&SnapshotApi>,
) -> Result<Prepared, EngineError> {
    let hooks =
        hooks::backup_hooks(around.cluster, around.discovery, &around.options.hooks, around.context).await?;
    found.claims.sort_by(|a, b| (&a.meta.namespace, &a.meta.name).cmp(&(&b.meta.namespace, &b.meta.name)));
    let mut prepared = Prepared {
        claims: claims(around, found.claims, api).await?,
        unselected: Vec::new(),
        pods: Vec::new(),
        commands: Vec::new(),
        region: None,
        problems: Vec::new(),
    };
    let mut namespaces: BTreeSet<String> = found.with_pods;
    let cut = prepared.claims.iter().filter(|claim| claim.plan.is_some());
    namespaces.extend(cut.map(|claim| claim.record.namespace.clone()));
    if prepared.claims.iter().any(|claim| claim.plan.is_some()) {
        prepared.region = region::regions(around.cluster, around.context).await?.pop_first();
    }
    if !hooks.is_empty() {
        namespaces.extend(found.namespaces);
    }
    let (pods, problems) = sources::pods(around.cluster, &namespaces, around.context).await?;
    prepared.pods = pods;
    prepared
        .problems
        .extend(problems.into_iter().map(|why| format!("hooks of its pods were not run: {why}")));
    for pod in &prepared.pods {
        let mut commands = PodCommands::default();
        if !pod.has_ended() && prepared.concerns(pod, around) {
            commands = backup_commands(&pod.hooked(), &hooks);
            let notes = commands.notes.drain(..);
            prepared.problems.extend(notes.map(|note| format!("pod {}/{}: {note}", pod.namespace, pod.name)));
        }
        prepared.commands.push(commands);
    }
    if api.is_none() && prepared.commands.iter().any(|commands| !commands.is_empty()) {
        let why = format!("hooks were not run: the cluster serves no CSI snapshots ({SNAPSHOT_GROUP}/v1)");
        prepared.problems.push(why);
    }
    prepared.note_pods(around);
    Ok(prepared)
}

impl Prepared {
    /// Whether a pod's hooks run: it is selected itself, or what is cut is mounted in it.
    fn concerns(&self, pod: &Pod, around: &Surroundings<'_>) -> bool {
        let is_selected = around.selection.labels.matches(&pod.labels) && !is_excluded_by_labels(&pod.labels);
        let is_cut = |name: &String| {
            self.claim_at(&pod.namespace, name).is_some_and(|at| self.claims[at].plan.is_some())
        };
        is_selected || pod.claims.iter().any(is_cut)
    }

    fn claim_at(&self, namespace: &str, name: &str) -> Option<usize> {
        let key = (namespace, name);
        let of = |claim: &Claim| (claim.record.namespace.as_str(), claim.record.claim.as_str()).cmp(&key);
        self.claims.binary_search_by(of).ok()
    }

    /// Notes which pods use which claim, and the claims that selected pods use and that are not selected.
    fn note_pods(&mut self, around: &Surroundings<'_>) {
        let mut unselected = BTreeSet::new();
        for pod in self.pods.iter().filter(|pod| !pod.has_ended()) {
            for name in &pod.claims {
                match self.claim_at(&pod.namespace, name) {
                    Some(at) => self.claims[at].record.pods.push(pod.name.clone()),
                    None if around.selection.labels.matches(&pod.labels) => {
                        unselected.insert((pod.namespace.clone(), name.clone(), pod.name.clone()));
                    }
                    None => {}
                }
            }
        }
        self.unselected = unselected
            .into_iter()
            .map(|(namespace, claim, pod)| {
                let mut record = VolumeRecord::new(&namespace, &claim);
                record.reason = Some(format!(
                    "pod {pod} uses it, but the selection leaves it out, by its labels or its kind"
                ));
                record.pods.push(pod);
                record
            })
            .collect();
        self.unselected.dedup_by(|a, b| (&a.namespace, &a.claim) == (&b.namespace, &b.claim));
    }
}

/// Decides about each claim.
async fn claims(
    around: &Surroundings<'_>,
    items: Vec<super::Item>,
    api: Option<&SnapshotApi>,
) -> Result<Vec<Claim>, EngineError> {
    let objects: Vec<Value> =
        items.iter().map(|item| serde_json::from_slice(&item.json).unwrap_or_default()).collect();
    let name = |claim: &Value| claim.pointer("/spec/volumeName").and_then(Value::as_str).map(str::to_owned);
    let names: BTreeSet<String> = objects.iter().filter_map(name).filter(|name| !name.is_empty()).collect();
    let volumes = sources::volumes(around.cluster, names, around.context).await?;
    let mut classes: Option<Result<Vec<SnapshotClass>, String>> = None;
    let mut claims = Vec::with_capacity(items.len());
    for (item, object) in items.into_iter().zip(&objects) {
        let volume = name(object).and_then(|name| volumes.get(&name));
        let unreadable = volume.and_then(|volume| volume.as_ref().err());
        let volume = volume.and_then(|volume| volume.as_ref().ok()?.as_ref());
        let mut claim = Claim::new(item, object, volume);
        if let Some(why) = unreadable {
            claim.fail(format!("its volume cannot be read: {why}"));
            claims.push(claim);
            continue;
        }
        match assess(object, volume) {
            Err(unfit) => {
                if claim.record.driver.is_none() {
                    claim.record.driver = unfit.driver().map(str::to_owned);
                }
                claim.skip(unfit.to_string());
            }
            Ok(source) => {
                let Some(api) = api else {
                    claim.fail(format!("the cluster serves no CSI snapshots ({SNAPSHOT_GROUP}/v1)"));
                    claims.push(claim);
                    continue;
                };
                if classes.is_none() {
                    classes = Some(sources::classes(around.cluster, api, around.context).await?);
                }
                let asked = around.options.classes.get(&source.driver).map(String::as_str);
                let chosen = match classes.as_ref() {
                    Some(Ok(classes)) => choose_class(object, &source.driver, asked, classes)
                        .cloned()
                        .map_err(|error| error.to_string()),
                    Some(Err(why)) => Err(format!("snapshot classes cannot be listed: {why}")),
                    None => Err("snapshot classes were not listed".to_owned()),
                };
                match chosen {
                    Ok(class) => claim.plan = Some(Plan { source, class }),
                    Err(why) => claim.fail(why),
                }
            }
        }
        claims.push(claim);
    }
    Ok(claims)
}
