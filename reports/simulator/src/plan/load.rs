//! The load: how many messages, how fast, and when.

use super::feature::{Allowed, Feature};
use super::shape::Shape;
use crate::chance::Chance;
use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};

/// Where virtual time begins.
const START: Nanos = Nanos::from_secs(100);

/// One message of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub id: MessageId,
    /// When it is to be sent.
    pub at: Nanos,
}

/// The load.
#[derive(Clone, Debug)]
pub struct Load {
    /// Its mean rate, in messages a second.
    pub rate: f64,
    /// The first instant of the warm-up.
    pub warm_up: Nanos,
    /// How much longer each way takes in the warm-up.
    pub slow_start: Nanos,
    /// The first instant of the load phase.
    pub from: Nanos,
    /// The first instant after it.
    pub to: Nanos,
    /// When the drain gives up.
    pub drain_to: Nanos,
    /// The rate is constant.
    pub even: bool,
    /// The schedule, by time.
    pub schedule: Vec<Due>,
}

/// How the schedule spreads over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Constant,
    Ramp,
    Bursts,
    Pause,
}

impl Load {
    pub(super) fn draw(chance: &mut Chance, allowed: Allowed, shape: Shape) -> Self {
        let (seconds, rate) = match chance.between(0, 99) {
            0..=59 => (chance.share(12.0, 50.0), chance.magnitude(2.0, 25.0)),
            60..=76 => (chance.share(30.0, 150.0), chance.magnitude(0.1, 2.0)),
            77..=88 => (chance.share(1.0, 6.0), chance.magnitude(50.0, 250.0)),
            _ => {
                let rate = chance.magnitude(1_000.0, 100_000.0);
                (chance.magnitude(100.0, 1500.0) / rate, rate)
            }
        };
        let warm_up_seconds = if chance.happens(0.4) { seconds * chance.share(0.02, 0.1) } else { 0.0 };
        let course = match chance.between(0, 9) {
            _ if !allowed.has(Feature::Bursts) => Course::Constant,
            0..=6 => Course::Constant,
            7 => Course::Ramp,
            8 => Course::Bursts,
            _ => Course::Pause,
        };
        let length = Nanos((seconds * 1e9) as u64);
        let from = START.plus(Nanos((warm_up_seconds * 1e9) as u64));
        let to = from.plus(length);
        let whole = to.since(START);
        let wanted = ((rate * whole.as_secs_f64()) as u64).max(3);
        let count = (wanted * allowed.messages / 1000).max(2);
        let burst = chance.between(2, 20);
        let mut next = vec![vec![0; shape.partitions]; shape.producers];
        let mut schedule: Vec<Due> = (0..count)
            .map(|index| {
                let share = match course {
                    Course::Constant => index as f64 / count as f64,
                    Course::Ramp => (index as f64 / count as f64).sqrt(),
                    Course::Bursts => (index - index % burst) as f64 / count as f64,
                    // Nothing is due in the second quarter.
                    Course::Pause if index < count / 3 => 0.25 * 3.0 * index as f64 / count as f64,
                    Course::Pause => 0.5 + 0.75 * (index as f64 / count as f64 - 1.0 / 3.0),
                };
                let producer = index as usize % shape.producers;
                let partition = (index as usize / shape.producers) % shape.partitions;
                let seq = &mut next[producer][partition];
                let id = MessageId {
                    producer: ProducerId(producer as u16),
                    partition: Partition(partition as u16),
                    seq: Sequence(*seq),
                };
                *seq += 1;
                Due { id, at: START.plus(Nanos((share * whole.0 as f64) as u64)) }
            })
            .collect();
        let drain_to = to.plus(chance.millis(8_000.0, 40_000.0));
        if chance.happens(0.01) && allowed.has(Feature::Bursts) && warm_up_seconds > 0.0 {
            // All of it falls into the warm-up.
            let share = from.since(START).0 as f64 / whole.0 as f64;
            for due in &mut schedule {
                due.at = START.plus(Nanos((due.at.since(START).0 as f64 * share) as u64));
            }
        }
        // Drawn last, so that seeds keep their loads.
        let is_slow = warm_up_seconds > 0.0 && allowed.has(Feature::SlowStarts) && chance.happens(0.3);
        let slow_start = if is_slow { chance.millis(20.0, 400.0) } else { Nanos::default() };
        Self { rate, warm_up: START, from, to, drain_to, even: course == Course::Constant, slow_start, schedule }
    }

    /// How long the load phase is.
    pub const fn length(&self) -> Nanos {
        self.to.since(self.from)
    }

    /// An instant at this share of the load phase.
    pub fn at(&self, share: f64) -> Nanos {
        self.from.plus(Nanos((self.length().0 as f64 * share) as u64))
    }
}
