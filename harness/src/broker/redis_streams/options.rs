//! What a scenario may say in a `redis-streams` table beside what all systems have.

use crate::model::{CORES, CPUS, DISK, Durability, MEMORY, OptionKind, OptionSpec, OptionValue, SystemSpec};
use std::time::Duration;

pub(in crate::broker) const LOST_GROUP: &str = "lost-group";
const LEAVE: &str = "leave";
pub(in crate::broker) const RECREATE_AT_END: &str = "recreate-at-end";
pub(in crate::broker) const RECREATE_AT_START: &str = "recreate-at-start";
pub(in crate::broker) const REPLICAS: &str = "replicas";
pub(in crate::broker) const SENTINELS: &str = "sentinels";
pub(in crate::broker) const WAIT: &str = "wait";
pub(super) const MIN_REPLICAS: &str = "min-replicas-to-write";
pub(super) const MAX_LAG: &str = "min-replicas-max-lag";
pub(super) const DOWN_AFTER: &str = "down-after";
pub(in crate::broker) const POOL_MAX_TOTAL: &str = "pool-max-total";
pub(in crate::broker) const POOL_MAX_IDLE: &str = "pool-max-idle";
pub(in crate::broker) const POOL_MIN_IDLE: &str = "pool-min-idle";
pub(in crate::broker) const POOL_MAX_WAIT: &str = "pool-max-wait";
/// How long a message waits for a connection of a pool where nothing else is said.
pub(in crate::broker) const POOL_WAITS: Duration = Duration::from_secs(2);
/// Connections of one pool at most.
const LARGEST_POOL: i64 = 10_000;
/// Of each kind of node so many at most.
const MOST: i64 = 7;

pub(super) const OPTIONS: &[OptionSpec] = &[
    DISK,
    CPUS,
    CORES,
    MEMORY,
    OptionSpec {
        name: "maxlen",
        kind: OptionKind::Integer(1, i64::MAX),
        default: OptionValue::Unset,
        about: "keep each stream to about this many entries (XADD MAXLEN ~); pending entries may be trimmed",
    },
    OptionSpec {
        name: "read-count",
        kind: OptionKind::Integer(1, 100_000),
        default: OptionValue::Integer(256),
        about: "entries that one XREADGROUP may return for each stream (COUNT)",
    },
    OptionSpec {
        name: "claim-idle",
        kind: OptionKind::Duration,
        default: OptionValue::Unset,
        about: "take over entries that have been pending for this long (XAUTOCLAIM); heartbeat.every × misses if not given",
    },
    OptionSpec {
        name: "claim-every",
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_secs(1)),
        about: "how often each consumer looks for entries to take over",
    },
    OptionSpec {
        name: LOST_GROUP,
        kind: OptionKind::Choice(&[LEAVE, RECREATE_AT_END, RECREATE_AT_START]),
        default: OptionValue::Choice(LEAVE),
        about: "what consumers do when their group is gone: nothing, or create it again (XGROUP CREATE) at `$` or at 0",
    },
    OptionSpec {
        name: REPLICAS,
        kind: OptionKind::Integer(0, MOST),
        default: OptionValue::Integer(0),
        about: "nodes that replicate the primary, asynchronously",
    },
    OptionSpec {
        name: SENTINELS,
        kind: OptionKind::Integer(0, MOST),
        default: OptionValue::Integer(0),
        about: "Sentinels, which make a replica the primary when most of them miss it; clients ask them where it is",
    },
    OptionSpec {
        name: DOWN_AFTER,
        kind: OptionKind::Duration,
        default: OptionValue::Unset,
        about: "after this long without an answer a Sentinel misses a node; heartbeat.every × misses if not given",
    },
    OptionSpec {
        name: MIN_REPLICAS,
        kind: OptionKind::Integer(0, MOST),
        default: OptionValue::Integer(0),
        about: "the primary refuses to write while fewer replicas keep up",
    },
    OptionSpec {
        name: MAX_LAG,
        kind: OptionKind::Duration,
        default: OptionValue::Duration(Duration::from_secs(10)),
        about: "a replica keeps up if it was heard of so lately; whole seconds",
    },
    OptionSpec {
        name: WAIT,
        kind: OptionKind::Integer(0, MOST),
        default: OptionValue::Unset,
        about: "an XADD counts as acknowledged when this many replicas have it (WAIT); by durability if not given",
    },
    OptionSpec {
        name: POOL_MAX_TOTAL,
        kind: OptionKind::Integer(1, LARGEST_POOL),
        default: OptionValue::Unset,
        about: "each producer sends over a pool of so many connections, one message on each at a time; if not given, over one, in pipelines",
    },
    OptionSpec {
        name: POOL_MAX_IDLE,
        kind: OptionKind::Integer(0, LARGEST_POOL),
        default: OptionValue::Unset,
        about: "unused connections that the pool keeps; what is given back beyond these is closed; pool-max-total if not given",
    },
    OptionSpec {
        name: POOL_MIN_IDLE,
        kind: OptionKind::Integer(0, LARGEST_POOL),
        default: OptionValue::Unset,
        about: "unused connections that the pool opens ahead; 0 if not given",
    },
    OptionSpec {
        name: POOL_MAX_WAIT,
        kind: OptionKind::Duration,
        default: OptionValue::Unset,
        about: "a message that has waited for so long for a connection of the pool fails; 2 s if not given",
    },
];

