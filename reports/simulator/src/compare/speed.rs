//! Latencies and rates of every window, counted once more from what happened to each message; `latency` and `throughput`.

use super::doubts::{self, undrained, unsent};
use super::expected::{Bad, Expected};
use super::generator::{self, Kept};
use super::known::{Disagreement, Known};
use super::times::Times;
use super::windows::{self, Window};
use reports::facts::{LatencyKind, RateKind};
use reports::history::Outcome;
use reports::result::{PhaseResult, Rates, TrialResult};
use reports::units::{MessageId, Nanos};
use std::collections::HashMap;

/// Each distinct message's first receipt unharmed: when it was due, and when it came.
fn first_receipts(known: &Known<'_>) -> Vec<(Nanos, Nanos)> {
    let mut first: HashMap<MessageId, (Nanos, Nanos)> = HashMap::new();
    for entry in known.truth.entries.iter().filter(|entry| entry.valid) {
        for receipt in &entry.receipts {
            // What nobody sent says of itself that it was due when it came.
            let due = entry.scheduled.map_or(receipt.at, |message| known.plan.load.schedule[message].at);
            let one = first.entry(entry.id).or_insert((due, receipt.at));
            if receipt.at < one.1 {
                *one = (due, receipt.at);
            }
        }
    }
    first.into_values().collect()
}

/// When each send was due, begun and ended, and how.
fn sends<'a>(known: &Known<'a>) -> impl Iterator<Item = (Nanos, Nanos, Nanos, Outcome)> + use<'a> {
    let all = known.plan.load.schedule.iter().zip(&known.truth.sends);
    all.filter_map(|(due, send)| send.ended.map(|(how, at)| (due.at, send.started.unwrap_or(at), at, how)))
}

/// The times of one latency in a window.
pub(crate) fn times(known: &Known<'_>, window: &Window, kind: LatencyKind) -> Times {
    let served = || sends(known).filter(|(due, .., how)| window.holds(*due) && *how != Outcome::Failed);
    match kind {
        LatencyKind::Response => Times::of(served().map(|(due, _, ended, _)| ended.since(due))),
        LatencyKind::Service => Times::of(served().map(|(_, begun, ended, _)| ended.since(begun))),
        LatencyKind::EndToEnd => {
            let first = first_receipts(known).into_iter().filter(|(due, _)| window.holds(*due));
            Times::of(first.map(|(due, at)| at.since(due)))
        }
    }
}

fn refused(known: &Known<'_>, window: &Window) -> Times {
    let refused = sends(known).filter(|(due, .., how)| window.holds(*due) && *how == Outcome::Failed);
    Times::of(refused.map(|(due, _, ended, _)| ended.since(due)))
}

/// Messages of a window.
pub(crate) fn count(known: &Known<'_>, window: &Window, kind: RateKind) -> u64 {
    let counted = match kind {
        RateKind::Offered => sends(known).filter(|(due, ..)| window.holds(*due)).count(),
        RateKind::Sent => sends(known).filter(|(_, begun, ..)| window.holds(*begun)).count(),
        RateKind::Acknowledged => {
            sends(known).filter(|(.., ended, how)| *how == Outcome::Ok && window.holds(*ended)).count()
        }
        RateKind::Consumed => first_receipts(known).into_iter().filter(|(_, at)| window.holds(*at)).count(),
    };
    counted as u64
}

/// The figures of every window.
pub(super) fn compare(known: &Known<'_>, result: &TrialResult) -> Vec<Disagreement> {
    let windows = windows::all(known);
    let mut wrong = Vec::new();
    let mut differs = |about: &str, truth: String, judge: String| {
        wrong.push(Disagreement { about: about.to_owned(), truth, judge });
    };
    if result.phases.len() != windows.len() {
        differs("windows", windows.len().to_string(), result.phases.len().to_string());
    }
    let whole = (result.latency_ns, result.rates);
    if result.phases.first().is_none_or(|first| (first.latency_ns, first.rates) != whole) {
        differs("windows", "the trial's own figures are those of `all`".to_owned(), "others".to_owned());
    }
    for window in windows {
        let Some(said) = result.phases.iter().find(|said| said.name == window.name) else {
            differs("windows", window.name, "none of this name".to_owned());
            continue;
        };
        let since = |at: Nanos| at.since(known.plan.load.from);
        if (said.from_ns, said.to_ns) != (since(window.from), since(window.to)) {
            let truth = format!("{} from {} to {}", window.name, since(window.from), since(window.to));
            differs("windows", truth, format!("from {} to {}", said.from_ns, said.to_ns));
            continue;
        }
        if let Some(what) = wrong_times(known, &window, said) {
            differs("latencies", window.name.clone(), what);
        }
        if let Some(what) = wrong_rates(known, &window, &said.rates) {
            differs("rates", window.name.clone(), what);
        }
    }
    wrong
}

