//! How the broker answers consumers where it does not do so at once and for certain: settlements are refused, answers to
//! settlements and takeovers come late or never.

use super::event::{Event, Reply, What};
use super::state::World;
use crate::plan::Refusal;
use reports::history::Outcome;
use reports::units::Nanos;

/// When an answer leaves the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    After(Nanos),
    Never,
}

impl World<'_> {
    /// The refusal of a request, with what it did all the same; none for one that is not refused.
    pub(super) fn refusal(&mut self, what: &What) -> Option<Refusal> {
        let (refusal, often) = self.plan.answers.refusals?;
        let settles = matches!(what, What::Ack(_) | What::Commit { .. });
        (settles && self.answers.happens(often)).then_some(refusal)
    }

    /// When the answer to a request leaves.
    pub(super) fn leaves(&mut self, event: &Event) -> Leaves {
        let Some(lateness) = self.plan.answers.lateness else { return Leaves::After(Nanos::ZERO) };
        let Event::Reply { client, id, .. } = event else { return Leaves::After(Nanos::ZERO) };
        let asked = self.sessions[*client].open.get(id).map(|open| &open.what);
        if !matches!(asked, Some(What::Ack(_) | What::Commit { .. } | What::Claim)) {
            return Leaves::After(Nanos::ZERO);
        }
        if self.answers.happens(lateness.never) {
            return Leaves::Never;
        }
        let late = self.answers.happens(lateness.late);
        let by = Nanos(self.answers.between(0, lateness.most.0));
        Leaves::After(if late { by } else { Nanos::ZERO })
    }
}

/// That nothing of this was settled.
pub(super) fn refusal_of(what: &What) -> Reply {
    match what {
        What::Ack(entries) => Reply::Acked(vec![Outcome::Failed; entries.len()]),
        What::Commit { .. } => Reply::Committed(Outcome::Failed),
        _ => Reply::Refused,
    }
}
