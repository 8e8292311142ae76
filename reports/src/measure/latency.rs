//! Latency: response, service and end-to-end time of what the schedule intended, segment by segment.

use super::source::Sent;
use super::timeline::{Segments, Span};
use crate::histogram::Times;
use crate::history::{Delivery, Outcome};
use crate::result::Latencies;
use crate::series::Percentiles;
use hdrhistogram::CreationError;

/// The latencies of one stretch of time.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Settled − intended.
    pub response: Times,
    /// Settled − started.
    pub service: Times,
    /// Received − intended.
    pub end_to_end: Times,
    /// Settled − intended of sends that were certainly refused.
    pub refused: Times,
}

/// Latencies of the load phase. A message belongs to the segment in which it was intended.
#[derive(Clone, Debug)]
pub struct Latency {
    segments: Vec<Stretch>,
}

impl Stretch {
    fn new() -> Result<Self, CreationError> {
        Ok(Self { response: Times::new()?, service: Times::new()?, end_to_end: Times::new()?, refused: Times::new()? })
    }

    /// The figures of a result.
    pub fn figures(&self) -> Latencies {
        Latencies {
            response: self.response.distribution(),
            service: self.service.distribution(),
            end_to_end: self.end_to_end.distribution(),
            refused: self.refused.distribution(),
        }
    }

    /// The curves of a percentile chart.
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            response: self.response.percentiles(),
            service: self.service.percentiles(),
            end_to_end: self.end_to_end.percentiles(),
            responses: self.response.sketch(),
        }
    }
}

impl Latency {
    /// Empty, for these segments.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(segments: &Segments) -> Result<Self, CreationError> {
        let each = (0..segments.count()).map(|_| Stretch::new());
        Ok(Self { segments: each.collect::<Result<_, _>>()? })
    }

    /// A send that was intended in a segment. A refusal is no service: it stands apart, for a quick one would flatter and
    /// nobody was served.
    pub fn send(&mut self, segment: usize, sent: &Sent) {
        let times = &mut self.segments[segment];
        if sent.outcome == Outcome::Failed {
            times.refused.record(sent.settled.since(sent.intended));
            return;
        }
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
    pub fn of_window(&self, segments: &Segments, span: Span) -> Result<Stretch, CreationError> {
        let mut sum = Stretch::new()?;
        for part in &self.segments[segments.of_window(span)] {
            sum.response.merge(&part.response);
            sum.service.merge(&part.service);
            sum.end_to_end.merge(&part.end_to_end);
            sum.refused.merge(&part.refused);
        }
        Ok(sum)
    }
}
