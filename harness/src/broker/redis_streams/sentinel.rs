//! Sentinel: what it is told of the primary, and what it says of it.

use super::options;
use crate::model::{Endpoint, SystemSpec};
use redis::{Cmd, RedisError, Value, from_redis_value_ref};
use std::collections::HashMap;

/// The name under which Sentinels know the primary.
pub(in crate::broker) const MASTER: &str = "harness";
/// A failover that has not come about after this long is given up, and tried again after twice as long.
const SHORTEST_FAILOVER_MS: u128 = 10_000;

/// How many Sentinels must miss the primary: most of them.
fn quorum(system: &SystemSpec) -> u8 {
    options::sentinels(system) / 2 + 1
}

/// What each Sentinel is told of the primary, by names of its own; nothing where there are none.
pub(super) fn directives(system: &SystemSpec) -> Vec<(&'static str, String)> {
    if options::sentinels(system) == 0 {
        return Vec::new();
    }
    let mut told = vec![("quorum", quorum(system).to_string())];
    told.extend(settings(system));
    told
}

fn settings(system: &SystemSpec) -> [(&'static str, String); 3] {
    let down_after = options::down_after(system).as_millis().max(1);
    [
        ("down-after-milliseconds", down_after.to_string()),
        ("failover-timeout", (2 * down_after).max(SHORTEST_FAILOVER_MS).to_string()),
        ("parallel-syncs", "1".to_owned()),
    ]
}

/// Tells a Sentinel which node is the primary, and how to watch it.
pub(super) fn monitor(system: &SystemSpec, primary: &Endpoint) -> redis::Pipeline {
    let announced = primary.announced.as_ref().unwrap_or(&primary.address);
    let (host, port) = announced.rsplit_once(':').unwrap_or((announced, ""));
    let mut pipeline = redis::pipe();
    pipeline.cmd("SENTINEL").arg("MONITOR").arg(MASTER).arg(host).arg(port).arg(quorum(system)).ignore();
    for (name, value) in settings(system) {
        pipeline.cmd("SENTINEL").arg("SET").arg(MASTER).arg(name).arg(value).ignore();
    }
    pipeline
}

/// Asks a Sentinel where the primary is.
pub(in crate::broker) fn whereabouts() -> Cmd {
    let mut command = redis::cmd("SENTINEL");
    command.arg("GET-MASTER-ADDR-BY-NAME").arg(MASTER);
    command
}

/// The node that a Sentinel's answer means.
///
/// # Errors
/// It knows of no primary, or names one that nobody knows.
pub(in crate::broker) fn primary(answer: Option<(String, u16)>, nodes: &[Endpoint]) -> Result<&Endpoint, RedisError> {
    let (host, port) = answer.ok_or_else(|| std::io::Error::other("the Sentinel knows of no primary"))?;
    let named = format!("{host}:{port}");
    let found = nodes.iter().find(|node| node.announced.as_ref() == Some(&named));
    found.ok_or_else(|| std::io::Error::other(format!("the Sentinel names {named}, which is no node's address")).into())
}

/// What a Sentinel's view of the system lacks until it is whole; `None`: nothing.
pub(super) fn lacks(system: &SystemSpec, master: &Value) -> Option<String> {
    let fields: HashMap<String, Value> = from_redis_value_ref(master).unwrap_or_default();
    let text = |name: &str| fields.get(name).and_then(|value| from_redis_value_ref::<String>(value).ok());
    let number = |name: &str| text(name).and_then(|text| text.parse::<u8>().ok()).unwrap_or(0);
    let wanted = [
        ("num-slaves", options::replicas(system), "replicas"),
        ("num-other-sentinels", options::sentinels(system).saturating_sub(1), "other Sentinels"),
    ];
    let missing = wanted.iter().find(|(name, wanted, _)| number(name) < *wanted);
    let missing = missing.map(|(name, wanted, words)| format!("it knows {} of {wanted} {words}", number(name)));
    missing.or_else(|| {
        let flags = text("flags").unwrap_or_default();
        (flags != "master").then(|| format!("it calls the primary {flags:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    fn endpoint(node: &str, announced: &str) -> Endpoint {
        Endpoint { announced: Some(announced.to_owned()), ..Endpoint::new(node, "127.0.0.1:9".to_owned()) }
    }

    #[test]
    fn the_node_that_is_meant_is_the_one_that_announces_the_address() {
        let nodes = [endpoint("redis-0", "127.0.0.1:1"), endpoint("redis-1", "127.0.0.1:2")];
        let named = |host: &str, port| primary(Some((host.to_owned(), port)), &nodes).map(|node| node.node.clone());
        assert_eq!(named("127.0.0.1", 2).expect("known"), "redis-1");
        let error = named("127.0.0.1", 3).expect_err("nobody's").to_string();
        assert!(error.contains("127.0.0.1:3"), "{error}");
        assert!(primary(None, &nodes).is_err());
    }

    fn view(replicas: &str, others: &str, flags: &str) -> Option<String> {
        let system = scenario("redis-streams = { replicas = 2, sentinels = 3 }").systems.remove(0).spec;
        let pairs = [("num-slaves", replicas), ("num-other-sentinels", others), ("flags", flags)];
        let text = |word: &str| Value::BulkString(word.as_bytes().to_vec());
        lacks(&system, &Value::Array(pairs.iter().flat_map(|(name, value)| [text(name), text(value)]).collect()))
    }

    #[test]
    fn a_view_is_whole_when_it_lacks_no_replica_no_sentinel_and_no_primary() {
        assert_eq!(view("2", "2", "master"), None);
        for (replicas, others, flags) in [("1", "2", "master"), ("2", "1", "master"), ("2", "2", "master,s_down")] {
            assert!(view(replicas, others, flags).is_some(), "{replicas} {others} {flags}");
        }
    }

    #[test]
    fn most_sentinels_must_miss_the_primary_for_the_heartbeats_that_a_client_may_miss() {
        let system = scenario("redis-streams = { replicas = 1, sentinels = 3 }").systems.remove(0).spec;
        let told = directives(&system);
        assert_eq!(
            (told[0].clone(), told[1].clone()),
            (("quorum", "2".to_owned()), ("down-after-milliseconds", "6000".to_owned()))
        );
        let own =
            scenario("redis-streams = { replicas = 1, sentinels = 1, down-after = \"700ms\" }").systems.remove(0).spec;
        assert_eq!(directives(&own)[1].1, "700");
        assert!(directives(&scenario("redis-streams = { replicas = 1 }").systems.remove(0).spec).is_empty());
    }
}
