//! **soak**: something creeps by more in an hour of load than its limit: the resident memory of a broker's process, or of a
//! client's, or throughput. One answer for each limit.
//!
//! `measure/soak.rs` says how a slope comes about. It is told with a 95 % interval: the whole of it above the limit is a fail,
//! the whole of it within the limit passes, and a limit within it is unknown: a longer load would tell. What came at the end,
//! or all at once, moves a slope little: where the last tenth of the load lies above the first by more than the limit allows
//! in the whole load, it is unknown too. Throughput is what was acknowledged as a share of what was due.
//!
//! Unknown also: a process of the kind has no slope, as readings of it are missing, it was started again, or the load was short;
//! no process of the kind was watched; the limit allows less in the whole load than a process takes at once; for throughput,
//! the load generator was saturated or rows of sends are missing; rows of resources are missing; anything that concerns
//! every check. Growth that is seen is a fail though other processes have no slope.

use super::answer::{Answer, Demanded, Observed};
use super::doubt;
use super::evidence::Evidence;
use crate::facts::MEMORY_STEP;
use crate::measure::Table;
use crate::result::{CheckResult, Quantity, Slope, Unit};
use crate::units::Nanos;

/// Its name.
pub const NAME: &str = "soak";

/// Allocators and runtimes take memory in steps of about this size: less than one step says nothing.
const STEP: f64 = MEMORY_STEP as f64;
/// So much of what was due may be acknowledged less at the end by chance.
const CHANCE: f64 = 0.02;
const MIB: f64 = (1 << 20) as f64;

/// Judges.
pub fn judge(evidence: &Evidence<'_>) -> Vec<CheckResult> {
    let limits = evidence.facts.limits.soak;
    let memory = [("broker", "broker", limits.broker_memory), ("client", "generator", limits.client_memory)];
    let memory = memory.into_iter().filter_map(|(who, role, limit)| Some(memory_of(evidence, (who, role), limit?)));
    memory.chain(limits.slowdown.map(|limit| slowdown(evidence, limit))).collect()
}

/// The memory of all processes of a role. `who`: what people call them.
fn memory_of(evidence: &Evidence<'_>, (who, role): (&str, &str), limit: u64) -> CheckResult {
    let allowed = limit as f64;
    let quantity = |value| Quantity { value, unit: Unit::BytesPerHour };
    let mut answer = Answer {
        limit: Demanded::other(format!("{who} memory ≤ {}/h", mib(allowed)), Some(quantity(allowed).at_most())),
        doubts: doubt::standing(evidence, &[Table::Resources]),
        ..Answer::default()
    };
    let hours = evidence.measures.timeline.load.length().as_secs_f64() / 3600.0;
    if allowed * hours < STEP {
        let least = Nanos::from_secs((STEP / allowed.max(1.0) * 3600.0).ceil() as u64);
        answer.doubts.push(format!(
            "{} an hour are {} in this load, less than a process takes at once ({}): a load of {least} would tell",
            mib(allowed),
            mib(allowed * hours),
            mib(STEP)
        ));
    }
    let processes: Vec<_> = evidence.measures.soak.memory.iter().filter(|growth| growth.role == role).collect();
    if processes.is_empty() {
        answer.doubts.push(format!("no process of a {who} was watched"));
    }
    let mut worst: Option<(&str, Slope)> = None;
    for growth in processes {
        let name = growth.process.as_str();
        match &growth.slope {
            Err(why) => answer.doubts.push(format!("how the memory of {name} grew is not known: {why}")),
            Ok(slope) => {
                let told = format!("the memory of {name} grew by {}", told(*slope, mib));
                let limit =
                    Limit { allowed, certain: allowed.max(STEP / hours), in_all: allowed * hours + STEP, unit: mib };
                limit.hold(&mut answer, *slope, &told);
                if worst.is_none_or(|(_, other)| other.per_hour < slope.per_hour) {
                    worst = Some((name, *slope));
                }
            }
        }
    }
    if let Some((name, slope)) = worst {
        let words = format!("{}/h ({name})", mib(slope.per_hour));
        answer.observed = Observed::told(words, quantity(slope.per_hour));
        answer.held = format!("the memory of {name} grew most, by {}", told(slope, mib));
    }
    answer.settle(NAME)
}

