//! How clients behave towards their broker.

use std::time::Duration;

/// One policy for every client; each broker translates it and the fairness table shows how.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPolicy {
    /// For one connection attempt.
    pub connect_timeout: Duration,
    /// For one request's answer.
    pub request_timeout: Duration,
    /// Waits between connection attempts.
    pub backoff: Backoff,
    /// Signs of life on an idle connection, and a consumer's in its group.
    pub heartbeat: Heartbeat,
}

/// Waits between connection attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// What each is multiplied by, at least 1.
    pub factor: f64,
    /// The longest.
    pub max: Duration,
    /// Each wait varies by up to this share, either way; 0 to 1.
    pub jitter: f64,
}

/// Signs of life.
#[derive(Clone, Debug, PartialEq)]
pub struct Heartbeat {
    /// How often.
    pub every: Duration,
    /// How long to wait for the answer.
    pub timeout: Duration,
    /// After how many missed ones the peer counts as dead.
    pub misses: u32,
}
