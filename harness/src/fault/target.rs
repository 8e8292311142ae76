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
    /// A node of the system.
    Node(Select),
    /// Workers, by name: at least one.
    Worker(Vec<String>),
    /// Messages that fall due while the fault lasts.
    Messages,
}

/// Which node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Select {
    /// The one of this name: `redis-0`.
    Named(String),
    /// The one that takes the writes when the fault begins.
    Leader,
    /// One of the brokers, chosen by the scenario's seed.
    Any,
    /// All brokers, one after another.
    Each,
}

impl Target {
    /// The link that it is on, if it is on one.
    pub fn link(&self) -> Option<Link> {
        match self {
            Self::Link { link, .. } => Some(*link),
            Self::Node(_) | Self::Worker(_) | Self::Messages => None,
        }
    }

    /// The clients that must show what is done.
    pub fn clients(&self) -> Selection {
        match self {
            Self::Link { clients, .. } => clients.clone(),
            Self::Node(_) | Self::Messages => Selection::All,
            Self::Worker(names) => Selection::Only(names.clone()),
        }
    }

    /// The clients whose connections it is done to apart from all others', so that they need a path of their own.
    pub fn apart(&self) -> Option<&Selection> {
        match self {
            Self::Link { clients, .. } => Some(clients),
            Self::Node(_) | Self::Worker(_) | Self::Messages => None,
        }
    }

    /// The ways on which it works.
    pub fn direction(&self) -> Direction {
        match self {
            Self::Link { direction, .. } => *direction,
            Self::Node(_) | Self::Worker(_) | Self::Messages => Direction::Both,
        }
    }

    /// In words, with the node that it turned out to be where the scenario does not name one: `node kafka-1 (the leading node)`.
    pub fn as_met(&self, node: Option<&str>) -> String {
        match (self, node) {
            (Self::Node(select @ (Select::Leader | Select::Any | Select::Each)), Some(node)) => {
                format!("node {node} ({select})")
            }
            _ => self.to_string(),
        }
    }

    /// Whether something is, or may be, aimed at by both: a connection of some client in some direction, a node, a worker.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Link { link, direction, clients, nodes },
                Self::Link { link: others, direction: other_way, clients: rest, nodes: other_nodes },
            ) => {
                let ways = direction == other_way || [direction, other_way].contains(&&Direction::Both);
                link == others && ways && clients.overlaps(rest) && nodes.overlaps(other_nodes)
            }
            // Which one is the leader, or any, is known only when it is done.
            (Self::Node(Select::Named(one)), Self::Node(Select::Named(other))) => one == other,
            (Self::Node(_), Self::Node(_)) => true,
            (Self::Worker(some), Self::Worker(others)) => some.iter().any(|name| others.contains(name)),
            (Self::Messages, Self::Messages) => true,
            _ => false,
        }
    }
}

/// In the words of reports: `link client of consumer-1`, `link peer at kafka-0`, `node redis-0`, `worker consumer-1`.
impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { link, clients, nodes, .. } => {
                write!(out, "link {link}")?;
                for (word, some) in [("of", clients), ("at", nodes)] {
                    if let Selection::Only(names) = some {
                        write!(out, " {word} {}", names.join(", "))?;
                    }
                }
                Ok(())
            }
            Self::Node(select) => write!(out, "{select}"),
            Self::Worker(names) => write!(out, "worker {}", names.join(", ")),
            Self::Messages => write!(out, "messages"),
        }
    }
}

impl fmt::Display for Select {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(out, "node {name}"),
            Self::Leader => write!(out, "the leading node"),
            Self::Any => write!(out, "any node"),
            Self::Each => write!(out, "each broker in turn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(direction: Direction, clients: &[&str]) -> Target {
        let clients = Selection::of(clients.iter().map(|name| (*name).to_owned()).collect());
        Target::Link { link: Link::Client, direction, clients, nodes: Selection::All }
    }

    fn node(name: &str) -> Target {
        Target::Node(Select::Named(name.to_owned()))
    }

    fn workers(names: &[&str]) -> Target {
        Target::Worker(names.iter().map(|name| (*name).to_owned()).collect())
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
    fn nodes_overlap_by_name_and_whoever_leads_may_be_any_of_them() {
        assert!(node("redis-0").overlaps(&node("redis-0")));
        assert!(!node("redis-0").overlaps(&node("redis-1")));
        assert!(node("redis-0").overlaps(&Target::Node(Select::Leader)));
        assert!(Target::Node(Select::Any).overlaps(&Target::Node(Select::Leader)));
    }

    #[test]
    fn workers_overlap_by_name_and_with_nothing_but_workers() {
        assert!(workers(&["consumer-0", "consumer-1"]).overlaps(&workers(&["consumer-1"])));
        assert!(!workers(&["consumer-0"]).overlaps(&workers(&["consumer-1"])));
        assert!(!workers(&["consumer-0"]).overlaps(&node("redis-0")));
        assert!(!on(Direction::Both, &["consumer-0"]).overlaps(&workers(&["consumer-0"])));
    }

    #[test]
    fn a_target_says_what_it_is() {
        assert_eq!(on(Direction::Both, &[]).to_string(), "link client");
        assert_eq!(
            on(Direction::Both, &["producer-0", "consumer-1"]).to_string(),
            "link client of producer-0, consumer-1"
        );
        assert_eq!(node("redis-0").to_string(), "node redis-0");
        assert_eq!(Target::Node(Select::Leader).to_string(), "the leading node");
        assert_eq!(workers(&["consumer-1"]).to_string(), "worker consumer-1");
    }

    #[test]
    fn a_node_that_the_scenario_does_not_name_is_named_once_it_is_known() {
        assert_eq!(Target::Node(Select::Leader).as_met(Some("kafka-1")), "node kafka-1 (the leading node)");
        assert_eq!(Target::Node(Select::Any).as_met(Some("redis-0")), "node redis-0 (any node)");
        assert_eq!(Target::Node(Select::Leader).as_met(None), "the leading node");
        assert_eq!(node("redis-0").as_met(Some("redis-0")), "node redis-0");
    }

    #[test]
    fn only_what_is_done_to_a_link_sets_clients_apart() {
        assert!(workers(&["consumer-1"]).apart().is_none() && node("redis-0").apart().is_none());
        assert_eq!(workers(&["consumer-1"]).clients(), Selection::Only(vec!["consumer-1".to_owned()]));
        assert_eq!(node("redis-0").clients(), Selection::All);
    }
}
