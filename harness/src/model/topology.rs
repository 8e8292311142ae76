//! How a system is laid out, worked out before anything of it is started: nodes, paths through the proxy, and who connects where.

use super::endpoint::Endpoints;
use super::link::Link;
use super::recipe::NodeRecipe;
use super::wiring::ClientGroup;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

/// A system's layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    /// The nodes, in the order of their start.
    pub nodes: Vec<NodeRecipe>,
    /// The proxied paths; empty where the system is reached directly.
    pub paths: Vec<PathRecipe>,
    /// Where each client connects, by the client's name.
    pub clients: BTreeMap<String, Endpoints>,
    /// Where administrators connect, past the proxy.
    pub admin: Endpoints,
}

/// One path through the proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct PathRecipe {
    /// Which link it belongs to.
    pub link: Link,
    /// Who takes it, by name: clients on their own link, nodes on the others.
    pub from: Vec<String>,
    /// The node that it leads to.
    pub to: String,
    /// Its name at the proxy: `client-redis-0`, `client-redis-0-consumer-1`, `peer-kafka-1-kafka-0`.
    pub name: String,
    /// Where it listens, on this machine's loopback.
    pub listen: SocketAddrV4,
    /// `host:port` where it leads to.
    pub upstream: String,
}

impl PathRecipe {
    /// The path of a group of clients to a node, from this port of 127.0.0.1.
    pub fn of_clients(group: &ClientGroup, node: &str, listen: u16, upstream: String) -> Self {
        let from = group.clients.clone();
        let listen = SocketAddrV4::new(Ipv4Addr::LOCALHOST, listen);
        Self {
            link: Link::Client,
            from,
            to: node.to_owned(),
            name: name(Link::Client, node, &group.label),
            listen,
            upstream,
        }
    }

    /// The path of one node to another.
    pub fn between(link: Link, from: &str, to: &str, listen: SocketAddrV4, upstream: String) -> Self {
        Self { link, from: vec![from.to_owned()], to: to.to_owned(), name: name(link, to, from), listen, upstream }
    }

    /// The one path of several nodes to another.
    pub fn from_all(link: Link, from: Vec<String>, to: &str, listen: SocketAddrV4, upstream: String) -> Self {
        Self { link, from, to: to.to_owned(), name: name(link, to, ""), listen, upstream }
    }

    /// `host:port` where it listens.
    pub fn address(&self) -> String {
        self.listen.to_string()
    }
}

/// Of a path of everybody, or of one, to a node.
fn name(link: Link, to: &str, from: &str) -> String {
    if from.is_empty() { format!("{link}-{to}") } else { format!("{link}-{to}-{from}") }
}

/// The path that a client takes to a node; `None`: it reaches it directly.
pub fn path_of<'p>(paths: &'p [PathRecipe], client: &str, node: &str) -> Option<&'p PathRecipe> {
    let is_taken = |path: &&PathRecipe| path.to == node && path.from.iter().any(|name| name == client);
    paths.iter().filter(|path| path.link == Link::Client).find(is_taken)
}

/// What each client of these groups reaches.
pub fn reached_by(groups: &[ClientGroup], reached: impl Fn(&str) -> Endpoints) -> BTreeMap<String, Endpoints> {
    groups.iter().flat_map(|group| &group.clients).map(|client| (client.clone(), reached(client))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_the_path_of_its_group_to_each_node_and_none_where_there_is_none() {
        let group = |label: &str, clients: &[&str]| ClientGroup {
            label: label.to_owned(),
            clients: clients.iter().map(|client| (*client).to_owned()).collect(),
        };
        let groups = [group("", &["producer-0"]), group("consumer-0", &["consumer-0"])];
        let nodes = ["kafka-0", "kafka-1"];
        let listed = groups.iter().flat_map(|group| nodes.map(|node| (group, node)));
        let paths: Vec<PathRecipe> = (1_u16..)
            .zip(listed)
            .map(|(port, (group, node))| PathRecipe::of_clients(group, node, port, "127.0.0.1:9".to_owned()))
            .collect();
        let names: Vec<&str> = paths.iter().map(|path| path.name.as_str()).collect();
        assert_eq!(names[1..3], ["client-kafka-1", "client-kafka-0-consumer-0"]);
        let taken = |client: &str, node: &str| path_of(&paths, client, node).map(PathRecipe::address);
        assert_eq!(taken("producer-0", "kafka-1").as_deref(), Some("127.0.0.1:2"));
        assert_eq!(taken("consumer-0", "kafka-0").as_deref(), Some("127.0.0.1:3"));
        assert_eq!(taken("consumer-1", "kafka-0"), None);
        let reached = reached_by(&groups, Endpoints::at);
        assert_eq!(reached.keys().map(String::as_str).collect::<Vec<_>>(), ["consumer-0", "producer-0"]);
    }
}
