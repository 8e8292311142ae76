//! The settings in force, as the server tells them (CONFIG GET): those that decide what is kept, and how much work is done at once.

use reports::facts::Setting;
use std::collections::HashMap;

/// What is asked for: topic of the fairness table, directive.
const ASKED: [(&str, &str); 10] = [
    ("durability", "appendonly"),
    ("durability", "appendfsync"),
    ("durability", "save"),
    ("replication", "min-replicas-to-write"),
    ("replication", "min-replicas-max-lag"),
    ("replication", "repl-diskless-sync-delay"),
    ("memory", "maxmemory"),
    ("memory", "maxmemory-policy"),
    ("threads", "io-threads"),
    ("entries", "stream-node-max-entries"),
];

/// The question.
pub(super) fn question() -> redis::Cmd {
    let mut ask = redis::cmd("CONFIG");
    ask.arg("GET");
    for (_, directive) in ASKED {
        ask.arg(directive);
    }
    ask
}

/// The answer, as rows of the fairness table; what the server does not know is left out.
pub(super) fn rows(answer: &HashMap<String, String>) -> Vec<Setting> {
    let row = |(topic, directive): (&str, &str)| {
        let value = answer.get(directive)?;
        let value = if value.is_empty() { "none".to_owned() } else { value.clone() };
        Some(Setting::new(topic, directive, value, None))
    };
    ASKED.into_iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_tells_becomes_rows_and_what_it_does_not_know_none() {
        let answer = [("appendfsync", "everysec"), ("save", ""), ("maxmemory", "0")];
        let rows = rows(&answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let told: Vec<_> = rows.iter().map(|row| (row.setting.as_str(), row.value.as_str())).collect();
        assert_eq!(told, [("appendfsync", "everysec"), ("save", "none"), ("maxmemory", "0")]);
    }
}
