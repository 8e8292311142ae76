//! The client's part of the fairness table: what each wish of the scenario became in redis-rs and in our reconnecting.

use super::super::kind::{Consumed, RETRIED_BY_THE_HARNESS};
use super::produce::pipeline_at_most;
use super::settings::{PoolSize, client};
use crate::broker::redis_streams::options;
use crate::model::{AckMode, ClientPolicy, Recovery, Role, SystemSpec, Workload};
use reports::facts::Setting;
use reports::plural::plural;

/// The fairness table's rows.
pub(super) fn fairness(
    system: &SystemSpec,
    policy: &ClientPolicy,
    workload: &Workload,
    consumed: Consumed,
) -> Vec<Setting> {
    let mut rows = Vec::new();
    let mut row = |topic: &str, setting: &str, value: String, note: Option<&str>| {
        rows.push(Setting::new(topic, setting, value, note));
    };
    let pool = PoolSize::wanted(system);
    match pool {
        None => {
            let note =
                format!("in pipelines of at most {}, each answered as a whole", pipeline_at_most(workload.in_flight));
            row("in-flight", "pipelined XADDs", format!("{} per producer", workload.in_flight), Some(&note));
        }
        Some(size) => {
            let most = size.max_total.min(workload.in_flight);
            let note = "each on a connection of its own; what is beyond waits for one";
            row("in-flight", "XADDs under way", format!("{most} of {} per producer", workload.in_flight), Some(note));
        }
    }
    if let Some(size) = pool {
        let connections = plural(size.max_total as u64, "connection");
        let note = "by the harness, redis-rs has none; the connection that was used last is lent first, none is opened while another cannot be";
        row("pool", "at most", format!("{connections} per producer"), Some(note));
        row("pool", "unused connections", format!("{} to {}", size.min_idle, size.max_idle), None);
        let note = "a message that has waited for so long was never sent, and counts as refused";
        row("pool", "longest wait", words(size.max_wait), Some(note));
    }
    match &policy.producer_retry {
        None => row(
            "retries",
            "of one send",
            "none".to_owned(),
            Some("a send without an answer is indeterminate and is not repeated"),
        ),
        Some(retry) => row("retries", "of one send", retry.words(), Some(RETRIED_BY_THE_HARNESS)),
    }
    let greeting = if options::sentinels(system) > 0 { "connect and ROLE" } else { "connect and DBSIZE" };
    row("connect-timeout", greeting, words(policy.connect_timeout), None);
    row(
        "request-timeout",
        "response timeout",
        words(policy.request_timeout),
        Some("an overdue answer gives the connection up"),
    );
    let (first, max) = (words(policy.backoff.first), words(policy.backoff.max));
    let (factor, jitter) = (policy.backoff.factor, policy.backoff.jitter * 100.0);
    row(
        "backoff",
        "waits",
        format!("{first} × {factor} up to {max}, ± {jitter} %"),
        Some("the first attempt comes after the first wait"),
    );
    if options::wait(system) > 0 {
        let note = "an entry that fewer have in half of the request timeout is indeterminate";
        row(
            "acknowledgement",
            "WAIT",
            format!("{}, after each pipeline", plural(options::wait(system).into(), "replica")),
            Some(note),
        );
    }
    if options::sentinels(system) > 0 {
        let note = "by the harness, which keeps the declared backoff; redis-rs's own Sentinel client has another";
        row("failover", "the primary", "asked of the Sentinels at each attempt".to_owned(), Some(note));
        let note = "READONLY and UNBLOCKED are said by a node that has ceased to be the primary";
        row("failover", "READONLY", "gives the connection up".to_owned(), Some(note));
    }
    let beat = &policy.heartbeat;
    row(
        "heartbeat",
        "DBSIZE",
        format!("every {}, {} × {}", words(beat.every), beat.misses, words(beat.timeout)),
        Some(match consumed {
            Consumed::Yes => {
                "producers; in a pool, connections that were unused for that long. A consumer's blocking read answers at least every 200 ms"
            }
            Consumed::Never => "in a pool, connections that were unused for that long",
        }),
    );
    row(
        "service time",
        "begins",
        "when written to a connection".to_owned(),
        Some("waits for a connection are part of the response time alone"),
    );
    if consumed == Consumed::Yes {
        rows.extend(of_consumers(system, policy, workload));
    }
    let roles = [Some(Role::Producer), (consumed == Consumed::Yes).then_some(Role::Consumer)];
    for role in roles.into_iter().flatten() {
        let settings = client(system, policy, role).into_iter();
        rows.extend(settings.map(|(name, value)| Setting::new(role.name(), &name, value, None)));
    }
    rows
}

/// Those about settling, recovery and what cannot be processed.
fn of_consumers(system: &SystemSpec, policy: &ClientPolicy, workload: &Workload) -> Vec<Setting> {
    let mut rows = Vec::new();
    let mut row = |topic: &str, setting: &str, value: String, note: Option<&str>| {
        rows.push(Setting::new(topic, setting, value, note));
    };
    let settling = match workload.ack {
        AckMode::AfterProcessing => "XACK after processing, by batch",
        AckMode::BeforeProcessing => "XACK on receipt",
        AckMode::Never => "none",
    };
    row("ack", "settling", settling.to_owned(), None);
    let recovery = match policy.recovery {
        Recovery::None => "reads only new entries (>)",
        Recovery::OwnPending => "reads its own pending entries after each connect",
        Recovery::Claim => "reads its own pending entries after each connect, and claims others' (XAUTOCLAIM)",
    };
    row(
        "recovery",
        policy.recovery.name(),
        recovery.to_owned(),
        Some("done by the harness, with the server's commands"),
    );
    let lost = match options::recreated(system) {
        None => "is told, and left as it is",
        Some(options::RECREATE_AT_START) => "is created again, at the stream's beginning (0)",
        Some(_) => "is created again, at the stream's end ($)",
    };
    row("recovery", "a group that is gone", lost.to_owned(), Some("Redis forgets a group with its stream"));
    let (refusal, again) = match policy.recovery {
        Recovery::None => ("the entry stays pending", "nobody reads it again".to_owned()),
        _ => {
            ("the entry stays pending and its consumer reads it again", format!("after {}", words(policy.retry_after)))
        }
    };
    row("nack", refusal, again, Some("Redis Streams has none: done by the harness; the server counts the deliveries"));
    row(
        "dead letters",
        "MULTI, XADD, XACK, EXEC",
        format!("after {}", plural(policy.delivery_limit.into(), "delivery")),
        Some("Redis Streams has none: done by the harness, in a stream of their own"),
    );
    rows
}

fn words(duration: std::time::Duration) -> String {
    reports::units::Nanos::from(duration).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    #[test]
    fn the_fairness_table_shows_what_the_clients_are_told() {
        let scenario = scenario("redis-streams = { claim-idle = \"7s\" }");
        let spec = &scenario.systems[0].spec;
        let rows = fairness(spec, &scenario.client, &scenario.workload, Consumed::Yes);
        assert!(rows.iter().all(|row| row.topic != "pool"), "there is none");
        let shown = |setting: &str| rows.iter().find(|row| row.setting == setting).map(|row| row.value.as_str());
        assert_eq!(shown("claim-idle-ms"), Some("7000"));
        assert_eq!(shown("response timeout"), Some("300 ms"));
        for role in [Role::Producer, Role::Consumer] {
            for (name, value) in client(spec, &scenario.client, role) {
                assert_eq!(shown(&name), Some(value.as_str()));
            }
        }
    }
}
