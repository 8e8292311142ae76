//! The client's part of the fairness table: what each wish became in librdkafka, read from the settings that are used.

use super::super::kind::{Consumed, RETRIED_BY_THE_HARNESS};
use super::settings;
use crate::broker::kafka::options;
use crate::model::{AckMode, ClientPolicy, Role, SystemSpec, Workload};
use reports::facts::Setting;
use reports::plural::plural;
use std::collections::BTreeMap;

/// The fairness table's rows.
pub(super) fn fairness(
    system: &SystemSpec,
    client: &ClientPolicy,
    workload: &Workload,
    consumed: Consumed,
) -> Vec<Setting> {
    let mut rows = Vec::new();
    let mut row = |topic: &str, setting: &str, value: String, note: Option<&str>| {
        rows.push(Setting::new(topic, setting, value, note));
    };
    let producer = settings::client(system, client, Role::Producer);
    let consumer = match consumed {
        Consumed::Yes => settings::client(system, client, Role::Consumer),
        Consumed::Never => BTreeMap::new(),
    };
    // Roles differ where raw settings make them differ.
    let shown = |name: &str| match (producer.get(name), consumer.get(name)) {
        (Some(one), Some(other)) if one != other => format!("{one} (producers), {other} (consumers)"),
        (one, other) => one.or(other).cloned().unwrap_or_default(),
    };
    row("acknowledgement", "acks", shown("acks"), None);
    let spins = "while five messages or more of a partition are under way and others have waited for `linger`, librdkafka's thread \
                 for the broker does not sleep";
    let note = (shown("enable.idempotence") == "true").then_some(spins);
    row("in-flight", "messages in the producer's queue", format!("{} per producer", workload.in_flight), note);
    row(
        "retries",
        "message.timeout.ms",
        shown("message.timeout.ms"),
        Some("librdkafka repeats a request until then; idempotence keeps repeats out of the log"),
    );
    if let Some(retry) = &client.producer_retry {
        row("retries", "of one send", retry.words(), Some(RETRIED_BY_THE_HARNESS));
    }
    row(
        "connect-timeout",
        "socket.connection.setup.timeout.ms",
        shown("socket.connection.setup.timeout.ms"),
        (client.connect_timeout < settings::SHORTEST_CONNECT_TIMEOUT).then_some("librdkafka takes no shorter one"),
    );
    row("request-timeout", "socket.timeout.ms", shown("socket.timeout.ms"), None);
    row(
        "backoff",
        "reconnect.backoff.ms",
        shown("reconnect.backoff.ms"),
        Some("the least wait is half of it, within 11 ms and 1 s"),
    );
    row(
        "backoff",
        "reconnect.backoff.max.ms",
        shown("reconnect.backoff.max.ms"),
        Some("the longest wait, if the least is not longer; factor and jitter are librdkafka's own"),
    );
    row(
        "service time",
        "begins",
        "in librdkafka's queue".to_owned(),
        Some("so it holds the time for which a batch is gathered (linger.ms), and waits for a connection"),
    );
    if consumed == Consumed::Yes {
        rows.extend(of_consumers(system, client, workload, &consumer));
    }
    for (topic, settings) in [("producer", &producer), ("consumer", &consumer)] {
        rows.extend(settings.iter().map(|(name, value)| Setting::new(topic, name, value.clone(), None)));
    }
    rows
}

/// Those about the group, settling and what cannot be processed.
fn of_consumers(
    system: &SystemSpec,
    client: &ClientPolicy,
    workload: &Workload,
    consumer: &BTreeMap<String, String>,
) -> Vec<Setting> {
    let mut rows = Vec::new();
    let mut row = |topic: &str, setting: &str, value: String, note: Option<&str>| {
        rows.push(Setting::new(topic, setting, value, note));
    };
    let shown = |name: &str| consumer.get(name).cloned().unwrap_or_default();
    if options::broker_assigns(system) {
        let note = "with group.protocol = consumer the broker says how often (group.consumer.…) and assigns partitions";
        row("heartbeat", "group.protocol", "consumer".to_owned(), Some(note));
    } else {
        let interval = "consumers only, to the group's coordinator";
        row("heartbeat", "heartbeat.interval.ms", shown("heartbeat.interval.ms"), Some(interval));
        let session = "after which the group takes a consumer's partitions away";
        row("heartbeat", "session.timeout.ms", shown("session.timeout.ms"), Some(session));
    }
    let settling = match workload.ack {
        AckMode::AfterProcessing => "after processing",
        AckMode::BeforeProcessing => "on receipt",
        AckMode::Never => "never",
    };
    row("ack", "commit", settling.to_owned(), Some("all offsets below the processed one, at intervals"));
    row(
        "recovery",
        "of what was not committed",
        "whoever gets the partition begins at the last commit".to_owned(),
        Some("done by the group, whatever `recovery` says"),
    );
    row(
        "nack",
        "the consumer keeps the message and hands it out again",
        format!("after {} ms", client.retry_after.as_millis()),
        Some("Kafka has none: done by the harness, which counts the deliveries and holds the commit back meanwhile"),
    );
    row(
        "dead letters",
        "produced to a topic of their own, then committed",
        format!("after {}", plural(client.delivery_limit.into(), "delivery")),
        Some("Kafka has none: done by the harness, with acks=all; a crash between the two can write one twice"),
    );
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    #[test]
    fn a_wish_that_librdkafka_cannot_keep_is_noted() {
        let scenario = scenario("kafka = {}");
        let rows = fairness(&scenario.systems[0].spec, &scenario.client, &scenario.workload, Consumed::Yes);
        let row = rows.iter().find(|row| row.topic == "connect-timeout").expect("a row");
        assert_eq!((row.value.as_str(), row.note.is_some()), ("1000", true), "200 ms were asked for");
        for role in [Role::Producer, Role::Consumer] {
            for (name, value) in settings::client(&scenario.systems[0].spec, &scenario.client, role) {
                assert!(rows.iter().any(|row| row.setting == name && row.value == value), "{name} is not shown");
            }
        }
    }

    #[test]
    fn settings_that_differ_between_roles_are_shown_for_both() {
        let scenario = scenario(r#"kafka = { settings = { "producer.socket.timeout.ms" = 700 } }"#);
        let rows = fairness(&scenario.systems[0].spec, &scenario.client, &scenario.workload, Consumed::Yes);
        let row = rows.iter().find(|row| row.topic == "request-timeout").expect("a row");
        assert_eq!(row.value, "700 (producers), 300 (consumers)");
    }
}
