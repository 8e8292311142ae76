//! The plan: what each trial will do and when, worked out before anything is started.
//! From here only a validated scenario may be read; nothing is started and no clock is looked at.
//! To show one more fact in the dry run: work it out in `trials.rs`, and print it in `cli/plan.rs`.

mod series;
mod trials;

pub use series::{Repeats, Series};
pub use trials::{ExpectedReturn, Plan, PlannedEvent, PlannedPhase, TrialPlan};
