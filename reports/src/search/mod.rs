//! The search for the highest rate that a system sustains: whether a rate holds, which is tried next, and what was found.
//! From here results and series may be read; nothing is run and nothing is drawn.
//! To let a rate fail for one more reason: add it to `SearchStep::of` in `step.rs`.

mod answer;
mod step;
mod walk;

pub use answer::{FoundRate, SEARCH_SCHEMA, Search, SystemSearch, Tries, Walk};
pub use step::{Figures, LimitedBy, Purpose, SearchStep, StepOutcome};
pub use walk::{NextRate, Range, next};
