//! What is said of a night in the same words everywhere.

use crate::compare::CompareVerdict;
use crate::night::{Night, NightOutcome, NightScenario};
use crate::plural::plural;
use crate::render::text::one_line;
use crate::result::Verdict;

/// A scenario's mark: a word and a sign, so that neither colour nor shape alone tells it.
pub(in crate::render) struct Sign {
    pub(in crate::render) word: &'static str,
    pub(in crate::render) sign: &'static str,
    /// Its class on a page.
    pub(in crate::render) class: &'static str,
}

/// Of a scenario. A regression comes before a pass, and nothing before a fail.
pub(in crate::render) fn sign(scenario: &NightScenario) -> Sign {
    let of = |word, sign, class| Sign { word, sign, class };
    let compared = scenario.compared.as_ref().filter(|_| !scenario.accepted).map(|compared| compared.verdict);
    match (scenario.outcome, compared) {
        (NightOutcome::Fail, _) => of("fail", "✗", "fail"),
        (NightOutcome::Stopped, _) => of("not carried out", "!", "unknown"),
        (NightOutcome::NotTried, _) => of("not tried", "–", "unknown"),
        (_, Some(CompareVerdict::Regression)) => of("regression", "↘", "fail"),
        (NightOutcome::Unknown, _) => of("unknown", "?", "unknown"),
        (NightOutcome::Pass, Some(CompareVerdict::Unknown)) => of("pass, comparison unknown", "?", "unknown"),
        (NightOutcome::Pass, _) => of("pass", "✓", "pass"),
    }
}

/// What it was compared with, and what came of that.
pub(in crate::render) fn compared(scenario: &NightScenario) -> String {
    let is_base = scenario.accepted && scenario.outcome == NightOutcome::Pass;
    let accepted = if is_base { "; accepted as the new base" } else { "" };
    match &scenario.compared {
        None if scenario.fingerprint.is_none() => "–".to_owned(),
        None => format!("no earlier good run of the same scenario, settings and machine{accepted}"),
        Some(compared) => format!("{} against {}: {}{accepted}", compared.verdict.word(), compared.base, compared.why),
    }
}

/// A night in one sentence.
pub(in crate::render) fn headline(night: &Night) -> String {
    counted(night, "night")
}

/// Its scenarios, counted by what came of them. `what` they belong to: a night, a run.
pub(in crate::render) fn counted(night: &Night, what: &str) -> String {
    let count = |is: &dyn Fn(&NightScenario) -> bool| night.scenarios.iter().filter(|one| is(one)).count() as u64;
    let told = [
        ("failed", count(&|one| one.outcome == NightOutcome::Fail)),
        ("regressed", count(&|one| sign(one).word == "regression")),
        ("could not be carried out", count(&|one| one.outcome == NightOutcome::Stopped)),
        ("not tried", count(&|one| one.outcome == NightOutcome::NotTried)),
        ("unknown", count(&|one| one.answer() == Verdict::Unknown && is_judged(one))),
        ("passed", count(&|one| one.answer() == Verdict::Pass)),
    ];
    let told: Vec<String> =
        told.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")).collect();
    let end = match (night.interrupted, &night.ended) {
        (true, _) => format!("; the {what} was interrupted"),
        (false, None) => format!("; the {what} has not ended"),
        (false, Some(_)) => String::new(),
    };
    format!("{}: {}{end}", plural(night.scenarios.len() as u64, "scenario"), told.join(", "))
}

fn is_judged(scenario: &NightScenario) -> bool {
    !matches!(scenario.outcome, NightOutcome::Stopped | NightOutcome::NotTried)
}

/// A scenario of a night in words, for a table of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `✗ fail`.
    pub sign: String,
    /// What came of it.
    pub why: String,
    /// What came of comparing it.
    pub compared: String,
}

/// A scenario of a night in words.
pub fn told(scenario: &NightScenario) -> Told {
    let Sign { word, sign, .. } = sign(scenario);
    Told { sign: format!("{sign} {word}"), why: one_line(&scenario.why), compared: one_line(&compared(scenario)) }
}

/// A night in one sentence, without its stop.
pub fn sentence(night: &Night) -> String {
    headline(night)
}
