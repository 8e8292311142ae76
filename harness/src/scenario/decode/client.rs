//! `[client]`: one policy for the clients of every system.

use super::cores;
use crate::model::{Backoff, ClientPolicy, Heartbeat, ProducerRetry, Recovery};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

/// No wait may be shorter: a client that tries without pause is a fault of its own.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Of one message; waits grow, so more would outlast any trial.
const MOST_ATTEMPTS: u8 = 100;

const RECOVERIES: [(&str, Recovery); 3] = [
    (Recovery::Claim.name(), Recovery::Claim),
    (Recovery::OwnPending.name(), Recovery::OwnPending),
    (Recovery::None.name(), Recovery::None),
];

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> ClientPolicy {
    let mut section = top.section(reading, "client");
    let connect_timeout = positive(&mut section, reading, "connect-timeout", Duration::from_secs(1));
    let request_timeout = positive(&mut section, reading, "request-timeout", Duration::from_secs(5));
    let heartbeat = heartbeat(&mut section, reading);
    let backoff = backoff(&mut section, reading);
    let recovery = section.word(reading, "recovery", &RECOVERIES, 0);
    let delivery_limit = section.or(reading, "delivery-limit", ClientPolicy::DELIVERY_LIMIT);
    if delivery_limit == 0 {
        section.blame(
            reading,
            "delivery-limit",
            "`client.delivery-limit` is zero: a message would be given up before it was delivered",
            "at least one delivery",
            "write 1 or more; 5 is usual",
        );
    }
    let retry_after = section.or(reading, "retry-after", ClientPolicy::RETRY_AFTER);
    let producer_retry = producer_retry(&mut section, reading);
    let cores = cores::read(&mut section, "cores", reading);
    section.finish(reading);
    ClientPolicy {
        connect_timeout,
        request_timeout,
        backoff,
        heartbeat,
        recovery,
        delivery_limit,
        retry_after,
        producer_retry,
        cores,
    }
}

fn producer_retry(client: &mut Section<'_>, reading: &mut ScenarioReading) -> Option<ProducerRetry> {
    if !client.present().any(|entry| entry.key == "producer-retry") {
        return None;
    }
    let mut section = client.section(reading, "producer-retry");
    let attempts = section.or(reading, "attempts", 5_u16);
    if !(2..=u16::from(MOST_ATTEMPTS)).contains(&attempts) {
        section.blame(
            reading,
            "attempts",
            format!("`client.producer-retry.attempts` must lie between 2 and {MOST_ATTEMPTS}"),
            "the first attempt counts, too",
            "write 5, which is usual; or leave `producer-retry` out, and each message is tried once",
        );
    }
    let backoff = waits(&mut section, reading);
    let dead_letters = section.or(reading, "dead-letters", true);
    section.finish(reading);
    let attempts = u8::try_from(attempts).unwrap_or(MOST_ATTEMPTS);
    Some(ProducerRetry { attempts, backoff, dead_letters })
}

fn heartbeat(client: &mut Section<'_>, reading: &mut ScenarioReading) -> Heartbeat {
    let mut section = client.section(reading, "heartbeat");
    let heartbeat = Heartbeat {
        every: positive(&mut section, reading, "every", Duration::from_secs(10)),
        timeout: positive(&mut section, reading, "timeout", Duration::from_secs(5)),
        misses: section.or(reading, "misses", 3_u32),
    };
    if heartbeat.misses == 0 {
        section.blame(
            reading,
            "misses",
            "`client.heartbeat.misses` is zero: every peer would count as dead",
            "at least one must be missed",
            "write 1 or more; 3 is usual",
        );
    }
    section.finish(reading);
    heartbeat
}

fn backoff(client: &mut Section<'_>, reading: &mut ScenarioReading) -> Backoff {
    let mut section = client.section(reading, "backoff");
    let backoff = waits(&mut section, reading);
    section.finish(reading);
    backoff
}

/// Waits between attempts, to connect or to send.
fn waits(section: &mut Section<'_>, reading: &mut ScenarioReading) -> Backoff {
    let backoff = Backoff {
        first: section.or(reading, "first", Duration::from_millis(100)),
        factor: section.or(reading, "factor", 2.0),
        max: section.or(reading, "max", Duration::from_secs(5)),
        jitter: section.or(reading, "jitter", 0.2),
    };
    if backoff.first < SHORTEST_WAIT {
        section.blame(
            reading,
            "first",
            format!("`{}` is below 1 ms: clients would try without pause", section.child("first")),
            "too short",
            "write \"1ms\" or more; \"100ms\" is usual",
        );
    }
    if backoff.max < backoff.first {
        section.blame(
            reading,
            "max",
            format!("`{}` is below `{}`", section.child("max"), section.child("first")),
            "shorter than the first wait",
            "make `max` at least as long as `first`",
        );
    }
    if !(1.0..=100.0).contains(&backoff.factor) {
        section.blame(
            reading,
            "factor",
            format!("`{}` must lie between 1 and 100", section.child("factor")),
            "waits would shrink, or leap",
            "write 1.0 for even waits or 2.0 to double them",
        );
    }
    if !(0.0..=1.0).contains(&backoff.jitter) {
        section.blame(
            reading,
            "jitter",
            format!("`{}` must lie between 0 and 1", section.child("jitter")),
            "a share of the wait",
            "write 0.2 for waits that vary by 20 % either way",
        );
    }
    backoff
}

fn positive(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str, default: Duration) -> Duration {
    let length = section.or(reading, key, default);
    if length.is_zero() {
        let message = format!("`{}` is zero", section.child(key));
        section.blame(reading, key, message, "no time at all", "write at least \"1ms\"");
    }
    length
}
