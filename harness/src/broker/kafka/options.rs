//! What a scenario may say in a `kafka` table beside what all systems have.

use crate::model::{OptionKind, OptionSpec, OptionValue, SystemSpec};
use std::time::Duration;

pub(super) const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "idempotent",
        kind: OptionKind::Boolean,
        default: OptionValue::Boolean(true),
        about: "the producer numbers its batches, so that its own retries neither repeat nor reorder (enable.idempotence)",
    },
    OptionSpec {
        name: "acks",
        kind: OptionKind::Choice(&["0", "1", "all"]),
        default: OptionValue::Unset,
        about: "what the producer waits for; by durability if not given",
    },
    OptionSpec {
        name: "linger",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_millis(5)),
        about: "how long a message may wait for company (linger.ms)",
    },
    OptionSpec {
        name: "delivery-timeout",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_secs(30)),
        about: "how long librdkafka retries a message before it gives up (message.timeout.ms)",
    },
    OptionSpec {
        name: "assignor",
        kind: OptionKind::Choice(&["range", "roundrobin", "cooperative-sticky"]),
        default: OptionValue::Choice("cooperative-sticky"),
        about: "how the group shares partitions out (partition.assignment.strategy)",
    },
    OptionSpec {
        name: "commit-every",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_millis(100)),
        about: "how often a consumer commits what it has processed",
    },
    OptionSpec {
        name: "heap",
        kind: OptionKind::Integer(256, 65_536),
        default: OptionValue::Integer(1024),
        about: "the broker's Java heap in MiB",
    },
];

/// An option's duration, as validated.
pub(in crate::broker) fn duration(system: &SystemSpec, name: &str, otherwise: Duration) -> Duration {
    match system.options.get(name) {
        Some(OptionValue::Duration(duration)) => *duration,
        _ => otherwise,
    }
}

/// An option's word, as validated.
pub(in crate::broker) fn choice(system: &SystemSpec, name: &str) -> Option<&'static str> {
    match system.options.get(name) {
        Some(OptionValue::Choice(choice)) => Some(choice),
        _ => None,
    }
}

/// An option's number, as validated.
pub(in crate::broker) fn integer(system: &SystemSpec, name: &str, otherwise: i64) -> i64 {
    match system.options.get(name) {
        Some(OptionValue::Integer(number)) => *number,
        _ => otherwise,
    }
}

/// Whether producers are idempotent.
pub(in crate::broker) fn is_idempotent(system: &SystemSpec) -> bool {
    system.options.get("idempotent") != Some(&OptionValue::Boolean(false))
}
