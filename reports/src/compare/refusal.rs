//! Why two runs cannot be compared: another scenario, other settings, another machine.
//!
//! Versions of harness, brokers and clients may differ: that is what people compare. They are told.

use super::comparison::{Refusal, RefusedFor, VersionDifference};
use crate::facts::{RunFacts, ScenarioFacts};
use crate::fingerprint::{concerns_load, machine};
use crate::result::{RunResult, TrialResult};
use std::collections::BTreeMap;

/// No more differences of a kind are told one by one.
const MOST_TOLD: usize = 5;

/// What forbids comparing any figure of two runs: another scenario, another machine.
pub(super) fn of_runs(base: &RunResult, run: &RunResult) -> Vec<Refusal> {
    let mut refusals = scenario(&base.run.scenario, &run.run.scenario);
    refusals.extend(host(&base.run, &run.run));
    refusals
}

fn scenario(base: &ScenarioFacts, run: &ScenarioFacts) -> Vec<Refusal> {
    for (which, scenario) in [("the base", base), ("the run", run)] {
        if scenario.is_empty() {
            let why = format!("{which} does not say what its scenario was: it was made by an older harness");
            return vec![Refusal { what: RefusedFor::Scenario, why }];
        }
    }
    told(RefusedFor::Scenario, &keys(base, run, concerns_load))
}

fn host(base: &RunFacts, run: &RunFacts) -> Vec<Refusal> {
    let (base, run) = (machine(&base.host), machine(&run.host));
    let differing = base.iter().filter(|(key, value)| run.get(*key) != Some(value));
    let each = differing.map(|(key, was)| is_now(key, was, run.get(key).map_or("unknown", String::as_str)));
    told(RefusedFor::Host, &each.collect::<Vec<_>>())
}

/// What forbids comparing one system's figures: what it was set to, and what the scenario's wishes became.
pub(super) fn of_system(base: (&RunFacts, &TrialResult), run: (&RunFacts, &TrialResult)) -> Vec<Refusal> {
    let (base_run, base) = base;
    let (facts, run) = run;
    let own = format!("systems.{}.", run.system);
    let mut differing = keys(&base_run.scenario, &facts.scenario, |key| key.starts_with(&own));
    if base.broker != run.broker {
        differing.push(is_now("the broker", &base.broker, &run.broker));
    }
    if base.path != run.path {
        differing.push("one is reached straight and the other through the proxy".to_owned());
    }
    let (was, is) = (fairness(base), fairness(run));
    // A row that only one of them has is another harness's way to tell, and no other setting.
    let both = was.iter().filter_map(|(row, was)| Some((row, was, is.get(row)?)));
    differing
        .extend(both.filter(|(_, was, is)| was != is).map(|((topic, setting), was, is)| {
            is_now(&format!("{topic}: {setting}"), &was.join(", "), &is.join(", "))
        }));
    told(RefusedFor::Settings, &differing)
        .into_iter()
        .map(|refusal| Refusal { why: format!("{}: {}", run.system, refusal.why), ..refusal })
        .collect()
}

/// Keys with another value. A default that only one of them knows is no difference: a newer harness has more keys.
fn keys(base: &ScenarioFacts, run: &ScenarioFacts, concerns: impl Fn(&str) -> bool) -> Vec<String> {
    let (was, is) = (values(base), values(run));
    let mut differing = Vec::new();
    for (key, (value, given)) in was.iter().filter(|(key, _)| concerns(key)) {
        match is.get(key) {
            Some((now, _)) if now != value => differing.push(is_now(key, value, now)),
            None if *given => differing.push(format!("{key} was {value}, and the run does not have it")),
            _ => {}
        }
    }
    let added = is.iter().filter(|(key, (_, given))| concerns(key) && *given && !was.contains_key(*key));
    differing.extend(added.map(|(key, (value, _))| format!("{key} is {value}, and the base does not have it")));
    differing
}

/// Every key's value, and whether it was given.
fn values(scenario: &ScenarioFacts) -> BTreeMap<&str, (&str, bool)> {
    let defaults = scenario.defaults.iter().map(|(key, value)| (key.as_str(), (value.as_str(), false)));
    let given = scenario.given.iter().map(|(key, value)| (key.as_str(), (value.as_str(), true)));
    defaults.chain(given).collect()
}

