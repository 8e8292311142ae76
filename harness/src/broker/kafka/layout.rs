//! How a cluster is laid out: brokers, the ports they listen on, and the paths to them.
//!
//! A broker advertises one address to all other brokers, and one to all controllers. So that each of them takes a path of its
//! own all the same, brokers of a cluster are advertised by names, one for each link, and each broker has its own hosts file: in
//! that of kafka-0 the name peer.kafka-1 stands for 127.1.0.1, where the proxy of the path from kafka-0 to kafka-1 listens, on the
//! port on which kafka-1 itself listens on 127.0.0.1.

use crate::environment::{EnvironmentError, Ports};
use crate::model::{Endpoint, Endpoints, Link, PathRecipe, SystemSpec, Wiring, path_of, reached_by};
use reports::facts::Path;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddrV4};

/// All brokers, and the paths to them.
pub(super) struct Cluster {
    pub(super) brokers: Vec<KafkaNode>,
    pub(super) paths: Vec<PathRecipe>,
}

/// One broker, which is a controller too. Ports are on 127.0.0.1.
pub(super) struct KafkaNode {
    /// Its number, which is its `node.id`.
    pub(super) index: u8,
    /// `kafka-0`.
    pub(super) name: String,
    /// For whoever is to pass no proxy.
    pub(super) direct: u16,
    pub(super) controller: u16,
    /// For other brokers; none where there are none.
    pub(super) peer: Option<u16>,
    /// For each group of clients that goes through the proxy: the port on which the broker listens, and the one that it
    /// advertises, where the proxy listens.
    pub(super) clients: Vec<(u16, u16)>,
}

/// A broker's name.
pub(super) fn name(index: u8) -> String {
    format!("kafka-{index}")
}

/// The brokers' numbers.
pub(super) fn numbers(system: &SystemSpec) -> impl Iterator<Item = u8> + use<> {
    0..u8::try_from(system.brokers).unwrap_or(u8::MAX)
}

impl Cluster {
    /// Picks all ports.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn of(system: &SystemSpec, wiring: &Wiring, ports: &Ports) -> Result<Self, EnvironmentError> {
        let mut brokers = Vec::new();
        let mut paths = Vec::new();
        for index in numbers(system) {
            let (direct, controller) = (ports.pick()?, ports.pick()?);
            let peer = if system.brokers > 1 { Some(ports.pick()?) } else { None };
            let mut member = KafkaNode { index, name: name(index), direct, controller, peer, clients: Vec::new() };
            let proxied = wiring.groups.iter().filter(|_| system.path == Path::Proxied);
            for group in proxied {
                let (listen, advertised) = (ports.pick()?, ports.pick()?);
                member.clients.push((listen, advertised));
                paths.push(PathRecipe::of_clients(group, &member.name, advertised, format!("127.0.0.1:{listen}")));
            }
            brokers.push(member);
        }
        let mut cluster = Self { brokers, paths };
        for link in [Link::Peer, Link::Controller] {
            if wiring.is_faulted(link) {
                let between = cluster.between(link);
                cluster.paths.extend(between);
            }
        }
        Ok(cluster)
    }

    /// A path from each broker to each other.
    fn between(&self, link: Link) -> Vec<PathRecipe> {
        let pairs = self.brokers.iter().flat_map(|to| self.brokers.iter().map(move |from| (from, to)));
        let pairs = pairs.filter(|(from, to)| from.index != to.index);
        let path = |(from, to): (&KafkaNode, &KafkaNode)| {
            let port = if link == Link::Peer { to.peer? } else { to.controller };
            let listen = SocketAddrV4::new(meeting_place(from, to), port);
            Some(PathRecipe::between(link, &from.name, &to.name, listen, format!("127.0.0.1:{port}")))
        };
        pairs.filter_map(path).collect()
    }

    /// What names stand for at one broker: itself and whom it reaches directly, and the proxies of its paths to others.
    pub(super) fn hosts(&self, at: &KafkaNode) -> String {
        let mut text = "127.0.0.1 localhost\n".to_owned();
        let between = [Link::Peer, Link::Controller];
        for (link, other) in between.into_iter().flat_map(|link| self.brokers.iter().map(move |other| (link, other))) {
            let mut paths = self.paths.iter().filter(|path| path.link == link && path.to == other.name);
            let path = paths.find(|path| path.from.contains(&at.name));
            let address = path.map_or(Ipv4Addr::LOCALHOST, |path| *path.listen.ip());
            let _ = writeln!(text, "{address} {}", host(link, other));
        }
        text
    }

    /// `id@host:port` of every controller.
    pub(super) fn voters(&self) -> String {
        let voter =
            |member: &KafkaNode| format!("{}@{}:{}", member.index, host(Link::Controller, member), member.controller);
        self.brokers.iter().map(voter).collect::<Vec<_>>().join(",")
    }

    /// Past the proxy.
    pub(super) fn admin(&self) -> Endpoints {
        let direct = |member: &KafkaNode| Endpoint::new(&member.name, format!("127.0.0.1:{}", member.direct));
        Endpoints::of_any(self.brokers.iter().map(direct).collect())
    }

    /// For each client, by the paths of its group.
    pub(super) fn clients(&self, wiring: &Wiring) -> BTreeMap<String, Endpoints> {
        reached_by(&wiring.groups, |client| {
            let reached = |member: &KafkaNode| {
                let direct = || format!("127.0.0.1:{}", member.direct);
                let path = path_of(&self.paths, client, &member.name);
                Endpoint::new(&member.name, path.map_or_else(direct, PathRecipe::address))
            };
            Endpoints::of_any(self.brokers.iter().map(reached).collect())
        })
    }
}

/// What other brokers call one on a link: a name, or its address where there are no others.
pub(super) fn host(link: Link, member: &KafkaNode) -> String {
    if member.peer.is_some() { format!("{link}.{}", member.name) } else { "127.0.0.1".to_owned() }
}

/// Where the proxies of the paths from one broker to another listen: an address of the loopback that nothing else uses.
fn meeting_place(from: &KafkaNode, to: &KafkaNode) -> Ipv4Addr {
    Ipv4Addr::new(127, 1, from.index, to.index)
}
