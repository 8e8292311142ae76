//! Network: what passed between clients and broker, as the proxy counted it.

use super::rates::Amount;
use crate::facts::{EndFacts, PathFacts, WorkloadFacts};
use crate::result::{Counts, NetworkDirection, NetworkResult};

/// The clients' paths together. `load`: what was acknowledged in the load phase, and in how many seconds. `None`: there is no such path,
/// or one of them has no count.
pub(super) fn network(
    end: Option<&EndFacts>,
    counts: &Counts,
    workload: &WorkloadFacts,
    (load, seconds): (Amount, f64),
) -> Option<NetworkResult> {
    let is_of_clients = |path: &&PathFacts| path.to_broker.is_some() || path.from_broker.is_some();
    let paths: Vec<&PathFacts> = end?.paths.iter().filter(is_of_clients).collect();
    let sum = |pick: fn(&PathFacts) -> Option<u64>| {
        paths.iter().map(|path| pick(path)).try_fold(0_u64, |sum, bytes| Some(sum.saturating_add(bytes?)))
    };
    let (to, from) = (sum(|path| path.to_broker)?, sum(|path| path.from_broker)?);
    if paths.is_empty() {
        return None;
    }
    let sizes_vary = workload.smallest_bytes.is_some();
    let payload = match load.messages {
        // Where sizes vary, those of the load speak for all.
        1.. => Some(load.bytes as f64 / load.messages as f64),
        0 => (!sizes_vary).then_some(workload.message_bytes as f64),
    };
    let way = |bytes: u64, messages: u64| {
        let per_message = (counts.acknowledged > 0).then(|| bytes as f64 / counts.acknowledged as f64);
        NetworkDirection {
            bytes,
            bytes_per_message: per_message,
            bytes_per_s: per_message.filter(|_| seconds > 0.0).map(|each| each * load.messages as f64 / seconds),
            payload_share: payload.filter(|_| bytes > 0).map(|payload| payload * messages as f64 / bytes as f64),
        }
    };
    Some(NetworkResult { to_broker: way(to, counts.acknowledged), from_broker: way(from, counts.delivered) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::sample;

    fn path(name: &str, bytes: Option<(u64, u64)>) -> PathFacts {
        let (to_broker, from_broker) = (bytes.map(|(to, _)| to), bytes.map(|(_, from)| from));
        PathFacts { name: name.to_owned(), bytes: bytes.map(|(to, from)| to + from), to_broker, from_broker }
    }

    /// Of 1,000 messages acknowledged and 1,500 delivered, 600 of them acknowledged in the three seconds of load.
    fn of(paths: Vec<PathFacts>) -> Option<NetworkResult> {
        let facts = sample::healthy().facts;
        let end = EndFacts { paths, ..facts.end.expect("it has one") };
        let counts = Counts { acknowledged: 1_000, delivered: 1_500, ..Counts::default() };
        network(Some(&end), &counts, &facts.workload, (Amount { messages: 600, bytes: 60_000 }, 3.0))
    }

    #[test]
    fn the_paths_of_clients_are_added_up_and_those_between_nodes_are_not() {
        let peer = PathFacts { name: "peer-redis-1".to_owned(), bytes: Some(77), ..PathFacts::default() };
        let found = of(vec![path("client-a", Some((90_000, 150_000))), path("client-b", Some((35_000, 50_000))), peer]);
        let NetworkResult { to_broker, from_broker } = found.expect("measured");
        assert_eq!((to_broker.bytes, from_broker.bytes), (125_000, 200_000));
        assert_eq!((to_broker.bytes_per_message, from_broker.bytes_per_message), (Some(125.0), Some(200.0)));
        assert_eq!((to_broker.bytes_per_s, from_broker.bytes_per_s), (Some(25_000.0), Some(40_000.0)));
        assert_eq!((to_broker.payload_share, from_broker.payload_share), (Some(0.8), Some(0.75)));
    }

    #[test]
    fn without_a_path_of_clients_or_its_count_nothing_is_told() {
        let peer = PathFacts { name: "peer-redis-1".to_owned(), bytes: Some(77), ..PathFacts::default() };
        assert_eq!(of(Vec::new()), None);
        assert_eq!(of(vec![peer]), None);
        assert_eq!(of(vec![path("client-a", None)]), None);
        let facts = sample::healthy().facts;
        assert_eq!(network(None, &Counts::default(), &facts.workload, (Amount::default(), 3.0)), None);
    }

    #[test]
    fn nothing_acknowledged_is_no_price_per_message() {
        let facts = sample::healthy().facts;
        let end = EndFacts { paths: vec![path("client-a", Some((100, 0)))], ..facts.end.expect("it has one") };
        let found = network(Some(&end), &Counts::default(), &facts.workload, (Amount::default(), 3.0));
        let NetworkResult { to_broker, from_broker } = found.expect("measured");
        assert_eq!((to_broker.bytes, to_broker.bytes_per_message, to_broker.bytes_per_s), (100, None, None));
        assert_eq!((to_broker.payload_share, from_broker.payload_share), (Some(0.0), None));
    }
}
