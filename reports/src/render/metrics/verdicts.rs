//! What came out, as gauges of 0 and 1: one for each state, of which exactly one is 1.

use super::family::{Family, Kind, Labels};
use super::labelled::{of_trial, with};
use crate::result::{CheckResult, KnownStanding, RunResult, Verdict};

const STATES: [&str; 3] = ["pass", "unknown", "fail"];
const STATES_OF_CHECKS: [&str; 4] = ["pass", "unknown", "fail", "known"];

pub(super) fn families(result: &RunResult) -> Vec<Family> {
    vec![info(result), run(result), trials(result), checks(result), missing(result), known(result)]
}

fn scenario(result: &RunResult) -> Labels {
    vec![("scenario", result.scenario.name.clone())]
}

fn info(result: &RunResult) -> Family {
    let mut family = Family::new("harness_run_info", Kind::Gauge, "The run: its id, its title and when it started.");
    let harness = result.run.versions.get("harness").map_or("", String::as_str);
    let told = [
        ("title", result.scenario.title.as_str()),
        ("run", result.run.id.as_str()),
        ("started", result.run.started.as_str()),
        ("version", harness),
    ];
    family.add(with(&scenario(result), told), 1.0);
    family
}

fn run(result: &RunResult) -> Family {
    let help = "The run's verdict: 1 for the state that it is in.";
    let mut family = Family::new("harness_run_verdict", Kind::Gauge, help);
    states(&mut family, &scenario(result), &STATES, result.verdict.word());
    family
}

fn trials(result: &RunResult) -> Family {
    let help = "Each trial's verdict: 1 for the state that it is in.";
    let mut family = Family::new("harness_trial_verdict", Kind::Gauge, help);
    for trial in &result.trials {
        states(&mut family, &of_trial(result, trial), &STATES, trial.verdict.word());
    }
    family
}

fn checks(result: &RunResult) -> Family {
    let help = "Each check's answer: 1 for the state that it is in. A known failure does not count.";
    let mut family = Family::new("harness_check_verdict", Kind::Gauge, help);
    for trial in &result.trials {
        for check in &trial.checks {
            let labels = with(&of_trial(result, trial), [("check", &check.name), ("limit", &check.limit)]);
            states(&mut family, &labels, &STATES_OF_CHECKS, state(check));
        }
    }
    family
}

const fn state(check: &CheckResult) -> &'static str {
    match (check.verdict, &check.known) {
        (Verdict::Fail, Some(_)) => "known",
        (verdict, _) => verdict.word(),
    }
}

fn states(family: &mut Family, labels: &Labels, states: &[&str], is: &str) {
    for state in states {
        family.add(with(labels, [("state", *state)]), f64::from(u8::from(*state == is)));
    }
}

fn missing(result: &RunResult) -> Family {
    let help = "Trials that the run set out to do and that cannot be judged.";
    let mut family = Family::new("harness_missing_trials", Kind::Gauge, help);
    family.add(scenario(result), result.missing.len() as f64);
    family
}

fn known(result: &RunResult) -> Family {
    let help = "Failures that are known: 1 for how each stands.";
    let mut family = Family::new("harness_known_failure", Kind::Gauge, help);
    const STANDINGS: [(&str, KnownStanding); 5] = [
        ("excused", KnownStanding::Excused),
        ("expired", KnownStanding::Expired),
        ("partly", KnownStanding::Partly),
        ("passed", KnownStanding::Passed),
        ("open", KnownStanding::Open),
    ];
    for known in &result.known {
        let entry = &known.entry;
        let (system, fault) = (entry.system.as_deref().unwrap_or(""), entry.fault.as_deref().unwrap_or(""));
        for (state, standing) in STANDINGS {
            let told = [("check", entry.check.as_str()), ("system", system), ("fault", fault), ("issue", &entry.issue)];
            let labels = with(&with(&scenario(result), told), [("state", state)]);
            family.add(labels, f64::from(u8::from(known.standing == standing)));
        }
    }
    family
}
