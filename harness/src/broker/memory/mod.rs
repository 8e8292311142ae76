//! The memory broker: lives in the harness's own process, and loses, repeats, reorders, corrupts and resurrects on
//! command, so that every check is proven able to fail. From here nothing outside this folder is touched.
//! To add another broker: copy `redis_streams/`; this one has no node, no connection and no proxy.

pub(super) mod delays;
pub(super) mod log;
mod partition;
mod reader;

use super::administrator::{AdminTarget, Administrator, DeadEntry};
use super::contradiction::Contradiction;
use super::description::Broker;
use super::log_reader::LogReader;
use super::refusal::Refusal;
use crate::clock;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{
    BrokerError, Durability, Link, OptionKind, OptionSpec, OptionValue, SystemSpec, Topology, Wiring, Workload,
    duration,
};
use delays::{DELAY, DelayRule, UP_TO};
use futures_util::future::BoxFuture;
use log::{Log, Misbehaviour};
use reader::MemoryLogReader;
use reports::facts::{Ordering, Setting, Settling};
use reports::history::{Gauge, Inspection};
use reports::units::Position;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub struct Memory;

const fn every(name: &'static str, about: &'static str) -> OptionSpec {
    OptionSpec { name, kind: OptionKind::Integer(0, i64::MAX), default: OptionValue::Integer(0), about }
}

const OPTIONS: &[OptionSpec] = &[
    DELAY,
    UP_TO,
    every("lose-every", "acknowledge every n-th message and drop it; 0: never"),
    every("repeat-every", "store every n-th message twice"),
    every("reorder-every", "store every n-th message after its successor"),
    every("corrupt-every", "flip a bit of every n-th message"),
    every("resurrect-every", "deliver every n-th message again after its acknowledgement"),
    every("mislay-every", "confirm every n-th dead letter and drop it"),
    every("forget-every", "confirm every n-th acknowledgement and keep the message pending"),
    every("skip-every", "keep every n-th message in the log and never deliver it"),
    every("erase-every", "drop every n-th message from the log when its consumer has acknowledged it"),
];

impl Broker for Memory {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn about(&self) -> &'static str {
        "In-process broker for trying scenarios and checks without an engine; misbehaves on command"
    }

    fn options(&self) -> &'static [OptionSpec] {
        OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory]
    }

    fn links(&self, _system: &SystemSpec) -> Vec<Link> {
        Vec::new()
    }

    fn contradictions(&self, system: &SystemSpec) -> Vec<Contradiction> {
        let (least, most) = delays::bounds(system);
        let why = format!("delays cannot reach from {} up to {}", duration::show(least), duration::show(most));
        let found =
            Contradiction::of_options(&[UP_TO.name, DELAY.name], why, "write a longer `delay-up-to`, or leave it out");
        (most < least).then_some(found).into_iter().collect()
    }

    fn ordering(&self, system: &SystemSpec, workload: &Workload) -> Ordering {
        let (least, most) = delays::bounds(system);
        if least != most {
            return Ordering::None;
        }
        if workload.consumers == 1 { Ordering::Partition } else { Ordering::Consumer }
    }

    fn gauges(&self) -> &'static [&'static str] {
        &["length", "lag", "pending"]
    }

    fn settling(&self) -> Settling {
        Settling::Message
    }

    fn fairness(&self, system: &SystemSpec, workload: &Workload) -> Vec<Setting> {
        let row = |topic: &str, setting: &str, value: String| Setting::new(topic, setting, value, None);
        let mut rows = vec![
            row("durability", "storage", "this process's memory".to_owned()),
            row("partitions", "queues", workload.partitions.to_string()),
        ];
        rows.extend(delays::words(system).map(|delay| row("delay", "of each message", delay)));
        rows.extend(misbehaviour_settings(system).into_iter().map(|(name, value)| row("misbehaviour", &name, value)));
        rows
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        Some(no_settings(name))
    }

    fn is_in_process(&self) -> bool {
        true
    }

    fn topology(&self, _: &SystemSpec, _: &Wiring, _: &mut Ports) -> Result<Option<Topology>, EnvironmentError> {
        Ok(None)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(MemoryAdministrator { target }) as Box<dyn Administrator>) })
    }
}

