//! Brokers: one room for each, behind one cold trait and two hot ones.
//! From here the broker's client library and the launch recipe's types may be touched; never the scenario file or a verdict.
//! To add one: copy `redis_streams/`, add its row to `REGISTRY`, and its image's folder to `docker/`.

pub mod kafka;
pub mod memory;
pub mod redis_streams;

use crate::model::{
    BrokerError, ClientPolicy, Durability, Link, OptionSpec, Options, Recipe, Role, SystemSpec, Workload,
};
use crate::worker::Clients;
use reports::facts::{Envelope, LogFacts, Ordering, Path, Setting, Settling};
use reports::history::{Gauge, Inspection};
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

/// Every broker that a scenario can name.
pub const REGISTRY: &[&dyn Broker] = &[&redis_streams::RedisStreams, &kafka::Kafka, &memory::Memory];

/// The broker of this kind.
pub fn find(kind: &str) -> Option<&'static dyn Broker> {
    REGISTRY.iter().copied().find(|broker| broker.kind() == kind)
}

/// What the dry run, the environment and the trial need to know of a broker's kind. Cold: never on a message's way.
pub trait Broker: Send + Sync {
    /// Its key in scenario files: `redis-streams`.
    fn kind(&self) -> &'static str;
    /// One line for `harness list`.
    fn about(&self) -> &'static str;
    /// The client library and its version: `redis-rs 1.8.1`.
    fn client(&self) -> String;
    /// The options that its table takes in a scenario, beside those that all systems have.
    fn options(&self) -> &'static [OptionSpec];
    /// The durabilities that it can give.
    fn durabilities(&self) -> &'static [Durability];
    /// With how many nodes it can be started at most.
    fn most_nodes(&self) -> u16 {
        1
    }
    /// The links that a system of this kind has: by default the clients', where they go through a proxy.
    fn links(&self, system: &SystemSpec) -> Vec<Link> {
        match system.path {
            Path::Direct => Vec::new(),
            Path::Proxied => vec![Link::Client],
        }
    }
    /// What it promises about order, with this many consumers.
    fn ordering(&self, system: &SystemSpec, workload: &Workload) -> Ordering;
    /// What a settlement covers.
    fn settling(&self) -> Settling;
    /// What kind of log it keeps: by default one in which each message has a position, and stays when it was settled.
    fn log(&self) -> LogFacts {
        LogFacts::default()
    }
    /// What each wish became: durability, client policy, workload. The same values that `launch` and the workers use.
    fn fairness(&self, system: &SystemSpec, client: &ClientPolicy, workload: &Workload) -> Vec<Setting>;
    /// The waits between attempts that the client really keeps under this policy and the system's raw settings. By default
    /// those of our own reconnecting, which follows the policy to the letter.
    fn envelope(&self, _system: &SystemSpec, client: &ClientPolicy, _role: Role) -> Envelope {
        Envelope {
            first: client.backoff.first.into(),
            factor: client.backoff.factor,
            max: client.backoff.max.into(),
            jitter_below: client.backoff.jitter,
            jitter_above: client.backoff.jitter,
            // The worker stamps each attempt itself; what remains is the scheduler's delay on a busy machine.
            resolution: Nanos::from_millis(100),
            connect_timeout: client.connect_timeout.into(),
        }
    }
    /// The client's own settings for this role: the words of its library's documentation, and what they are set to.
    fn client_settings(&self, system: &SystemSpec, client: &ClientPolicy, role: Role) -> BTreeMap<String, String>;
    /// Why a raw setting of the scenario cannot be passed on; `None` where it can.
    fn refusal(&self, _name: &str, _value: &str) -> Option<Refusal> {
        None
    }
    /// It lives in the harness's own process, and so must its workers.
    fn is_in_process(&self) -> bool {
        false
    }
    /// How to launch it. `None`: it lives inside the workers' process (memory).
    fn launch(
        &self,
        system: &SystemSpec,
        ports: &mut crate::environment::Ports,
    ) -> Result<Option<Recipe>, crate::environment::EnvironmentError>;
    /// Its options that only launching it needs: a broker that somebody else runs has none of them.
    fn launch_options(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether its clients go on to addresses that the broker itself names, past any proxy that it does not know of.
    fn advertises(&self) -> bool {
        false
    }
    /// The administrator's view of a started system, over the direct path.
    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>>;
    /// Its two clients, as a worker runs them.
    fn clients(&self) -> Clients;
}

/// Why a broker or its client would not take a raw setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong with it.
    pub why: String,
    /// What to write.
    pub instead: String,
}

