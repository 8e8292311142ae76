//! The run's answer in one sentence.

use super::label::labels;
use super::number;
use super::text::{groups, listed, one_line};
use crate::result::{RunResult, Verdict};

/// At most so many checks are named; the rest is counted.
const NAMED: usize = 3;

/// How many checks of all trials ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) pass: usize,
    pub(super) unknown: usize,
    pub(super) fail: usize,
}

impl Tally {
    pub(super) fn of(result: &RunResult) -> Self {
        let mut tally = Self::default();
        for check in result.trials.iter().flat_map(|trial| &trial.checks) {
            match check.verdict {
                Verdict::Pass => tally.pass += 1,
                Verdict::Unknown => tally.unknown += 1,
                Verdict::Fail => tally.fail += 1,
            }
        }
        tally
    }

    pub(super) const fn all(self) -> usize {
        self.pass + self.unknown + self.fail
    }
}

/// What comes before all checks: nodes that ended by themselves, and trials that were planned and are not there.
fn first_of_all(result: &RunResult) -> Vec<String> {
    let labels = labels(result);
    let nodes = labels.iter().zip(&result.trials).flat_map(|(label, trial)| {
        let ended = trial.nodes.iter().filter(|node| node.ended_by_itself());
        ended.map(move |node| one_line(&format!("On {label}, {}", node.sentence())))
    });
    let missing = result
        .missing
        .iter()
        .map(|missing| one_line(&format!("The trial {} was not judged: {}", missing.trial, missing.why)));
    nodes.chain(missing).collect()
}

/// What became of the checks: `1 of 26 checks failed: lost on kafka. 2 unknown: latency on redis and kafka`.
pub(super) fn sentence(result: &RunResult) -> String {
    let mut parts = first_of_all(result);
    parts.push(of_checks(result));
    parts.join(". ")
}

fn of_checks(result: &RunResult) -> String {
    let tally = Tally::of(result);
    if tally.all() == 0 {
        return "No check was made, so nothing was shown".to_owned();
    }
    let checks = number::of(tally.all(), "check");
    let mut parts = Vec::new();
    if tally.fail > 0 {
        parts.push(format!(
            "{} of {checks} failed: {}",
            number::count(tally.fail as u64),
            named(result, Verdict::Fail)
        ));
    }
    if tally.unknown > 0 {
        let names = named(result, Verdict::Unknown);
        let amount = number::count(tally.unknown as u64);
        parts.push(if tally.fail > 0 {
            format!("{amount} could not be answered: {names}")
        } else {
            format!("Nothing failed, but {amount} of {checks} could not be answered: {names}")
        });
    }
    if parts.is_empty() {
        parts.push(match tally.all() {
            1 => "The only check held".to_owned(),
            _ => format!("All {checks} held"),
        });
    }
    parts.join(". ")
}

fn named(result: &RunResult, verdict: Verdict) -> String {
    let names: Vec<String> = labels(result)
        .iter()
        .zip(&result.trials)
        .flat_map(|(label, trial)| {
            let checks = trial.checks.iter().filter(|check| check.verdict == verdict);
            checks.map(move |check| format!("{} on {label}", one_line(&check.name)))
        })
        .collect();
    let mut groups: Vec<(String, usize)> = groups(&names).collect();
    if groups.len() > NAMED + 1 {
        let rest: usize = groups.drain(NAMED..).map(|(_, count)| count).sum();
        groups.push((format!("{rest} more"), rest));
    }
    let named: Vec<String> = groups.into_iter().map(|(name, _)| name).collect();
    listed(&named)
}
