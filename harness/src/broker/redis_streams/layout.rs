//! How Redis is laid out: a primary, replicas and Sentinels, the ports they listen on, and the paths to them.
//!
//! Without Sentinels each replica has a path of its own to the primary. With them every node has one address for all other nodes,
//! because Sentinels know each node by one address and tell it to everybody: so there is one path to each node, and it is what
//! the node announces. Clients are told the same address, and translate it to that of their own path.

use super::options;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{ClientGroup, Endpoint, Endpoints, Link, PathRecipe, SystemSpec, Wiring, path_of, reached_by};
use reports::facts::Path;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

/// All nodes, and the paths to them.
pub(super) struct RedisNodes {
    /// The primary first.
    pub(super) servers: Vec<RedisNode>,
    pub(super) sentinels: Vec<RedisNode>,
    pub(super) paths: Vec<PathRecipe>,
}

/// One node. Ports are on 127.0.0.1.
pub(super) struct RedisNode {
    /// `redis-0`, `sentinel-0`.
    pub(super) name: String,
    pub(super) port: u16,
    /// The port under which other nodes know it.
    pub(super) announced: u16,
}

/// A server's name; the first is the primary's.
pub(super) fn server(index: u8) -> String {
    format!("redis-{index}")
}

/// A Sentinel's name.
pub(super) fn sentinel(index: u8) -> String {
    format!("{SENTINEL}{index}")
}

const SENTINEL: &str = "sentinel-";

/// Whether a node of this name is a Sentinel.
pub(in crate::broker) fn is_sentinel(node: &str) -> bool {
    node.starts_with(SENTINEL)
}

impl RedisNodes {
    /// Picks all ports.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn of(system: &SystemSpec, wiring: &Wiring, ports: &Ports) -> Result<Self, EnvironmentError> {
        let member = |name: String| {
            let port = ports.pick()?;
            Ok(RedisNode { name, port, announced: port })
        };
        let servers: Result<Vec<RedisNode>, EnvironmentError> =
            (0..=options::replicas(system)).map(|index| member(server(index))).collect();
        let sentinels: Result<Vec<RedisNode>, EnvironmentError> =
            (0..options::sentinels(system)).map(|index| member(sentinel(index))).collect();
        let mut group = Self { servers: servers?, sentinels: sentinels?, paths: Vec::new() };
        if wiring.is_faulted(Link::Peer) {
            group.lead_peers_through_the_proxy(ports)?;
        }
        if system.path == Path::Proxied {
            group.lead_clients_through_the_proxy(&wiring.groups, ports)?;
        }
        Ok(group)
    }

    fn lead_peers_through_the_proxy(&mut self, ports: &Ports) -> Result<(), EnvironmentError> {
        let mut paths = Vec::new();
        if self.sentinels.is_empty() {
            let [primary, replicas @ ..] = self.servers.as_slice() else { return Ok(()) };
            for replica in replicas {
                let listen = local(ports.pick()?);
                paths.push(PathRecipe::between(
                    Link::Peer,
                    &replica.name,
                    &primary.name,
                    listen,
                    address(primary.port),
                ));
            }
        } else {
            let servers: Vec<String> = self.servers.iter().map(|member| member.name.clone()).collect();
            let sentinels: Vec<String> = self.sentinels.iter().map(|member| member.name.clone()).collect();
            for member in self.servers.iter_mut().chain(&mut self.sentinels) {
                member.announced = ports.pick()?;
                // Nobody but Sentinels connects to Sentinels.
                let others = servers.iter().filter(|_| !is_sentinel(&member.name)).chain(&sentinels);
                let others = others.filter(|name| **name != member.name).cloned().collect();
                let (listen, upstream) = (local(member.announced), address(member.port));
                paths.push(PathRecipe::from_all(Link::Peer, others, &member.name, listen, upstream));
            }
        }
        self.paths.extend(paths);
        Ok(())
    }

    fn lead_clients_through_the_proxy(
        &mut self,
        groups: &[ClientGroup],
        ports: &Ports,
    ) -> Result<(), EnvironmentError> {
        let mut paths = Vec::new();
        for group in groups {
            for member in self.for_clients() {
                let upstream = address(member.port);
                paths.push(PathRecipe::of_clients(group, &member.name, ports.pick()?, upstream));
            }
        }
        self.paths.extend(paths);
        Ok(())
    }

    /// Where nobody tells clients of another primary, they know but the one.
    fn for_clients(&self) -> impl Iterator<Item = &RedisNode> {
        let servers = if self.sentinels.is_empty() { 1 } else { self.servers.len() };
        self.servers.iter().take(servers).chain(&self.sentinels)
    }

    /// `host:port` at which a replica finds the primary.
    pub(super) fn primary_for(&self, replica: &RedisNode) -> Option<SocketAddrV4> {
        let own = self.paths.iter().find(|path| path.link == Link::Peer && path.from == [replica.name.clone()]);
        let own = own.filter(|_| self.sentinels.is_empty()).map(|path| path.listen);
        own.or_else(|| self.servers.first().map(|primary| local(primary.announced)))
    }

    /// Past the proxy.
    pub(super) fn admin(&self) -> Endpoints {
        let members = self.servers.iter().chain(&self.sentinels);
        Endpoints::of_first(members.map(|member| self.reached(member, address(member.port))).collect())
    }

    /// For each client, by the paths of its group.
    pub(super) fn clients(&self, wiring: &Wiring) -> BTreeMap<String, Endpoints> {
        reached_by(&wiring.groups, |client| {
            let endpoint = |member: &RedisNode| {
                let path = path_of(&self.paths, client, &member.name);
                self.reached(member, path.map_or_else(|| address(member.port), PathRecipe::address))
            };
            Endpoints::of_first(self.for_clients().map(endpoint).collect())
        })
    }

    fn reached(&self, member: &RedisNode, address: String) -> Endpoint {
        let announced = (!self.sentinels.is_empty()).then(|| self::address(member.announced));
        Endpoint { announced, ..Endpoint::new(&member.name, address) }
    }
}

fn local(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

fn address(port: u16) -> String {
    local(port).to_string()
}
