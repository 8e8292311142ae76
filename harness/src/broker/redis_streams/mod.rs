//! Redis Streams: a partition is a stream, a consumer group shares every stream out among its consumers.
//! From here the crate redis and the launch recipe may be touched.
//! To add another broker: copy this folder; each file here answers one question of the trait.

mod admin;
mod connection;
mod consume;
mod launch;
mod produce;
mod settings;

use super::{AdminTarget, Administrator, BoxFuture, Broker, Refusal};
use crate::environment::{EnvironmentError, Ports};
use crate::model::{
    BrokerError, ClientPolicy, Durability, OptionKind, OptionSpec, OptionValue, Recipe, Role, SystemSpec, Workload,
};
use crate::worker::Clients;
use reports::facts::{Ordering, Setting, Settling};
use reports::units::Position;
use std::collections::BTreeMap;
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub struct RedisStreams;

const OPTIONS: &[OptionSpec] = &[
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
];

impl Broker for RedisStreams {
    fn kind(&self) -> &'static str {
        "redis-streams"
    }

    fn about(&self) -> &'static str {
        "Redis Streams: one stream for each partition, one consumer group, XADD / XREADGROUP / XACK / XAUTOCLAIM"
    }

    fn client(&self) -> String {
        "redis-rs 1.8".to_owned()
    }

    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync]
    }

    fn ordering(&self, _system: &SystemSpec, workload: &Workload) -> Ordering {
        if workload.consumers == 1 { Ordering::Partition } else { Ordering::Consumer }
    }

    fn settling(&self) -> Settling {
        Settling::Message
    }

    fn fairness(&self, system: &SystemSpec, client: &ClientPolicy, workload: &Workload) -> Vec<Setting> {
        launch::fairness(self, system, client, workload)
    }

    fn client_settings(&self, system: &SystemSpec, client: &ClientPolicy, role: Role) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        match role {
            Role::Producer => {
                if let Some(OptionValue::Integer(entries)) = system.options.get("maxlen") {
                    settings.insert("maxlen".to_owned(), format!("~{entries}"));
                }
            }
            Role::Consumer => {
                let dead_after = client.heartbeat.every * client.heartbeat.misses;
                let idle = duration(system, "claim-idle").unwrap_or(dead_after);
                let every = duration(system, "claim-every").unwrap_or(Duration::from_secs(1));
                let count = match system.options.get("read-count") {
                    Some(OptionValue::Integer(count)) => *count,
                    _ => 256,
                };
                settings.insert("count".to_owned(), count.to_string());
                settings.insert("block-ms".to_owned(), "200".to_owned());
                settings.insert("claim-every-ms".to_owned(), every.as_millis().max(1).to_string());
                settings.insert("claim-idle-ms".to_owned(), idle.as_millis().max(1).to_string());
            }
        }
        settings
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        (!name.starts_with("server.")).then(|| Refusal {
            why: format!("redis-rs has no settings of its own to pass `{name}` to"),
            instead: format!("write \"server.{name}\" for a directive of redis.conf, or use the keys of [client]"),
        })
    }

    fn launch(&self, system: &SystemSpec, ports: &mut Ports) -> Result<Option<Recipe>, EnvironmentError> {
        launch::recipe(system, ports).map(Some)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(admin::RedisAdministrator::connect(target).await?) as Box<dyn Administrator>) })
    }

    fn clients(&self) -> Clients {
        Clients::of::<produce::RedisProducer, consume::RedisConsumer>()
    }
}

fn duration(system: &SystemSpec, option: &str) -> Option<Duration> {
    match system.options.get(option) {
        Some(OptionValue::Duration(duration)) => Some(*duration),
        _ => None,
    }
}

/// `1700000000000-3` as one number.
fn entry_position(id: &str) -> Option<Position> {
    let (ms, seq) = id.split_once('-')?;
    Some(Position::from_redis(ms.parse().ok()?, seq.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_are_in_the_order_of_entry_ids(
            ms in 1_600_000_000_000_u64..1_800_000_000_000, seq in 0_u64..(1 << 20), later in 0_u64..1000, other in 0_u64..(1 << 20)
        ) {
            let (one, two) = ((ms, seq), (ms + later, other));
            let position = |(ms, seq): (u64, u64)| entry_position(&format!("{ms}-{seq}")).expect("an entry ID");
            prop_assert_eq!(one.cmp(&two), position(one).cmp(&position(two)));
            prop_assert_eq!(position(one).to_redis(), one);
        }
    }

    #[test]
    fn what_is_no_entry_id_has_no_position() {
        for text in ["", "-", "1700000000000", "a-1", "1-b", "1--1", "$", ">"] {
            assert_eq!(entry_position(text), None, "{text}");
        }
    }
}