/// A future on the heap, for the cold traits.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where and on what an administrator works.
#[derive(Clone, Debug)]
pub struct AdminTarget {
    /// `host:port` of the direct path.
    pub address: String,
    /// The topic's or streams' name stem.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// How many partitions.
    pub partitions: u16,
    /// Raw options of the system, as the scenario gave them.
    pub options: Options,
}

/// What the trial asks of a broker outside the messages' way.
pub trait Administrator: Send {
    /// Answers when the broker speaks its protocol; used as readiness check.
    fn ping(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// The broker's version, as it says itself; `None` where its protocol does not tell.
    fn version(&mut self) -> BoxFuture<'_, Result<Option<String>, BrokerError>>;
    /// Creates topics, streams and groups; what is there already from before is an error.
    fn provision(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// What the consumer group still lacks until this many consumers share out all partitions; `None`: nothing. By default
    /// nothing: where the broker shares out messages and not partitions, a consumer that is ready reads.
    fn group_lacks(&mut self, _consumers: u16) -> BoxFuture<'_, Result<Option<String>, BrokerError>> {
        Box::pin(async { Ok(None) })
    }
    /// The numbers of this moment.
    fn gauges(&mut self) -> BoxFuture<'_, Result<Vec<Gauge>, BrokerError>>;
    /// Removes what `provision` created: for brokers that go on after the trial.
    fn remove(&mut self) -> BoxFuture<'_, Result<(), BrokerError>>;
    /// The broker's own account at the end.
    fn inspect(&mut self) -> BoxFuture<'_, Result<Vec<Inspection>, BrokerError>>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{OptionKind, OptionValue};
    use crate::scenario::{Overrides, Scenario, load_text};
    use std::collections::BTreeSet;

    /// A scenario with one system, given by its table beside the name.
    pub(crate) fn scenario(system: &str) -> Scenario {
        let text = format!(
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
        );
        load_text("test.toml", &text, &Overrides::default(), REGISTRY).expect("valid").scenario
    }

    #[test]
    fn every_broker_is_found_by_its_kind_and_no_other() {
        let kinds: BTreeSet<_> = REGISTRY.iter().map(|broker| broker.kind()).collect();
        assert_eq!(kinds.len(), REGISTRY.len());
        for broker in REGISTRY {
            assert_eq!(find(broker.kind()).map(Broker::kind), Some(broker.kind()));
            assert!(!broker.about().is_empty() && !broker.client().is_empty() && !broker.durabilities().is_empty());
        }
        assert!(find("pigeon").is_none());
    }

    #[test]
    fn every_option_has_a_default_that_it_would_take_itself() {
        for broker in REGISTRY {
            for option in broker.options() {
                let fits = match (&option.default, option.kind) {
                    (OptionValue::Unset, _)
                    | (OptionValue::Boolean(_), OptionKind::Boolean)
                    | (OptionValue::Duration(_), OptionKind::Duration) => true,
                    (OptionValue::Integer(number), OptionKind::Integer(least, most)) => (least..=most).contains(number),
                    (OptionValue::Choice(word), OptionKind::Choice(words)) => words.contains(word),
                    _ => false,
                };
                assert!(fits, "{}: {option:?}", broker.kind());
            }
        }
    }

    #[test]
    fn a_raw_setting_that_nobody_would_take_is_refused_before_anything_is_started() {
        let refused = |kind: &str, name: &str, value: &str| {
            let refusal = find(kind).and_then(|broker| broker.refusal(name, value));
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
