//! Faults on the packets of proxied paths: the rules that drop them, how they are read back, and what they have counted.

use super::at_paths::streams;
use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::target::Target;
use crate::environment::{Counted, EnvironmentError, PacketFilter, PacketRule};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::net::SocketAddrV4;

/// Drops a share of the packets between clients and the proxy, at every path of a target.
#[derive(Debug)]
pub(super) struct AtPackets {
    fault: String,
    filter: Option<PacketFilter>,
    rules: Vec<PacketRule>,
    /// Names of the paths, by where their proxies listen.
    paths: BTreeMap<SocketAddrV4, String>,
    counted: Vec<Counted>,
}

impl AtPackets {
    /// The actuator of a fault that drops so many of a thousand packets.
    pub(super) fn boxed(fault: &str, per_mille: u32, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let paths = handles.paths_on(on);
        let rules = paths.iter().flat_map(|path| {
            let listen = path.recipe().listen;
            streams(on.direction()).iter().map(move |&stream| PacketRule { listen, stream, per_mille })
        });
        Box::new(Self {
            fault: fault.to_owned(),
            filter: handles.packets.clone(),
            rules: rules.collect(),
            paths: paths.iter().map(|path| (path.recipe().listen, path.recipe().name.clone())).collect(),
            counted: Vec::new(),
        })
    }

    fn filter(&self) -> Result<PacketFilter, EnvironmentError> {
        self.filter.clone().ok_or_else(|| {
            EnvironmentError::step(
                format!("{} has no packets to drop: its system has no network", self.fault),
                "name the systems that the fault is for: systems = [\"…\"]",
            )
        })
    }

    /// The rules that work now; keeps what they have counted.
    async fn look(&mut self) -> Result<Option<Vec<PacketRule>>, EnvironmentError> {
        let read = self.filter()?.read(&self.fault).await?;
        Ok(read.map(|counted| {
            let rules = counted.iter().map(|counted| counted.rule).collect();
            self.counted = counted;
            rules
        }))
    }

    /// `client-redis-0: 12 of 130 packets dropped`, for each path.
    fn words(&self) -> String {
        let each = self.paths.iter().map(|(listen, path)| {
            let [met, dropped] = self.sums(*listen);
            format!("{path}: {dropped} of {met} packets dropped")
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// What met the rules of a path, and what they dropped.
    fn sums(&self, listen: SocketAddrV4) -> [u64; 2] {
        let of_path = self.counted.iter().filter(|counted| counted.rule.listen == listen);
        of_path.fold([0, 0], |[met, dropped], counted| [met + counted.met, dropped + counted.dropped])
    }
}

impl Actuator for AtPackets {
    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            match phase {
                Phase::Acting => self.filter()?.put(&self.fault, &self.rules).await,
                Phase::Resting => {
                    // What the rules have counted goes with them.
                    let _ = self.look().await;
                    self.filter()?.take(&self.fault).await
                }
            }
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            let rules = self.look().await?;
            let table = self.filter()?.table().to_owned();
            Ok(match phase {
                Phase::Acting => Reading {
                    shows: !self.rules.is_empty() && rules.as_ref() == Some(&self.rules),
                    words: format!("table {table}: {} rules work; {}", rules.unwrap_or_default().len(), self.words()),
                },
                Phase::Resting => Reading {
                    shows: rules.is_none(),
                    words: match self.counted.is_empty() {
                        true => format!("table {table}: no rule works"),
                        false => format!("table {table}: no rule works; until then {}", self.words()),
                    },
                },
            })
        })
    }

    fn dropped(&self) -> Option<u64> {
        let fewest = self.paths.keys().map(|listen| self.sums(*listen)[1]).min();
        Some(fewest.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::toxiproxy::Stream;

    fn at(port: u16) -> SocketAddrV4 {
        SocketAddrV4::new([127, 0, 0, 1].into(), port)
    }

    fn counted(port: u16, dropped: u64) -> Counted {
        let rule = PacketRule { listen: at(port), stream: Stream::Upstream, per_mille: 100 };
        Counted { rule, met: 100, dropped }
    }

    #[test]
    fn a_path_on_which_nothing_was_dropped_is_not_hidden_by_the_others() {
        let paths = [(at(1), "client-redis-0".to_owned()), (at(2), "client-redis-0-consumer-1".to_owned())];
        let mut packets = AtPackets {
            fault: "packet-loss-1".to_owned(),
            filter: None,
            rules: Vec::new(),
            paths: paths.into(),
            counted: vec![counted(1, 4), counted(1, 5)],
        };
        assert_eq!(packets.dropped(), Some(0));
        assert!(packets.words().starts_with("client-redis-0: 9 of 200 packets dropped, "), "{}", packets.words());
        packets.counted.push(counted(2, 3));
        assert_eq!(packets.dropped(), Some(3));
    }

    #[tokio::test]
    async fn without_a_packet_filter_nothing_is_done_and_that_is_said() {
        let on = crate::fault::tests::on(crate::model::Direction::Both);
        let mut packets = AtPackets::boxed("drop-1", 1_000, &on, &Handles::default());
        assert!(packets.bring(Phase::Acting).await.is_err());
        assert!(packets.read(Phase::Resting).await.is_err());
    }
}
