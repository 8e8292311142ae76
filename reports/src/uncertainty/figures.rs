//! The intervals of a trial's headline figures, as its result tells them.

use super::quantile::Quantile;
use super::within::Within;
use crate::certainty::CERTAINTY;
use crate::facts::LatencyKind;
use crate::result::{Distribution, Interval, TrialResult, Unit};
use crate::series::TrialSeries;
use std::collections::BTreeMap;

/// The bootstrap of a series that remembers is too narrow, because blocks long enough to hold all of its memory are too few. So
/// much wider, intervals hold the truth in 95 of 100 trials where a second has half of the one before (tested below).
const WIDENING: f64 = 1.5;

/// What varies by less does not vary by what can be measured.
const STEADY: f64 = 1.0001;

/// The intervals of a trial's throughput and latencies over the load, by the keys that comparisons use. A figure of which the
/// series is too short, or that too few messages show, has none.
pub(crate) fn intervals(trial: &TrialResult, series: &TrialSeries) -> BTreeMap<String, Interval> {
    let within = Within::of(series, 0);
    let mut intervals = BTreeMap::new();
    let mut tell = |key: String, value: f64, variance: f64, unit: Unit| {
        let factor = (CERTAINTY * WIDENING * variance.sqrt()).exp();
        if value > 0.0 && factor > STEADY {
            intervals.insert(key, Interval { low: value / factor, high: value * factor, unit });
        }
    };
    let throughput = trial.rates.acknowledged.msg_per_s;
    tell("throughput".to_owned(), throughput, within.throughput(), Unit::MessagesPerSecond);
    let latencies: [(&str, LatencyKind, &Distribution); 3] = [
        ("response", LatencyKind::Response, &trial.latency_ns.response),
        ("service", LatencyKind::Service, &trial.latency_ns.service),
        ("end-to-end", LatencyKind::EndToEnd, &trial.latency_ns.end_to_end),
    ];
    for (name, kind, distribution) in latencies {
        for quantile in Quantile::ALL.into_iter().filter(|quantile| quantile.is_shown_by(distribution.count)) {
            let value = quantile.of(distribution) as f64;
            let key = format!("{name}-{}", quantile.key());
            tell(key, value, within.latency(kind, quantile), Unit::Nanoseconds);
        }
    }
    // Nobody acknowledges more than is offered.
    if let Some(interval) = intervals.get_mut("throughput") {
        interval.high = interval.high.min(trial.rates.offered.msg_per_s.max(throughput));
    }
    intervals
}

#[cfg(test)]
mod tests {
    use super::super::simulated::{autoregressive, series};
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::sample;

    fn trial() -> TrialResult {
        let mut trial = judge_history(&sample::healthy(), "one").unwrap().result;
        trial.latency_ns.response.count = 100_000;
        trial.latency_ns.response.p50 = 1_000_000;
        trial
    }

    #[test]
    fn an_interval_lies_around_its_figure_and_is_wider_where_the_series_remembers() {
        let width = |memory: f64| {
            let found = intervals(&trial(), &series(&autoregressive(5, 120, memory)));
            let interval = found["response-p50"];
            assert!(interval.low < 1e6 && 1e6 < interval.high, "{interval:?}");
            assert_eq!(interval.unit, Unit::Nanoseconds);
            interval.high / interval.low
        };
        assert!(width(0.8) > width(0.0));
    }

    /// The median of response times around 1 ms, of which a second has those from 0.9 to 1.08 times its own.
    const TRUTH: f64 = 990_000.0;

    /// In how many of 200 trials of one kind the interval holds the middle that all of them share.
    fn holding(memory: f64) -> usize {
        let holds = |seed: &u64| {
            let series = series(&autoregressive(*seed, 120, memory));
            let responses = series.blocks.iter().flat_map(|block| block.response.sketch());
            let mut all: Vec<u64> = responses.map(|(time, _)| time.0).collect();
            all.sort_unstable();
            let mut trial = trial();
            trial.latency_ns.response.p50 = all[all.len() / 2];
            let interval = intervals(&trial, &series)["response-p50"];
            interval.low <= TRUTH && TRUTH <= interval.high
        };
        (0..200).filter(holds).count()
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_truth() {
        let held = [0.0, 0.3, 0.5].map(holding);
        assert!(held.iter().all(|held| *held >= 186), "{held:?} of 200");
        assert!(holding(0.8) >= 165, "what remembers longer is told a little too narrowly");
    }

    #[test]
    fn nothing_is_told_of_a_series_that_is_too_short_or_of_a_figure_that_few_messages_show() {
        assert!(intervals(&trial(), &series(&autoregressive(5, 3, 0.0))).is_empty());
        let mut few = trial();
        few.latency_ns.response.count = 200;
        let found = intervals(&few, &series(&autoregressive(5, 120, 0.0)));
        assert!(found.contains_key("response-p50") && !found.contains_key("response-p99-9"), "{found:?}");
    }
}
