//! Warnings that a scenario was given before it ran, where they explain an answer.

use crate::facts::ScenarioWarning;
use crate::result::{CheckResult, Verdict};

/// Adds to each answer that did not hold what the scenario had been warned of.
pub(crate) fn explain(checks: &mut [CheckResult], system: &str, warnings: &[ScenarioWarning]) {
    for check in checks.iter_mut().filter(|check| check.verdict != Verdict::Pass) {
        let about = |warning: &&ScenarioWarning| {
            warning.check.as_ref() == Some(&check.name) && warning.system.as_deref().is_none_or(|named| named == system)
        };
        let told: Vec<&str> = warnings.iter().filter(about).map(|warning| warning.words.as_str()).collect();
        for words in told {
            check.why = format!("{}; the scenario was warned: {words}", check.why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(check: &str, system: Option<&str>) -> ScenarioWarning {
        ScenarioWarning {
            check: Some(check.to_owned()),
            system: system.map(str::to_owned),
            words: "the limit is below the backoff".to_owned(),
        }
    }

    fn why(verdict: Verdict, warning: ScenarioWarning) -> String {
        let mut checks = vec![CheckResult {
            name: "reconnected".to_owned(),
            verdict,
            limit: "≤ 1.00 s".to_owned(),
            observed: "2.00 s".to_owned(),
            why: "late".to_owned(),
            limit_quantity: None,
            observed_quantity: None,
            faults: Vec::new(),
            known: None,
        }];
        explain(&mut checks, "redis", &[warning]);
        checks.remove(0).why
    }

    #[test]
    fn an_answer_that_did_not_hold_tells_what_the_scenario_was_warned_of() {
        let told = "late; the scenario was warned: the limit is below the backoff";
        assert_eq!(why(Verdict::Fail, warning("reconnected", None)), told);
        assert_eq!(why(Verdict::Unknown, warning("reconnected", Some("redis"))), told);
    }

    #[test]
    fn what_held_another_check_and_another_system_are_left_as_they_are() {
        assert_eq!(why(Verdict::Pass, warning("reconnected", None)), "late");
        assert_eq!(why(Verdict::Fail, warning("recovered", None)), "late");
        assert_eq!(why(Verdict::Fail, warning("reconnected", Some("kafka"))), "late");
    }
}
