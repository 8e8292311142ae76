//! What a fault is aimed at.

use crate::model::{Direction, Link, Selection};
use std::fmt;

/// What a fault is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A network link.
    Link {
        /// Which.
        link: Link,
        /// Which way on it.
        direction: Direction,
        /// Whose connections.
        clients: Selection,
        /// Of these, the connections to which nodes; between nodes, from them too.
        nodes: Selection,
    },
}

impl Target {
    /// The link that it is on.
    pub fn link(&self) -> Link {
        let Self::Link { link, .. } = self;
        *link
    }

    /// The clients that it is aimed at.
    pub fn clients(&self) -> &Selection {
        let Self::Link { clients, .. } = self;
        clients
    }

    /// The nodes at whose connections it is aimed.
    pub fn nodes(&self) -> &Selection {
        let Self::Link { nodes, .. } = self;
        nodes
    }

    /// The ways on which it works.
    pub fn direction(&self) -> Direction {
        let Self::Link { direction, .. } = self;
        *direction
    }

    /// Whether some connection of some client is, in some direction, aimed at by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (way, other_way) = (self.direction(), other.direction());
        let ways = way == other_way || [way, other_way].contains(&Direction::Both);
        self.link() == other.link()
            && ways
            && self.clients().overlaps(other.clients())
            && self.nodes().overlaps(other.nodes())
    }
}

/// In the words of reports: `link client`, `link client of consumer-1`, `link peer at kafka-0`.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Link { link, clients, nodes, .. } = self;
        write!(out, "link {link}")?;
        for (word, some) in [("of", clients), ("at", nodes)] {
            if let Selection::Only(names) = some {
                write!(out, " {word} {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(direction: Direction, clients: &[&str]) -> Target {
        let clients = Selection::of(clients.iter().map(|name| (*name).to_owned()).collect());
        Target::Link { link: Link::Client, direction, clients, nodes: Selection::All }
    }

    #[test]
    fn targets_overlap_where_a_connection_of_one_client_is_aimed_at_in_one_direction() {
        let (up, down, both) = (Direction::Upstream, Direction::Downstream, Direction::Both);
        assert!(on(up, &[]).overlaps(&on(both, &["consumer-0"])));
        assert!(on(up, &["consumer-0", "consumer-1"]).overlaps(&on(up, &["consumer-1"])));
        assert!(!on(up, &["consumer-0"]).overlaps(&on(up, &["consumer-1"])));
        assert!(!on(up, &[]).overlaps(&on(down, &[])));
        let at = |nodes: &[&str]| Target::Link {
            link: Link::Peer,
            direction: both,
            clients: Selection::All,
            nodes: Selection::of(nodes.iter().map(|name| (*name).to_owned()).collect()),
        };
        assert!(!on(up, &[]).overlaps(&at(&[])));
        assert!(at(&["kafka-0"]).overlaps(&at(&[])) && !at(&["kafka-0"]).overlaps(&at(&["kafka-1"])));
        assert_eq!(at(&["kafka-0", "kafka-1"]).to_string(), "link peer at kafka-0, kafka-1");
    }

    #[test]
    fn a_target_names_its_clients_where_it_is_aimed_at_some() {
        assert_eq!(on(Direction::Both, &[]).to_string(), "link client");
        assert_eq!(
            on(Direction::Both, &["producer-0", "consumer-1"]).to_string(),
            "link client of producer-0, consumer-1"
        );
    }
}
