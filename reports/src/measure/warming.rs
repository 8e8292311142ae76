//! Warming up: whether the load began with what should have been warm-up, and until when that went on.
//!
//! By the seconds of the load up to the first fault: messages acknowledged in each, and the median and the 99th percentile of the
//! response times of what was due in it, as logarithms, because they differ by factors. The load is warm from the last instant
//! at which the transient of one of them ended ([`transient`](super::transient)). Where the rate changes by schedule, seconds differ
//! for another reason, and nothing is told.

use super::timeline::Timeline;
use super::transient::{FEWEST, Transient, transient};
use crate::facts::WorkloadFacts;
use crate::histogram::Spread;
use crate::result::{WarmUp, WarmUpSign};
use crate::series::Second;
use crate::units::Nanos;

/// From when on a load was like its rest. `seconds`: from the load's start on.
pub(super) fn warming(seconds: &[Second], timeline: &Timeline, workload: &WorkloadFacts) -> WarmUp {
    let calm = timeline.faults.first().map_or(timeline.load.to, |fault| fault.began.min(timeline.load.to));
    let whole = usize::try_from(calm.since(timeline.load.from).0 / Nanos::SECOND.0).unwrap_or(usize::MAX);
    let seconds = &seconds[..whole.min(seconds.len())];
    let looked_at_ns = Nanos::from_secs(seconds.len() as u64);
    let untold = |why: String| WarmUp { looked_at_ns, why: Some(why), ..WarmUp::default() };
    match workload.even {
        Some(true) => (),
        Some(false) => return untold(format!("its rate changes over time: {}", workload.rate)),
        None => return untold("the history does not say whether its rate changes over time".to_owned()),
    }
    if seconds.len() < FEWEST {
        let before = if timeline.faults.is_empty() { "" } else { " before the first fault" };
        return untold(format!("the load has {} whole seconds{before}, and {FEWEST} are needed", seconds.len()));
    }
    if seconds.iter().any(|second| second.response.is_none()) {
        return untold("there are seconds in which nothing was due, or all of it was refused".to_owned());
    }
    let mut found = Found::default();
    found.add("throughput", seconds.iter().map(|second| second.acknowledged as f64));
    found.add("response-p50", times(seconds, |spread| spread.p50));
    found.add("response-p99", times(seconds, |spread| spread.p99));
    let why = found.is_open.then(|| "what is not like the rest goes on beyond the first half".to_owned());
    let warm = Nanos::from_secs(found.until as u64);
    WarmUp { warm_after_ns: (!found.is_open).then_some(warm), looked_at_ns, signs: found.signs, why }
}

fn times(seconds: &[Second], pick: fn(&Spread) -> Nanos) -> impl Iterator<Item = f64> {
    seconds.iter().filter_map(move |second| Some(pick(second.response.as_ref()?).0 as f64))
}

/// What the figures show together.
#[derive(Default)]
struct Found {
    until: usize,
    is_open: bool,
    signs: Vec<WarmUpSign>,
}

impl Found {
    /// One figure, by the second.
    fn add(&mut self, figure: &str, values: impl Iterator<Item = f64>) {
        // Nothing has no logarithm; less than one is as little.
        let logarithms: Vec<f64> = values.map(|value| value.max(0.5).ln()).collect();
        let apart = match transient(&logarithms) {
            Transient::TooFew | Transient::None => return,
            Transient::Until { count, apart } => {
                self.until = self.until.max(count);
                apart
            }
            Transient::NotOver { apart } => {
                self.is_open = true;
                apart
            }
        };
        self.signs.push(WarmUpSign { figure: figure.to_owned(), ratio: apart.exp() });
    }
}

