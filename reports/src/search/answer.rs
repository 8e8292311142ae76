//! `search.json`, schema `harness-search/1`: what was tried, and what was found.

use super::step::{LimitedBy, Purpose, SearchStep, StepOutcome};
use crate::facts::{Yardstick, YardstickSpread};
use crate::result::Verdict;
use serde::{Deserialize, Serialize};

/// The version that this code writes.
pub const SEARCH_SCHEMA: &str = "harness-search/1";

/// A search over all systems of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// `harness-search/1`.
    pub schema: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// When it began: UTC, RFC 3339.
    pub started: String,
    /// What has to hold beside that nothing piles up, in words.
    pub limits: Vec<String>,
    /// How close together the rates are between which an answer lies.
    pub precision: f64,
    /// In the scenario's order.
    pub systems: Vec<SystemSearch>,
}

/// One system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemSearch {
    /// Its name in the scenario.
    pub system: String,
    /// Searches from the beginning, each by itself; the last one may be going on.
    pub walks: Vec<Walk>,
}

/// One search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// In the order in which they were tried.
    pub steps: Vec<SearchStep>,
    /// Absent: it goes on, or was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<FoundRate>,
}

impl Walk {
    /// How often a rate held for long, and how often it did that or failed: what decides whether it is the answer.
    pub fn tries(&self, rate: f64) -> Tries {
        let of = |holds: bool| {
            self.steps.iter().filter(move |step| step.rate == rate && (step.outcome == StepOutcome::Holds) == holds)
        };
        let held = of(true).filter(|step| step.purpose == Purpose::Hold).count();
        Tries { held, all: held + of(false).count() }
    }

    /// Of the steps in which the answer held for long, and of those in which the lowest rate beyond it did not.
    fn yardsticks(&self) -> Vec<Yardstick> {
        let Some(found) = &self.found else { return Vec::new() };
        let of = |decides: &dyn Fn(&SearchStep) -> bool| {
            let steps = self.steps.iter().filter(|step| decides(step));
            steps.filter_map(|step| step.figures?.yardstick).collect::<Vec<_>>()
        };
        let holds = |step: &SearchStep| step.outcome == StepOutcome::Holds;
        let held = of(&|step| Some(step.rate) == found.rate && holds(step) && step.purpose == Purpose::Hold);
        let beyond = of(&|step| Some(step.rate) == found.beyond && !holds(step));
        let beyond = beyond.into_iter().map(|beyond| held.iter().fold(beyond, |beyond, held| beyond.at_least(*held)));
        held.iter().copied().chain(beyond).collect()
    }
}

/// How a rate fared in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How often it held for long.
    pub held: usize,
    /// How often it held for long, or did not hold at all.
    pub all: usize,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundRate {
    /// The highest rate that held for long twice, and more often than it failed, in messages a second. Absent: none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Whether there is one.
    pub confirmed: bool,
    /// The lowest rate above it that did not. Absent: none was tried, so the system can do at least as much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<f64>,
    /// Why that one did not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What was at its limit there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<LimitedBy>,
}

impl FoundRate {
    /// Of a walk that is over. `rate`: what held for long.
    pub(super) fn of(rate: Option<f64>, steps: &[SearchStep]) -> Self {
        let failed = steps.iter().rev().filter(|step| step.outcome != StepOutcome::Holds);
        let beyond = failed.filter(|step| rate.is_none_or(|rate| step.rate > rate));
        // Of one rate, what was tried last, and before that what is known: a step that is open takes back nothing.
        let order = |step: &SearchStep| step.outcome == StepOutcome::Open;
        let limiting = beyond.min_by(|one, other| one.rate.total_cmp(&other.rate).then(order(one).cmp(&order(other))));
        Self {
            rate,
            confirmed: rate.is_some(),
            beyond: limiting.map(|step| step.rate),
            why: limiting.map(|step| step.why.clone()).unwrap_or_default(),
            limited_by: limiting.and_then(|step| step.limited_by),
        }
    }

