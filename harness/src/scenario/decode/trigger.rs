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
