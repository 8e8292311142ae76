//! The scenario's wishes in librdkafka's words: the settings that are used are the settings that are shown.

use super::configuration::{COMMIT_EVERY, STATIC_MEMBER};
use super::context::STATISTICS_EVERY_MS;
use crate::broker::kafka::options;
use crate::model::{ClientPolicy, Durability, Role, SystemSpec};
use reports::facts::Envelope;
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;

/// librdkafka takes no shorter one.
pub(super) const SHORTEST_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const SHORTEST_SOCKET_TIMEOUT: Duration = Duration::from_millis(10);
/// How long a consumer may go without asking for messages, unless librdkafka is told otherwise.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(300);
/// How long the broker may hold a fetch that finds nothing; well below any request timeout.
const FETCH_WAIT_MS: u64 = 100;
/// As much as librdkafka can be told.
const LARGEST_QUEUE_KB: u64 = 2_147_483_647;
/// What one fetch may bring unless librdkafka is told otherwise.
const FETCHED_BY_DEFAULT: usize = 52_428_800;

/// The client's settings for a role; raw settings of the scenario win.
pub(super) fn client(system: &SystemSpec, client: &ClientPolicy, role: Role) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let mut set = |name: &str, value: String| {
        settings.insert(name.to_owned(), value);
    };
    set("broker.address.family", "v4".to_owned());
    set("socket.nagle.disable", "true".to_owned());
    set("statistics.interval.ms", STATISTICS_EVERY_MS.to_string());
    set("socket.connection.setup.timeout.ms", millis(client.connect_timeout.max(SHORTEST_CONNECT_TIMEOUT)));
    set("socket.timeout.ms", millis(client.request_timeout.max(SHORTEST_SOCKET_TIMEOUT)));
    set("reconnect.backoff.ms", millis(client.backoff.first));
    set("reconnect.backoff.max.ms", millis(client.backoff.max));
    match role {
        Role::Producer => producer(system, client, &mut set),
        Role::Consumer => consumer(system, client, &mut set),
    }
    let (own, others) = match role {
        Role::Producer => ("producer.", "consumer."),
        Role::Consumer => ("consumer.", "producer."),
    };
    let is_common = |name: &str| ![own, others, "server."].iter().any(|prefix| name.starts_with(prefix));
    for (name, value) in system.settings.iter().filter(|(name, _)| is_common(name)) {
        settings.insert(name.clone(), value.clone());
    }
    // The word for one role is the more exact one.
    for (name, value) in &system.settings {
        if let Some(name) = name.strip_prefix(own) {
            settings.insert(name.to_owned(), value.clone());
        }
    }
    settings
}

fn producer(system: &SystemSpec, client: &ClientPolicy, set: &mut impl FnMut(&str, String)) {
    let idempotent = options::is_idempotent(system);
    set("acks", acks(system).to_owned());
    set("enable.idempotence", idempotent.to_string());
    set("linger.ms", millis(options::duration(system, "linger", Duration::from_millis(5))));
    set("message.timeout.ms", millis(options::duration(system, "delivery-timeout", Duration::from_secs(30))));
    set("request.timeout.ms", millis(client.request_timeout));
    // The ledger bounds what is under way; the queue must not bound it sooner.
    set("queue.buffering.max.messages", "1000000".to_owned());
    set("queue.buffering.max.kbytes", LARGEST_QUEUE_KB.to_string());
    if let Some(bytes) = options::large_batch_bytes(system) {
        set("message.max.bytes", bytes.to_string());
    }
}

fn consumer(system: &SystemSpec, client: &ClientPolicy, set: &mut impl FnMut(&str, String)) {
    let beat = &client.heartbeat;
    set("auto.offset.reset", options::choice(system, "offset-reset").unwrap_or("earliest").to_owned());
    set("group.protocol", options::choice(system, options::GROUP_PROTOCOL).unwrap_or("classic").to_owned());
    if options::static_members(system) {
        set(STATIC_MEMBER, "true".to_owned());
    }
    set("enable.auto.commit", "false".to_owned());
    set("enable.partition.eof", "false".to_owned());
    set("fetch.wait.max.ms", FETCH_WAIT_MS.to_string());
    // Where the broker assigns, librdkafka takes none of these.
    if !options::broker_assigns(system) {
        set("heartbeat.interval.ms", millis(beat.every));
        set("session.timeout.ms", millis(options::session_timeout(beat)));
        let assignor = options::choice(system, "assignor").unwrap_or("cooperative-sticky");
        set("partition.assignment.strategy", assignor.to_owned());
    }
    if let Some(bytes) = options::large_batch_bytes(system) {
        set("fetch.message.max.bytes", bytes.to_string());
        set("fetch.max.bytes", bytes.max(FETCHED_BY_DEFAULT).to_string());
    }
    set(COMMIT_EVERY, millis(options::duration(system, "commit-every", Duration::from_millis(100))));
}

/// The waits that librdkafka keeps, which are not those of a doubling backoff (`docs/decisions/0005-librdkafka-backoff.md`):
/// while no broker is up it tries any known one every half `reconnect.backoff.ms` (11 ms to a second) whatever its
/// backoff says, and a refused attempt at a needed one counts as two steps of the backoff. So a wait is anything from the
/// one to `reconnect.backoff.max.ms`.
pub(super) fn envelope(system: &SystemSpec, client: &ClientPolicy, role: Role) -> Envelope {
    let settings = self::client(system, client, role);
    // What is no number comes from the scenario's raw settings, and has been refused (`refusal.rs`).
    let set = |name: &str| Duration::from_millis(settings.get(name).and_then(|text| text.parse().ok()).unwrap_or(0));
    let shortest = (set("reconnect.backoff.ms") / 2).clamp(Duration::from_millis(11), Duration::from_secs(1));
    let longest = set("reconnect.backoff.max.ms").max(shortest);
    Envelope {
        first: longest.into(),
        factor: 1.0,
        max: longest.into(),
        jitter_below: 1.0 - shortest.as_secs_f64() / longest.as_secs_f64(),
        jitter_above: 0.0,
        resolution: Nanos::from_millis(2 * STATISTICS_EVERY_MS),
        connect_timeout: set("socket.connection.setup.timeout.ms").into(),
    }
}

