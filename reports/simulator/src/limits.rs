//! What the scenario expects: drawn when the truth is known, so that limits stand on both sides of it, and close to it.

use crate::chance::{Aspect, Chance};
use crate::compare::speed::{count, times};
use crate::compare::times::STATISTICS;
use crate::compare::{Known, settlements, windows};
use reports::facts::{LatencyKind, LatencyLimit, Limits, RateKind, ThroughputLimit};
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
    let indeterminate = chance.happens(0.3).then_some(indeterminate);
    let redelivered = chance.happens(0.5).then_some(redelivered);
    let (latency, throughput) = speeds(known, &mut chance);
    // Drawn last, so that seeds keep their other limits.
    let mut near = |count: u64| match chance.between(0, 9) {
        0..=2 => count,
        3..=5 => count.saturating_sub(1),
        _ => 0,
    };
    let (unrecovered, resurrected) = (near(settlements::left(known)), near(counts.resurrected));
    let out_of_order = near(counts.out_of_order);
    let unprocessed = counts.unprocessed.map(near);
    Limits {
        unprocessed,
        failed: Some(failed),
        indeterminate,
        lost,
        phantom,
        corrupted,
        duplicated,
        redelivered,
        unrecovered,
        resurrected,
        out_of_order,
        reconnected,
        unavailable,
        recovered,
        latency: latency.into_iter().collect(),
        throughput: throughput.into_iter().collect(),
        ..known.limits.clone()
    }
}

/// A latency and a rate that are asked for: just above or just below what they were, or, for the rate, that very figure.
fn speeds(known: &Known<'_>, chance: &mut Chance) -> (Option<LatencyLimit>, Option<ThroughputLimit>) {
    let (slow, fast) = (chance.happens(0.4), chance.happens(0.4));
    let load = windows::load(known);
    let kind = chance.pick(&[LatencyKind::Response, LatencyKind::Service, LatencyKind::EndToEnd]);
    let statistic = chance.pick(&STATISTICS);
    let aside = chance.pick(&[0.99, 1.01]);
    let latency = slow.then(|| {
        let seen = times(known, &load, kind).bounds(statistic).map_or(1e6, |(low, _)| low);
        LatencyLimit { kind, statistic: statistic.to_owned(), limit: Nanos((seen * aside) as u64) }
    });
    let kind = chance.pick(&[RateKind::Offered, RateKind::Sent, RateKind::Acknowledged, RateKind::Consumed]);
    let aside = chance.pick(&[0.999, 1.0, 1.001]);
    let throughput =
        fast.then(|| ThroughputLimit { kind, limit: count(known, &load, kind) as f64 / load.seconds() * aside });
    (latency, throughput)
}
