//! What charts draw: the same measures over time. Derived from the history, never stored. Instants are since the load's start.

use crate::facts::{LatencyKind, PhaseFacts};
use crate::histogram::{Packed, Sketch, Spread};
use crate::history::ConnectionEvent;
use crate::units::Nanos;

/// All series of one trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrialSeries {
    /// The system's name.
    pub system: String,
    /// Which repeat.
    pub repeat: u32,
    /// Seconds of the load phase and the drain, in order, without gaps: a second in which nothing happened is there, with zeros.
    pub seconds: Vec<Second>,
    /// When messages were sent that were lost, refused or indeterminate: up to the last second with one, in order, without gaps.
    pub outcomes: Vec<OutcomeSecond>,
    /// The whole distribution of each latency in the load phase.
    pub percentiles: Percentiles,
    /// Faults, as bands.
    pub faults: Vec<FaultBand>,
    /// Every connection event of every client, in order.
    pub connections: Vec<ConnectionPoint>,
    /// Backlog over time: by the broker's gauges.
    pub gauges: Vec<GaugeSeries>,
    /// Unacknowledged messages, and what became of them.
    pub ack: AckSeries,
    /// Planned phases.
    pub phases: Vec<PhaseFacts>,
    /// The load phase in blocks of equal length, for resampling.
    pub blocks: Vec<Block>,
}

/// A stretch of the load phase: one second, or a few where the load is long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Its start, since the load's start.
    pub at: Nanos,
    /// Sends acknowledged in it.
    pub acknowledged: u64,
    /// Response times of the sends intended in it.
    pub response: Packed,
    /// Service times of the sends intended in it.
    pub service: Packed,
    /// End-to-end times of the messages intended in it.
    pub end_to_end: Packed,
}

impl Block {
    /// Its times of a kind.
    pub const fn of(&self, kind: LatencyKind) -> &Packed {
        match kind {
            LatencyKind::Response => &self.response,
            LatencyKind::Service => &self.service,
            LatencyKind::EndToEnd => &self.end_to_end,
        }
    }
}

/// One second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Second {
    /// Its start, since the load's start.
    pub at: Nanos,
    /// Sends intended in it.
    pub offered: u64,
    /// Sends acknowledged in it.
    pub acknowledged: u64,
    /// First deliveries in it.
    pub consumed: u64,
    /// Sends that settled in it without success.
    pub unsuccessful: u64,
    /// Response time of the sends intended in it. `None` where there are none.
    pub response: Option<Spread>,
    /// Service time of the sends intended in it.
    pub service: Option<Spread>,
    /// End-to-end time of the messages intended in it.
    pub end_to_end: Option<Spread>,
}

/// Messages begun in one second that were lost, refused or indeterminate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeSecond {
    /// Its start, since the load's start.
    pub at: Nanos,
    /// Acknowledged and never delivered.
    pub lost: u64,
    /// Certainly refused.
    pub refused: u64,
    /// Of which nobody knows.
    pub indeterminate: u64,
}

/// Latency by percentile: pairs of quantile (0 to 1) and value, in ascending order; and the distribution itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Settled − intended.
    pub response: Vec<(f64, Nanos)>,
    /// Settled − started.
    pub service: Vec<(f64, Nanos)>,
    /// Received − intended.
    pub end_to_end: Vec<(f64, Nanos)>,
    /// Response times, each with how often it was measured.
    pub responses: Sketch,
}

/// A fault's time on a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultBand {
    /// Its name.
    pub name: String,
    /// Injected.
    pub from: Nanos,
    /// Healed.
    pub to: Nanos,
}

/// One event of one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionPoint {
    /// `producer-0`.
    pub client: String,
    /// Which of its connections.
    pub peer: String,
    /// What happened.
    pub event: ConnectionEvent,
    /// When, since the load's start; negative before it, in seconds.
    pub at_s: f64,
}

/// One gauge over time.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeSeries {
    /// `pending`, `lag`, `length`, `oldest-pending-ms`.
    pub metric: String,
    /// `partition-0`, `consumer-2`, `all`.
    pub subject: String,
    /// Seconds since the load's start, and value.
    pub points: Vec<(f64, f64)>,
}

/// Unacknowledged messages over time, and what became of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AckSeries {
    /// What each consumer had pending, or how far the partitions that it had lagged behind their end.
    pub pending: Vec<GaugeSeries>,
    /// Entries taken over, by who took them.
    pub taken: Vec<AckMark>,
    /// Messages delivered again, by who got them.
    pub again: Vec<AckMark>,
    /// Consumers that were killed.
    pub crashes: Vec<CrashSpan>,
}

/// Something that happened to messages of one consumer at once. Seconds since the load's start.
#[derive(Clone, Debug, PartialEq)]
pub struct AckMark {
    /// Which consumer.
    pub consumer: String,
    /// When.
    pub at_s: f64,
    /// How many messages.
    pub messages: u64,
}

/// From a consumer's crash to the recovery of what it had. Seconds since the load's start.
#[derive(Clone, Debug, PartialEq)]
pub struct CrashSpan {
    /// Which consumer.
    pub consumer: String,
    /// When it was killed.
    pub at_s: f64,
    /// How many messages it had in hand.
    pub held: u64,
    /// When the first of them was taken over.
    pub first_s: Option<f64>,
    /// When the last of them was settled.
    pub recovered_s: Option<f64>,
    /// How many never were.
    pub left: u64,
}
