//! What a scenario may say in a `kafka` table beside what all systems have.

use crate::model::{
    CORES, CPUS, DISK, Durability, Heartbeat, MEMORY, OptionKind, OptionSpec, OptionValue, Role, SystemSpec,
};
use std::time::Duration;

pub(in crate::broker) const OPTIONS: &[OptionSpec] = &[
    DISK,
    CPUS,
    CORES,
    MEMORY,
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
        about: "which acknowledgement the producer waits for; follows from the durability if not given",
    },
    OptionSpec {
        name: "linger",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_millis(5)),
        about: "how long the producer gathers messages before it sends a batch (linger.ms)",
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
        about: "how partitions are assigned to consumers (partition.assignment.strategy)",
    },
    OptionSpec {
        name: GROUP_PROTOCOL,
        kind: OptionKind::Choice(&["classic", "consumer"]),
        default: OptionValue::Choice("classic"),
        about: "who assigns partitions: a member of the group, or the broker (KIP-848) (group.protocol)",
    },
    OptionSpec {
        name: STATIC_MEMBERS,
        kind: OptionKind::Boolean,
        default: OptionValue::Boolean(false),
        about: "each consumer keeps its place in the group by its name, so that one that is soon back moves no partitions (group.instance.id)",
    },
    OptionSpec {
        name: "offset-reset",
        kind: OptionKind::Choice(&["earliest", "latest"]),
        default: OptionValue::Choice("earliest"),
        about: "where a consumer begins in a partition without a commit (auto.offset.reset)",
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
        default: OptionValue::Unset,
        about: "a broker's Java heap in MiB; 1024 if not given, 384 where there are several brokers",
    },
    OptionSpec {
        name: REPLICATION_FACTOR,
        kind: OptionKind::Integer(1, 9),
        default: OptionValue::Unset,
        about: "how many brokers keep each partition (replication.factor); 3 where there are several brokers if not given",
    },
    OptionSpec {
        name: MIN_INSYNC,
        kind: OptionKind::Integer(1, 9),
        default: OptionValue::Unset,
        about: "how many replicas must be in sync for acks = all (min.insync.replicas); by durability if not given",
    },
];

pub(in crate::broker) const GROUP_PROTOCOL: &str = "group-protocol";
pub(in crate::broker) const STATIC_MEMBERS: &str = "static-members";
pub(super) const REPLICATION_FACTOR: &str = "replication-factor";
pub(super) const MIN_INSYNC: &str = "min-insync-replicas";
/// How many brokers can be started.
pub(super) const MOST_BROKERS: u16 = 9;
/// A broker's heap in MiB: several share a machine.
const HEAP: i64 = 1024;
const HEAP_OF_SEVERAL: i64 = 384;
/// Copies of a partition, unless asked otherwise.
const COPIES: u16 = 3;

/// Whether the scenario gives an option that has no default.
pub(super) fn is_given(system: &SystemSpec, name: &str) -> bool {
    system.options.get(name).is_some_and(|value| *value != OptionValue::Unset)
}

/// A broker's Java heap in MiB.
pub(super) fn heap(system: &SystemSpec) -> i64 {
    integer(system, "heap").unwrap_or(if system.brokers > 1 { HEAP_OF_SEVERAL } else { HEAP })
}

/// How many brokers keep each partition.
pub(super) fn replication_factor(system: &SystemSpec) -> i64 {
    integer(system, REPLICATION_FACTOR).unwrap_or_else(|| system.brokers.min(COPIES).into())
}

/// How many replicas must be in sync for an acknowledgement of all: what outlives the loss of a node is on two of them.
pub(super) fn min_insync_replicas(system: &SystemSpec) -> i64 {
    let outlives_a_node = system.durability == Durability::Replicated;
    integer(system, MIN_INSYNC).unwrap_or(if outlives_a_node { 2 } else { 1 })
}

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

/// An option's number, as validated; `None`: it is not given.
fn integer(system: &SystemSpec, name: &str) -> Option<i64> {
    match system.options.get(name) {
        Some(OptionValue::Integer(number)) => Some(*number),
        _ => None,
    }
}

/// Whether producers are idempotent.
pub(in crate::broker) fn is_idempotent(system: &SystemSpec) -> bool {
    system.options.get("idempotent") != Some(&OptionValue::Boolean(false))
}

