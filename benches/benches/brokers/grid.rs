//! What is measured: brokers × durabilities × paths, and the sizes of messages.

use harness::broker::{Broker, REGISTRY};
use harness::model::Durability;
use harness::scenario::{Overrides, Scenario, load_text};
use std::fmt::Write;

/// The sizes of payloads.
pub(crate) const SIZES: [MessageSize; 3] = [
    MessageSize { name: "100B", bytes: 100, batch: 5_000 },
    MessageSize { name: "1KiB", bytes: 1 << 10, batch: 5_000 },
    MessageSize { name: "10KiB", bytes: 10 << 10, batch: 1_000 },
];

/// A size, and how many such messages a batch has: so many that the way of the last answer counts for little, so few that a slow
/// disk writes them in half a second.
#[derive(Clone, Copy)]
pub(crate) struct MessageSize {
    pub(crate) name: &'static str,
    pub(crate) bytes: usize,
    pub(crate) batch: u64,
}

/// Brokers, and what is said to them beside the durability. Kafka: no idempotence, which makes librdkafka poll without a pause (README,
/// "What it does not claim") and would turn `memory` (acks = 1) into `os-cache` (acks = all); and a commit as soon as there is something to
/// commit, because the default of 100 ms would be most of what is timed.
const BROKERS: [(&str, &str); 2] = [("redis-streams", ""), ("kafka", "idempotent = false, commit-every = \"1ms\"")];

/// The settings of scenarios by default, on every system of the grid.
pub(crate) fn scenario() -> Scenario {
    let mut text = String::from(
        "title = \"Benches\"\n[workload]\nrate = { unlimited = {} }\nmessage = { size = \"10KiB\" }\n\
         [phases]\nload = \"1s\"\n",
    );
    for (kind, said) in BROKERS {
        let broker = REGISTRY.broker(kind).expect("in the registry");
        for durability in on_one_node(broker) {
            for path in ["direct", "proxied"] {
                let _ = write!(
                    text,
                    "[[systems]]\nname = \"{kind}-{durability}-{path}\"\npath = \"{path}\"\n\
                     {kind} = {{ durability = \"{durability}\", {said} }}\n"
                );
            }
        }
    }
    match load_text("benches", &text, &Overrides::default(), &REGISTRY) {
        Ok(loaded) => loaded.scenario,
        Err(errors) => panic!("{:?}", miette::Report::new(errors)),
    }
}

/// All that the broker knows but `replicated`, which needs a second node for a replica.
fn on_one_node(broker: &dyn Broker) -> impl Iterator<Item = &'static str> {
    broker.durabilities().iter().filter(|durability| **durability != Durability::Replicated).map(|known| known.name())
}