/// An option's number; nothing where it is not given.
fn number(system: &SystemSpec, name: &str) -> Option<u8> {
    count(system, name).and_then(|number| u8::try_from(number).ok())
}

/// A whole number; nothing where it is not given.
pub(in crate::broker) fn count(system: &SystemSpec, name: &str) -> Option<usize> {
    match system.options.get(name) {
        Some(OptionValue::Integer(number)) => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// Where consumers create a group again that is gone; nothing where they leave it.
pub(in crate::broker) fn recreated(system: &SystemSpec) -> Option<&'static str> {
    match system.options.get(LOST_GROUP) {
        Some(OptionValue::Choice(choice)) if *choice != LEAVE => Some(choice),
        _ => None,
    }
}

/// Whether producers send over a pool of connections.
pub(super) fn has_pool(system: &SystemSpec) -> bool {
    count(system, POOL_MAX_TOTAL).is_some()
}

/// How many replicas there are.
pub(in crate::broker) fn replicas(system: &SystemSpec) -> u8 {
    number(system, REPLICAS).unwrap_or(0)
}

/// How many Sentinels there are.
pub(in crate::broker) fn sentinels(system: &SystemSpec) -> u8 {
    number(system, SENTINELS).unwrap_or(0)
}

/// How many replicas must keep up for the primary to write.
pub(super) fn min_replicas(system: &SystemSpec) -> u8 {
    number(system, MIN_REPLICAS).unwrap_or(0)
}

/// How many replicas must have an entry until it counts as acknowledged: what outlives the loss of a node is on two of them.
pub(in crate::broker) fn wait(system: &SystemSpec) -> u8 {
    number(system, WAIT).unwrap_or(u8::from(system.durability == Durability::Replicated))
}

/// For how long a replica that keeps up may not have been heard of, in seconds.
pub(super) fn max_lag_seconds(system: &SystemSpec) -> u64 {
    system.options.get(MAX_LAG).and_then(OptionValue::duration).map_or(10, |lag| lag.as_secs())
}

/// After how long without an answer a Sentinel misses a node.
pub(super) fn down_after(system: &SystemSpec) -> Duration {
    let heartbeat = &system.demands.heartbeat;
    let given = system.options.get(DOWN_AFTER).and_then(OptionValue::duration);
    given.unwrap_or(heartbeat.every * heartbeat.misses.max(1))
}
