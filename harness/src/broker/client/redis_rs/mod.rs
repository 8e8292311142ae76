//! redis-rs, with our own reconnecting by the scenario's policy: the library's would have its own.
//! From here the crate redis and the worker's hot traits may be touched.
//! To add another client: copy this folder; `produce.rs` and `consume.rs` are the hot traits, the others the cold one.

mod additions;
mod appending;
mod claims;
mod consume;
mod event_loop;
mod fairness;
mod hand;
mod keeper;
mod opener;
mod parting;
mod pool;
mod pooled;
mod primary;
mod produce;
mod refusals;
mod settings;
mod streams;

use super::kind::{ClientKind, Consumed, Run};
use crate::broker::contradiction::ReadBudget;
use crate::broker::refusal::Refusal;
use crate::model::{ClientPolicy, Role, SystemSpec, Workload};
use crate::worker::Clients;
use reports::facts::Setting;
use std::collections::BTreeMap;
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub(super) struct RedisRs;

impl ClientKind for RedisRs {
    fn name(&self) -> &'static str {
        "redis-rs"
    }

    fn version(&self) -> String {
        "redis-rs 1.8".to_owned()
    }

    fn brokers(&self) -> &'static [&'static str] {
        &["redis-streams"]
    }

    fn settings(&self, system: &SystemSpec, policy: &ClientPolicy, role: Role) -> BTreeMap<String, String> {
        settings::client(system, policy, role)
    }

    fn fairness(
        &self,
        system: &SystemSpec,
        policy: &ClientPolicy,
        workload: &Workload,
        consumed: Consumed,
    ) -> Vec<Setting> {
        fairness::fairness(system, policy, workload, consumed)
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        Some(Refusal {
            why: format!("redis-rs has no settings of its own to pass `{name}` to"),
            instead: format!("write \"server.{name}\" for a directive of redis.conf, or use the keys of [client]"),
        })
    }

    fn read_budget(&self, system: &SystemSpec, policy: &ClientPolicy, workload: &Workload) -> Option<ReadBudget> {
        let settings = settings::client(system, policy, Role::Consumer);
        let number = |name: &str| settings.get(name).and_then(|text| text.parse::<u64>().ok());
        Some(ReadBudget {
            // COUNT bounds what one read brings of each stream.
            messages: number("count")? * u64::from(workload.partitions),
            taken_after: Duration::from_millis(number("claim-idle-ms")?),
            bounds_messages: Some("read-count"),
            sets_time: "claim-idle",
            ends_with_settling: true,
        })
    }

    fn run(&self) -> Run {
        Run::Native(Clients::of::<produce::RedisProducer, consume::RedisConsumer>())
    }
}