/// What the producer waits for: idempotence wants all.
fn acks(system: &SystemSpec) -> &'static str {
    match options::choice(system, "acks") {
        Some(choice) => choice,
        None if options::is_idempotent(system) || system.durability != Durability::Memory => "all",
        None => "1",
    }
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn of(table: &str, role: Role) -> BTreeMap<String, String> {
        let scenario = scenario(&format!("kafka = {{ {table} }}"));
        client(&scenario.systems[0].spec, &scenario.client, role)
    }

    #[test]
    fn a_durable_acknowledgement_is_one_of_all_replicas() {
        assert_eq!(of("", Role::Producer)["acks"], "all");
        assert_eq!(of("durability = \"memory\"", Role::Producer)["acks"], "all", "idempotence wants all");
        assert_eq!(of("durability = \"memory\", idempotent = false", Role::Producer)["acks"], "1");
        assert_eq!(of("acks = \"0\", idempotent = false", Role::Producer)["acks"], "0");
    }

    #[test]
    fn a_consumer_reads_from_the_beginning_and_never_commits_by_itself() {
        let settings = of("", Role::Consumer);
        assert_eq!(
            (settings["auto.offset.reset"].as_str(), settings["enable.auto.commit"].as_str()),
            ("earliest", "false")
        );
        assert_eq!(
            (settings["heartbeat.interval.ms"].as_str(), settings["session.timeout.ms"].as_str()),
            ("2000", "6000")
        );
    }

    #[test]
    fn options_of_the_group_are_settings_of_consumers() {
        let settings = of("offset-reset = \"latest\", static-members = true, assignor = \"range\"", Role::Consumer);
        let shown = ["auto.offset.reset", STATIC_MEMBER, "partition.assignment.strategy", "group.protocol"];
        assert_eq!(shown.map(|name| settings[name].as_str()), ["latest", "true", "range", "classic"]);
        let assigned_by_the_broker = of("group-protocol = \"consumer\"", Role::Consumer);
        assert_eq!(assigned_by_the_broker["group.protocol"], "consumer");
        for name in ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"] {
            assert!(!assigned_by_the_broker.contains_key(name), "{name}");
        }
    }

    #[test]
    fn the_scenarios_own_word_wins_for_its_role_alone() {
        let raw = r#"idempotent = false, settings = { "linger.ms" = 1, "producer.acks" = "1", "consumer.fetch.min.bytes" = 9, "server.x" = 1 }"#;
        let (producer, consumer) = (of(raw, Role::Producer), of(raw, Role::Consumer));
        assert_eq!((producer["linger.ms"].as_str(), producer["acks"].as_str()), ("1", "1"));
        assert_eq!(consumer["fetch.min.bytes"], "9");
        assert!(!producer.contains_key("fetch.min.bytes") && !consumer.contains_key("acks"));
        assert!(producer.keys().chain(consumer.keys()).all(|name| !name.contains("server.")));
    }

    #[test]
    fn the_word_for_one_role_wins_over_the_word_for_both() {
        for name in ["linger.ms", "socket.timeout.ms"] {
            let raw = format!("settings = {{ \"{name}\" = 400, \"producer.{name}\" = 700 }}");
            assert_eq!(
                (of(&raw, Role::Producer)[name].as_str(), of(&raw, Role::Consumer)[name].as_str()),
                ("700", "400")
            );
        }
    }

    #[test]
    fn librdkafka_takes_every_setting_that_is_shown() {
        for role in [Role::Producer, Role::Consumer] {
            let mut config = rdkafka::ClientConfig::new();
            let settings = of("", role);
            for (name, value) in settings.iter().filter(|(name, _)| !name.starts_with("harness.")) {
                config.set(name, value);
            }
            config.set("group.id", "group");
            assert!(config.create_native_config().is_ok(), "{role:?}: {settings:#?}");
        }
    }

    fn envelope_of(table: &str, role: Role) -> Envelope {
        let scenario = scenario(&format!("kafka = {{ {table} }}"));
        envelope(&scenario.systems[0].spec, &scenario.client, role)
    }

    #[test]
    fn raw_settings_of_a_role_move_its_envelope_and_no_others() {
        let raw = r#"settings = { "producer.reconnect.backoff.max.ms" = 9000 }"#;
        assert_eq!(envelope_of(raw, Role::Producer).max, Nanos::from_secs(9));
        assert_eq!(envelope_of(raw, Role::Consumer).max, Nanos::from_secs(5));
    }

    #[test]
    fn the_envelope_reaches_from_half_of_the_first_wait_to_the_longest() {
        let envelope = envelope_of("", Role::Producer);
        let earliest = envelope.max.as_secs_f64() * (1.0 - envelope.jitter_below);
        assert!((earliest - 0.2).abs() < 1e-9, "{envelope:?}");
        assert_eq!(
            (envelope.first, envelope.max, envelope.jitter_above),
            (Nanos::from_secs(5), Nanos::from_secs(5), 0.0)
        );
        assert_eq!(envelope.connect_timeout, Nanos::from_secs(1));
    }
}
