//! Restore: a plan first, then the run of that plan.
//!
//! [`plan`] reads the recovery point and the target cluster and decides about every
//! selected object; it writes nothing. [`run`] takes the plan as a value and writes
//! wave by wave, many objects at once. What it finds otherwise than planned (an
//! object that appeared, changed or went meanwhile) is decided by the same rules.
//!
//! Running a plan again, or a new plan after an interrupted run, completes what is
//! missing: objects that are there already are Identical, and children that an
//! interrupted run left without their owner references get them.

mod census;
mod compare;
pub(crate) mod derive;
pub(crate) mod form;
mod hooks;
pub mod journal;
mod kept;
mod live;
mod modifiers;
mod owned;
mod owners;
mod plan;
mod planner;
mod ready;
mod recreate;
mod report;
mod request;
mod resume;
mod run;
mod saved;
pub(crate) mod select;
mod shown;
mod tried;
mod undo;
mod validate;
mod volumes;
mod write;

pub use kept::run_as;
pub use modifiers::modifiers_of;
pub use plan::{RestorePlan, plan};
pub use report::{ReportItem, RestoreReport};
pub use request::{RestoreRequest, VOLUME_TIMEOUT};
pub use resume::{Earlier, plan_rest};
pub use run::run;
pub use saved::{MAX_PLAN_BYTES, SavedPlan, SavedPlanError, plan_saved};
pub use shown::{Shown, show};
pub use tried::{Trial, TrialOutcome, Tried, try_modifiers};
pub use undo::{UndoEntry, UndoPlan, UndoReport, plan_undo, run_undo};
pub use validate::validate;
pub use volumes::sweep_restores;

/// Requests that a plan or a run has under way at the same time.
pub const REQUESTS_AT_ONCE: usize = 32;
