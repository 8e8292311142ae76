//! Proxied network paths, and the ways on them.

use std::fmt;

/// A proxied network path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Clients to broker.
    Client,
    /// Broker to broker.
    Peer,
    /// Broker to controller.
    Controller,
}

impl Link {
    /// Its word in scenario files and reports: `client`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Peer => "peer",
            Self::Controller => "controller",
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// Which way a toxic works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From broker to client.
    Downstream,
    /// From client to broker.
    Upstream,
    /// Both.
    Both,
}

impl Direction {
    /// In words: `both ways`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Downstream => "downstream",
            Self::Upstream => "upstream",
            Self::Both => "both ways",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
