//! What is asked of consumers where nobody ever consumes: it can never be.

use super::conditions;
use super::problem::{Finding, all_of};
use super::reading::ScenarioReading;
use super::validated::{Scenario, System};
use reports::facts::{CHECKS_OF_CONSUMERS, KnownFailure};

/// What is written under the word.
const NOTE: &str = "nobody consumes";
/// The way out, beside leaving it out.
const SOMEBODY: &str = "set workload.consumers to 1 or more, or let consumers `join`";

/// Those of these systems in which nobody ever consumes, in words: "the workload has none". `None`: somebody does in each.
pub(super) fn who_has_none(scenario: &Scenario, asked: &[&System]) -> Option<String> {
    let without = asked.iter().filter(|system| !scenario.is_consumed(system));
    let without: Vec<&str> = without.map(|system| system.spec.name.as_str()).collect();
    match without.as_slice() {
        [] => None,
        all if all.len() == scenario.systems.len() => Some("the workload has none".to_owned()),
        [one] => Some(format!("`{one}` has none")),
        several => Some(format!("{} have none", all_of(several.iter().copied()))),
    }
}

/// What is expected of consumers, faults that wait for what only consumers have, and known failures of theirs.
pub(super) fn errors(scenario: &Scenario, reading: &mut ScenarioReading) {
    let all: Vec<&System> = scenario.systems.iter().collect();
    if let Some(none) = who_has_none(scenario, &all) {
        expectations(&none, reading);
    }
    for fault in &scenario.faults {
        let Some(condition) = fault.when.as_ref().filter(|condition| condition.needs_consumers()) else { continue };
        let Some(none) = who_has_none(scenario, &scenario.met_by(fault)) else { continue };
        let gauge = condition.gauge.name;
        let message = format!("`{}` waits for `{gauge}`, which only consumers have, and {none}", fault.name);
        reading.find(
            Finding::at(conditions::place(fault, reading), message)
                .note("would never come true")
                .help(format!("wait for `lag`, or write `at` instead of `when`; or {SOMEBODY}")),
        );
    }
    if !reading.sweeps("workload.consumers") {
        for failure in &scenario.known {
            known(failure, scenario, reading);
        }
    }
}

fn expectations(none: &str, reading: &mut ScenarioReading) {
    let keys: Vec<String> = CHECKS_OF_CONSUMERS.iter().map(|check| format!("expect.{check}")).collect();
    let latencies = reading.keys_under("expect.latency.end-to-end-");
    let rates = reading.keys_under("expect.throughput.consumed");
    for key in keys.into_iter().chain(latencies).chain(rates) {
        if let Some(place) = reading.place(&key) {
            reading.find(
                Finding::at(Some(place), format!("`{key}` is about consumers, and {none}"))
                    .note(NOTE)
                    .help(format!("leave it out; or {SOMEBODY}")),
            );
        }
    }
}

/// A failure may be known of several systems, and it is enough that one of them can fail so. In a matrix that gives some cells
/// consumers the entry is theirs.
fn known(failure: &KnownFailure, scenario: &Scenario, reading: &mut ScenarioReading) {
    let is_meant = |system: &&System| failure.system.as_ref().is_none_or(|name| *name == system.spec.name);
    let meant: Vec<&System> = scenario.systems.iter().filter(is_meant).collect();
    let of_consumers = CHECKS_OF_CONSUMERS.contains(&failure.check.as_str());
    if !of_consumers || meant.iter().any(|system| scenario.is_consumed(system)) {
        return;
    }
    let Some(none) = who_has_none(scenario, &meant) else { return };
    reading.find(
        Finding::at(
            reading.known_place(failure),
            format!("`{}` judges what consumers got and did, and {none}", failure.check),
        )
        .note(NOTE)
        .help(format!("the check is not asked, so it cannot fail: leave the entry out; or {SOMEBODY}")),
    );
}
