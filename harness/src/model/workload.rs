//! The load: who sends how much to whom, and when consumers settle it.

use super::keys::Keys;
use super::rate::Rate;
use super::records::RecordFile;
use super::role::Role;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Bytes of each payload that say which message it is; what it carries comes behind them.
pub const HEADER_BYTES: usize = 44;

/// The load.
#[derive(Clone, Debug)]
pub struct Workload {
    /// All producers together.
    pub rate: Rate,
    /// Bytes of one payload, header included; of the largest, where sizes vary.
    pub message_bytes: usize,
    /// Bytes of the smallest payload, where sizes vary: evenly between both.
    pub smallest_bytes: Option<usize>,
    /// Where payloads carry records of a file: which.
    pub records: Option<RecordFile>,
    /// What each message carries beside its payload: headers in Kafka, fields of the entry in Redis.
    pub headers: BTreeMap<String, String>,
    /// Which key each message has; `None`: none, and messages go to the partitions in turn.
    pub keys: Option<Keys>,
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

impl Workload {
    /// The names of the clients of a role: `producer-0`, `producer-1` …
    pub fn names(&self, role: Role) -> impl Iterator<Item = String> + use<> {
        let count = match role {
            Role::Producer => self.producers,
            Role::Consumer => self.consumers,
        };
        (0..count).map(move |number| role.named(number))
    }
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
