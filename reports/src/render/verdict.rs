//! The run's answer in one sentence.

use super::label::labels;
use super::number;
use super::text::{groups, listed, one_line};
use crate::result::{CheckResult, KnownStanding, RunResult, Verdict};

/// At most so many checks are named; the rest is counted.
const NAMED: usize = 3;

/// How many checks of all trials ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) pass: usize,
    pub(super) unknown: usize,
    pub(super) fail: usize,
    /// Failed, which is known and does not count.
    pub(super) known: usize,
}

impl Tally {
    pub(super) fn of(result: &RunResult) -> Self {
        let mut tally = Self::default();
        for check in result.trials.iter().flat_map(|trial| &trial.checks) {
            match check.counts_as() {
                Verdict::Pass if check.known.is_some() => tally.known += 1,
                Verdict::Pass => tally.pass += 1,
                Verdict::Unknown => tally.unknown += 1,
                Verdict::Fail => tally.fail += 1,
            }
        }
        tally
    }

    pub(super) const fn all(self) -> usize {
        self.pass + self.unknown + self.fail + self.known
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

/// The question that the scenario asks, where its title is not that question.
pub(super) fn question(result: &RunResult) -> Option<String> {
    let question = one_line(&result.run.scenario.question);
    (!question.is_empty() && question != one_line(&result.scenario.title)).then_some(question)
}

/// What the scenario was warned of before it ran, each a sentence.
pub(super) fn warned(result: &RunResult) -> impl Iterator<Item = String> {
    result.run.scenario.warnings.iter().map(|warning| one_line(&format!("The scenario was warned: {}", warning.words)))
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
            named(result, |check| check.counts_as() == Verdict::Fail)
        ));
    }
    if tally.unknown > 0 {
        let names = named(result, |check| check.verdict == Verdict::Unknown);
        let amount = number::count(tally.unknown as u64);
        parts.push(if tally.fail > 0 {
            format!("{amount} could not be answered: {names}")
        } else {
            format!("Nothing failed, but {amount} of {checks} could not be answered: {names}")
        });
    }
    if parts.is_empty() && tally.known == 0 {
        parts.push(match tally.all() {
            1 => "The only check held".to_owned(),
            _ => format!("All {checks} held"),
        });
    }
    if tally.known > 0 {
        let names = named(result, |check| check.known.is_some());
        let known = format!("failed as known, which does not count: {names}");
        parts.push(match parts.is_empty() {
            true => format!("{} of {checks} held, and {} {known}", tally.pass, tally.known),
            false => format!("{} {known}", tally.known),
        });
    }
    parts.join(". ")
}

/// What is to be done about failures that are known: which passed, which excuse no more, which were not seen.
pub(super) fn known(result: &RunResult) -> Vec<String> {
    let told = result.known.iter().filter(|known| known.standing != KnownStanding::Excused);
    told.map(|known| one_line(&known.words)).collect()
}

/// Where a failure that is known is tracked, and why it is let pass.
pub(super) fn tracked(check: &CheckResult) -> Option<String> {
    let known = check.known.as_ref()?;
    let until = known.until.as_ref().map_or_else(String::new, |until| format!(", excused until {until}"));
    let reason = known.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    Some(one_line(&format!("known, {}{until}{reason}", known.issue)))
}

fn named(result: &RunResult, is_meant: impl Fn(&CheckResult) -> bool) -> String {
    let names: Vec<String> = labels(result)
        .iter()
        .zip(&result.trials)
        .flat_map(|(label, trial)| {
            let checks = trial.checks.iter().filter(|check| is_meant(check));
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
