//! Brokers: one room for each, and `client/` for the libraries that speak to them, behind cold traits.
//! From here client libraries and launch recipes may be touched; never the scenario file or a verdict.
//! To add one: copy `redis_streams/`, add its row to `BROKERS`, its client to `client/`, and its image's folder to `docker/`.

mod administrator;
mod chosen;
pub mod client;
pub(crate) mod contradiction;
mod description;
pub mod kafka;
mod log_reader;
pub mod memory;
mod program;
pub mod redis_streams;
mod refusal;
mod registry;

pub use administrator::{AdminTarget, Administrator, DeadEntry};
pub use chosen::Client;
pub use contradiction::{Contradiction, Key, ReadBudget};
pub use description::Broker;
pub use log_reader::{LogReader, LogSink};
pub use program::Program;
pub use refusal::Refusal;
pub use registry::Registry;

/// Every broker that a scenario can name.
pub const BROKERS: &[&dyn Broker] = &[&redis_streams::RedisStreams, &kafka::Kafka, &memory::Memory];

/// All that a scenario can name.
pub const REGISTRY: Registry = Registry { brokers: BROKERS, clients: client::CLIENTS };

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{OptionKind, OptionValue};
    use crate::scenario::{Overrides, Scenario, load_text};
    use std::collections::BTreeSet;

    /// A scenario with one system, given by its table beside the name.
    pub(crate) fn scenario(system: &str) -> Scenario {
        load_text("test.toml", &text(system), &Overrides::default(), &REGISTRY).expect("valid").scenario
    }

    /// What is wrong with such a scenario, in words; empty: nothing.
    pub(crate) fn errors(system: &str) -> String {
        match load_text("test.toml", &text(system), &Overrides::default(), &REGISTRY) {
            Ok(_) => String::new(),
            Err(errors) => {
                let shown = format!("{:?}", miette::Report::new(errors));
                shown.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
            }
        }
    }

    fn text(system: &str) -> String {
        format!(
            r#"
title = "Test"
[workload]
rate = {{ constant = {{ per-second = 100 }} }}
producers = 1
consumers = 1
partitions = 2
[phases]
warmup = "0s"
load = "1s"
drain = "1s"
[client]
connect-timeout = "200ms"
request-timeout = "300ms"
heartbeat = {{ every = "2s", timeout = "1s", misses = 3 }}
backoff = {{ first = "400ms", factor = 2.0, max = "5s", jitter = 0.1 }}
[[systems]]
name = "system"
{system}
"#
        )
    }

    #[test]
    fn every_broker_is_found_by_its_kind_and_no_other() {
        let kinds: BTreeSet<_> = BROKERS.iter().map(|broker| broker.kind()).collect();
        assert_eq!(kinds.len(), BROKERS.len());
        for broker in BROKERS {
            assert_eq!(REGISTRY.broker(broker.kind()).map(Broker::kind), Some(broker.kind()));
            assert!(!broker.about().is_empty() && !broker.durabilities().is_empty());
        }
        assert!(REGISTRY.broker("pigeon").is_none());
    }

    #[test]
    fn every_option_has_a_default_that_it_would_take_itself() {
        for broker in BROKERS {
            for option in broker.options() {
                let fits = match (&option.default, option.kind) {
                    (OptionValue::Unset, _)
                    | (OptionValue::Boolean(_), OptionKind::Boolean)
                    | (OptionValue::Duration(_), OptionKind::Duration) => true,
                    (OptionValue::Integer(number), OptionKind::Integer(least, most)) => (least..=most).contains(number),
                    (OptionValue::Bytes(bytes), OptionKind::Bytes(least, most)) => (least..=most).contains(bytes),
                    (OptionValue::Share(share), OptionKind::Share(least, most)) => (least..=most).contains(share),
                    (OptionValue::Choice(word), OptionKind::Choice(words)) => words.contains(word),
                    _ => false,
                };
                assert!(fits, "{}: {option:?}", broker.kind());
            }
        }
    }

    #[test]
    fn every_client_is_found_by_its_name_and_every_broker_has_one() {
        let names: BTreeSet<_> = client::CLIENTS.iter().map(|client| client.name()).collect();
        assert_eq!(names.len(), client::CLIENTS.len());
        for client in client::CLIENTS {
            assert_eq!(REGISTRY.client(client.name()).map(|found| found.name()), Some(client.name()));
            assert!(!client.version().is_empty());
            assert!(client.brokers().iter().all(|kind| REGISTRY.broker(kind).is_some()), "{}", client.name());
        }
        for broker in BROKERS {
            assert!(REGISTRY.clients_of(broker.kind()).next().is_some(), "{} has no client", broker.kind());
        }
        assert!(REGISTRY.client("pigeon").is_none());
    }

    #[test]
    fn a_broker_that_has_nodes_has_a_client_that_looks_into_one_at_its_port() {
        for broker in BROKERS {
            let command = broker.client_command(7017);
            assert_eq!(command.is_empty(), broker.is_in_process(), "{}: {command:?}", broker.kind());
            let names_port = command.iter().any(|word| word == "7017" || word == "127.0.0.1:7017");
            assert!(names_port || broker.is_in_process(), "{}: {command:?}", broker.kind());
        }
    }

    #[test]
    fn a_raw_setting_that_nobody_would_take_is_refused_before_anything_is_started() {
        let refused = |kind: &str, name: &str, value: &str| {
            let client = REGISTRY.clients_of(kind).next().expect("a client");
            let refusal = match name.starts_with("server.") {
                true => REGISTRY.broker(kind).and_then(|broker| broker.refusal(name, value)),
                false => client.refusal(name, value),
            };
            refusal.map(|refusal| (refusal.why, refusal.instead)).unwrap_or_default()
        };
        for (kind, name, value, why) in [
            ("redis-streams", "appendfsync", "no", "no settings of its own"),
            ("memory", "server.speed", "9", "no settings"),
            ("kafka", "lingr.ms", "5", "lingr.ms"),
        ] {
            let (found, instead) = refused(kind, name, value);
            assert!(found.contains(why) && !instead.is_empty(), "{kind} {name} = {value}: {found:?}, {instead:?}");
        }
        for (kind, name, value) in [("redis-streams", "server.appendfsync", "no"), ("kafka", "linger.ms", "5")] {
            assert_eq!(refused(kind, name, value), Default::default(), "{kind} {name} = {value}");
        }
    }

    #[test]
    fn a_system_has_a_link_to_be_faulted_only_where_it_has_a_proxy() {
        for (kind, links) in [("redis-streams", 1), ("kafka", 1), ("memory", 0)] {
            let of = |path: &str| {
                let scenario = scenario(&format!("path = \"{path}\"\n{kind} = {{}}"));
                let system = &scenario.systems[0];
                system.broker.links(&system.spec).len()
            };
            assert_eq!((of("proxied"), of("direct")), (links, 0), "{kind}");
        }
    }
}
