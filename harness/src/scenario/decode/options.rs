//! Options that brokers and faults declare themselves.

use super::cores;
use crate::model::{OptionKind, OptionSpec, OptionValue, size};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use crate::scenario::value::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;

/// Whether an option without a default may be left away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Without {
    /// It is then unset.
    Unset,
    /// It must be given.
    Required,
}

/// Reads all declared options; each is in the result.
pub(super) fn read(
    section: &mut Section<'_>,
    specs: &'static [OptionSpec],
    without: Without,
    reading: &mut ScenarioReading,
) -> BTreeMap<&'static str, OptionValue> {
    specs.iter().map(|spec| (spec.name, one(section, spec, without, reading))).collect()
}

fn one(
    section: &mut Section<'_>,
    spec: &'static OptionSpec,
    without: Without,
    reading: &mut ScenarioReading,
) -> OptionValue {
    let key = spec.name;
    match (spec.kind, &spec.default) {
        (OptionKind::Boolean, OptionValue::Boolean(default)) => {
            OptionValue::Boolean(section.or(reading, key, *default))
        }
        (OptionKind::Boolean, _) => absent(section, key, without, reading, OptionValue::Boolean),
        (OptionKind::Integer(low, high), OptionValue::Integer(default)) => {
            let number = section.or(reading, key, *default);
            within(section, key, number, (low, high), reading)
        }
        (OptionKind::Integer(low, high), _) => match absent(section, key, without, reading, OptionValue::Integer) {
            OptionValue::Integer(number) => within(section, key, number, (low, high), reading),
            other => other,
        },
        (OptionKind::Duration, OptionValue::Duration(default)) => {
            OptionValue::Duration(section.or::<Duration>(reading, key, *default))
        }
        (OptionKind::Duration, _) => absent(section, key, without, reading, OptionValue::Duration),
        (OptionKind::Bytes(low, high), OptionValue::Bytes(default)) => {
            let Bytes(bytes) = section.or(reading, key, Bytes(*default));
            sized(section, key, bytes, (low, high), reading)
        }
        (OptionKind::Bytes(low, high), _) => {
            match absent(section, key, without, reading, |Bytes(bytes)| OptionValue::Bytes(bytes)) {
                OptionValue::Bytes(bytes) => sized(section, key, bytes, (low, high), reading),
                other => other,
            }
        }
        (OptionKind::Share(low, high), OptionValue::Share(default)) => {
            let number = section.or(reading, key, *default);
            share(section, key, number, (low, high), reading)
        }
        (OptionKind::Share(low, high), _) => match absent(section, key, without, reading, OptionValue::Share) {
            OptionValue::Share(number) => share(section, key, number, (low, high), reading),
            other => other,
        },
        (OptionKind::Cores, _) => cores::read(section, key, reading).map_or(OptionValue::Unset, OptionValue::Cores),
        (OptionKind::Choice(words), default) => choice(section, key, words, default, reading),
    }
}

fn absent<T: crate::scenario::value::FromNode>(
    section: &mut Section<'_>,
    key: &str,
    without: Without,
    reading: &mut ScenarioReading,
    wrap: fn(T) -> OptionValue,
) -> OptionValue {
    let value = match without {
        Without::Unset => section.get(reading, key),
        Without::Required => section.required(reading, key),
    };
    value.map_or(OptionValue::Unset, wrap)
}

/// Says so if a value lies out of its bounds, which are shown as the scenario writes them.
fn bounded<T: Copy + PartialOrd>(
    section: &Section<'_>,
    key: &str,
    value: T,
    (low, high): (T, T),
    show: impl Fn(T) -> String,
    reading: &mut ScenarioReading,
) -> T {
    if !(low <= value && value <= high) {
        let message = format!("`{}` cannot be {}", section.child(key), show(value));
        section.blame(reading, key, message, "out of bounds", &format!("write {} to {}", show(low), show(high)));
    }
    value
}

fn within(
    section: &Section<'_>,
    key: &str,
    value: i64,
    bounds: (i64, i64),
    reading: &mut ScenarioReading,
) -> OptionValue {
    OptionValue::Integer(bounded(section, key, value, bounds, |value| value.to_string(), reading))
}

fn share(
    section: &Section<'_>,
    key: &str,
    value: f64,
    bounds: (f64, f64),
    reading: &mut ScenarioReading,
) -> OptionValue {
    OptionValue::Share(bounded(section, key, value, bounds, |value| value.to_string(), reading))
}

fn sized(
    section: &Section<'_>,
    key: &str,
    value: u64,
    bounds: (u64, u64),
    reading: &mut ScenarioReading,
) -> OptionValue {
    OptionValue::Bytes(bounded(section, key, value, bounds, |value| format!("\"{}\"", size::show(value)), reading))
}

fn choice(
    section: &mut Section<'_>,
    key: &str,
    words: &'static [&'static str],
    default: &OptionValue,
    reading: &mut ScenarioReading,
) -> OptionValue {
    let pairs: Vec<(&str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
    match default {
        OptionValue::Choice(word) => {
            let index = words.iter().position(|known| known == word).unwrap_or(0);
            OptionValue::Choice(section.word(reading, key, &pairs, index))
        }
        _ if section.present().any(|entry| entry.key == key) => {
            OptionValue::Choice(section.word(reading, key, &pairs, 0))
        }
        _ => {
            section.know(reading, key);
            OptionValue::Unset
        }
    }
}
