//! What a trial cost: lines of the tables of processes and of the network, the same wherever they are shown.

use super::number;
use super::text::{ABSENT, one_line};
use crate::facts::Path;
use crate::result::{NetworkDirection, ResourceResult, TrialResult};

/// Headings of the table of processes.
pub(super) const PROCESSES: [&str; 7] =
    ["Process", "Role", "CPU time", "CPU per million messages", "Peak memory", "Memory growth", "Written"];
/// Beside them, where it was measured.
pub(super) const IDLE: [&str; 2] = ["Cores when idle", "Per million, idle cost subtracted"];
/// Headings of the table of the network.
pub(super) const NETWORK: [&str; 4] = ["Direction", "Bytes per message", "Bytes per second", "Payload"];
/// What its figures are.
pub(super) const NETWORK_LEAD: &str = "Network: what passed between clients and broker through the proxy over the whole trial, for each \
    message that was acknowledged, and for each second at the rate of the load phase. Payload is the share of the messages \
    themselves; the rest is the protocol's.";

/// The figures of a process, in the order of [`PROCESSES`] and, with `idle`, [`IDLE`].
pub(super) fn process(process: &ResourceResult, idle: bool) -> Vec<String> {
    let seconds =
        |figure: Option<f64>| figure.map_or_else(|| ABSENT.to_owned(), |told| format!("{} s", number::decimal(told)));
    let mut figures = vec![
        one_line(&process.process),
        one_line(&process.role),
        process.cpu_ns.to_string(),
        seconds(process.cpu_s_per_million),
        number::bytes(process.rss_max),
        number::growth(process.rss_growth),
        number::bytes(process.written),
    ];
    if idle {
        figures.push(process.idle_cores.map_or_else(|| ABSENT.to_owned(), number::decimal));
        figures.push(seconds(process.cpu_s_per_million_busy));
    }
    figures
}

/// The lines of a trial's network, in the order of [`NETWORK`].
pub(super) fn network(trial: &TrialResult) -> Vec<[String; 4]> {
    let Some(network) = &trial.network else {
        let why = match trial.path {
            Path::Direct => "not measured: direct",
            Path::Proxied => "not measured: the proxy did not tell, or the history is older",
        };
        return vec![[why, ABSENT, ABSENT, ABSENT].map(str::to_owned)];
    };
    let way = |name: &str, way: &NetworkDirection| {
        let absent = || ABSENT.to_owned();
        let bytes = |figure: Option<f64>| figure.map_or_else(absent, |bytes| number::bytes(bytes.round() as u64));
        let share = way.payload_share.map_or_else(absent, |share| format!("{} %", number::decimal(share * 100.0)));
        [name.to_owned(), bytes(way.bytes_per_message), bytes(way.bytes_per_s), share]
    };
    vec![way("to the broker", &network.to_broker), way("from the broker", &network.from_broker)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::sample;
    use crate::result::NetworkResult;

    #[test]
    fn what_was_not_measured_says_why() {
        let mut trial = judge_history(&sample::healthy(), "redis-1").expect("judged").result;
        let mut first = |path| {
            trial.path = path;
            network(&trial)[0][0].clone()
        };
        assert_eq!(first(Path::Direct), "not measured: direct");
        assert_eq!(first(Path::Proxied), "not measured: the proxy did not tell, or the history is older");
    }

    #[test]
    fn bytes_and_shares_are_told_for_each_way() {
        let mut trial = judge_history(&sample::healthy(), "redis-1").expect("judged").result;
        let way = NetworkDirection {
            bytes: 12_345_678,
            bytes_per_message: Some(1_106.4),
            bytes_per_s: Some(2_212_864.0),
            payload_share: Some(0.9255),
        };
        let nothing = NetworkDirection { bytes: 0, bytes_per_message: None, bytes_per_s: None, payload_share: None };
        trial.network = Some(NetworkResult { to_broker: way, from_broker: nothing });
        assert_eq!(network(&trial)[0], ["to the broker", "1.08 KiB", "2.11 MiB", "92.5 %"]);
        assert_eq!(network(&trial)[1], ["from the broker", ABSENT, ABSENT, ABSENT]);
    }
}