fn slowdown(evidence: &Evidence<'_>, allowed: f64) -> CheckResult {
    let quantity = |value| Quantity { value, unit: Unit::SharePerHour };
    let mut answer = Answer {
        limit: Demanded::other(format!("slowdown ≤ {}/h", share(allowed)), Some(quantity(allowed).at_most())),
        doubts: doubt::standing(evidence, &[Table::Sends]),
        ..Answer::default()
    };
    answer.doubts.extend(doubt::saturated(evidence));
    answer.doubts.extend(doubt::unsent(evidence));
    let artefact = answer.doubts.first().cloned();
    match &evidence.measures.soak.slowdown {
        Err(why) => answer.doubts.push(format!("whether throughput fell is not known: {why}")),
        Ok(slope) => {
            let words = format!("of what was due, acknowledgements fell by {}", told(*slope, share));
            answer.observed = Observed::told(format!("{}/h", share(slope.per_hour)), quantity(slope.per_hour));
            answer.held.clone_from(&words);
            match artefact {
                Some(_) if slope.low > allowed => answer.break_unless(artefact, words),
                _ => {
                    let hours = evidence.measures.timeline.load.length().as_secs_f64() / 3600.0;
                    let in_all = allowed * hours + CHANCE;
                    Limit { allowed, certain: allowed, in_all, unit: share }.hold(&mut answer, *slope, &words);
                }
            }
        }
    }
    answer.settle(NAME)
}

/// What a slope is held to.
struct Limit {
    /// By the hour.
    allowed: f64,
    /// By the hour: what is above this is above the limit for certain.
    certain: f64,
    /// In the whole load, by the difference of its ends.
    in_all: f64,
    unit: fn(f64) -> String,
}

impl Limit {
    fn hold(&self, answer: &mut Answer, slope: Slope, told: &str) {
        let limit = format!("{}/h", (self.unit)(self.allowed));
        if slope.low > self.certain {
            answer.broken.push(format!("{told}, limit {limit}"));
        } else if slope.high > self.allowed {
            let open = format!("{told}, which may be above the limit of {limit} or not: a longer load would tell");
            answer.doubts.push(open);
        } else if slope.ends > self.in_all {
            let ends = (self.unit)(slope.ends);
            answer.doubts.push(format!("{told}, but by {ends} between the first and the last tenth of the load"));
        }
    }
}

/// `12.0 MiB an hour (95 %: 11.0 MiB to 13.0 MiB)`.
fn told(slope: Slope, unit: fn(f64) -> String) -> String {
    format!("{} an hour (95 %: {} to {})", unit(slope.per_hour), unit(slope.low), unit(slope.high))
}

fn mib(bytes: f64) -> String {
    format!("{} MiB", digits(bytes / MIB))
}

fn share(share: f64) -> String {
    format!("{} %", digits(100.0 * share))
}

