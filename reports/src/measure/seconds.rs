//! The same measures for every second, for charts.

use super::blocks::merged;
use super::by_second::TimesBySecond;
use super::source::Sent;
use super::timeline::Timeline;
use crate::history::{Delivery, Outcome};
use crate::series::{Block, Second};
use crate::units::Nanos;

/// Seconds from the load's start to the end of the drain, as far as anything happened.
#[derive(Clone, Debug)]
pub struct Seconds {
    start: Nanos,
    least: usize,
    most: usize,
    counts: Vec<Second>,
    response: TimesBySecond,
    service: TimesBySecond,
    end_to_end: TimesBySecond,
}

impl Seconds {
    /// Empty. Nothing after `ends` is drawn.
    pub fn new(timeline: &Timeline, ends: Nanos) -> Self {
        let whole = |length: Nanos| length.0.div_ceil(Nanos::SECOND.0) as usize;
        Self {
            start: timeline.load.from,
            least: whole(timeline.load.length()),
            most: whole(ends.since(timeline.load.from)),
            counts: Vec::new(),
            response: TimesBySecond::default(),
            service: TimesBySecond::default(),
            end_to_end: TimesBySecond::default(),
        }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        if let Some(second) = self.index(sent.intended) {
            self.counts[second].offered += 1;
            if sent.outcome != Outcome::Failed {
                self.response.record(second, sent.settled.since(sent.intended));
                self.service.record(second, sent.settled.since(sent.started));
            }
        }
        if let Some(second) = self.index(sent.settled) {
            match sent.outcome {
                Outcome::Ok => self.counts[second].acknowledged += 1,
                Outcome::Failed | Outcome::Indeterminate => self.counts[second].unsuccessful += 1,
            }
        }
    }

    /// No more sends will come.
    pub fn end_of_sends(&mut self) {
        self.response.rest();
        self.service.rest();
    }

    /// A message's first delivery.
    pub fn first_delivery(&mut self, delivery: &Delivery) {
        if let Some(second) = self.index(delivery.intended) {
            self.end_to_end.record(second, delivery.received.since(delivery.intended));
        }
        if let Some(second) = self.index(delivery.received) {
            self.counts[second].consumed += 1;
        }
    }

    /// The load phase's whole seconds, in blocks.
    pub fn blocks(&self, load: Nanos) -> Vec<Block> {
        let whole = usize::try_from(load.0 / Nanos::SECOND.0).unwrap_or(usize::MAX);
        // After the last second in which anything happened, nothing happened.
        let block = |index: usize| Block {
            at: Nanos::from_secs(index as u64),
            acknowledged: self.counts.get(index).map_or(0, |counts| counts.acknowledged),
            response: self.response.packed(index),
            service: self.service.packed(index),
            end_to_end: self.end_to_end.packed(index),
        };
        merged((0..whole).map(block), whole)
    }

    /// The series, without gaps.
    pub fn finish(self) -> Vec<Second> {
        let mut seconds = self.counts;
        seconds.resize_with(seconds.len().max(self.least), Second::default);
        for (index, second) in seconds.iter_mut().enumerate() {
            second.at = Nanos::from_secs(index as u64);
            second.response = self.response.spread(index);
            second.service = self.service.spread(index);
            second.end_to_end = self.end_to_end.spread(index);
        }
        seconds
    }

    /// Which second an instant is in, with room for its counts.
    fn index(&mut self, at: Nanos) -> Option<usize> {
        let index = usize::try_from(at.0.checked_sub(self.start.0)? / Nanos::SECOND.0).ok()?;
        if index >= self.most {
            return None;
        }
        if index >= self.counts.len() {
            self.counts.resize_with(index + 1, Second::default);
        }
        Some(index)
    }
}
