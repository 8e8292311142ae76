//! When messages that came to no good end were sent: lost, refused, and those of which nobody knows, for every second.

use super::source::Sent;
use super::timeline::Timeline;
use crate::history::Outcome;
use crate::series::OutcomeSecond;
use crate::units::Nanos;

/// Seconds from the load's start on in which such a message was begun.
#[derive(Clone, Debug)]
pub struct Outcomes {
    start: Nanos,
    most: u64,
    seconds: Vec<OutcomeSecond>,
}

impl Outcomes {
    /// None yet. Nothing after `ends` is drawn.
    pub const fn new(timeline: &Timeline, ends: Nanos) -> Self {
        let most = ends.since(timeline.load.from).0.div_ceil(Nanos::SECOND.0);
        Self { start: timeline.load.from, most, seconds: Vec::new() }
    }

    /// A send, as its producer knows its end.
    #[inline]
    pub fn send(&mut self, sent: &Sent) {
        if sent.outcome == Outcome::Ok {
            return;
        }
        if let Some(second) = self.at(sent.started) {
            match sent.outcome {
                Outcome::Failed => second.refused += 1,
                Outcome::Ok | Outcome::Indeterminate => second.indeterminate += 1,
            }
        }
    }

    /// A send that was acknowledged, and whose message never came.
    pub fn lost(&mut self, sent: &Sent) {
        if let Some(second) = self.at(sent.started) {
            second.lost += 1;
        }
    }

    /// The seconds up to the last one with such a message, without gaps.
    pub fn finish(self) -> Vec<OutcomeSecond> {
        self.seconds
    }

    fn at(&mut self, at: Nanos) -> Option<&mut OutcomeSecond> {
        let index = at.0.checked_sub(self.start.0)? / Nanos::SECOND.0;
        if index >= self.most {
            return None;
        }
        for second in self.seconds.len() as u64..=index {
            self.seconds.push(OutcomeSecond { at: Nanos::from_secs(second), ..OutcomeSecond::default() });
        }
        self.seconds.get_mut(usize::try_from(index).ok()?)
    }
}
