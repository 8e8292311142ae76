//! Faults: each a file that says how to inject, confirm and heal it.
//! From here only the proxy's client (and later nodes and workers) may be touched; never a history or a verdict.
//! To add one: copy `latency.rs`, and add its row to `KINDS`.

pub mod options;

use std::time::Duration;

/// What a fault does, with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The proxy stops listening and closes every connection.
    Down,
    /// Every packet is late.
    Latency {
        /// By how much.
        delay: Duration,
        /// Give or take.
        jitter: Duration,
    },
    /// Nothing passes any more; connections stay open (`after` zero), or are closed after a while.
    Timeout {
        /// When to close; zero: never while the fault lasts.
        after: Duration,
    },
    /// Connections are reset.
    ResetPeer {
        /// After how long.
        after: Duration,
    },
}
