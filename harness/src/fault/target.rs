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

    /// The ways on which it works.
    pub fn direction(&self) -> Direction {
        let Self::Link { direction, .. } = self;
        *direction
    }

    /// Whether some connection of some client is, in some direction, aimed at by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (Self::Link { link, direction, clients }, Self::Link { link: others, direction: other_way, clients: rest }) =
            (self, other);
        let ways = direction == other_way || [direction, other_way].contains(&&Direction::Both);
        link == others && ways && clients.overlaps(rest)
    }
}

/// In the words of reports: `link client`, `link client of consumer-1`.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Link { link, clients, .. } = self;
        write!(out, "link {link}")?;
        match clients {
            Selection::All => Ok(()),
            Selection::Only(names) => write!(out, " of {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(direction: Direction, clients: &[&str]) -> Target {
        let clients = Selection::of(clients.iter().map(|name| (*name).to_owned()).collect());
        Target::Link { link: Link::Client, direction, clients }
    }

    #[test]
    fn targets_overlap_where_a_connection_of_one_client_is_aimed_at_in_one_direction() {
        let (up, down, both) = (Direction::Upstream, Direction::Downstream, Direction::Both);
        assert!(on(up, &[]).overlaps(&on(both, &["consumer-0"])));
        assert!(on(up, &["consumer-0", "consumer-1"]).overlaps(&on(up, &["consumer-1"])));
        assert!(!on(up, &["consumer-0"]).overlaps(&on(up, &["consumer-1"])));
        assert!(!on(up, &[]).overlaps(&on(down, &[])));
        let peer = Target::Link { link: Link::Peer, direction: up, clients: Selection::All };
        assert!(!on(up, &[]).overlaps(&peer));
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
