//! Whether there is anything to tell of consumers: where nobody was there to consume, a zero would read as a measurement.

use super::RunResult;

impl RunResult {
    /// Whether anybody was there to consume, in any of its trials; and where there is no trial, nothing is left out.
    pub fn has_consumers(&self) -> bool {
        self.trials.is_empty() || self.trials.iter().any(|trial| trial.has_consumers)
    }
}

/// What results say that say nothing of it.
pub(super) const fn some() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) const fn are_some(consumers: &bool) -> bool {
    *consumers
}
