//! `[workload.keys]`: which key each message has.

use crate::model::{Keys, MOST_KEYS};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::ops::RangeInclusive;

/// How keys may look.
const KEYS: &str = "{ zipf = { count = 1000, exponent = 1.0 } }";
const KINDS: [&str; 2] = ["uniform", "zipf"];
/// With less they are as good as uniform; with more, the first key has all messages but one in a thousand.
const EXPONENTS: RangeInclusive<f64> = 0.01..=10.0;

pub(super) fn read(workload: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Keys> {
    let mut section = workload.section_like(reading, "keys", KEYS);
    section.place()?;
    let kind = section.tag(reading, "keys", &KINDS);
    let keys = kind.and_then(|kind| {
        let mut inner = section.section(reading, kind);
        let keys = distribution(kind, &mut inner, reading);
        inner.finish(reading);
        keys
    });
    section.finish(reading);
    keys
}

fn distribution(kind: &str, section: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<Keys> {
    let count: Option<u32> = section.required(reading, "count");
    if let Some(count) = count.filter(|count| !(1..=MOST_KEYS).contains(count)) {
        section.blame(
            reading,
            "count",
            format!("a workload cannot have {count} keys"),
            "out of bounds",
            &format!("write 1 to {MOST_KEYS}"),
        );
    }
    match kind {
        "uniform" => Some(Keys::Uniform { count: count? }),
        _ => {
            let exponent: f64 = section.or(reading, "exponent", 1.0);
            if !EXPONENTS.contains(&exponent) {
                section.blame(
                    reading,
                    "exponent",
                    format!("keys cannot be distributed with the exponent {exponent}"),
                    "out of bounds",
                    &format!(
                        "write a number from {} to {}: with 1.0 the second key is half as frequent as the first. Where \
                         all are to be as frequent, write `uniform`",
                        EXPONENTS.start(),
                        EXPONENTS.end(),
                    ),
                );
            }
            Some(Keys::Zipf { count: count?, exponent })
        }
    }
}
