//! The settings in force, as a broker tells them (DescribeConfigs): those that decide what is kept, and how much work is done at
//! once.

use super::durability::FLUSH;
use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, OwnedResourceSpecifier, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;
use reports::facts::Setting;

/// What a broker is asked for: topic of the fairness table, setting.
const OF_BROKER: [(&str, &str); 5] = [
    ("durability", FLUSH),
    ("threads", "num.io.threads"),
    ("threads", "num.network.threads"),
    ("message size", "message.max.bytes"),
    ("heartbeat", "group.min.session.timeout.ms"),
];

/// What is asked for of the topic.
const OF_TOPIC: [(&str, &str); 3] = [
    ("replication", "min.insync.replicas"),
    ("durability", "unclean.leader.election.enable"),
    ("compression", "compression.type"),
];

/// Asks one broker, and the cluster about the topic.
///
/// # Errors
/// Nobody answered.
pub(super) async fn rows(
    admin: &AdminClient<DefaultClientContext>,
    (broker, topic): (i32, &str),
    options: &AdminOptions,
) -> Result<Vec<Setting>, KafkaError> {
    let mut rows = Vec::new();
    // Only one broker may be asked at a time.
    for resource in [ResourceSpecifier::Broker(broker), ResourceSpecifier::Topic(topic)] {
        let answers = admin.describe_configs([&resource], options).await?;
        for answer in answers {
            rows.extend(told(&answer.map_err(KafkaError::AdminOp)?));
        }
    }
    Ok(rows)
}

fn told(resource: &ConfigResource) -> Vec<Setting> {
    let asked: &[(&str, &str)] = match resource.specifier {
        OwnedResourceSpecifier::Topic(_) => &OF_TOPIC,
        OwnedResourceSpecifier::Group(_) | OwnedResourceSpecifier::Broker(_) => &OF_BROKER,
    };
    let row = |(topic, setting): &(&str, &str)| {
        let entry = resource.entries.iter().find(|entry| entry.name == *setting)?;
        let value = entry.value.clone().filter(|_| !entry.is_sensitive)?;
        Some(Setting::new(topic, setting, in_words(value), None))
    };
    asked.iter().filter_map(row).collect()
}

/// Kafka writes "never" as the largest number that there is.
fn in_words(value: String) -> String {
    if value.parse() == Ok(i64::MAX) { "not set".to_owned() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::admin::{ConfigEntry, ConfigSource};

    #[test]
    fn what_is_told_becomes_rows_and_secrets_none() {
        let entry = |name: &str, value: &str, is_sensitive| ConfigEntry {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            source: ConfigSource::Default,
            is_read_only: false,
            is_default: true,
            is_sensitive,
        };
        let entries = vec![
            entry("num.io.threads", "8", false),
            entry(FLUSH, "9223372036854775807", false),
            entry("message.max.bytes", "1", true),
            entry("log.dirs", "/data", false),
        ];
        let rows = told(&ConfigResource { specifier: OwnedResourceSpecifier::Broker(0), entries });
        let rows: Vec<_> = rows.iter().map(|row| (row.setting.as_str(), row.value.as_str())).collect();
        assert_eq!(rows, [(FLUSH, "not set"), ("num.io.threads", "8")]);
    }
}
