//! Values as people write them, in one way of writing: two that mean the same are the same text.

use crate::model::{duration, size};
use std::collections::BTreeMap;

/// A value as written, in one of the ways in which it could have been: `"60s"` and `"1m"` are the same, and so are 10 and 10.0.
/// What is no TOML, as in `--set phases.load=10s`, is the text itself.
pub(super) fn in_one_way(written: &str) -> String {
    let value = toml::from_str::<toml::Table>(&format!("value = {written}")).ok();
    match value.as_ref().and_then(|table| table.get("value")) {
        Some(value) => shown(value),
        None => text(written.trim()),
    }
}

fn shown(value: &toml::Value) -> String {
    match value {
        toml::Value::String(string) => text(string),
        toml::Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        toml::Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        toml::Value::Table(table) => {
            let pairs: BTreeMap<&String, String> = table.iter().map(|(key, value)| (key, shown(value))).collect();
            let pairs = pairs.into_iter().map(|(key, value)| format!("{key} = {value}"));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn text(string: &str) -> String {
    let length = duration::parse(string).ok().map(duration::show);
    let length = length.or_else(|| size::parse(string).ok().map(size::show));
    format!("{:?}", length.unwrap_or_else(|| string.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_in_two_ways_is_recorded_in_one() {
        let pairs = [
            ("\"60s\"", "\"1m\""),
            ("60s", "\"1m\""),
            ("\"1024B\"", "\"1KiB\""),
            ("2000", "2000.0"),
            ("2_000", "2000"),
            ("[1,2]", "[ 1.0, # one\n 2 ]"),
            ("{ b = 1, a = \"1000ms\" }", "{ a = \"1s\", b = 1 }"),
            ("'text'", "\"text\""),
        ];
        for (one, other) in pairs {
            assert_eq!(in_one_way(one), in_one_way(other), "{one} {other}");
        }
        assert_ne!(in_one_way("\"1s\""), in_one_way("\"2s\""));
        assert_ne!(in_one_way("true"), in_one_way("false"));
    }
}
