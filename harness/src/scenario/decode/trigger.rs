//! When a fault begins: `at`, and `when` a condition on the broker's gauges comes true.

use crate::model::{Condition, GAUGES, NoCondition};
use crate::scenario::problem::{did_you_mean, listed};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

const WRITE: &str =
    "write a gauge, a sign and a number: when = \"pending > 1000\", or when = \"lag of partition-0 >= 50\"";

/// When a fault begins, and on which condition. `None`: it has been reported as wrong.
pub(super) fn read(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<(Duration, Option<Condition>)> {
    if !section.present().any(|entry| entry.key == "when") {
        section.know(reading, "when");
        return Some((section.required(reading, "at")?, None));
    }
    let at = section.or(reading, "at", Duration::ZERO);
    let text: String = section.get(reading, "when")?;
    match Condition::parse(&text) {
        Ok(condition) => Some((at, Some(condition))),
        Err(wrong) => {
            blame(section, &text, &wrong, reading);
            None
        }
    }
}

fn blame(section: &Section<'_>, text: &str, wrong: &NoCondition, reading: &mut ScenarioReading) {
    let names = || GAUGES.iter().map(|gauge| gauge.name);
    let gauges = format!("gauges are {}", listed(names()));
    let (message, note, help) = match wrong {
        NoCondition::Sign => {
            (format!("`{text}` has no sign, or more than one"), "one of >, >=, < and <=".to_owned(), WRITE)
        }
        NoCondition::Gauge(word) => {
            (format!("`{word}` is no gauge"), did_you_mean(word, names(), "no gauge of this name"), gauges.as_str())
        }
        NoCondition::Subject => (
            format!("`{text}` does not begin with a gauge, or with a gauge of something"),
            "no gauge".to_owned(),
            WRITE,
        ),
        NoCondition::Number(word) => {
            (format!("`{word}` is not a number that a gauge can have"), "0 or more".to_owned(), WRITE)
        }
    };
    section.blame(reading, "when", message, &note, help);
}

#[cfg(test)]
mod tests {
    use crate::broker::REGISTRY;
    use crate::fault::PlannedFault;
    use crate::plan::Plan;
    use crate::scenario::{Overrides, Scenario, load_text};
    use std::time::Duration;

    fn scenario(faults: &str) -> Scenario {
        let head = "[workload]\nrate = { constant = { per-second = 100 } }\n[[systems]]\nname = \"redis\"\nredis-streams = {}\n";
        load_text("conditions.toml", &format!("{head}{faults}"), &Overrides::default(), &REGISTRY)
            .expect("fits")
            .scenario
    }

    fn begins(fault: &PlannedFault) -> (u64, Option<String>) {
        (fault.at.as_secs(), fault.when.as_ref().map(ToString::to_string))
    }

    #[test]
    fn a_fault_may_begin_at_a_time_on_a_condition_or_on_a_condition_after_a_time() {
        let fault =
            |begin: &str, worker| format!("[[faults]]\n{begin}\nfor = \"2s\"\nworker = \"{worker}\"\npause = {{}}\n");
        let read = scenario(&[fault("at = \"3s\"", "producer-0"), fault("when = \"lag > 5\"", "consumer-0")].concat());
        let all: Vec<_> = read.faults.iter().map(begins).collect();
        assert_eq!(all, [(0, Some("lag > 5".to_owned())), (3, None)]);
        let read = scenario(&fault("at = \"3s\"\nwhen = \"pending of partition-0 >= 5\"", "consumer-0"));
        assert_eq!(begins(&read.faults[0]), (3, Some("pending of partition-0 >= 5".to_owned())));
    }

    #[test]
    fn the_plan_says_from_when_on_it_waits_for_what_and_not_when_it_heals() {
        let read = scenario(
            "[[faults]]\nat = \"3s\"\nwhen = \"lag > 5\"\nfor = \"2s\"\nworker = \"consumer-0\"\npause = {}\n",
        );
        let plan = Plan::of(&read);
        let told = plan.trials[0].events.iter().filter(|event| event.what.contains("pause-1"));
        let told: Vec<_> = told.map(|event| (event.at - read.phases.warmup, event.what.as_str())).collect();
        let what = "from here on, inject pause-1: pause, worker consumer-0, for 2s, when lag > 5";
        assert_eq!(told, [(Duration::from_secs(3), what)]);
    }
}