fn fairness(trial: &TrialResult) -> BTreeMap<(&str, &str), Vec<&str>> {
    let mut rows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in &trial.fairness {
        rows.entry((&row.topic, &row.setting)).or_default().push(&row.value);
    }
    rows
}

fn is_now(what: &str, was: &str, is: &str) -> String {
    format!("{what} was {was} and is {is}")
}

fn told(what: RefusedFor, differing: &[String]) -> Vec<Refusal> {
    let mut words = differing.iter().take(MOST_TOLD).cloned().collect::<Vec<_>>().join("; ");
    if differing.len() > MOST_TOLD {
        words = format!("{words}; and {} more", differing.len() - MOST_TOLD);
    }
    if differing.is_empty() { Vec::new() } else { vec![Refusal { what, why: words }] }
}

/// What is of another version in the run.
pub(super) fn versions(base: &RunResult, run: &RunResult) -> Vec<VersionDifference> {
    let (was, is) = (all_versions(base), all_versions(run));
    let differing = is.iter().filter_map(|(of, now)| Some((of, was.get(of)?, now))).filter(|(_, was, is)| was != is);
    let each = differing.map(|(of, was, is)| VersionDifference { of: of.clone(), base: was.clone(), run: is.clone() });
    each.collect()
}

fn all_versions(result: &RunResult) -> BTreeMap<String, String> {
    let mut versions = result.run.versions.clone();
    for trial in result.trials.iter().rev() {
        let of = |what: &str| format!("{}: {what}", trial.system);
        versions.extend(trial.versions.iter().map(|(what, version)| (of(what), version.clone())));
        versions.insert(of("client"), trial.client.clone());
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario_of(given: &[(&str, &str)], defaults: &[(&str, &str)]) -> ScenarioFacts {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        ScenarioFacts { given: owned(given), defaults: owned(defaults), ..ScenarioFacts::default() }
    }

    fn refused(base: &ScenarioFacts, run: &ScenarioFacts) -> String {
        scenario(base, run).into_iter().map(|refusal| refusal.why).collect()
    }

    #[test]
    fn another_rate_is_another_scenario_and_both_are_told() {
        let base = scenario_of(&[("workload.producers", "2"), ("title", "\"One\"")], &[]);
        let run = scenario_of(&[("workload.producers", "3"), ("title", "\"Two\"")], &[]);
        assert_eq!(refused(&base, &run), "workload.producers was 2 and is 3");
    }

    #[test]
    fn a_default_that_is_written_down_is_no_other_scenario() {
        let base = scenario_of(&[("workload.producers", "1")], &[("phases.warmup", "\"3s\"")]);
        let run = scenario_of(&[("phases.warmup", "\"3s\"")], &[("workload.producers", "1")]);
        assert_eq!(refused(&base, &run), "");
    }

    #[test]
    fn a_key_that_a_newer_harness_has_is_told_only_where_it_was_given() {
        let base = scenario_of(&[("workload.producers", "1")], &[]);
        let newer = scenario_of(&[("workload.producers", "1")], &[("workload.jitter", "0")]);
        assert_eq!(refused(&base, &newer), "");
        let set = scenario_of(&[("workload.producers", "1"), ("workload.jitter", "5")], &[]);
        assert_eq!(refused(&base, &set), "workload.jitter is 5, and the base does not have it");
        assert_eq!(refused(&set, &base), "workload.jitter was 5, and the run does not have it");
    }

    #[test]
    fn a_run_that_does_not_say_what_it_was_of_is_not_compared() {
        let known = scenario_of(&[("workload.producers", "1")], &[]);
        assert!(refused(&ScenarioFacts::default(), &known).starts_with("the base does not say"));
        assert!(refused(&known, &ScenarioFacts::default()).starts_with("the run does not say"));
    }

    #[test]
    fn many_differences_are_told_in_part() {
        let keys: Vec<String> = (0..9).map(|number| format!("workload.key-{number}")).collect();
        let all: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "1")).collect();
        let words = refused(&scenario_of(&all, &[]), &scenario_of(&[("workload.producers", "1")], &[]));
        assert!(words.ends_with("; and 5 more"), "{words}");
    }
}