    /// Whether the rate is the system's own limit: a rate beyond it was tried, and the system was what did not do it.
    pub fn is_limit(&self) -> bool {
        self.confirmed && self.beyond.is_some() && self.limited_by == Some(LimitedBy::System)
    }
}

impl SystemSearch {
    /// The rates that its walks found, in ascending order.
    pub fn rates(&self) -> Vec<f64> {
        let found = self.walks.iter().filter_map(|walk| walk.found.as_ref());
        let mut rates: Vec<f64> = found.filter(|found| found.confirmed).filter_map(|found| found.rate).collect();
        rates.sort_by(f64::total_cmp);
        rates
    }

    /// The middle of them.
    pub fn rate(&self) -> Option<f64> {
        let rates = self.rates();
        rates.get(rates.len().saturating_sub(1) / 2).copied()
    }

    /// How fast the machine's cores were where a rate held, and, as far as they were slower, where the rate beyond it did not: on
    /// quicker ones that it could not do says all the more. `None`: it was not measured.
    pub fn machine(&self) -> Option<YardstickSpread> {
        Yardstick::spread(self.walks.iter().flat_map(Walk::yardsticks))
    }

    /// Whether the machine's cores stayed as fast as they were, as far as that was measured.
    pub fn is_steady(&self) -> bool {
        self.machine().is_none_or(YardstickSpread::is_steady)
    }

    /// Whether the highest rate is known: every walk came to the system's own limit, on a machine that stayed as fast as it was.
    pub fn verdict(&self) -> Verdict {
        let known = |walk: &Walk| walk.found.as_ref().is_some_and(FoundRate::is_limit);
        if self.is_steady() && !self.walks.is_empty() && self.walks.iter().all(known) {
            Verdict::Pass
        } else {
            Verdict::Unknown
        }
    }
}

