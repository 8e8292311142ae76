//! Rates: how much was offered, sent, acknowledged and consumed in a window.

use super::timeline::{Segments, Span};
use crate::result::{Rate, Rates};

/// Messages of one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Intended in it.
    pub offered: u64,
    /// Handed to the client library in it.
    pub sent: u64,
    /// Acknowledged in it.
    pub acknowledged: u64,
    /// First delivered in it.
    pub consumed: u64,
}

/// Volumes of all segments of the load phase.
#[derive(Clone, Debug)]
pub struct Volumes {
    /// One for each segment.
    pub segments: Vec<Volume>,
}

impl Volumes {
    /// Zeros.
    pub fn new(segments: &Segments) -> Self {
        Self { segments: vec![Volume::default(); segments.count()] }
    }

    /// The volume of a window.
    pub fn of_window(&self, segments: &Segments, span: Span) -> Volume {
        self.segments[segments.of_window(span)].iter().fold(Volume::default(), |sum, part| Volume {
            offered: sum.offered + part.offered,
            sent: sum.sent + part.sent,
            acknowledged: sum.acknowledged + part.acknowledged,
            consumed: sum.consumed + part.consumed,
        })
    }
}

impl Volume {
    /// As rates. Zeros for an empty window.
    pub fn rates(self, span: Span, message_bytes: u64) -> Rates {
        let seconds = span.length().as_secs_f64();
        let rate = |messages: u64| {
            let msg_per_s = if seconds > 0.0 { messages as f64 / seconds } else { 0.0 };
            Rate { msg_per_s, mib_per_s: msg_per_s * message_bytes as f64 / f64::from(1 << 20) }
        };
        Rates {
            seconds,
            offered: rate(self.offered),
            sent: rate(self.sent),
            acknowledged: rate(self.acknowledged),
            consumed: rate(self.consumed),
        }
    }
}
