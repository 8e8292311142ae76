//! An answer in the making: a counterexample makes it fail, a doubt makes it unknown, and only what is left passes.

use crate::result::{Bound, CheckResult, Quantity, Verdict};
use crate::units::Nanos;
use std::collections::BTreeMap;

/// What a check has found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What was demanded.
    pub limit: Demanded,
    /// What was seen.
    pub observed: Observed,
    /// Counterexamples that nothing missing from the history can explain away.
    pub broken: Vec<String>,
    /// How many of them belong to which fault; those of none are not in here.
    pub broken_at: BTreeMap<String, usize>,
    /// What keeps the evidence from saying that the demand held.
    pub doubts: Vec<String>,
    /// Why it passes, if it does.
    pub held: String,
}

/// What was demanded: in words, and where it is one, as a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demanded {
    words: String,
    quantity: Option<Bound>,
}

impl Demanded {
    /// So many messages at most: `0`.
    pub fn count(most: u64) -> Self {
        Self { words: most.to_string(), quantity: Some(Quantity::messages(most).at_most()) }
    }

    /// At most so long: `≤ 6.00 s`. `what`: of which figure.
    pub fn within(what: &str, most: Nanos) -> Self {
        let words = format!("{what} ≤ {most}").trim_start().to_owned();
        Self { words, quantity: Some(Quantity::time(most).at_most()) }
    }

    /// Something else.
    pub const fn other(words: String, quantity: Option<Bound>) -> Self {
        Self { words, quantity }
    }
}

/// What was seen: in words, and where it is one, as a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    words: String,
    quantity: Option<Quantity>,
}

/// Nothing.
impl Default for Observed {
    fn default() -> Self {
        Self { words: "—".to_owned(), quantity: None }
    }
}

impl Observed {
    /// So many messages.
    pub fn count(seen: u64) -> Self {
        Self::told(seen.to_string(), Quantity::messages(seen))
    }

    /// So long.
    pub fn time(seen: Nanos) -> Self {
        Self::told(seen.to_string(), Quantity::time(seen))
    }

    /// A number with words of its own.
    pub const fn told(words: String, quantity: Quantity) -> Self {
        Self { words, quantity: Some(quantity) }
    }

    /// No number.
    pub const fn words(words: String) -> Self {
        Self { words, quantity: None }
    }
}

impl Answer {
    /// A counterexample if nothing could have made it up, else a doubt.
    pub fn break_unless(&mut self, artefact: Option<String>, what: String) {
        match artefact {
            None => self.broken.push(what),
            Some(why) => {
                self.doubts.retain(|doubt| *doubt != why);
                self.doubts.insert(0, format!("{what}, but {why}"));
            }
        }
    }

    /// As [`Self::break_unless`], at a fault.
    pub fn break_at(&mut self, fault: &str, artefact: Option<String>, what: String) {
        if artefact.is_none() {
            *self.broken_at.entry(fault.to_owned()).or_default() += 1;
        }
        self.break_unless(artefact, what);
    }

    /// The faults to which all of its counterexamples belong; none, where one belongs to no fault.
    fn faults(&self) -> Vec<String> {
        let all = self.broken_at.values().sum::<usize>() == self.broken.len();
        if all { self.broken_at.keys().cloned().collect() } else { Vec::new() }
    }

    /// The result: fail > unknown > pass. A number that contradicts the verdict is not what was judged, and not told.
    pub fn settle(self, name: &str) -> CheckResult {
        let faults = self.faults();
        let (verdict, why) = if !self.broken.is_empty() {
            (Verdict::Fail, self.broken.join("; "))
        } else if !self.doubts.is_empty() {
            (Verdict::Unknown, self.doubts.join("; "))
        } else {
            (Verdict::Pass, self.held)
        };
        let observed_quantity = self.observed.quantity.filter(|seen| match (verdict, &self.limit.quantity) {
            (Verdict::Pass, Some(bound)) => bound.holds(*seen),
            (Verdict::Fail, Some(bound)) => !bound.holds(*seen),
            _ => true,
        });
        CheckResult {
            name: name.to_owned(),
            verdict,
            limit: self.limit.words,
            observed: self.observed.words,
            limit_quantity: self.limit.quantity,
            observed_quantity,
            why,
            faults,
            known: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counterexample_outweighs_every_doubt() {
        let answer = Answer { broken: vec!["a".into()], doubts: vec!["b".into()], ..Answer::default() };
        let result = answer.settle("lost");
        assert_eq!((result.verdict, result.why.as_str()), (Verdict::Fail, "a"));
    }

    #[test]
    fn a_failure_is_of_faults_only_if_every_counterexample_is() {
        let mut answer = Answer::default();
        answer.break_at("down-1", None, "a".into());
        answer.break_at("down-2", Some("rows are missing".into()), "b".into());
        assert_eq!(answer.clone().settle("recovered").faults, ["down-1"]);
        answer.break_unless(None, "a storm".into());
        assert!(answer.settle("recovered").faults.is_empty());
    }

    #[test]
    fn a_doubt_outweighs_that_nothing_was_found() {
        let answer = Answer { doubts: vec!["b".into()], held: "c".into(), ..Answer::default() };
        assert_eq!(answer.settle("lost").verdict, Verdict::Unknown);
    }

    #[test]
    fn what_may_be_an_artefact_is_a_doubt_that_says_so_once() {
        let mut answer = Answer { doubts: vec!["rows are missing".into()], ..Answer::default() };
        answer.break_unless(Some("rows are missing".into()), "one is lost".into());
        let result = answer.settle("lost");
        assert_eq!((result.verdict, result.why.as_str()), (Verdict::Unknown, "one is lost, but rows are missing"));
    }

    #[test]
    fn a_number_that_contradicts_the_verdict_is_not_told() {
        let settled = |seen, broken: &[&str]| {
            let broken = broken.iter().map(|why| (*why).to_owned()).collect();
            let answer =
                Answer { limit: Demanded::count(0), observed: Observed::count(seen), broken, ..Answer::default() };
            answer.settle("lost").observed_quantity.map(|seen| seen.value)
        };
        assert_eq!((settled(0, &[]), settled(5, &["5 are lost"])), (Some(0.0), Some(5.0)));
        assert_eq!((settled(5, &[]), settled(0, &["the log lacks one"])), (None, None));
    }
}
