//! An answer in the making: a counterexample makes it fail, a doubt makes it unknown, and only what is left passes.

use crate::result::{CheckResult, Verdict};

/// What a check has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What was demanded.
    pub limit: String,
    /// What was seen.
    pub observed: String,
    /// Counterexamples that nothing missing from the history can explain away.
    pub broken: Vec<String>,
    /// What keeps the evidence from saying that the demand held.
    pub doubts: Vec<String>,
    /// Why it passes, if it does.
    pub held: String,
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

    /// The result: fail > unknown > pass.
    pub fn settle(self, name: &str) -> CheckResult {
        let (verdict, why) = if !self.broken.is_empty() {
            (Verdict::Fail, self.broken.join("; "))
        } else if !self.doubts.is_empty() {
            (Verdict::Unknown, self.doubts.join("; "))
        } else {
            (Verdict::Pass, self.held)
        };
        CheckResult { name: name.to_owned(), verdict, limit: self.limit, observed: self.observed, why }
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
}
