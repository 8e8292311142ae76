//! Reading a table back: its chains, its rules, and what they have counted.

use super::rule::{PER_MILLE, PacketRule};
use crate::environment::EnvironmentError;
use crate::environment::toxiproxy::Stream;
use serde_json::Value;
use std::net::SocketAddrV4;

/// A rule as it was read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The rule.
    pub rule: PacketRule,
    /// Packets that met it.
    pub met: u64,
    /// Of these, packets that vanished.
    pub dropped: u64,
}

/// The objects of one kind in a listing.
pub(super) fn objects<'v>(listing: &'v Value, kind: &'static str) -> impl Iterator<Item = &'v Value> {
    let all = listing["nftables"].as_array().into_iter().flatten();
    all.filter_map(move |object| object.get(kind))
}

/// The rules of a chain; `None`: there is no such chain.
///
/// # Errors
/// A chain that looks nowhere, or a rule that is none of ours.
pub(super) fn chain(listing: &Value, name: &str) -> Result<Option<Vec<Counted>>, EnvironmentError> {
    let Some(chain) = objects(listing, "chain").find(|chain| chain["name"] == name) else { return Ok(None) };
    if chain["hook"] != "input" {
        return Err(changed(name, chain));
    }
    let rules = objects(listing, "rule").filter(|rule| rule["chain"] == name);
    rules.map(|rule| counted(rule).ok_or_else(|| changed(name, rule))).collect::<Result<_, _>>().map(Some)
}

fn changed(chain: &str, found: &Value) -> EnvironmentError {
    EnvironmentError::step(
        format!("the packet filter's chain {chain} holds what this run did not put there: {found}"),
        "does another program change tables that begin with `harness_`?",
    )
}

/// A rule that has exactly what ours have, in their order.
fn counted(rule: &Value) -> Option<Counted> {
    let mut parts = rule["expr"].as_array()?.iter().peekable();
    let address = matched(parts.next()?, "ip")?;
    let port = matched(parts.next()?, "tcp")?;
    let ways = [Stream::Upstream, Stream::Downstream];
    let stream = ways.into_iter().find(|way| PacketRule::fields(*way) == (address.0, port.0))?;
    let met = packets(parts.next()?)?;
    let share = parts.peek().and_then(|part| share(part));
    if share.is_some() {
        parts.next();
    }
    let dropped = packets(parts.next()?)?;
    parts.next()?.get("drop")?;
    if parts.next().is_some() {
        return None;
    }
    let port = u16::try_from(port.1.as_u64()?).ok()?;
    let listen = SocketAddrV4::new(address.1.as_str()?.parse().ok()?, port);
    Some(Counted { rule: PacketRule { listen, stream, per_mille: share.unwrap_or(PER_MILLE) }, met, dropped })
}

/// A field of a packet's header with the value that it must have.
fn matched<'v>(part: &'v Value, protocol: &str) -> Option<(&'v str, &'v Value)> {
    let matched = part.get("match").filter(|matched| matched["op"] == "==")?;
    let payload = &matched["left"]["payload"];
    (payload["protocol"] == protocol).then_some(())?;
    Some((payload["field"].as_str()?, &matched["right"]))
}

fn share(part: &Value) -> Option<u32> {
    let matched = part.get("match").filter(|matched| matched["op"] == "<")?;
    let chosen = &matched["left"]["numgen"];
    (chosen["mode"] == "random" && chosen["mod"] == PER_MILLE).then_some(())?;
    u32::try_from(matched["right"].as_u64()?).ok()
}

fn packets(part: &Value) -> Option<u64> {
    part.get("counter")?["packets"].as_u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn listing(hook: &str, right: u32, last: &Value) -> Value {
        let field = |protocol: &str, field: &str, right: Value| {
            let left = json!({ "payload": { "protocol": protocol, "field": field } });
            json!({ "match": { "op": "==", "left": left, "right": right } })
        };
        let numgen = json!({ "numgen": { "mode": "random", "mod": 1000, "offset": 0 } });
        let expressions = json!([
            field("ip", "daddr", json!("127.0.0.1")),
            field("tcp", "dport", json!(11_000)),
            { "counter": { "packets": 120, "bytes": 9000 } },
            { "match": { "op": "<", "left": numgen, "right": right } },
            { "counter": { "packets": 11, "bytes": 700 } },
            last,
        ]);
        json!({ "nftables": [
            { "metainfo": { "version": "1.0.6" } },
            { "table": { "family": "inet", "name": "harness_x" } },
            { "chain": { "table": "harness_x", "name": "fault_a", "hook": hook } },
            { "rule": { "table": "harness_x", "chain": "fault_a", "expr": expressions } },
        ] })
    }

    #[test]
    fn a_rule_is_read_back_with_its_counters() {
        let read = chain(&listing("input", 100, &json!({ "drop": null })), "fault_a").expect("ours");
        let rule = PacketRule {
            listen: SocketAddrV4::new([127, 0, 0, 1].into(), 11_000),
            stream: Stream::Upstream,
            per_mille: 100,
        };
        assert_eq!(read, Some(vec![Counted { rule, met: 120, dropped: 11 }]));
    }

    #[test]
    fn a_chain_that_is_not_there_is_told_from_one_that_somebody_changed() {
        let drop = json!({ "drop": null });
        assert_eq!(chain(&listing("input", 100, &drop), "fault_b").expect("read"), None);
        assert!(chain(&listing("output", 100, &drop), "fault_a").is_err());
        assert!(chain(&listing("input", 100, &json!({ "accept": null })), "fault_a").is_err());
    }
}
