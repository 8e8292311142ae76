//! How the broker answers settlements and takeovers: it refuses some, or takes its time, or never says anything.

use super::feature::{Allowed, Feature};
use crate::chance::Chance;
use reports::units::Nanos;

/// What a refused settlement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing, as it should be.
    Kept,
    /// It was taken all the same.
    Taken,
}

/// Answers that come late, or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Lateness {
    /// How often an answer is late.
    pub late: f64,
    /// How late at most.
    pub most: Nanos,
    /// How often there is none.
    pub never: f64,
}

/// What is wrong with answers in a trial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answers {
    /// Requests to settle are refused this often.
    pub refusals: Option<(Refusal, f64)>,
    /// Answers are late.
    pub lateness: Option<Lateness>,
}

impl Answers {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, request_timeout: Nanos) -> Self {
        let (refuses, taken, often) = (chance.happens(0.1), chance.happens(0.4), chance.magnitude(0.02, 1.0));
        let refusal = if taken { Refusal::Taken } else { Refusal::Kept };
        let (lates, late, never) = (chance.happens(0.08), chance.share(0.05, 0.6), chance.magnitude(0.001, 0.1));
        let silent = chance.happens(0.5);
        // What takes nearly as long as the client waits is mostly given up.
        let most = Nanos((request_timeout.0 as f64 * chance.share(0.02, 0.9)) as u64);
        let lateness = Lateness { late, most, never: if silent { never } else { 0.0 } };
        Self {
            refusals: (refuses && allowed.has(Feature::RefusedAcks)).then_some((refusal, often)),
            lateness: (lates && allowed.has(Feature::LateAnswers)).then_some(lateness),
        }
    }
}
