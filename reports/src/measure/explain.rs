//! Who explains what: the fault to which a client's loss, error, attempt and return belong.
//!
//! Of the faults that are done to a client, the first of these explains a loss or an error:
//! 1. a cut in force, of several the one that began last;
//! 2. a cut healed up to five seconds before, if what was lost stood before the heal: a dead connection is noticed late;
//! 3. another fault in force, or healed so shortly before: slow answers make clients give connections up;
//! 4. a cut healed up to five seconds before: what is lost again right after a heal is its aftermath.
//!
//! Who is away when a cut begins is kept away by it. What a return from a cut is counted from is its heal, until the next
//! cut begins: then it is counted from that one's.

use super::timeline::{FaultWindow, Timeline};
use crate::units::Nanos;

/// A loss that is noticed this long after the heal is still the fault's: a client learns of a dead connection when its
/// request times out, or when the proxy closes on removing the fault.
pub const NOTICED_WITHIN: Nanos = Nanos::from_secs(5);

/// The faults that are done to one client.
#[derive(Clone, Debug)]
pub struct Explained<'t> {
    faults: Vec<(usize, &'t FaultWindow)>,
}

/// Another cut ended the time in which a return could be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextCut {
    /// Which fault of the timeline.
    pub index: usize,
    /// From here on.
    pub at: Nanos,
}

impl<'t> Explained<'t> {
    /// Of a client.
    pub fn of(timeline: &'t Timeline, client: &str) -> Self {
        let done = timeline.faults.iter().enumerate().filter(|(_, fault)| fault.is_done_to(client));
        Self { faults: done.collect() }
    }

    fn cuts(&self) -> impl Iterator<Item = (usize, &'t FaultWindow)> + '_ {
        self.faults.iter().copied().filter(|(_, fault)| fault.cut().is_some())
    }

    /// The cut in force at an instant; of several the one that began last.
    pub fn cut_at(&self, at: Nanos) -> Option<usize> {
        let in_force = self.cuts().filter(|(_, fault)| fault.in_force().contains(at));
        in_force.max_by_key(|(_, fault)| fault.began).map(|(index, _)| index)
    }

    /// The cut in force at an instant, where there is no other one.
    pub fn only_cut_at(&self, at: Nanos) -> Option<usize> {
        let mut in_force = self.cuts().filter(|(_, fault)| fault.in_force().contains(at));
        let (index, _) = in_force.next()?;
        in_force.next().is_none().then_some(index)
    }

    /// Whose the loss of a connection is that had been opened at one instant (unknown: long before) and was lost at
    /// another.
    pub fn loss(&self, opened: Option<Nanos>, lost: Nanos) -> Option<usize> {
        let stood = |fault: &FaultWindow| opened.is_none_or(|opened| opened < fault.healed);
        self.explaining(lost, |fault| stood(fault) && healed_shortly_before(fault, lost))
    }

    /// Whose the error is of a request that was under way between two instants.
    pub fn error(&self, began: Nanos, ended: Nanos) -> Option<usize> {
        let met = |fault: &FaultWindow| fault.began <= ended && began < fault.healed;
        self.explaining(ended, met)
    }

    fn explaining(&self, at: Nanos, met: impl Fn(&FaultWindow) -> bool) -> Option<usize> {
        let latest_healed = |met: &dyn Fn(&FaultWindow) -> bool| {
            let cuts = self.cuts().filter(|(_, fault)| fault.healed <= at && met(fault));
            cuts.max_by_key(|(_, fault)| fault.healed).map(|(index, _)| index)
        };
        let others = || {
            let others = self.faults.iter().filter(|(_, fault)| fault.cut().is_none() && fault.began <= at);
            let met = others.filter(|(_, fault)| at < fault.healed || healed_shortly_before(fault, at));
            met.max_by_key(|(_, fault)| (at < fault.healed, fault.began)).map(|(index, _)| *index)
        };
        (self.cut_at(at))
            .or_else(|| latest_healed(&met))
            .or_else(others)
            .or_else(|| latest_healed(&|fault| healed_shortly_before(fault, at)))
    }

    /// Whose an attempt is in an absence that began at `from` and belongs to a fault: the cut's that is in force, else
    /// the one's of these that healed last. An absence that no fault explains leaves its attempts to a cut in force only.
    pub fn attempt(&self, owner: Option<usize>, from: Nanos, at: Nanos) -> Option<usize> {
        let healed = || {
            let kept = |(index, fault): &(usize, &FaultWindow)| {
                Some(*index) == owner || (fault.cut().is_some() && from < fault.healed)
            };
            let healed = self.faults.iter().filter(|fault| kept(fault)).filter(|(_, fault)| fault.began <= at);
            healed.max_by_key(|(_, fault)| fault.healed).map(|(index, _)| *index)
        };
        self.cut_at(at).or_else(healed)
    }

    /// Where what follows a fault's heal stops being its return: where the next cut begins. One that is still in force
    /// when this one heals leaves it nothing.
    pub fn next_cut(&self, index: usize) -> Option<NextCut> {
        let (_, fault) = self.faults.iter().find(|(other, _)| *other == index)?;
        let later = self.cuts().filter(|(other, cut)| *other != index && cut.healed > fault.healed);
        let next = later.map(|(index, cut)| NextCut { index, at: cut.began.max(fault.heal_began) });
        next.min_by_key(|next| (next.at, next.index))
    }
}

fn healed_shortly_before(fault: &FaultWindow, at: Nanos) -> bool {
    fault.healed <= at && at < fault.healed.plus(NOTICED_WITHIN)
}
