//! Rates: how much was offered, sent, acknowledged and consumed in a window.

use super::timeline::{Segments, Span};
use crate::result::{Rate, Rates};

/// Some messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub messages: u64,
    /// The bytes of their payloads.
    pub bytes: u64,
}

impl Amount {
    /// One more, of so many bytes.
    #[inline]
    pub fn add(&mut self, bytes: u64) {
        self.messages += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn with(self, other: Self) -> Self {
        Self { messages: self.messages + other.messages, bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// Messages of one segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Intended in it.
    pub offered: Amount,
    /// Handed to the client library in it.
    pub sent: Amount,
    /// Acknowledged in it.
    pub acknowledged: Amount,
    /// First delivered in it.
    pub consumed: Amount,
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
            offered: sum.offered.with(part.offered),
            sent: sum.sent.with(part.sent),
            acknowledged: sum.acknowledged.with(part.acknowledged),
            consumed: sum.consumed.with(part.consumed),
        })
    }
}

impl Volume {
    /// As rates. Zeros for an empty window.
    pub fn rates(self, span: Span) -> Rates {
        let seconds = span.length().as_secs_f64();
        let per_s = |amount: f64| if seconds > 0.0 { amount / seconds } else { 0.0 };
        let rate = |amount: Amount| Rate {
            msg_per_s: per_s(amount.messages as f64),
            mib_per_s: per_s(amount.bytes as f64 / f64::from(1 << 20)),
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