/// What a reader must know of it. `slow_at_first`: why such a broker is slow when it has just been started.
pub(crate) fn note(warm_up: &WarmUp, slow_at_first: Option<&str>) -> Option<String> {
    let sign =
        |sign: &WarmUpSign| format!("{} {:.2} times what it was later", sign.figure.replace('-', " "), sign.ratio);
    let signs: Vec<String> = warm_up.signs.iter().map(sign).collect();
    if signs.is_empty() {
        return None;
    }
    let signs = signs.join(", ");
    let reason = slow_at_first.map_or_else(String::new, |why| format!("; {why}"));
    let told = match warm_up.warm_after_ns {
        Some(after) => format!(
            "the first {} s of the load were not like the rest ({signs}): its figures hold some of the warm-up. Make \
             `phases.warmup` longer by at least that, or let it ramp up (`phases.ramp-up`){reason}",
            after.0 / Nanos::SECOND.0
        ),
        None => format!(
            "the first half of the load's {} calm seconds was not like the second ({signs}), and where that ends does not show: \
             its figures may hold some of the warm-up. Make `phases.warmup` longer by as much, let it ramp up \
             (`phases.ramp-up`), or find what changes over the load{reason}",
            warm_up.looked_at_ns.0 / Nanos::SECOND.0
        ),
    };
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::timeline::{FaultWindow, Span};
    use crate::measure::{Measures, sample};
    use crate::uncertainty::simulated::normals;

    fn workload(rate: &str) -> WorkloadFacts {
        WorkloadFacts { rate: rate.to_owned(), ..sample::healthy().facts.workload }
    }

    fn timeline(load_s: u64, faults: Vec<FaultWindow>) -> Timeline {
        Timeline { load: Span { from: Nanos::ZERO, to: Nanos::from_secs(load_s) }, faults, strays: Vec::new() }
    }

    /// Seconds of 2,000 messages each, whose times are those of 1 ms, so many times.
    fn seconds(count: usize, seed: u64, times: impl Fn(usize) -> f64) -> Vec<Second> {
        let second = |(index, noise): (usize, &f64)| {
            let time = |most: f64| Nanos((1e6 * most * times(index) * (noise * 0.03).exp()) as u64);
            let response = Spread { p50: time(1.0), p99: time(3.0), p99_9: time(5.0), max: time(9.0) };
            let at = Nanos::from_secs(index as u64);
            Second { at, offered: 2_000, acknowledged: 2_000, response: Some(response), ..Second::default() }
        };
        normals(seed, count).iter().enumerate().map(second).collect()
    }

    fn cold(second: usize) -> f64 {
        if second < 3 { 4.0 } else { 1.0 }
    }

    #[test]
    fn a_load_that_begins_slowly_is_warm_when_that_is_over_and_is_told_what_to_do() {
        let found = warming(&seconds(20, 7, cold), &timeline(20, Vec::new()), &workload("constant 2000/s"));
        assert_eq!(found.warm_after_ns, Some(Nanos::from_secs(3)));
        let figures: Vec<&str> = found.signs.iter().map(|sign| sign.figure.as_str()).collect();
        assert_eq!(figures, ["response-p50", "response-p99"]);
        assert!(found.signs.iter().all(|sign| (3.7..4.3).contains(&sign.ratio)), "{found:?}");
        let told = note(&found, Some("its JVM compiles")).expect("told");
        assert!(
            told.contains("the first 3 s") && told.contains("phases.warmup") && told.ends_with("; its JVM compiles"),
            "{told}"
        );
        assert!(note(&found, None).is_some_and(|told| told.ends_with("or let it ramp up (`phases.ramp-up`)")));
    }

    #[test]
    fn a_load_that_is_alike_from_the_start_is_warm_at_once_and_nothing_is_said() {
        let alarms = (0..500).filter(|seed| {
            let found = warming(&seconds(20, *seed, |_| 1.0), &timeline(20, Vec::new()), &workload("poisson 2000/s"));
            assert_eq!(found.why, None);
            note(&found, None).is_some() || found.warm_after_ns != Some(Nanos::ZERO)
        });
        assert!(alarms.count() <= 5);
    }

    #[test]
    fn a_load_that_is_slow_for_most_of_it_has_no_end_of_it() {
        let found = warming(
            &seconds(20, 3, |second| if second < 10 { 6.0 } else { 1.0 }),
            &timeline(20, Vec::new()),
            &WorkloadFacts { closed_loop: true, ..workload("unlimited") },
        );
        assert_eq!(found.warm_after_ns, None);
        assert!(note(&found, None).is_some_and(|told| told.contains("20 calm seconds")), "{found:?}");
    }

    #[test]
    fn only_what_comes_before_the_first_fault_counts_and_too_little_of_it_says_nothing() {
        let mut window = Measures::of(&sample::failover()).expect("measured").timeline.faults.remove(0);
        let mut looked_at = |began_s: u64| {
            window.began = Nanos::from_millis(began_s * 1000 + 700);
            let slow = seconds(30, 7, |second| if second >= 12 { 50.0 } else { cold(second) });
            warming(&slow, &timeline(30, vec![window.clone()]), &workload("constant 2000/s"))
        };
        let found = looked_at(12);
        assert_eq!((found.warm_after_ns, found.looked_at_ns), (Some(Nanos::from_secs(3)), Nanos::from_secs(12)));
        let found = looked_at(9);
        assert_eq!((found.warm_after_ns, found.signs.len()), (None, 0));
        assert!(found.why.is_some_and(|why| why.contains("9 whole seconds before the first fault")));
    }

    #[test]
    fn a_rate_that_changes_and_seconds_without_a_message_say_nothing() {
        let timeline = timeline(20, Vec::new());
        let ramp = WorkloadFacts { even: Some(false), ..workload("ramp 100/s to 2000/s") };
        let found = warming(&seconds(20, 7, cold), &timeline, &ramp);
        assert!(found.warm_after_ns.is_none() && found.why.is_some_and(|why| why.contains("ramp")));
        let older = WorkloadFacts { even: None, ..workload("constant 2000/s") };
        let found = warming(&seconds(20, 7, cold), &timeline, &older);
        assert!(found.warm_after_ns.is_none() && found.why.is_some_and(|why| why.contains("does not say")));
        let mut sparse = seconds(20, 7, cold);
        sparse[8].response = None;
        let found = warming(&sparse, &timeline, &workload("constant 1/s"));
        assert!(found.warm_after_ns.is_none() && found.why.is_some());
    }
}
