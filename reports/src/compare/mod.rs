//! Comparison of two runs: from two judged runs to what differs between them, and how sure that is.
//! From here results, their facts and series may be read; no history, no check, and nothing is drawn.
//! To compare one more figure: add its variant to `Headline`, its reading to `samples.rs`, and its threshold to `THRESHOLDS`.

pub mod comparison;
mod confirm;
mod decide;
mod headline;
mod interval;
mod refusal;
mod runs;
mod samples;
mod scale;
mod together;

#[cfg(test)]
mod answers;
#[cfg(test)]
mod rates;

pub use comparison::{Change, CompareVerdict, Difference, RunComparison};
pub(crate) use headline::Headline;
#[cfg(test)]
pub(crate) use rates::steady_run;
pub(crate) use samples::figure;
#[cfg(test)]
pub(crate) use scale::Scale;

pub use confirm::{Rerun, confirm, in_question};
pub use runs::{Differing, compare};
