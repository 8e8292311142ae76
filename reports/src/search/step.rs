//! One rate, tried: whether a system sustained it.
//!
//! A rate holds where everything that the scenario expects held, and where nothing piled up: in the second half of the load at
//! least 98 % of what was due was acknowledged, and as much was consumed. (In the first half a system may still be warming up;
//! a backlog that grows does so until the end.) Where the load generator was late although nothing piled up, nobody knows; nor where
//! latencies were too long only in the first seconds, which were not like the rest: a system that was still cold.

use crate::facts::{LatencyLimit, Yardstick};
use crate::histogram::Times;
use crate::judge::Judged;
use crate::result::{ResourceResult, TrialResult, Verdict};
use crate::series::{Second, TrialSeries};
use crate::units::Nanos;
use serde::{Deserialize, Serialize};

/// Less of what was due piles up.
const SUSTAINED: f64 = 0.98;

/// One rate, tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchStep {
    /// Messages a second that were due.
    pub rate: f64,
    /// What it was tried for.
    pub purpose: Purpose,
    /// Whether it held.
    pub outcome: StepOutcome,
    /// Why.
    pub why: String,
    /// What kept it from holding, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<LimitedBy>,
    /// What was measured; absent where nothing could be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// Its run's folder, from the search's.
    pub folder: String,
}

/// What a rate is tried for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To find one that holds and one that does not.
    Climb,
    /// To bring the two closer together.
    Narrow,
    /// To confirm, for longer, what was found.
    Hold,
}

/// Whether a rate held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// Everything that is expected held, and nothing piled up.
    Holds,
    /// Something did not hold, or piled up.
    Exceeds,
    /// Nobody knows.
    Open,
}

/// What was at its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitedBy {
    /// The broker, or the way to it.
    System,
    /// A producer or consumer of the harness: the system can do more.
    Generator,
}

/// What was measured at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Messages a second acknowledged over the load.
    pub acknowledged: f64,
    /// Messages a second consumed over the load.
    pub consumed: f64,
    /// Settled − intended, in ns.
    pub response_p99: u64,
    /// Received − intended, in ns.
    pub end_to_end_p99: u64,
    /// Cores that the broker's processes used.
    pub broker_cores: f64,
    /// Cores that producers and consumers used.
    pub client_cores: f64,
    /// How fast the machine's cores were; absent where that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yardstick: Option<Yardstick>,
}

impl SearchStep {
    /// Of a run of one trial at this rate, of which these latencies were expected.
    pub fn of(judged: Option<&Judged>, rate: f64, purpose: Purpose, folder: &str, expected: &[LatencyLimit]) -> Self {
        let step = |outcome, why: String, limited_by, figures| Self {
            rate,
            purpose,
            outcome,
            why,
            limited_by,
            figures,
            folder: folder.to_owned(),
        };
        let found = judged.and_then(|judged| judged.result.trials.first().zip(judged.series.first()));
        let Some((trial, series)) = found else {
            return step(StepOutcome::Open, "nothing could be judged".to_owned(), None, None);
        };
        let figures = Figures::of(trial);
        let (limited_by, besides) = match full_client(trial) {
            Some(client) => (LimitedBy::Generator, format!("; {client} used a whole core meanwhile")),
            None => (LimitedBy::System, String::new()),
        };
        if let Some(why) = piled_up(trial, series) {
            return step(StepOutcome::Exceeds, why + &besides, Some(limited_by), Some(figures));
        }
        let failed: Vec<_> = trial.checks.iter().filter(|check| check.counts_as() == Verdict::Fail).collect();
        let other = failed.iter().find(|check| check.name != "latency");
        if let Some(check) = other.or_else(|| failed.first()) {
            let why = format!("{} did not hold: {}{besides}", check.name, check.why);
            let cold = if other.is_none() { cold(trial, series, expected) } else { None };
            return match cold {
                Some(cold) => {
                    let limited_by = Some(limited_by).filter(|by| *by == LimitedBy::Generator);
                    step(StepOutcome::Open, format!("{why}; {cold}"), limited_by, Some(figures))
                }
                None => step(StepOutcome::Exceeds, why, Some(limited_by), Some(figures)),
            };
        }
        if trial.generator.saturated != Some(false) {
            let lag = Nanos(trial.generator.lag().p99);
            let why = format!(
                "the load generator was late, by {lag} at the p99 of its lag, though nothing piled up{besides}"
            );
            return step(StepOutcome::Open, why, Some(LimitedBy::Generator), Some(figures));
        }
        match trial.checks.iter().find(|check| check.verdict == Verdict::Unknown) {
            Some(check) => {
                step(StepOutcome::Open, format!("{} is unknown: {}", check.name, check.why), None, Some(figures))
            }
            None => step(StepOutcome::Holds, "everything held, and nothing piled up".to_owned(), None, Some(figures)),
        }
    }
}

