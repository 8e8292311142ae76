//! A validated scenario. Whoever holds one need not check anything again.

use crate::broker::{Broker, OptionValue};
use crate::fault::FaultKind;
use reports::facts::{Limits, Path};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// One scenario file, validated, with every default filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's stem: `failover`.
    pub name: String,
    /// What it asks, for people.
    pub title: String,
    /// How often each system is tried, at least 1.
    pub repeats: u32,
    /// The seed of everything random.
    pub seed: u64,
    /// The load.
    pub workload: Workload,
    /// When it begins and ends.
    pub phases: Phases,
    /// How clients behave.
    pub client: ClientPolicy,
    /// At least one; names are distinct.
    pub systems: Vec<System>,
    /// In order of their injection.
    pub faults: Vec<PlannedFault>,
    /// What is expected.
    pub expect: Limits,
    /// The text that was read, for the run's folder.
    pub source: String,
}

/// The load.
#[derive(Clone, Debug)]
pub struct Workload {
    /// All producers together.
    pub rate: Rate,
    /// Bytes of one payload, header included.
    pub message_bytes: usize,
    /// Share of the filler that compresses away: 0 random, 1 constant.
    pub compressibility: f64,
    /// At least 1.
    pub producers: u16,
    /// At least 1.
    pub consumers: u16,
    /// At least 1.
    pub partitions: u16,
    /// Unsettled sends that one producer may have under way; later ones wait, and stay charged from their intended time.
    pub in_flight: usize,
    /// When a consumer settles.
    pub ack: AckMode,
    /// How long a consumer works on one message.
    pub processing: Duration,
}

/// An arrival process. Rates are messages per second of all producers together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Rate {
    /// Evenly spaced.
    Constant {
        /// The rate.
        per_second: f64,
    },
    /// Exponential gaps with this mean rate.
    Poisson {
        /// The mean rate.
        per_second: f64,
    },
    /// One constant rate after the other, each for `each`; the last goes on.
    Steps {
        /// The rates.
        per_second: Vec<f64>,
        /// How long each lasts.
        each: Duration,
    },
    /// From one rate to another, linearly over the load phase.
    Ramp {
        /// At the beginning (and through the warm-up).
        from: f64,
        /// At the end.
        to: f64,
    },
    /// A base rate with bursts of a higher one.
    Burst {
        /// Between bursts.
        base: f64,
        /// In a burst.
        peak: f64,
        /// From one burst's begin to the next one's.
        every: Duration,
        /// How long a burst lasts.
        lasts: Duration,
    },
}

/// When a consumer settles what it received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AckMode {
    /// After its processing: at least once.
    AfterProcessing,
    /// On receipt: at most once.
    BeforeProcessing,
    /// Never: it stays pending, or uncommitted.
    Never,
}

/// The phases' lengths.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    /// Load that is not judged.
    pub warmup: Duration,
    /// Load that is.
    pub load: Duration,
    /// At most this long to account for everything.
    pub drain: Duration,
}

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

/// A broker with its settings.
#[derive(Clone)]
pub struct System {
    /// Its name in the scenario.
    pub name: String,
    /// Its kind.
    pub broker: &'static dyn Broker,
    /// What an acknowledgement means.
    pub durability: Durability,
    /// How clients reach it.
    pub path: Path,
    /// Another image than the project's own.
    pub image: Option<String>,
    /// Nodes, at least 1.
    pub brokers: u16,
    /// The broker kind's own options, all of them, defaults filled in; keys as `Broker::options` names them.
    pub options: BTreeMap<&'static str, OptionValue>,
    /// Raw client or broker settings, passed on as they are and shown as such.
    pub settings: BTreeMap<String, String>,
}

impl std::fmt::Debug for System {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("System")
            .field("name", &self.name)
            .field("broker", &self.broker.kind())
            .field("durability", &self.durability)
            .field("path", &self.path)
            .field("image", &self.image)
            .field("options", &self.options)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Acknowledged from memory.
    Memory,
    /// Survives a killed process.
    OsCache,
    /// Survives power loss.
    Fsync,
    /// Survives the loss of one node.
    Replicated,
}

/// A fault with its times. Times count from the start of the load phase.
#[derive(Clone, Debug)]
pub struct PlannedFault {
    /// `down-1`, or as the scenario names it; distinct.
    pub name: String,
    /// When to inject.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// On which link.
    pub link: Link,
    /// Which way.
    pub direction: Direction,
    /// What it does.
    pub kind: FaultKind,
    /// The systems that it is for; empty means all.
    pub systems: Vec<String>,
}

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
