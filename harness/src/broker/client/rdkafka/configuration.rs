//! From an assignment to librdkafka's configuration, and what in it is the worker's own.

use crate::model::BrokerError;
use crate::worker::protocol::ConnectionSpec;
use rdkafka::ClientConfig;
use std::collections::BTreeMap;
use std::time::Duration;

/// Settings of the worker itself, in the same map as librdkafka's.
pub(super) const HARNESS_PREFIX: &str = "harness.";
/// How often a consumer commits; a producer is not told.
pub(super) const COMMIT_EVERY: &str = "harness.commit.interval.ms";
/// A consumer is a static member of its group, by its name.
pub(super) const STATIC_MEMBER: &str = "harness.static.member";

pub(super) fn configure(connection: &ConnectionSpec, client: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &connection.address).set("client.id", client);
    if connection.settings.contains_key(COMMIT_EVERY) {
        config.set("group.id", &connection.group);
    }
    if connection.settings.get(STATIC_MEMBER).is_some_and(|value| value == "true") {
        config.set("group.instance.id", client);
    }
    for (name, value) in connection.settings.iter().filter(|(name, _)| !name.starts_with(HARNESS_PREFIX)) {
        config.set(name, value);
    }
    config
}

pub(super) fn harness_duration(settings: &BTreeMap<String, String>, name: &str) -> Result<Duration, BrokerError> {
    let text = settings.get(name).ok_or_else(|| BrokerError(format!("the setting {name} is missing")))?;
    let millis = text
        .parse()
        .map_err(|_| BrokerError(format!("the setting {name} = {text:?} is not a number of milliseconds")))?;
    Ok(Duration::from_millis(millis))
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
            recovery: crate::model::Recovery::Claim,
            delivery_limit: 5,
            retry_after_ns: Nanos(1),
            producer_retry: None,
        };
        ConnectionSpec {
            broker: "kafka".to_owned(),
            client: "rdkafka".to_owned(),
            address: "127.0.0.1:1".to_owned(),
            nodes: Vec::new(),
            topic: "topic".to_owned(),
            group: "group".to_owned(),
            dead_letters: String::new(),
            partitions: 1,
            policy,
            settings: settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    #[test]
    fn librdkafka_gets_its_own_settings_and_none_of_the_workers() {
        let spec = connection(&[("acks", "all"), ("harness.other", "100")]);
        let config = configure(&spec, "producer-0");
        let expected = [("bootstrap.servers", "127.0.0.1:1"), ("client.id", "producer-0"), ("acks", "all")];
        for (name, value) in expected {
            assert_eq!(config.get(name), Some(value));
        }
        assert_eq!(config.get("harness.other"), None);
        assert_eq!(config.get("group.id"), None, "a producer is no member of a group");
        let member = configure(&connection(&[(COMMIT_EVERY, "100")]), "consumer-0");
        assert_eq!((member.get("group.id"), member.get("group.instance.id")), (Some("group"), None));
        let settings = [(COMMIT_EVERY, "100"), (STATIC_MEMBER, "true")];
        assert_eq!(configure(&connection(&settings), "consumer-0").get("group.instance.id"), Some("consumer-0"));
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
