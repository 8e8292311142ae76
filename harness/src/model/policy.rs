//! How clients behave towards their broker.

use super::cores::Cores;
use super::duration::show;
use serde::{Deserialize, Serialize};
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
    /// How consumers come back to what was handed out and not settled.
    pub recovery: Recovery,
    /// After how many deliveries a message that cannot be processed goes to the dead-letter queue; at least 1.
    pub delivery_limit: u16,
    /// How long such a message waits until it is tried again.
    pub retry_after: Duration,
    /// How producers try a message again that was not acknowledged; they do not, where this is not given.
    pub producer_retry: Option<ProducerRetry>,
    /// The cores on which the processes of clients may run; `None`: all.
    pub cores: Option<Cores>,
}

impl ClientPolicy {
    /// The delivery limit of a scenario that sets none.
    pub const DELIVERY_LIMIT: u16 = 5;
    /// The wait until a message is tried again, of a scenario that sets none.
    pub const RETRY_AFTER: Duration = Duration::from_millis(100);
}

/// How consumers come back to messages that were handed out and not settled, where the broker leaves that to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recovery {
    /// Not at all: only what is new is read.
    None,
    /// Each reads again what it was given itself.
    OwnPending,
    /// The same, and what others have left for too long is taken over.
    #[default]
    Claim,
}

impl Recovery {
    /// As scenarios write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OwnPending => "own-pending",
            Self::Claim => "claim",
        }
    }
}

/// How producers try a message again that was not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerRetry {
    /// Attempts at one message in all, the first one included; at least 2.
    pub attempts: u8,
    /// Waits between two of them.
    pub backoff: Backoff,
    /// Whether a message of which the last attempt has failed goes to the dead-letter queue.
    pub dead_letters: bool,
}

impl ProducerRetry {
    /// For the fairness table.
    pub fn words(&self) -> String {
        let Backoff { first, factor, max, jitter } = &self.backoff;
        let (first, max, jitter) = (show(*first), show(*max), jitter * 100.0);
        let then = if self.dead_letters { ", then a dead letter" } else { "" };
        format!("{} attempts, waits {first} × {factor} up to {max}, ± {jitter} %{then}", self.attempts)
    }
}

/// Waits between attempts, to connect or to send.
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
