//! What a comparison is made of: what is known beside the judge, and what the judge has wrong.

use crate::plan::Plan;
use crate::truth::Truth;
use reports::facts::Limits;
use reports::units::Nanos;

/// What is known beside the judge.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What was planned.
    pub plan: &'a Plan,
    /// What happened.
    pub truth: &'a Truth,
    /// What the scenario asks.
    pub limits: &'a Limits,
}

/// The judge and the truth are not of one mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The check or the count.
    pub about: String,
    /// What is true.
    pub truth: String,
    /// What the judge says.
    pub judge: String,
}

/// What a fault does may show this long after its heal: timeouts and waits between attempts.
pub(crate) const AFTERMATH: Nanos = Nanos::from_secs(12);

/// A loss that is noticed this long after the heal is still the fault's.
pub(crate) const NOTICED: Nanos = Nanos::from_secs(5);
