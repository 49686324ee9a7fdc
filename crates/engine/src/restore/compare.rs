//! What to do about an object that exists in the target.
//!
//! Planning and running decide by this one function, so that a conflict met while
//! running is handled as the plan would have shown it.

use holdfast_model::modifiers::{Effect, Note};
use holdfast_model::patch::{additions, difference};
use holdfast_model::plan::{Action, ConflictPolicy, PlanDetail, changes};
use holdfast_model::resource::ResourceType;
use holdfast_model::target;
use serde_json::Value;

use super::form::{Form, owners};

/// What is said of a claim that exists: data is never written over.
const DATA_STAYS: &str = "its data stays as it is: delete the claim first to restore it";

/// A decision about one object.
#[derive(Debug)]
pub(super) struct Decision {
    pub action: Action,
    pub detail: Option<Box<PlanDetail>>,
}

impl Decision {
    pub fn plain(action: Action) -> Self {
        Self { action, detail: None }
    }

    pub fn because(action: Action, reason: impl Into<String>) -> Self {
        let detail = PlanDetail { reason: Some(reason.into()), ..PlanDetail::default() };
        Self { action, detail: Some(Box::new(detail)) }
    }
}

impl Decision {
    /// Says more about it.
    pub fn add(&mut self, words: &str) {
        let reason = &mut self.detail.get_or_insert_default().reason;
        *reason = Some(match reason.take() {
            Some(before) => format!("{before}; {words}"),
            None => words.to_owned(),
        });
    }

    /// Says what modifiers did to the object, where it is about to be written or compared.
    pub fn note(&mut self, notes: &[Note]) {
        let told = notes.iter().filter(|note| note.effect != Effect::NoEffect);
        let told: Vec<String> = told.map(ToString::to_string).collect();
        if !told.is_empty() {
            let detail = self.detail.get_or_insert_default();
            detail.modifiers = told;
            detail.modifier_failed = notes.iter().any(|note| matches!(note.effect, Effect::Failed(_)));
        }
    }
}

/// Decides about an object that exists. `owned` says whether the owners it had in the
/// recovery point are in the target, or will be.
pub(super) fn existing(
    ty: &ResourceType,
    form: &Form,
    live: &Value,
    policy: ConflictPolicy,
    owned: bool,
) -> Decision {
    let is_default_account = ty.is("", "serviceaccounts")
        && live.pointer("/metadata/name").and_then(Value::as_str) == Some("default");
    let resource_version =
        live.pointer("/metadata/resourceVersion").and_then(Value::as_str).map(str::to_owned);
    let adopt = owned && lacks_owner(form, live);
    let mut stripped = live.clone();
    target::strip(ty, &mut stripped);
    // The items of a LIST come without them; by its type, the live object says the same as the recovery point.
    for key in ["apiVersion", "kind"] {
        stripped[key] = form.object[key].clone();
    }
    let patch = difference(&form.object, &stripped);

    let mut detail = PlanDetail { resource_version, adopt, ..PlanDetail::default() };
    let action = match patch {
        None if adopt => {
            detail.reason = Some("gets the owner references that it had; they are missing here".to_owned());
            Action::Patch
        }
        None if is_default_account => {
            return Decision::because(
                Action::Derived,
                "every namespace has it; it says all that the recovery point says",
            );
        }
        None => return identical(ty),
        Some(patch) => {
            detail.changes = changes(ty, &patch, &stripped);
            let fields = detail.changes.len();
            let differs = if fields == 1 {
                "differs in 1 field".to_owned()
            } else {
                format!("differs in {fields} fields")
            };
            if ty.is("", "persistentvolumeclaims") {
                detail.reason = Some(format!("exists and {differs}; {DATA_STAYS}"));
                Action::Skip
            } else if ty.is("", "persistentvolumes") {
                detail.reason = Some(format!(
                    "exists and {differs}; what holds data is never changed in place: delete it first to restore it"
                ));
                Action::Skip
            } else if policy == ConflictPolicy::Recreate && !is_default_account {
                detail.reason = Some(format!("{differs}; it is deleted and created anew, as asked for"));
                Action::Recreate
            } else if policy != ConflictPolicy::Skip {
                detail.reason = Some(format!("exists and {differs}"));
                detail.patch = Some(patch);
                Action::Patch
            } else if is_default_account && let Some(added) = additions(&form.object, &stripped) {
                detail.changes = changes(ty, &added, &stripped);
                detail.reason = Some("every namespace has it; what it lacks is added".to_owned());
                detail.patch = Some(added);
                Action::Patch
            } else if adopt {
                // Skip is about what an object says; without its owner it would outlive it.
                detail.changes = Vec::new();
                detail.reason = Some(format!(
                    "gets the owner references that it had; it also {differs}, which the conflict policy Skip leaves"
                ));
                Action::Patch
            } else {
                detail.reason = Some(format!("exists and {differs}; the conflict policy is Skip"));
                Action::Skip
            }
        }
    };
    Decision { action, detail: Some(Box::new(detail)) }
}

/// The decision about an object that already says what the recovery point says.
pub(super) fn identical(ty: &ResourceType) -> Decision {
    if ty.is("", "persistentvolumeclaims") {
        Decision::because(Action::Identical, DATA_STAYS)
    } else {
        Decision::plain(Action::Identical)
    }
}

/// Whether the live object lacks an owner that it had.
fn lacks_owner(form: &Form, live: &Value) -> bool {
    if form.owners.is_empty() {
        return false;
    }
    let have = owners(live);
    form.owners.iter().any(|owner| {
        !have.iter().any(|h| h.kind == owner.kind && h.group() == owner.group() && h.name == owner.name)
    })
}
