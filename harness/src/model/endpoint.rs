//! Where nodes are reached.

use serde::{Deserialize, Serialize};

/// A node, as one client or the administrator reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The node's name: `redis-0`.
    pub node: String,
    /// `host:port`.
    pub address: String,
    /// `host:port` by which the system's own nodes name it to whoever asks them, where that is another: Sentinel tells every
    /// client the same address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<String>,
}

impl Endpoint {
    /// A node that is named by the address at which it is reached.
    pub fn new(node: &str, address: String) -> Self {
        Self { node: node.to_owned(), address, announced: None }
    }
}

/// A system, as one client or the administrator reaches it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Where to connect first: `host:port`, or several with commas between them where any will do.
    pub contact: String,
    /// Every node; none where somebody else runs the system, or it lives in this process.
    pub nodes: Vec<Endpoint>,
}

impl Endpoints {
    /// A system of which nothing but an address is known.
    pub fn at(contact: &str) -> Self {
        Self { contact: contact.to_owned(), nodes: Vec::new() }
    }

    /// A system in which any node will do.
    pub fn of_any(nodes: Vec<Endpoint>) -> Self {
        let addresses: Vec<&str> = nodes.iter().map(|node| node.address.as_str()).collect();
        Self { contact: addresses.join(","), nodes }
    }

    /// A system that is entered at its first node.
    pub fn of_first(nodes: Vec<Endpoint>) -> Self {
        Self { contact: nodes.first().map(|node| node.address.clone()).unwrap_or_default(), nodes }
    }
}