/// Three significant digits or the whole number, and no negative zero.
fn digits(value: f64) -> String {
    let decimals = if value.abs() < 9.995 { 2 } else { usize::from(value.abs() < 99.95) };
    let text = format!("{value:.decimals$}");
    if text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.')) { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{answers, cut, expect};
    use super::*;
    use crate::facts::SoakLimits;
    use crate::history::{Outcome, Resource, Send};
    use crate::measure::{Rows, sample};
    use crate::result::{MustBe, Verdict};

    const HOUR_S: u64 = 3600;

    /// A trial with this much memory at each second of its load of 30 s.
    fn growing(limits: SoakLimits, role: &str, rss: impl Fn(u64) -> u64) -> Rows {
        let mut rows = sample::healthy();
        rows.facts.limits.soak = limits;
        rows.resources = (0..32)
            .map(|second| Resource {
                role: role.to_owned(),
                rss: rss(second),
                ..sample::has_used(&format!("{role}-0"), Nanos::from_secs(sample::LOAD_S - 1 + second), 0.001)
            })
            .collect();
        rows
    }

    fn broker(mib_an_hour: u64) -> SoakLimits {
        SoakLimits { broker_memory: Some(mib_an_hour << 20), ..SoakLimits::default() }
    }

    #[test]
    fn passes_when_memory_grows_by_less_than_its_limit() {
        // One MiB a second.
        let rows = growing(broker(HOUR_S + 100), "broker", |second| second << 20);
        expect(
            &rows,
            NAME,
            Verdict::Pass,
            &["the memory of broker-0 grew most, by 3600 MiB an hour (95 %: 3600 MiB to"],
        );
    }

    #[test]
    fn fails_when_memory_grows_by_more_than_its_limit() {
        let rows = growing(broker(HOUR_S - 100), "broker", |second| second << 20);
        expect(&rows, NAME, Verdict::Fail, &["the memory of broker-0 grew by 3600 MiB an hour", "limit 3500 MiB/h"]);
        let answer = answers(&rows, NAME).remove(0);
        assert_eq!(
            (answer.limit.as_str(), answer.observed.as_str()),
            ("broker memory ≤ 3500 MiB/h", "3600 MiB/h (broker-0)")
        );
        assert_eq!(answer.limit_quantity.map(|bound| bound.must_be), Some(MustBe::AtMost));
        let seen = answer.observed_quantity.map(|seen| (seen.value / MIB, seen.unit));
        assert_eq!(seen, Some((3600.0, Unit::BytesPerHour)));
        let limits = SoakLimits { client_memory: Some(100 << 20), ..SoakLimits::default() };
        expect(&growing(limits, "generator", |second| second << 20), NAME, Verdict::Fail, &["generator-0 grew"]);
    }

    #[test]
    fn is_unknown_when_the_limit_lies_within_the_interval() {
        let shaky = |second: u64| (10 + (second * 7919) % 5) << 20;
        let reasons = ["which may be above the limit of 130 MiB/h or not: a longer load would tell"];
        expect(&growing(broker(130), "broker", shaky), NAME, Verdict::Unknown, &reasons);
    }

    #[test]
    fn is_unknown_when_the_load_is_too_short_for_the_limit() {
        let reasons = ["20.0 MiB an hour are 0.17 MiB in this load", "a load of 180 s would tell"];
        expect(&growing(broker(20), "broker", |_| 1 << 20), NAME, Verdict::Unknown, &reasons);
        // Half a MiB in all, which any process takes.
        expect(&growing(broker(20), "broker", |second| second << 14), NAME, Verdict::Unknown, &reasons);
        expect(&growing(broker(20), "broker", |second| second << 20), NAME, Verdict::Fail, &["limit 20.0 MiB/h"]);
    }

    #[test]
    fn is_unknown_when_it_came_at_the_end_or_all_at_once() {
        let late = |second: u64| if second < 28 { 1 << 20 } else { 1 << 30 };
        let reasons = ["by 0 MiB an hour", "but by 1023 MiB between the first and the last tenth"];
        expect(&growing(broker(300), "broker", late), NAME, Verdict::Unknown, &reasons);
        let mut rows = slowing(0.01);
        let end = Nanos::from_secs(sample::LOAD_S + 26);
        rows.sends.iter_mut().filter(|send| send.intended >= end).for_each(|send| send.outcome = Outcome::Failed);
        expect(&rows, NAME, Verdict::Unknown, &["but by 100 % between the first and the last tenth"]);
    }

    #[test]
    fn is_unknown_when_readings_are_missing() {
        let mut rows = growing(broker(HOUR_S), "broker", |_| 1 << 20);
        rows.resources.retain(|row| row.at < Nanos::from_secs(sample::LOAD_S + 20));
        expect(
            &rows,
            NAME,
            Verdict::Unknown,
            &["how the memory of broker-0 grew is not known: it has no reading between"],
        );
        rows.resources.clear();
        expect(&rows, NAME, Verdict::Unknown, &["no process of a broker was watched"]);
        let whole = growing(broker(HOUR_S), "broker", |_| 1 << 20);
        expect(&cut(whole, Table::Resources), NAME, Verdict::Unknown, &["cut"]);
    }

    #[test]
    fn what_was_seen_to_grow_fails_though_another_process_was_not_watched_all_along() {
        let mut rows = growing(broker(100), "broker", |second| second << 20);
        let other = rows.resources.iter().filter(|row| row.at < Nanos::from_secs(sample::LOAD_S + 20)).cloned();
        let other: Vec<_> = other.map(|row| Resource { process: "broker-1".into(), ..row }).collect();
        rows.resources.extend(other);
        expect(&rows, NAME, Verdict::Fail, &["broker-0 grew by 3600 MiB an hour"]);
    }

    fn slowing(limit: f64) -> Rows {
        let mut rows = sample::healthy();
        rows.facts.limits.soak.slowdown = Some(limit);
        rows
    }

    /// The longer the load lasts, the more sends are refused.
    fn refusing(limit: f64) -> Rows {
        let mut rows = slowing(limit);
        let start = Nanos::from_secs(sample::LOAD_S);
        for (index, send) in rows.sends.iter_mut().filter(|send| send.intended >= start).enumerate() {
            if index * 37 % 100 < index * 50 / 3000 {
                send.outcome = Outcome::Failed;
            }
        }
        rows
    }

    /// The generator was late, by more than its limit.
    fn late(send: &mut Send) {
        send.started = send.started.plus(Nanos::from_millis(20));
        send.settled = send.settled.max(send.started);
    }

    #[test]
    fn passes_when_throughput_does_not_fall() {
        expect(&slowing(0.01), NAME, Verdict::Pass, &["of what was due, acknowledgements fell by 0 % an hour"]);
    }

    #[test]
    fn fails_when_throughput_falls_by_more_than_its_limit() {
        expect(&refusing(0.5), NAME, Verdict::Fail, &["acknowledgements fell by", "limit 50.0 %/h"]);
    }

    #[test]
    fn is_unknown_when_the_generator_was_saturated_or_sends_are_missing() {
        let mut rows = slowing(0.01);
        rows.sends.iter_mut().for_each(late);
        expect(&rows, NAME, Verdict::Unknown, &["saturated"]);
        expect(&cut(slowing(0.01), Table::Sends), NAME, Verdict::Unknown, &["cut"]);
        let mut rows = refusing(0.5);
        rows.sends.iter_mut().for_each(late);
        expect(&rows, NAME, Verdict::Unknown, &["fell by", "but the load generator was saturated"]);
    }

    #[test]
    fn nothing_is_asked_without_a_limit() {
        assert!(answers(&growing(SoakLimits::default(), "broker", |second| second << 20), NAME).is_empty());
    }
}