/// What producers, or consumers, are given for a raw setting: the word for the role wins over the word for both. Of several
/// names that librdkafka has for it, any.
pub(in crate::broker) fn raw<'s>(system: &'s SystemSpec, role: Role, names: &[&str]) -> Option<&'s str> {
    let prefix = match role {
        Role::Producer => "producer.",
        Role::Consumer => "consumer.",
    };
    let given = |name: String| system.settings.get(&name).map(String::as_str);
    let of_role = names.iter().find_map(|name| given(format!("{prefix}{name}")));
    of_role.or_else(|| names.iter().find_map(|name| given((*name).to_owned())))
}

/// Whether a partition keeps the order in which one producer sent to it, over retries too: idempotence keeps it, and so does one
/// request at a time, or never trying again. Kafka promises it for nothing else.
pub(super) fn keeps_order(system: &SystemSpec) -> bool {
    let raw = |names: &[&str]| raw(system, Role::Producer, names);
    let idempotent = raw(&["enable.idempotence"]).map_or_else(|| is_idempotent(system), |value| value == "true");
    let one_at_a_time = raw(&["max.in.flight.requests.per.connection", "max.in.flight"]) == Some("1");
    idempotent || one_at_a_time || raw(&["retries", "message.send.max.retries"]) == Some("0")
}

/// Whether consumers use the protocol of KIP-848, in which the broker assigns partitions and says how often to give a sign of
/// life.
pub(in crate::broker) fn broker_assigns(system: &SystemSpec) -> bool {
    let word = raw(system, Role::Consumer, &["group.protocol"]).or_else(|| choice(system, GROUP_PROTOCOL));
    word.is_some_and(|word| word.eq_ignore_ascii_case("consumer"))
}

/// Whether each consumer is a static member, by its name.
pub(in crate::broker) fn static_members(system: &SystemSpec) -> bool {
    system.options.get(STATIC_MEMBERS) == Some(&OptionValue::Boolean(true))
}

/// How long a consumer may be silent until its partitions are given to others: at least two signs of life.
pub(in crate::broker) fn session_timeout(heartbeat: &Heartbeat) -> Duration {
    heartbeat.every * heartbeat.misses.max(2)
}

/// Bytes that a batch with one message of the declared size may have, where that is more than Kafka and librdkafka take unless
/// told otherwise (1,000,000 and a little more). The frame of a batch and a record is below 200 bytes, and what does not
/// compress grows by less than a sixty-fourth.
pub(in crate::broker) fn large_batch_bytes(system: &SystemSpec) -> Option<usize> {
    const TAKEN_BY_DEFAULT: usize = 1_000_000;
    let bytes = system.demands.message_bytes;
    let needed = bytes + bytes / 64 + 4096;
    (needed > TAKEN_BY_DEFAULT).then_some(needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn system(table: &str) -> SystemSpec {
        scenario(&format!("kafka = {{ {table} }}")).systems.remove(0).spec
    }

    #[test]
    fn order_is_promised_where_retries_cannot_change_it() {
        for (table, keeps) in [
            ("", true),
            ("idempotent = false", false),
            ("idempotent = false, settings = { \"max.in.flight\" = 1 }", true),
            ("idempotent = false, settings = { \"producer.max.in.flight.requests.per.connection\" = 1 }", true),
            ("idempotent = false, settings = { \"max.in.flight\" = 5 }", false),
            ("idempotent = false, settings = { retries = 0 }", true),
            ("idempotent = false, settings = { \"consumer.retries\" = 0 }", false),
            ("settings = { \"enable.idempotence\" = false, acks = \"1\" }", false),
        ] {
            assert_eq!(keeps_order(&system(table)), keeps, "{table}");
        }
    }

    #[test]
    fn the_word_for_a_role_wins_whichever_of_its_names_is_used() {
        let system =
            system(r#"idempotent = false, settings = { retries = 3, "producer.message.send.max.retries" = 0 }"#);
        let names = ["retries", "message.send.max.retries"];
        assert_eq!(raw(&system, Role::Producer, &names), Some("0"));
        assert_eq!(raw(&system, Role::Consumer, &names), Some("3"));
    }

    #[test]
    fn only_messages_beyond_the_defaults_move_the_limits() {
        let mut system = system("");
        for (bytes, moves) in [(1024, false), (900_000, false), (1 << 20, true), (16 << 20, true)] {
            system.demands.message_bytes = bytes;
            let limit = large_batch_bytes(&system);
            assert_eq!(limit.is_some(), moves, "{bytes}");
            assert!(limit.is_none_or(|limit| limit > bytes), "{bytes}");
        }
    }
}
