//! What the broker does wrong, each with a known truth.

use super::feature::{Allowed, Feature};
use super::load::Load;
use super::shape::{BrokerKind, Shape};
use crate::chance::{Aspect, Chance};
use reports::units::Nanos;

/// What happens to a message now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// It is acknowledged and thrown away.
    Lose,
    /// It is stored twice.
    Duplicate,
    /// It is stored behind later ones.
    Reorder,
    /// Its payload is damaged.
    Corrupt,
    /// Another one, which nobody sent, is stored beside it.
    Phantom,
    /// It is refused and stored all the same.
    RefuseAndKeep,
    /// Its ack is confirmed and forgotten.
    Resurrect,
}

/// What the broker forgets all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgets {
    /// All entries and groups (FLUSHALL), or those of one partition (eviction).
    Everything {
        /// `None`: of all partitions.
        partition: Option<usize>,
    },
    /// Only the group of a partition, or of all.
    Group {
        /// `None`: of all partitions.
        partition: Option<usize>,
    },
}

/// All that the broker does wrong in a trial.
#[derive(Clone, Debug, Default)]
pub struct Bugs {
    /// Which message-wise bug, and how often.
    pub bug: Option<(Bug, f64)>,
    /// Sends are refused between these instants (out of memory).
    pub refusing: Option<(Nanos, Nanos)>,
    /// What it forgets, and when.
    pub forgets: Option<(Nanos, Forgets)>,
    /// What is stored twice is so a second time only behind others, as after a retry.
    pub apart: bool,
    /// No partition keeps more entries than this.
    pub longest: Option<usize>,
}

impl Bugs {
    pub(super) fn draw(seed: u64, allowed: Allowed, shape: Shape, load: &Load) -> Self {
        let chance = &mut Chance::of(seed, Aspect::Bugs);
        let bug = match chance.between(0, 39) {
            0 => Some(Bug::Lose),
            1 | 9..=11 => Some(Bug::Duplicate),
            2 => Some(Bug::Reorder),
            3 => Some(Bug::Corrupt),
            4 => Some(Bug::Phantom),
            5 => Some(Bug::RefuseAndKeep),
            6..=8 => Some(Bug::Resurrect),
            _ => None,
        };
        // Without positions a message that is stored twice cannot be told from one that is handed out twice.
        let bug = bug.filter(|bug| shape.kind != BrokerKind::Queue || *bug != Bug::Duplicate);
        let often = chance.magnitude(0.002, 0.3);
        let (refuses, from, long) = (chance.happens(0.05), chance.share(0.0, 0.9), chance.share(0.01, 0.5));
        let (forgets, when, what) = (chance.happens(0.04), chance.share(0.1, 0.9), chance.between(0, 3));
        let partition = Some(chance.between(0, shape.partitions as u64 - 1) as usize);
        let (trims, longest) = (chance.happens(0.08), chance.between(1, 200) as usize);
        let forgetting = allowed.has(Feature::Forgetting);
        Self {
            bug: bug.map(|bug| (bug, often)).filter(|_| allowed.has(Feature::Bugs)),
            refusing: (refuses && allowed.has(Feature::Refusals)).then(|| (load.at(from), load.at(from + long))),
            forgets: (forgets && forgetting && shape.kind == BrokerKind::Entries).then(|| {
                let what = match what {
                    0 => Forgets::Everything { partition: None },
                    1 => Forgets::Everything { partition },
                    2 => Forgets::Group { partition: None },
                    _ => Forgets::Group { partition },
                };
                (load.at(when), what)
            }),
            apart: Chance::of(seed, Aspect::Copies).happens(0.5),
            longest: (trims && forgetting && shape.kind != BrokerKind::Queue).then_some(longest),
        }
    }
}
