//! Raw settings that would not do what they say: unknown to librdkafka, set by the harness itself, or said in other words.

use super::configuration::HARNESS_PREFIX;
use crate::broker::refusal::Refusal;
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

/// What the harness must set itself, with the reason.
const OURS: [(&str, &str); 8] = [
    ("bootstrap.servers", "clients have to go through the proxy"),
    ("group.id", "the harness asks the broker about the group by this name"),
    ("enable.auto.commit", "the scenario's `workload.ack` says when a message is settled"),
    ("statistics.interval.ms", "connection attempts are dated by the statistics"),
    ("client.id", "the harness tells clients apart by it"),
    ("delivery.report.only.error", "the outcome of every send is recorded"),
    ("transactional.id", "the harness sends without transactions"),
    ("enable.partition.eof", "the end of a partition is no message"),
];
/// Other names of settings that the harness sets: librdkafka would take whichever comes last.
const ALIASES: [(&str, &str); 3] = [
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("request.required.acks", "acks"),
];
/// What the harness reads again, to judge attempts by it.
const READ_AGAIN: [&str; 3] =
    ["reconnect.backoff.ms", "reconnect.backoff.max.ms", "socket.connection.setup.timeout.ms"];

/// Why a raw setting is not taken.
pub(super) fn refusal(name: &str, value: &str) -> Option<Refusal> {
    let bare = name.strip_prefix("producer.").or_else(|| name.strip_prefix("consumer.")).unwrap_or(name);
    let refuse = |why: String, instead: &str| Some(Refusal { why, instead: instead.to_owned() });
    if let Some((_, reason)) = OURS.iter().find(|(ours, _)| *ours == bare) {
        return refuse(format!("the harness sets `{bare}` itself: {reason}"), "leave it out");
    }
    if let Some((_, known)) = ALIASES.iter().find(|(alias, _)| *alias == bare) {
        return refuse(format!("`{bare}` is another name of `{known}`"), &format!("write \"{known}\""));
    }
    if bare.starts_with(HARNESS_PREFIX) {
        let instead = "use the options of the kafka table, as in commit-every = \"100ms\"";
        return refuse(format!("`{bare}` is no setting of librdkafka"), instead);
    }
    if READ_AGAIN.contains(&bare) && !value.parse().is_ok_and(|number: u32| number.to_string() == value) {
        return refuse(format!("`{bare}` takes milliseconds, as a whole number"), &format!("write \"{bare}\" = 1000"));
    }
    let why = match ClientConfig::new().set(bare, value).create_native_config() {
        Ok(_) => return None,
        Err(KafkaError::ClientConfig(_, why, _, _)) => why,
        Err(error) => error.to_string(),
    };
    refuse(
        format!("librdkafka does not accept {bare} = {value:?}: {why}"),
        "write one of librdkafka's settings, with \"producer.\" or \"consumer.\" in front for one role only; a setting of \
         the broker begins with \"server.\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_do_what_it_says_is_refused_with_the_way_out() {
        for (name, value, why) in [
            ("lingr.ms", "5", "lingr.ms"),
            ("producer.linger.ms", "soon", "linger.ms"),
            ("harness.commit.interval.ms", "5", "no setting of librdkafka"),
            ("consumer.group.id", "mine", "the harness sets `group.id` itself"),
            ("bootstrap.servers", "127.0.0.1:1", "through the proxy"),
            ("producer.delivery.timeout.ms", "5000", "another name of `message.timeout.ms`"),
            ("reconnect.backoff.ms", "0x10", "whole number"),
        ] {
            let refused = refusal(name, value).unwrap_or_else(|| panic!("{name} = {value} is taken"));
            assert!(refused.why.contains(why) && !refused.instead.is_empty(), "{name} = {value}: {refused:?}");
        }
    }

    #[test]
    fn settings_of_librdkafka_are_taken() {
        for (name, value) in
            [("linger.ms", "5"), ("consumer.fetch.min.bytes", "9"), ("reconnect.backoff.max.ms", "1000")]
        {
            assert_eq!(refusal(name, value), None, "{name} = {value}");
        }
    }
}