impl Figures {
    fn of(trial: &TrialResult) -> Self {
        let cores = |role: &str| {
            let used: Nanos = Nanos(of_role(trial, role).map(|process| process.cpu_ns.0).sum());
            used.as_secs_f64() / trial.rates.seconds.max(f64::MIN_POSITIVE)
        };
        Self {
            acknowledged: trial.rates.acknowledged.msg_per_s,
            consumed: trial.rates.consumed.msg_per_s,
            response_p99: trial.latency_ns.response.p99,
            end_to_end_p99: trial.latency_ns.end_to_end.p99,
            broker_cores: cores("broker"),
            client_cores: cores("generator"),
            yardstick: trial.yardstick,
        }
    }
}

fn of_role<'t>(trial: &'t TrialResult, role: &str) -> impl Iterator<Item = &'t ResourceResult> {
    trial.resources.iter().filter(move |process| process.role == role)
}

/// A producer or consumer that had a core to itself and may have wanted more.
fn full_client(trial: &TrialResult) -> Option<&str> {
    let full = |process: &&ResourceResult| process.took_a_core(trial.rates.seconds);
    of_role(trial, "generator").find(full).map(|process| process.process.as_str())
}

/// That all that is expected of latencies held from when on the load was warm. `None`: it did not, or when that was is not known.
fn cold(trial: &TrialResult, series: &TrialSeries, expected: &[LatencyLimit]) -> Option<String> {
    let warm_after = trial.warm_up.as_ref()?.warm_after_ns.filter(|after| *after > Nanos::ZERO)?;
    let warm = || series.blocks.iter().filter(|block| block.at >= warm_after);
    let held = |limit: &LatencyLimit| {
        let mut times = Times::new().ok()?;
        warm().for_each(|block| times.merge_coarse(&block.of(limit.kind).unpack()));
        let times = times.distribution();
        times.statistic(&limit.statistic).filter(|value| times.count > 0 && *value <= limit.limit)
    };
    let all_held = expected.iter().all(|limit| held(limit).is_some());
    all_held.then(|| {
        format!(
            "but without the first {warm_after} of the load, which were not like the rest, it held: make `phases.warmup` longer, let \
             it ramp up (`phases.ramp-up`) and settle (`phases.settle`)"
        )
    })
}

