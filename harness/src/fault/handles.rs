//! What faults can take hold of in a started system.

use super::nodes::Nodes;
use super::target::Target;
use super::workers::Workers;
use crate::environment::PacketFilter;
use crate::environment::toxiproxy::ProxiedPath;
use crate::model::{Link, PathRecipe};
use std::sync::Arc;

/// Everything of one started system that a fault can be done to.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// The proxied paths.
    pub paths: Vec<ProxiedPath>,
    /// The nodes, where the run has started some.
    pub nodes: Option<Arc<dyn Nodes>>,
    /// The workers, where they are processes.
    pub workers: Option<Arc<dyn Workers>>,
    /// The run's packet filter, where there is one.
    pub packets: Option<PacketFilter>,
}

impl Handles {
    /// Whether all that clients do, they do with one and the same node.
    pub fn has_one_broker(&self) -> bool {
        self.nodes.as_ref().is_none_or(|nodes| nodes.brokers().len() == 1)
    }

    /// The paths that a target lies on.
    pub fn paths_on(&self, target: &Target) -> Vec<ProxiedPath> {
        self.paths.iter().filter(|path| is_meant(path.recipe(), target)).cloned().collect()
    }
}

/// Whether a target lies on a path. Between nodes a node is at both ends of its connections; a path that it shares with others is
/// not its own.
fn is_meant(path: &PathRecipe, target: &Target) -> bool {
    let Target::Link { link, clients, nodes, .. } = target else { return false };
    let leads_there = nodes.contains(&path.to);
    path.link == *link
        && match path.link {
            Link::Client => {
                leads_there && (path.from.is_empty() || path.from.iter().any(|client| clients.contains(client)))
            }
            Link::Peer | Link::Controller => leads_there || path.from.iter().all(|from| nodes.contains(from)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientGroup, Direction, Selection};
    use std::net::{Ipv4Addr, SocketAddrV4};

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|name| (*name).to_owned()).collect()
    }

    fn paths() -> Vec<PathRecipe> {
        let nowhere = || "127.0.0.1:1".to_owned();
        let listen = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 2);
        let group = |label: &str, client: &str| ClientGroup { label: label.to_owned(), clients: names(&[client]) };
        vec![
            PathRecipe::of_clients(&group("", "producer-0"), "a", 1, nowhere()),
            PathRecipe::of_clients(&group("consumer-0", "consumer-0"), "a", 2, nowhere()),
            PathRecipe::of_clients(&group("", "producer-0"), "b", 3, nowhere()),
            PathRecipe::between(Link::Peer, "a", "b", listen, nowhere()),
            PathRecipe::between(Link::Peer, "b", "a", listen, nowhere()),
            PathRecipe::between(Link::Peer, "b", "c", listen, nowhere()),
            PathRecipe::from_all(Link::Peer, names(&["a", "b"]), "d", listen, nowhere()),
        ]
    }

    fn meant(link: Link, clients: &[&str], nodes: &[&str]) -> Vec<String> {
        let (clients, nodes) = (Selection::of(names(clients)), Selection::of(names(nodes)));
        let target = Target::Link { link, direction: Direction::Both, clients, nodes };
        paths().into_iter().filter(|path| is_meant(path, &target)).map(|path| path.name).collect()
    }

    #[test]
    fn a_fault_on_clients_is_done_to_the_paths_of_these_clients_to_these_nodes() {
        assert_eq!(meant(Link::Client, &[], &[]).len(), 3);
        assert_eq!(meant(Link::Client, &["consumer-0"], &[]), ["client-a-consumer-0"]);
        assert_eq!(meant(Link::Client, &[], &["b"]), ["client-b"]);
    }

    #[test]
    fn a_fault_on_a_node_is_done_to_the_paths_to_it_and_from_it_alone() {
        assert_eq!(meant(Link::Peer, &[], &[]).len(), 4);
        assert_eq!(meant(Link::Peer, &[], &["a"]), ["peer-b-a", "peer-a-b"]);
        assert_eq!(meant(Link::Peer, &[], &["d"]), ["peer-d"]);
        assert_eq!(meant(Link::Peer, &[], &["a", "b"]), ["peer-b-a", "peer-a-b", "peer-c-b", "peer-d"]);
        assert_eq!(meant(Link::Controller, &[], &[]), [""; 0]);
    }
}
