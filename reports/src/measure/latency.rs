//! Latency: response, service and end-to-end time of what the schedule intended, segment by segment.

use super::histogram::Times;
use super::source::Sent;
use super::timeline::{Segments, Span};
use crate::history::Delivery;
use crate::result::Latencies;
use crate::series::Percentiles;
use hdrhistogram::CreationError;

/// The three latencies of one stretch of time.
#[derive(Clone, Debug)]
pub struct Three {
    /// Settled − intended.
    pub response: Times,
    /// Settled − started.
    pub service: Times,
    /// Received − intended.
    pub end_to_end: Times,
}

/// Latencies of the load phase. A message belongs to the segment in which it was intended, however it ended.
#[derive(Clone, Debug)]
pub struct Latency {
    segments: Vec<Three>,
}

impl Three {
    fn new() -> Result<Self, CreationError> {
        Ok(Self { response: Times::new()?, service: Times::new()?, end_to_end: Times::new()? })
    }

    /// The figures of a result.
    pub fn figures(&self) -> Latencies {
        Latencies {
            response: self.response.distribution(),
            service: self.service.distribution(),
            end_to_end: self.end_to_end.distribution(),
        }
    }

    /// The curves of a percentile chart.
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            response: self.response.percentiles(),
            service: self.service.percentiles(),
            end_to_end: self.end_to_end.percentiles(),
        }
    }
}

impl Latency {
    /// Empty, for these segments.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(segments: &Segments) -> Result<Self, CreationError> {
        let each = (0..segments.count()).map(|_| Three::new());
        Ok(Self { segments: each.collect::<Result<_, _>>()? })
    }

    /// A send that was intended in a segment.
    pub fn send(&mut self, segment: usize, sent: &Sent) {
        let times = &mut self.segments[segment];
        times.response.record(sent.settled.since(sent.intended));
        times.service.record(sent.settled.since(sent.started));
    }

    /// The first delivery of a message that was intended in a segment.
    pub fn first_delivery(&mut self, segment: usize, delivery: &Delivery) {
        self.segments[segment].end_to_end.record(delivery.received.since(delivery.intended));
    }

    /// The latencies of a window.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn of_window(&self, segments: &Segments, span: Span) -> Result<Three, CreationError> {
        let mut sum = Three::new()?;
        for part in &self.segments[segments.of_window(span)] {
            sum.response.merge(&part.response);
            sum.service.merge(&part.service);
            sum.end_to_end.merge(&part.end_to_end);
        }
        Ok(sum)
    }
}
