//! What a trial used of the machine, and of the network.

use super::quantity::Slope;
use crate::units::Nanos;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceResult {
    /// `broker`, `generator`, `proxy`.
    pub role: String,
    /// `redis-0`, `producer-1`.
    pub process: String,
    /// CPU time over the load phase.
    pub cpu_ns: Nanos,
    /// CPU seconds for a million messages acknowledged in the load phase.
    pub cpu_s_per_million: Option<f64>,
    /// Largest resident memory, in bytes.
    pub rss_max: u64,
    /// Resident memory at the load's end less that at its middle: growth that a flat process does not show.
    pub rss_growth: i64,
    /// By which slope it grew over the load phase, in bytes; absent where that cannot be told: the load was short, readings are
    /// missing, or it was started again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_per_hour: Option<Slope>,
    /// Bytes written to storage over the load phase.
    pub written: u64,
    /// How many cores it used while all clients were connected and nothing was sent; absent where the scenario asks for no such time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_cores: Option<f64>,
    /// CPU seconds for a million messages, less what it would have used in the same time without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_s_per_million_busy: Option<f64>,
}

/// A process that uses so much of one core has none left for more.
const FULL_CORE: f64 = 0.9;

impl ResourceResult {
    /// Whether it had a core to itself over a load of so many seconds, and may have wanted more.
    pub fn took_a_core(&self, seconds: f64) -> bool {
        self.cpu_ns.as_secs_f64() / seconds.max(f64::MIN_POSITIVE) >= FULL_CORE
    }
}

/// Bytes between clients and broker, as the proxy counted them on the clients' paths over the whole trial, warm-up and drain
/// included: it counts what passed a connection when the connection ends, so that no part of the trial can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkResult {
    /// From clients to the broker.
    pub to_broker: NetworkDirection,
    /// From the broker to clients.
    pub from_broker: NetworkDirection,
}

/// One direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkDirection {
    /// Bytes that passed, of TCP's payload: what the kernel adds to each packet is not among them.
    pub bytes: u64,
    /// For each message that was acknowledged in the trial; absent where none was.
    pub bytes_per_message: Option<f64>,
    /// For each second at the rate at which messages were acknowledged in the load phase.
    pub bytes_per_s: Option<f64>,
    /// Which share of them was payload of messages, each acknowledged message once on its way to the broker, and each delivery from
    /// it: the rest is the protocol's. Above 1 where the client library compresses.
    pub payload_share: Option<f64>,
}