fn wrong_times(known: &Known<'_>, window: &Window, said: &PhaseResult) -> Option<String> {
    let said = &said.latency_ns;
    let of = |kind| times(known, window, kind);
    let each = [
        ("response", of(LatencyKind::Response), &said.response),
        ("service", of(LatencyKind::Service), &said.service),
        ("end-to-end", of(LatencyKind::EndToEnd), &said.end_to_end),
        ("refused", refused(known, window), &said.refused),
    ];
    each.into_iter().find_map(|(name, times, said)| times.contradicts(said).map(|what| format!("{name}: {what}")))
}

fn wrong_rates(known: &Known<'_>, window: &Window, said: &Rates) -> Option<String> {
    let each = [
        ("offered", RateKind::Offered, said.offered),
        ("sent", RateKind::Sent, said.sent),
        ("acknowledged", RateKind::Acknowledged, said.acknowledged),
        ("consumed", RateKind::Consumed, said.consumed),
    ];
    each.into_iter().find_map(|(name, kind, said)| {
        let counted = count(known, window, kind) as f64;
        let shown = said.msg_per_s * window.seconds();
        let bytes = said.mib_per_s * window.seconds() * f64::from(1 << 20);
        let message = crate::world::MESSAGE_BYTES as f64;
        let near = |one: f64, other: f64| (one - other).abs() <= other * 1e-9 + 1e-6;
        let right = window.seconds() == 0.0 || (near(shown, counted) && near(bytes, counted * message));
        (!right).then(|| format!("{name}: {shown} messages, not {counted}"))
    })
}

/// `latency`, where there is a limit.
pub(super) fn latency(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.latency.first()?;
    let bounds = times(known, &windows::load(known), limit.kind).bounds(&limit.statistic);
    let most = limit.limit.0 as f64;
    let bad = match bounds {
        Some((low, _)) if low > most => Bad::Yes,
        Some((_, high)) if high > most => Bad::Either,
        _ => Bad::No,
    };
    let what = format!("{:?} {} lies within {bounds:?}, limit {most}", limit.kind, limit.statistic);
    let mut expected = doubts::expected(known, bad, what);
    if bounds.is_none() {
        expected.doubts.push("nothing was measured".to_owned());
    }
    expected.doubts.extend(unsent(known));
    expected.doubts.extend(undrained(known).filter(|_| limit.kind == LatencyKind::EndToEnd));
    // The slowest may be missing; but one that was too slow was too slow, unless the generator measured itself.
    let enough = limit.statistic == "max" && generator::kept(known) != Kept::No;
    of_a_generator(known, &mut expected);
    if !enough {
        never_fails_in_doubt(&mut expected);
    }
    Some(expected)
}

/// `throughput`, where there is a limit.
pub(super) fn throughput(known: &Known<'_>) -> Option<Expected> {
    let limit = known.limits.throughput.first()?;
    let load = windows::load(known);
    let rate = count(known, &load, limit.kind) as f64 / load.seconds();
    let bad = if rate < limit.limit { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{:?} {rate}/s, limit {}", limit.kind, limit.limit));
    expected.doubts.extend(unsent(known));
    of_a_generator(known, &mut expected);
    never_fails_in_doubt(&mut expected);
    Some(expected)
}

/// A generator that did not keep its schedule measured itself.
fn of_a_generator(known: &Known<'_>, expected: &mut Expected) {
    match generator::kept(known) {
        Kept::Yes => {}
        Kept::No => expected.doubts.push("the generator did not keep its schedule".to_owned()),
        Kept::Unmeasured => expected.doubts.push("nothing shows whether the generator kept its schedule".to_owned()),
        Kept::Open => expected.excuses.push("the generator may not have kept its schedule".to_owned()),
    }
}

/// Whatever makes a figure doubtful can have made it bad.
fn never_fails_in_doubt(expected: &mut Expected) {
    if !expected.doubts.is_empty() && expected.bad == Bad::Yes {
        expected.bad = Bad::No;
        expected.what.push_str(", and that proves nothing");
    }
}
