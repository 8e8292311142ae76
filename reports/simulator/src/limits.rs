//! What the scenario expects: drawn when the truth is known, so that limits stand on both sides of it, and close to it.

use crate::chance::{Aspect, Chance};
use crate::compare::Known;
use reports::facts::Limits;
use reports::units::Nanos;

/// The limits of a trial.
pub(crate) fn draw(known: &Known<'_>) -> Limits {
    let mut chance = Chance::of(known.plan.seed, Aspect::Limits);
    let mut time = |probability: f64| {
        let (asked, limit) = (chance.happens(probability), chance.magnitude(0.1, 15.0));
        asked.then_some(Nanos((limit * 1e9) as u64))
    };
    let (reconnected, unavailable, recovered) = (time(0.5), time(0.5), time(0.5));
    let counts = crate::compare::counted(known);
    // Mostly nothing is allowed; else just as much as there was, or one less.
    let mut near = |count: u64| match chance.between(0, 19) {
        0 => count,
        1 => count.saturating_sub(1),
        _ => 0,
    };
    let (lost, phantom, corrupted) = (near(counts.lost), near(counts.phantom), near(counts.corrupted));
    let (duplicated, redelivered, failed) = (near(counts.duplicated), near(counts.redelivered), near(counts.failed));
    let indeterminate = near(counts.indeterminate);
    Limits {
        failed: Some(failed),
        indeterminate: chance.happens(0.3).then_some(indeterminate),
        lost,
        phantom,
        corrupted,
        duplicated,
        redelivered: chance.happens(0.5).then_some(redelivered),
        reconnected,
        unavailable,
        recovered,
        ..known.limits.clone()
    }
}
