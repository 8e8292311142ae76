//! Attempts to connect, counted where they were made: the busiest second, and storms.

use super::expected::{Bad, Expected};
use super::known::{Disagreement, Known};
use reports::result::TrialResult;
use reports::units::Nanos;

/// Fewer within a second are no storm.
const FEWEST: u64 = 10;

pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let of_load = known.truth.attempts.iter().flatten().copied().filter(|at| *at >= known.plan.load.from);
    let (peak, said) = (busiest(of_load), result.recovery.peak_attempts_per_second);
    let wrong = (peak != said).then(|| Disagreement {
        about: "attempts in a second".to_owned(),
        truth: peak.to_string(),
        judge: said.to_string(),
    });
    wrong.into_iter().collect()
}

/// What is expected of a check: a storm fails `reconnected`, whether it is asked for or not, and nothing excuses it.
pub(super) fn in_spite_of(known: &Known<'_>, check: &str, expected: Option<Expected>) -> Option<Expected> {
    let stormy: Vec<_> = (0..known.plan.shape.clients()).filter(|client| storms(known, *client)).collect();
    if check != "reconnected" || stormy.is_empty() {
        return expected;
    }
    let what = format!("storms of clients {stormy:?}");
    Some(Expected { bad: Bad::Yes, what, doubts: Vec::new(), excuses: Vec::new() })
}

/// A client tried more than twice as often within a second as the backoff that it declares allows.
fn storms(known: &Known<'_>, client: usize) -> bool {
    let envelope = &known.plan.policy.envelope;
    let shortest = (envelope.first.0 as f64 * (1.0 - envelope.jitter_below)).floor().max(1e6);
    let allowed = 1 + (1e9 / shortest).ceil() as u64;
    let most = busiest(known.truth.attempts[client].iter().copied());
    most >= FEWEST && most > 2 * allowed
}

/// The most that fall within one second.
fn busiest(attempts: impl Iterator<Item = Nanos>) -> u64 {
    let mut all: Vec<_> = attempts.collect();
    all.sort_unstable();
    let (mut first, mut most) = (0, 0);
    for last in 0..all.len() {
        while all[last].since(all[first]) >= Nanos::SECOND {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most as u64
}