impl Search {
    /// Whether the highest rate of every system is known.
    pub fn verdict(&self) -> Verdict {
        let open = self.systems.is_empty().then_some(Verdict::Unknown);
        Verdict::worst(self.systems.iter().map(SystemSearch::verdict).chain(open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Figures;
    use crate::units::Nanos;

    fn walk(rate: f64, beyond: Option<f64>, limited_by: LimitedBy) -> Walk {
        let found =
            FoundRate { rate: Some(rate), confirmed: true, beyond, why: String::new(), limited_by: Some(limited_by) };
        Walk { steps: Vec::new(), found: Some(found) }
    }

    #[test]
    fn the_highest_rate_is_known_only_where_the_system_was_what_did_not_do_more() {
        let system = |walks| SystemSearch { system: "redis".to_owned(), walks };
        let limited = walk(900.0, Some(940.0), LimitedBy::System);
        assert_eq!(system(vec![limited.clone()]).verdict(), Verdict::Pass);
        let by_generator = walk(900.0, Some(940.0), LimitedBy::Generator);
        for other in [by_generator, walk(900.0, None, LimitedBy::System), Walk::default()] {
            assert_eq!(system(vec![limited.clone(), other]).verdict(), Verdict::Unknown);
        }
        assert_eq!(system(Vec::new()).verdict(), Verdict::Unknown);
    }

    /// A walk whose two deciding steps met a machine that took so long for its yardstick; 0: it was not measured.
    fn on_machine(held_ms: u64, beyond_ms: u64) -> Walk {
        let step = |rate, purpose, outcome, time| {
            let time = Nanos::from_millis(time);
            let figures = Figures {
                acknowledged: rate,
                consumed: rate,
                response_p99: 1,
                end_to_end_p99: 1,
                broker_cores: 1.0,
                client_cores: 0.1,
                yardstick: (time > Nanos::ZERO).then_some(Yardstick { early: time, late: time, work: 1 }),
            };
            let (why, folder) = (String::new(), String::new());
            SearchStep { rate, purpose, outcome, why, limited_by: None, figures: Some(figures), folder }
        };
        let steps = vec![
            step(500.0, Purpose::Climb, StepOutcome::Holds, 900),
            step(940.0, Purpose::Narrow, StepOutcome::Exceeds, beyond_ms),
            step(900.0, Purpose::Hold, StepOutcome::Holds, held_ms),
        ];
        Walk { steps, ..walk(900.0, Some(940.0), LimitedBy::System) }
    }

    #[test]
    fn the_highest_rate_is_not_known_of_a_machine_that_became_slower_meanwhile() {
        let search = |walks| SystemSearch { system: "redis".to_owned(), walks };
        let steady = search(vec![on_machine(30, 33), on_machine(31, 36)]);
        assert_eq!(steady.verdict(), Verdict::Pass, "what other steps met decides nothing");
        assert_eq!(
            search(vec![on_machine(60, 30)]).verdict(),
            Verdict::Pass,
            "a quicker machine could not do it either"
        );
        assert_eq!(search(vec![on_machine(0, 0)]).verdict(), Verdict::Pass, "it was not measured");
        // The answer held twice, and on a slower machine the first time.
        let mut slower_once = on_machine(30, 31);
        let again = on_machine(60, 31).steps.into_iter().filter(|step| step.purpose == Purpose::Hold);
        slower_once.steps.splice(0..0, again);
        for walks in [vec![on_machine(30, 60)], vec![on_machine(30, 31), on_machine(62, 61)], vec![slower_once]] {
            let slower = search(walks);
            assert_eq!(slower.verdict(), Verdict::Unknown);
            assert!(slower.machine().is_some_and(|spread| spread.times() > 1.9));
        }
    }

    #[test]
    fn a_step_that_is_open_takes_back_no_limit_that_another_has_shown() {
        let step = |rate, outcome, limited_by, why: &str| {
            let (purpose, folder, figures) = (Purpose::Hold, String::new(), None);
            SearchStep { rate, purpose, outcome, why: why.to_owned(), limited_by, figures, folder }
        };
        let shown = step(940.0, StepOutcome::Exceeds, Some(LimitedBy::System), "shown");
        let open = step(940.0, StepOutcome::Open, None, "open");
        let held = step(900.0, StepOutcome::Holds, None, "");
        for tried in [[shown.clone(), open.clone()], [open.clone(), shown]] {
            let steps = [vec![held.clone()], tried.to_vec()].concat();
            let found = FoundRate::of(Some(900.0), &steps);
            assert_eq!((found.why.as_str(), found.is_limit()), ("shown", true));
        }
        let found = FoundRate::of(Some(900.0), &[held, open.clone(), open]);
        assert_eq!((found.why.as_str(), found.is_limit()), ("open", false));
    }

    #[test]
    fn a_short_step_in_which_a_rate_held_is_no_try_and_one_in_which_it_failed_is() {
        let step = |rate, purpose, outcome| {
            let (why, folder) = (String::new(), String::new());
            SearchStep { rate, purpose, outcome, why, limited_by: None, figures: None, folder }
        };
        let steps = vec![
            step(900.0, Purpose::Narrow, StepOutcome::Holds),
            step(900.0, Purpose::Hold, StepOutcome::Holds),
            step(900.0, Purpose::Narrow, StepOutcome::Open),
            step(950.0, Purpose::Hold, StepOutcome::Exceeds),
        ];
        assert_eq!(Walk { steps, found: None }.tries(900.0), Tries { held: 1, all: 2 });
    }

    #[test]
    fn the_middle_of_several_searches_is_told() {
        let walks = [900.0, 1000.0, 950.0].map(|rate| walk(rate, Some(1100.0), LimitedBy::System)).to_vec();
        let system = SystemSearch { system: "redis".to_owned(), walks };
        assert_eq!((system.rate(), system.rates()), (Some(950.0), vec![900.0, 950.0, 1000.0]));
    }
}
