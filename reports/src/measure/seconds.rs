//! The same measures for every second, for charts.

use super::blocks::merged;
use super::histogram::CoarseTimes;
use super::source::Sent;
use super::timeline::Timeline;
use crate::history::{Delivery, Outcome};
use crate::series::{Block, Second};
use crate::units::Nanos;

/// One second on its way.
#[derive(Clone, Debug, Default)]
struct Building {
    counts: Second,
    response: Option<CoarseTimes>,
    service: Option<CoarseTimes>,
    end_to_end: Option<CoarseTimes>,
}

/// Seconds from the load's start to the end of the drain, as far as anything happened.
#[derive(Clone, Debug)]
pub struct Seconds {
    start: Nanos,
    least: usize,
    most: usize,
    seconds: Vec<Building>,
}

impl Seconds {
    /// Empty. `drain_ends`: nothing after it is drawn.
    pub fn new(timeline: &Timeline, drain_ends: Nanos) -> Self {
        let whole = |length: Nanos| length.0.div_ceil(Nanos::SECOND.0) as usize;
        let least = whole(timeline.load.length());
        let most = whole(drain_ends.since(timeline.load.from)).clamp(least, least + 24 * 3600);
        Self { start: timeline.load.from, least, most, seconds: Vec::new() }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        if let Some(second) = self.at(sent.intended) {
            second.counts.offered += 1;
            if sent.outcome != Outcome::Failed {
                record(&mut second.response, sent.settled.since(sent.intended));
                record(&mut second.service, sent.settled.since(sent.started));
            }
        }
        if let Some(second) = self.at(sent.settled) {
            match sent.outcome {
                Outcome::Ok => second.counts.acknowledged += 1,
                Outcome::Failed | Outcome::Indeterminate => second.counts.unsuccessful += 1,
            }
        }
    }

    /// A message's first delivery.
    pub fn first_delivery(&mut self, delivery: &Delivery) {
        if let Some(second) = self.at(delivery.intended) {
            record(&mut second.end_to_end, delivery.received.since(delivery.intended));
        }
        if let Some(second) = self.at(delivery.received) {
            second.counts.consumed += 1;
        }
    }

    /// The load phase's whole seconds, in blocks.
    pub fn blocks(&self, load: Nanos) -> Vec<Block> {
        let whole = usize::try_from(load.0 / Nanos::SECOND.0).unwrap_or(usize::MAX);
        let sketch = |times: &Option<CoarseTimes>| times.as_ref().map(CoarseTimes::sketch).unwrap_or_default();
        let block = |index: usize| {
            let at = Nanos::from_secs(index as u64);
            // After the last second in which anything happened, nothing happened.
            let Some(second) = self.seconds.get(index) else { return Block { at, ..Block::default() } };
            Block {
                at,
                acknowledged: second.counts.acknowledged,
                response: sketch(&second.response),
                service: sketch(&second.service),
                end_to_end: sketch(&second.end_to_end),
            }
        };
        merged((0..whole).map(block), whole)
    }

    /// The series, without gaps.
    pub fn finish(self) -> Vec<Second> {
        let mut seconds = self.seconds;
        seconds.resize_with(seconds.len().max(self.least), Building::default);
        let spread = |times: Option<CoarseTimes>| times.and_then(|times| times.spread());
        let each = seconds.into_iter().enumerate().map(|(index, second)| Second {
            at: Nanos::from_secs(index as u64),
            response: spread(second.response),
            service: spread(second.service),
            end_to_end: spread(second.end_to_end),
            ..second.counts
        });
        each.collect()
    }

    fn at(&mut self, at: Nanos) -> Option<&mut Building> {
        let index = usize::try_from(at.0.checked_sub(self.start.0)? / Nanos::SECOND.0).ok()?;
        if index >= self.most {
            return None;
        }
        if index >= self.seconds.len() {
            self.seconds.resize_with(index + 1, Building::default);
        }
        self.seconds.get_mut(index)
    }
}

fn record(times: &mut Option<CoarseTimes>, time: Nanos) {
    if times.is_none() {
        *times = CoarseTimes::new().ok();
    }
    if let Some(times) = times {
        times.record(time);
    }
}
