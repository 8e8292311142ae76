//! Kafka: one topic, a consumer group that commits offsets after processing.
//! From here the crate rdkafka and the launch recipe may be touched.
//! To add another broker: copy `redis_streams/`; each file here answers one question of the trait.

mod admin;
mod consume;
mod context;
mod fairness;
mod group;
mod launch;
mod options;
mod produce;
mod refusal;
mod settings;

use super::{AdminTarget, Administrator, BoxFuture, Broker, Refusal};
use crate::environment::{EnvironmentError, Ports};
use crate::model::{BrokerError, ClientPolicy, Durability, OptionSpec, Recipe, Role, SystemSpec, Workload};
use crate::worker::Clients;
use crate::worker::protocol::ConnectionSpec;
use rdkafka::ClientConfig;
use rdkafka::client::{Client, ClientContext};
use reports::facts::{Envelope, Ordering, Setting, Settling};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The registry's row.
#[derive(Debug)]
pub struct Kafka;

impl Broker for Kafka {
    fn kind(&self) -> &'static str {
        "kafka"
    }

    fn about(&self) -> &'static str {
        "Apache Kafka (KRaft): one topic, idempotent or plain producers, a consumer group that commits after processing"
    }

    fn client(&self) -> String {
        format!("librdkafka {}", rdkafka::util::get_rdkafka_version().1)
    }

    fn options(&self) -> &'static [OptionSpec] {
        options::OPTIONS
    }

    fn durabilities(&self) -> &'static [Durability] {
        &[Durability::Memory, Durability::OsCache, Durability::Fsync]
    }

    fn ordering(&self, _system: &SystemSpec, _workload: &Workload) -> Ordering {
        Ordering::Partition
    }

    fn settling(&self) -> Settling {
        Settling::Position
    }

    fn fairness(&self, system: &SystemSpec, client: &ClientPolicy, workload: &Workload) -> Vec<Setting> {
        fairness::fairness(system, client, workload)
    }

    fn envelope(&self, system: &SystemSpec, client: &ClientPolicy, role: Role) -> Envelope {
        settings::envelope(system, client, role)
    }

    fn client_settings(&self, system: &SystemSpec, client: &ClientPolicy, role: Role) -> BTreeMap<String, String> {
        settings::client(system, client, role)
    }

    fn refusal(&self, name: &str, value: &str) -> Option<Refusal> {
        refusal::refusal(name, value)
    }

    fn launch_options(&self) -> &'static [&'static str] {
        &["heap"]
    }

    fn advertises(&self) -> bool {
        true
    }

    fn launch(&self, system: &SystemSpec, ports: &mut Ports) -> Result<Option<Recipe>, EnvironmentError> {
        launch::recipe(system, ports).map(Some)
    }

    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>> {
        Box::pin(async { Ok(Box::new(admin::KafkaAdministrator::connect(target)?) as Box<dyn Administrator>) })
    }

    fn clients(&self) -> Clients {
        Clients::of::<produce::KafkaProducer, consume::KafkaConsumer>()
    }
}

/// Settings of the worker itself, in the same map as librdkafka's.
const HARNESS_PREFIX: &str = "harness.";

fn configure(connection: &ConnectionSpec, client: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &connection.address).set("client.id", client);
    if connection.settings.contains_key("session.timeout.ms") {
        config.set("group.id", &connection.group);
    }
    for (name, value) in connection.settings.iter().filter(|(name, _)| !name.starts_with(HARNESS_PREFIX)) {
        config.set(name, value);
    }
    config
}

fn harness_duration(settings: &BTreeMap<String, String>, name: &str) -> Result<Duration, BrokerError> {
    let text = settings.get(name).ok_or_else(|| BrokerError(format!("the setting {name} is missing")))?;
    let millis = text
        .parse()
        .map_err(|_| BrokerError(format!("the setting {name} = {text:?} is not a number of milliseconds")))?;
    Ok(Duration::from_millis(millis))
}

/// Waits until the topic has a leader for every partition, over this client's own connection.
fn await_metadata<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    partitions: u16,
    patience: Duration,
) -> Result<(), BrokerError> {
    let deadline = Instant::now() + patience;
    let mut last = String::from("no answer yet");
    while Instant::now() < deadline {
        match client.fetch_metadata(Some(topic), Duration::from_secs(2)) {
            Ok(metadata) => {
                let led = metadata
                    .topics()
                    .iter()
                    .flat_map(|topic| topic.partitions())
                    .filter(|partition| partition.leader() >= 0);
                let led = led.count();
                if led >= usize::from(partitions) {
                    return Ok(());
                }
                last = format!("{led} of {partitions} partitions have a leader");
            }
            Err(error) => last = error.to_string(),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(BrokerError(format!("the topic {topic} was not ready within {patience:?}: {last}; is the broker up?")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::protocol::Policy;
    use reports::units::Nanos;

    fn connection(settings: &[(&str, &str)]) -> ConnectionSpec {
        let policy = Policy {
            connect_timeout_ns: Nanos(1),
            request_timeout_ns: Nanos(1),
            backoff_first_ns: Nanos(1),
            backoff_factor: 2.0,
            backoff_max_ns: Nanos(1),
            backoff_jitter: 0.0,
            heartbeat_every_ns: Nanos(1),
            heartbeat_timeout_ns: Nanos(1),
            heartbeat_misses: 1,
        };
        ConnectionSpec {
            broker: "kafka".to_owned(),
            address: "127.0.0.1:1".to_owned(),
            topic: "topic".to_owned(),
            group: "group".to_owned(),
            partitions: 1,
            policy,
            settings: settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    #[test]
    fn librdkafka_gets_its_own_settings_and_none_of_the_workers() {
        let spec = connection(&[("acks", "all"), ("harness.commit.interval.ms", "100")]);
        let config = configure(&spec, "producer-0");
        let expected = [("bootstrap.servers", "127.0.0.1:1"), ("client.id", "producer-0"), ("acks", "all")];
        for (name, value) in expected {
            assert_eq!(config.get(name), Some(value));
        }
        assert_eq!(config.get("harness.commit.interval.ms"), None);
        assert_eq!(config.get("group.id"), None, "a producer is no member of a group");
        let member = configure(&connection(&[("session.timeout.ms", "6000")]), "consumer-0");
        assert_eq!(member.get("group.id"), Some("group"));
    }

    #[test]
    fn a_setting_of_the_worker_that_is_missing_or_no_number_is_named() {
        let read = |settings| harness_duration(&connection(settings).settings, "harness.commit.interval.ms");
        assert_eq!(read(&[("harness.commit.interval.ms", "250")]).expect("read"), Duration::from_millis(250));
        let error = read(&[]).expect_err("missing").to_string();
        assert!(error.contains("harness.commit.interval.ms is missing"), "{error}");
        let error = read(&[("harness.commit.interval.ms", "soon")]).expect_err("no number").to_string();
        assert!(error.contains("soon"), "{error}");
    }
}
