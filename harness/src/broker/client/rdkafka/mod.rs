//! rdkafka: librdkafka, which queues, batches, retries and reconnects by itself.
//! From here the crate rdkafka and the worker's hot traits may be touched.
//! To add another client: copy `redis_rs/`; `produce.rs` and `consume.rs` are the hot traits, the others the cold one.

mod codes;
mod configuration;
mod consume;
mod context;
mod contradictions;
mod dead_letters;
mod fairness;
mod metadata;
mod outcome;
mod produce;
mod refusal;
mod retries;
mod settings;

use super::kind::{ClientKind, Consumed, Run};
use crate::broker::contradiction::{Contradiction, ReadBudget};
use crate::broker::kafka::options;
use crate::broker::refusal::Refusal;
use crate::model::{ClientPolicy, Role, SystemSpec, Workload};
use crate::worker::Clients;
use reports::facts::{Envelope, Setting};
use std::collections::BTreeMap;
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub(super) struct RdKafka;

impl ClientKind for RdKafka {
    fn name(&self) -> &'static str {
        "rdkafka"
    }

    fn version(&self) -> String {
        format!("librdkafka {}", rdkafka::util::get_rdkafka_version().1)
    }

    fn brokers(&self) -> &'static [&'static str] {
        &["kafka"]
    }

    fn envelope(&self, system: &SystemSpec, policy: &ClientPolicy, role: Role) -> Envelope {
        settings::envelope(system, policy, role)
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

    fn refusal(&self, name: &str, value: &str) -> Option<Refusal> {
        refusal::refusal(name, value)
    }

    fn contradictions(&self, system: &SystemSpec, policy: &ClientPolicy, workload: &Workload) -> Vec<Contradiction> {
        contradictions::find(system, policy, workload)
    }

    fn read_budget(&self, system: &SystemSpec, _policy: &ClientPolicy, _workload: &Workload) -> Option<ReadBudget> {
        let given = options::raw(system, Role::Consumer, &["max.poll.interval.ms"]).and_then(|text| text.parse().ok());
        Some(ReadBudget {
            messages: consume::MESSAGES_AT_ONCE as u64,
            taken_after: given.map_or(settings::POLL_INTERVAL, Duration::from_millis),
            bounds_messages: None,
            sets_time: "max.poll.interval.ms",
            ends_with_settling: false,
        })
    }

    fn run(&self) -> Run {
        Run::Native(Clients::of::<produce::KafkaProducer, consume::KafkaConsumer>())
    }
}