fn misbehaviour_settings(system: &SystemSpec) -> BTreeMap<String, String> {
    let number = |value: &OptionValue| match value {
        OptionValue::Integer(every) if *every > 0 => Some(every.to_string()),
        _ => None,
    };
    system.options.iter().filter_map(|(name, value)| Some(((*name).to_owned(), number(value)?))).collect()
}

/// A file that holds how much longer each send takes, `3ms`, by which tests make a build slower. No option: what is slower for
/// that is to be found by comparing runs whose settings are the same.
const SLOWDOWN_FILE: &str = "HARNESS_MEMORY_SLOWDOWN_FILE";

fn slowdown() -> Duration {
    let text = std::env::var_os(SLOWDOWN_FILE).and_then(|file| std::fs::read_to_string(file).ok());
    text.and_then(|text| duration::parse(text.trim()).ok()).unwrap_or_default()
}

fn misbehaviour(system: &SystemSpec) -> Misbehaviour {
    let every = |name: &str| match system.options.get(name) {
        Some(OptionValue::Integer(every)) => u64::try_from(*every).unwrap_or(0),
        _ => 0,
    };
    Misbehaviour {
        lose_every: every("lose-every"),
        repeat_every: every("repeat-every"),
        reorder_every: every("reorder-every"),
        corrupt_every: every("corrupt-every"),
        resurrect_every: every("resurrect-every"),
        forget_every: every("forget-every"),
        mislay_every: every("mislay-every"),
        skip_every: every("skip-every"),
        erase_every: every("erase-every"),
        slower_by: slowdown(),
        delays: DelayRule::of(system),
    }
}

/// Why a raw setting is refused, whoever was to take it.
pub(super) fn no_settings(name: &str) -> Refusal {
    Refusal {
        why: format!("the memory broker has no settings, so none called `{name}`"),
        instead: "leave `settings` out; its options stand beside it".to_owned(),
    }
}

/// The log of a topic.
pub(super) fn topic(name: &str) -> Result<Arc<Log>, BrokerError> {
    Log::find(name).ok_or_else(|| {
        BrokerError(format!(
            "the memory broker has no topic {name}; it serves only workers of the process that created it"
        ))
    })
}

struct MemoryAdministrator {
    target: AdminTarget,
}

impl Administrator for MemoryAdministrator {
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        Box::pin(async { Ok(()) })
    }

    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async { Ok(Some(env!("CARGO_PKG_VERSION").to_owned())) })
    }

    fn provision(&mut self) -> BoxFuture<'_, Result<BTreeMap<String, String>, BrokerError>> {
        Box::pin(async {
            Log::create(&self.target.topic, self.target.partitions, misbehaviour(&self.target.system));
            Ok(BTreeMap::new())
        })
    }

    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>> {
        Box::pin(async {
            let mut gauges = Vec::new();
            for state in topic(&self.target.topic)?.states() {
                let values = [("length", state.length), ("pending", state.pending), ("lag", state.lag)];
                gauges.extend(values.map(|(metric, value)| Gauge {
                    at: clock::now(),
                    metric: metric.to_owned(),
                    subject: format!("partition-{}", state.partition.0),
                    value: value as f64,
                }));
            }
            Ok(gauges)
        })
    }

    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>> {
        // It ends with this process.
        Box::pin(async { Ok(()) })
    }

    fn dead_letters(&mut self) -> BoxFuture<'_, Result<Option<Vec<DeadEntry>>, BrokerError>> {
        Box::pin(async { Ok(Some(topic(&self.target.topic)?.dead())) })
    }

    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>> {
        Box::pin(async {
            let states = topic(&self.target.topic)?.states();
            let inspection = |state: &log::PartitionState| Inspection {
                at: clock::now(),
                partition: state.partition,
                length: state.kept,
                appended: Some(state.length),
                first: state.first.map(Position),
                end: Some(Position(state.length)),
                committed: None,
                pending: state.pending,
                lag: Some(state.lag),
                group: true,
            };
            Ok(states.iter().map(inspection).collect())
        })
    }

    fn log_reader(&self) -> Option<Box<dyn LogReader>> {
        let log = topic(&self.target.topic).ok()?;
        Some(Box::new(MemoryLogReader::new(log, self.target.partitions)))
    }
}
