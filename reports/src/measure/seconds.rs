//! The same measures for every second, for charts.

use super::blocks::{merged, seconds_each};
use super::by_second::TimesBySecond;
use super::source::Sent;
use super::timeline::{Span, Timeline};
use crate::histogram::{Packed, Spread};
use crate::history::{Delivery, Outcome};
use crate::series::{Block, Second};
use crate::units::Nanos;
use std::mem::take;

/// Seconds from the load's start to the end of the drain, as far as anything happened.
#[derive(Clone, Debug)]
pub struct Seconds {
    load: Span,
    most: usize,
    seconds: Vec<Second>,
    response: TimesBySecond,
    service: TimesBySecond,
    end_to_end: TimesBySecond,
    /// Of the load phase, as soon as all sends are known.
    responses: Vec<Packed>,
    services: Vec<Packed>,
}

impl Seconds {
    /// Empty. Nothing after `ends` is drawn.
    pub fn new(timeline: &Timeline, ends: Nanos) -> Self {
        Self {
            load: timeline.load,
            most: begun(ends.since(timeline.load.from)),
            seconds: Vec::new(),
            response: TimesBySecond::default(),
            service: TimesBySecond::default(),
            end_to_end: TimesBySecond::default(),
            responses: Vec::new(),
            services: Vec::new(),
        }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        if let Some(second) = self.index(sent.intended) {
            self.seconds[second].offered += 1;
            if sent.outcome != Outcome::Failed {
                self.response.record(second, sent.settled.since(sent.intended));
                self.service.record(second, sent.settled.since(sent.started));
            }
        }
        if let Some(second) = self.index(sent.settled) {
            match sent.outcome {
                Outcome::Ok => self.seconds[second].acknowledged += 1,
                Outcome::Failed | Outcome::Indeterminate => self.seconds[second].unsuccessful += 1,
            }
        }
    }

    /// No more sends will come; one that did would not be drawn.
    pub fn end_of_sends(&mut self) {
        let (response, service) = (take(&mut self.response), take(&mut self.service));
        self.responses = self.put_away(response, |second| &mut second.response);
        self.services = self.put_away(service, |second| &mut second.service);
    }

    /// A message's first delivery.
    pub fn first_delivery(&mut self, delivery: &Delivery) {
        if let Some(second) = self.index(delivery.intended) {
            self.end_to_end.record(second, delivery.received.since(delivery.intended));
        }
        if let Some(second) = self.index(delivery.received) {
            self.seconds[second].consumed += 1;
        }
    }

    /// The series, without gaps, and the load phase's whole seconds, in blocks.
    pub fn finish(mut self) -> (Vec<Second>, Vec<Block>) {
        let least = self.seconds.len().max(begun(self.load.length()));
        self.seconds.resize_with(least, Second::default);
        let end_to_end = take(&mut self.end_to_end);
        let end_to_ends = self.put_away(end_to_end, |second| &mut second.end_to_end);
        for (index, second) in self.seconds.iter_mut().enumerate() {
            second.at = Nanos::from_secs(index as u64);
        }
        let groups = self.seconds.chunks(seconds_each(whole(self.load.length())));
        let kinds = self.responses.into_iter().zip(self.services).zip(end_to_ends);
        let blocks = groups.zip(kinds).map(|(group, ((response, service), end_to_end))| Block {
            at: group[0].at,
            acknowledged: group.iter().map(|second| second.acknowledged).sum(),
            response,
            service,
            end_to_end,
        });
        let blocks = blocks.collect();
        (self.seconds, blocks)
    }

    /// Notes what is drawn of each second, and keeps the distributions of the load's whole seconds in blocks, which are far fewer
    /// where the load is long.
    fn put_away(&mut self, times: TimesBySecond, drawn: fn(&mut Second) -> &mut Option<Spread>) -> Vec<Packed> {
        let mut told = times.into_seconds().enumerate().map(|(index, packed)| {
            *drawn(&mut self.seconds[index]) = packed.unpack().spread();
            packed
        });
        let blocks = merged(told.by_ref(), whole(self.load.length()));
        // Those after the load are drawn too.
        told.for_each(drop);
        blocks
    }

    /// Which second an instant is in, with room for its counts.
    fn index(&mut self, at: Nanos) -> Option<usize> {
        let index = usize::try_from(at.0.checked_sub(self.load.from.0)? / Nanos::SECOND.0).ok()?;
        if index >= self.most {
            return None;
        }
        if index >= self.seconds.len() {
            self.seconds.resize_with(index + 1, Second::default);
        }
        Some(index)
    }
}

/// How many seconds of a length end within it.
fn whole(length: Nanos) -> usize {
    usize::try_from(length.0 / Nanos::SECOND.0).unwrap_or(usize::MAX)
}

/// How many seconds of a length begin within it.
fn begun(length: Nanos) -> usize {
    usize::try_from(length.0.div_ceil(Nanos::SECOND.0)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Measures, sample};
    use crate::series::{Block, TrialSeries};
    use crate::units::Nanos;

    /// The series of a trial whose load lasts so long; what it intends fills 30 s.
    fn lasting(millis: u64) -> TrialSeries {
        let mut rows = sample::healthy();
        let load = rows.facts.phases.iter_mut().find(|phase| phase.name == "load").unwrap();
        load.to = load.from.plus(Nanos::from_millis(millis));
        Measures::of(&rows).unwrap().series
    }

    /// How many times of each kind, and the median of each in ms.
    fn times(block: &Block) -> [(u64, f64); 3] {
        [&block.response, &block.service, &block.end_to_end].map(|packed| {
            let count = packed.sketch().iter().map(|(_, count)| count).sum();
            (count, packed.unpack().spread().map_or(0.0, |spread| spread.p50.0 as f64 / 1e6))
        })
    }

    /// That so many of each kind are there, which differ as the sample's do: a service time is 0.05 ms less than a response time, and a
    /// message is delivered 1 ms after its answer.
    fn has(block: &Block, messages: u64) -> bool {
        let [response, service, end_to_end] = times(block);
        let expected = [(response, 1.0), (service, 0.95), (end_to_end, 2.0)];
        expected.iter().all(|((count, p50), expected)| *count == messages && (p50 / expected - 1.0).abs() < 0.02)
    }

    #[test]
    fn a_second_that_the_load_only_begins_is_drawn_and_is_in_no_block() {
        let series = lasting(29_500);
        assert_eq!((series.seconds.len(), series.blocks.len()), (30, 29));
        let drawn = series.seconds[29];
        assert!(drawn.response.is_some() && drawn.service.is_some() && drawn.end_to_end.is_some(), "{drawn:?}");
        assert!(series.blocks.iter().all(|block| block.acknowledged == 100 && has(block, 100)));
        let short = lasting(500);
        assert!(short.blocks.is_empty() && short.seconds[0].response.is_some(), "{:?}", short.seconds[0]);
    }

    #[test]
    fn a_long_load_has_every_second_drawn_and_its_times_in_few_blocks() {
        let series = lasting(600_000);
        assert_eq!((series.seconds.len(), series.blocks.len()), (600, 200));
        let drawn = series.seconds.iter().filter(|second| second.response.zip(second.end_to_end).is_some());
        assert_eq!(drawn.count(), 30);
        assert_eq!(series.blocks[1].at, Nanos::from_secs(3));
        assert!(series.blocks[..10].iter().all(|block| has(block, 300)));
        assert!(series.blocks[10..].iter().all(|block| times(block) == [(0, 0.0); 3]));
        assert_eq!(series.blocks.iter().map(|block| block.acknowledged).sum::<u64>(), 3000);
    }
}