/// What was not done of what was due in the second half of the load. `None`: nothing piled up.
fn piled_up(trial: &TrialResult, series: &TrialSeries) -> Option<String> {
    let whole = trial.rates.seconds.floor().max(0.0) as usize;
    let load = series.seconds.get(..whole.min(series.seconds.len())).unwrap_or_default();
    let half = load.get(load.len() / 2..).unwrap_or_default();
    let sum = |pick: fn(&Second) -> u64| half.iter().map(pick).sum::<u64>() as f64;
    let due = sum(|second| second.offered);
    if due <= 0.0 {
        return Some("nothing was due in the second half of the load".to_owned());
    }
    let below = |done: f64, what: &str| {
        let share = done / due;
        (share < SUSTAINED)
            .then(|| format!("of what was due in the second half of the load, {:.1} % was {what}", 100.0 * share))
    };
    // Where nobody ever consumes, nothing is to be consumed.
    below(sum(|second| second.acknowledged), "acknowledged")
        .or_else(|| below(sum(|second| second.consumed), "consumed").filter(|_| trial.has_consumers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::LatencyKind;
    use crate::histogram::Packed;
    use crate::judge::judge_history;
    use crate::measure::{Rows, sample};

    fn step(rows: &Rows) -> SearchStep {
        let judged = judge_history(rows, "one").unwrap();
        let mut run = crate::compare::steady_run();
        run.result.trials = vec![judged.result];
        run.series = vec![judged.series];
        let expected = rows.facts.limits.latency.clone();
        SearchStep::of(Some(&run), 100.0, Purpose::Climb, "redis-01", &expected)
    }

    #[test]
    fn what_is_acknowledged_and_consumed_as_it_falls_due_holds() {
        let step = step(&sample::healthy());
        assert_eq!((step.outcome, step.limited_by), (StepOutcome::Holds, None), "{}", step.why);
        let figures = step.figures.unwrap();
        assert!((figures.acknowledged - 100.0).abs() < 0.5 && (figures.consumed - 100.0).abs() < 0.5, "{figures:?}");
    }

    #[test]
    fn what_piles_up_exceeds_though_everything_expected_held() {
        let mut rows = sample::healthy();
        let late = |at: &mut Nanos| {
            let into = at.since(Nanos::from_secs(sample::LOAD_S));
            *at = at.plus(Nanos(into.0 / 5));
        };
        rows.sends.iter_mut().for_each(|send| late(&mut send.settled));
        let step = step(&rows);
        assert_eq!((step.outcome, step.limited_by), (StepOutcome::Exceeds, Some(LimitedBy::System)), "{}", step.why);
        assert!(step.why.contains("% was acknowledged"), "{}", step.why);
        let mut rows = sample::healthy();
        rows.deliveries.iter_mut().for_each(|delivery| late(&mut delivery.received));
        assert!(self::step(&rows).why.contains("% was consumed"));
        let mut rows = sample::healthy();
        rows.deliveries.clear();
        let unread = self::step(&rows);
        assert_eq!(unread.outcome, StepOutcome::Exceeds);
        assert!(unread.why.contains("0.0 % was consumed"), "{}", unread.why);
    }

    #[test]
    fn where_a_client_used_a_whole_core_the_system_is_not_known_to_be_the_limit() {
        let mut rows = sample::healthy();
        rows.deliveries.clear();
        let reading = |second: u64, share: f64| sample::has_used("consumer-1", Nanos::from_secs(second), share);
        for (share, limited_by) in [(0.5, LimitedBy::System), (0.95, LimitedBy::Generator)] {
            rows.resources = (90..140).map(|second| reading(second, share)).collect();
            let step = step(&rows);
            assert_eq!((step.outcome, step.limited_by), (StepOutcome::Exceeds, Some(limited_by)), "{}", step.why);
            let named = step.why.contains("consumer-1 used a whole core");
            assert_eq!(named, limited_by == LimitedBy::Generator, "{}", step.why);
        }
    }

    #[test]
    fn a_check_that_fails_exceeds_and_one_that_is_unknown_leaves_it_open() {
        let mut rows = sample::healthy();
        rows.deliveries.retain(|delivery| delivery.message != sample::message(1, 0, 300));
        let lost = step(&rows);
        assert_eq!(lost.outcome, StepOutcome::Exceeds, "{}", lost.why);
        assert!(lost.why.starts_with("lost did not hold: "), "{}", lost.why);
        let mut rows = sample::healthy();
        rows.facts.end = None;
        assert_eq!(step(&rows).outcome, StepOutcome::Open);
        assert_eq!(SearchStep::of(None, 1.0, Purpose::Hold, "x", &[]).outcome, StepOutcome::Open);
    }

    /// Sends of the first seconds are answered later than others by so much, and this is expected of response times.
    fn cold(seconds: u64, late: Nanos, limit: Nanos) -> Rows {
        let mut rows = sample::healthy();
        let load = Nanos::from_secs(sample::LOAD_S);
        for send in rows.sends.iter_mut().filter(|send| send.intended.since(load) < Nanos::from_secs(seconds)) {
            send.settled = send.settled.plus(late);
        }
        let (kind, statistic) = (LatencyKind::Response, "p99".to_owned());
        rows.facts.limits.latency.push(LatencyLimit { kind, statistic, limit });
        rows
    }

    #[test]
    fn a_latency_that_only_a_cold_beginning_has_leaves_it_open() {
        let (late, limit) = (Nanos::from_millis(400), Nanos::from_millis(300));
        let cold_first = step(&cold(4, late, limit));
        assert_eq!((cold_first.outcome, cold_first.limited_by), (StepOutcome::Open, None), "{}", cold_first.why);
        let told = &cold_first.why;
        assert!(told.starts_with("latency did not hold: ") && told.contains("without the first 4"), "{told}");
        // Slow throughout; slow in the beginning, and too slow later, too; slow for so long that it is no beginning.
        for (seconds, limit) in [(60, limit), (4, Nanos(1000)), (20, limit)] {
            let slow = step(&cold(seconds, late, limit));
            let expected = (StepOutcome::Exceeds, Some(LimitedBy::System));
            assert_eq!((slow.outcome, slow.limited_by), expected, "{seconds} {limit}: {}", slow.why);
        }
        let mut lossy = cold(4, late, limit);
        lossy.deliveries.retain(|delivery| delivery.message != sample::message(1, 0, 300));
        let lost = step(&lossy);
        assert_eq!(lost.outcome, StepOutcome::Exceeds, "nothing but a latency is explained: {}", lost.why);
        assert!(lost.why.starts_with("lost did not hold: "), "{}", lost.why);
    }

    #[test]
    fn where_nothing_was_measured_once_it_was_warm_no_limit_held() {
        let limit = Nanos::from_millis(300);
        let mut rows = cold(4, Nanos::from_millis(400), limit);
        let (kind, statistic) = (LatencyKind::EndToEnd, "p99".to_owned());
        rows.facts.limits.latency.push(LatencyLimit { kind, statistic, limit });
        let mut judged = judge_history(&rows, "one").unwrap();
        let result = judged.result;
        let explained = |series: &TrialSeries| super::cold(&result, series, &rows.facts.limits.latency).is_some();
        assert!(explained(&judged.series));
        judged.series.blocks.iter_mut().for_each(|block| block.end_to_end = Packed::default());
        assert!(!explained(&judged.series));
    }

    #[test]
    fn a_generator_that_was_late_leaves_it_open_and_is_named() {
        let mut rows = sample::healthy();
        rows.sends.iter_mut().for_each(|send| {
            send.started = send.started.plus(Nanos::from_millis(20));
            send.settled = send.settled.max(send.started);
        });
        let step = step(&rows);
        assert_eq!((step.outcome, step.limited_by), (StepOutcome::Open, Some(LimitedBy::Generator)), "{}", step.why);
    }
}
