//! `night.json`, schema `harness-night/1`: what came of one night of scenarios.
//!
//! Written when the night begins, after each scenario, and when it ends. A night without an end was killed, or goes on.

use crate::compare::CompareVerdict;
use crate::result::{Fingerprint, RunResult, Verdict};
use serde::{Deserialize, Serialize};

/// The version that this code writes.
pub const NIGHT_SCHEMA: &str = "harness-night/1";

/// One night.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Night {
    /// `harness-night/1`.
    pub schema: String,
    /// The name of its folder in the archive, which sorts by time: `20261127T020000Z`.
    pub id: String,
    /// When it began: UTC, RFC 3339.
    pub started: String,
    /// When it ended. Absent: it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Somebody interrupted it.
    #[serde(default)]
    pub interrupted: bool,
    /// In the order in which they are run.
    pub scenarios: Vec<NightScenario>,
}

/// One scenario of a night.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NightScenario {
    /// Its name, and that of its run's folder in the night's.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What came of it.
    pub outcome: NightOutcome,
    /// That in words.
    pub why: String,
    /// Of scenario, settings and host. Absent where nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// How it compares with its last good run. Absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<NightComparison>,
    /// Somebody took it as the new base, whatever it compares like.
    #[serde(default)]
    pub accepted: bool,
}

/// What came of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NightOutcome {
    /// Its verdict.
    Pass,
    /// Its verdict.
    Unknown,
    /// Its verdict.
    Fail,
    /// It could not be carried out.
    Stopped,
    /// It was not begun, or is going on.
    NotTried,
}

/// How a run compares with a good one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NightComparison {
    /// The night of the other run.
    pub base: String,
    /// The answer, after what was in question had been run again.
    pub verdict: CompareVerdict,
    /// Why.
    pub why: String,
}

impl From<Verdict> for NightOutcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Unknown => Self::Unknown,
            Verdict::Fail => Self::Fail,
        }
    }
}

impl Night {
    /// It was carried through: its runs may be compared with.
    pub fn is_whole(&self) -> bool {
        self.ended.is_some() && !self.interrupted
    }

    /// What all of it comes to: the worst of its scenarios, and no pass where it was not carried through.
    pub fn answer(&self) -> Verdict {
        let open = (!self.is_whole()).then_some(Verdict::Unknown);
        Verdict::worst(self.scenarios.iter().map(NightScenario::answer).chain(open))
    }
}

impl NightScenario {
    /// One whose turn has not come.
    pub fn planned(name: &str, title: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            outcome: NightOutcome::NotTried,
            why: "its turn did not come".to_owned(),
            fingerprint: None,
            compared: None,
            accepted: false,
        }
    }

    /// What came of it: a result and that in words, or `None` where nothing could be judged.
    pub fn ended(&mut self, judged: Option<(&RunResult, String)>) {
        match judged {
            None => {
                self.outcome = NightOutcome::Stopped;
                "it could not be carried out: what stopped it was told when it ran".clone_into(&mut self.why);
            }
            Some((result, why)) => {
                self.outcome = result.verdict.into();
                self.why = why;
                self.fingerprint = Some(result.fingerprint.clone());
            }
        }
    }

    /// What came of the several runs that it stands for.
    pub fn came_to(&mut self, verdict: Verdict, why: String) {
        self.outcome = verdict.into();
        self.why = why;
    }

    /// A run to compare later ones with: it passed, and nothing says that it is worse than the one before it.
    pub fn is_good(&self) -> bool {
        let holds = self.compared.as_ref().is_none_or(|compared| compared.verdict == CompareVerdict::NothingConfirmed);
        self.outcome == NightOutcome::Pass && (holds || self.accepted)
    }

    /// What it adds to the night's answer.
    pub fn answer(&self) -> Verdict {
        let own = match self.outcome {
            NightOutcome::Pass => Verdict::Pass,
            NightOutcome::Fail => Verdict::Fail,
            NightOutcome::Unknown | NightOutcome::Stopped | NightOutcome::NotTried => Verdict::Unknown,
        };
        let compared = match self.compared.as_ref().filter(|_| !self.accepted).map(|compared| compared.verdict) {
            None | Some(CompareVerdict::NothingConfirmed) => Verdict::Pass,
            Some(CompareVerdict::Unknown) => Verdict::Unknown,
            Some(CompareVerdict::Regression) => Verdict::Fail,
        };
        own.max(compared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(outcome: NightOutcome, compared: Option<CompareVerdict>) -> NightScenario {
        NightScenario {
            name: "failover".to_owned(),
            title: "Failover".to_owned(),
            outcome,
            why: String::new(),
            fingerprint: None,
            compared: compared.map(|verdict| NightComparison { base: "b".to_owned(), verdict, why: String::new() }),
            accepted: false,
        }
    }

    #[test]
    fn only_what_passed_and_is_not_worse_is_compared_with() {
        use CompareVerdict::{NothingConfirmed, Regression, Unknown};
        assert!(scenario(NightOutcome::Pass, None).is_good());
        assert!(scenario(NightOutcome::Pass, Some(NothingConfirmed)).is_good());
        for compared in [Regression, Unknown] {
            assert!(!scenario(NightOutcome::Pass, Some(compared)).is_good());
        }
        for outcome in [NightOutcome::Unknown, NightOutcome::Fail, NightOutcome::Stopped, NightOutcome::NotTried] {
            assert!(!scenario(outcome, None).is_good());
            assert!(!NightScenario { accepted: true, ..scenario(outcome, None) }.is_good());
        }
        let accepted = NightScenario { accepted: true, ..scenario(NightOutcome::Pass, Some(Regression)) };
        assert!(accepted.is_good() && accepted.answer() == Verdict::Pass);
    }

    #[test]
    fn a_night_that_was_not_carried_through_does_not_pass() {
        let whole = Night {
            schema: NIGHT_SCHEMA.to_owned(),
            id: "20261127T020000Z".to_owned(),
            started: "2026-11-27T02:00:00Z".to_owned(),
            ended: Some("2026-11-27T03:00:00Z".to_owned()),
            interrupted: false,
            scenarios: vec![scenario(NightOutcome::Pass, None)],
        };
        assert_eq!(whole.answer(), Verdict::Pass);
        assert_eq!(Night { ended: None, ..whole.clone() }.answer(), Verdict::Unknown);
        assert_eq!(Night { interrupted: true, ..whole.clone() }.answer(), Verdict::Unknown);
        let failed = vec![scenario(NightOutcome::Fail, None)];
        assert_eq!(Night { ended: None, scenarios: failed, ..whole }.answer(), Verdict::Fail);
    }

    #[test]
    fn the_worse_of_verdict_and_comparison_is_the_answer() {
        use CompareVerdict::{NothingConfirmed, Regression, Unknown};
        let answer = |outcome, compared| scenario(outcome, compared).answer();
        assert_eq!(answer(NightOutcome::Pass, None), Verdict::Pass);
        assert_eq!(answer(NightOutcome::Pass, Some(Unknown)), Verdict::Unknown);
        assert_eq!(answer(NightOutcome::Unknown, Some(Regression)), Verdict::Fail);
        assert_eq!(answer(NightOutcome::Fail, Some(NothingConfirmed)), Verdict::Fail);
        assert_eq!(answer(NightOutcome::Stopped, None), Verdict::Unknown);
        assert_eq!(answer(NightOutcome::NotTried, None), Verdict::Unknown);
    }
}
