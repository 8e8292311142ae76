//! What is remembered of a message that was delivered more than once: each copy of it by itself, for a settlement settles
//! one copy.
//!
//! A copy is known by its place in the log. A broker without places says of each delivery which one of its entry it is:
//! another first delivery is another copy, and which copy a later one belongs to cannot be told.

use crate::facts::Positions;
use crate::history::{Delivery, Outcome, Settlement, SettlementKind};
use crate::units::{ConsumerId, Nanos, Position};

/// One copy of a message.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    position: Position,
    /// Who had it last, and when.
    pub(super) last: Option<(ConsumerId, Nanos)>,
    /// When that one asked for it, as far as it tells; else when it had it.
    pub(super) last_asked: Option<Nanos>,
    /// Of each consumer that a takeover brought it to: when the last such takeover was asked for.
    takeovers: Vec<(ConsumerId, Nanos)>,
    confirmed: Option<Nanos>,
    unanswered: bool,
    /// Its last holder failed on it.
    pub(super) refused: bool,
}

impl Copy {
    /// When the last takeover was asked for that brought it to a consumer.
    pub(super) fn last_takeover_by(&self, consumer: ConsumerId) -> Option<Nanos> {
        self.takeovers.iter().find(|(by, _)| *by == consumer).map(|(_, requested)| *requested)
    }

    fn taken_over(&mut self, by: ConsumerId, requested: Nanos) {
        match self.takeovers.iter_mut().find(|(before, _)| *before == by) {
            Some((_, last)) => *last = requested.max(*last),
            None => self.takeovers.push((by, requested)),
        }
    }
}

/// A message's deliveries and settlements so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    copies: Vec<Copy>,
    /// Confirmed settlements that name no place: by whom, and when they were confirmed.
    unplaced: Vec<(ConsumerId, Nanos)>,
    /// Settlements without an answer that name no place.
    unplaced_unanswered: u64,
    /// The broker's highest delivery count.
    pub(super) highest_count: u16,
}

impl Past {
    pub(super) fn was_delivered(&self) -> bool {
        self.copies.iter().any(|copy| copy.last.is_some())
    }

    pub(super) fn copies_delivered(&self) -> usize {
        self.copies.iter().filter(|copy| copy.last.is_some()).count()
    }

    pub(super) fn first_position(&self) -> Option<Position> {
        self.copies.first().map(|copy| copy.position)
    }

    /// Whether this is the first delivery of one more copy.
    pub(super) fn is_new_copy(&self, delivery: &Delivery, positions: Positions) -> bool {
        self.was_delivered()
            && match positions {
                Positions::Log => self.place(delivery.position).is_none(),
                Positions::None => delivery.delivery_count == 1,
            }
    }

    /// The copy that a delivery is of; none for a new one.
    pub(super) fn copy(&self, delivery: &Delivery, positions: Positions) -> Option<&Copy> {
        match positions {
            Positions::Log => self.place(delivery.position).map(|index| &self.copies[index]),
            Positions::None if self.is_new_copy(delivery, positions) => None,
            Positions::None => self.copies.last(),
        }
    }

    /// When the copy that a delivery is of had been settled, if that was before an instant.
    pub(super) fn settled_before(&self, instant: Nanos, delivery: &Delivery, positions: Positions) -> Option<Nanos> {
        let placed = self.copy(delivery, positions).and_then(|copy| copy.confirmed);
        // A queue hands out unasked, nobody knows when; but on the connection of who settled it nothing overtakes.
        let certain =
            |who: ConsumerId| positions == Positions::Log || delivery.asked.is_some() || who == delivery.consumer;
        let unplaced = self.unplaced.iter().filter(|(who, at)| *at < instant && certain(*who));
        // Settlements without a place settle some copy: this one, if they are as many as the copies.
        let mut last_needed = unplaced.skip(self.copies.len().max(1) - 1);
        placed.filter(|at| *at < instant).or_else(|| last_needed.next().map(|(_, at)| *at))
    }

    pub(super) fn settle(&mut self, settlement: &Settlement, positions: Positions) {
        let position = settlement.position.filter(|_| positions == Positions::Log);
        if settlement.kind == SettlementKind::Nack {
            if let Some(copy) = position.and_then(|position| self.place(position)) {
                self.copies[copy].refused = true;
            }
            return;
        }
        match (position, settlement.outcome) {
            (_, Outcome::Failed) => {}
            (Some(position), Outcome::Ok) => {
                self.at(position).confirmed.get_or_insert(settlement.settled);
            }
            (Some(position), Outcome::Indeterminate) => self.at(position).unanswered = true,
            (None, Outcome::Ok) => self.unplaced.push((settlement.consumer, settlement.settled)),
            (None, Outcome::Indeterminate) => self.unplaced_unanswered += 1,
        }
    }

    pub(super) fn deliver(&mut self, delivery: &Delivery, positions: Positions, claim: Option<Nanos>) {
        self.highest_count = self.highest_count.max(delivery.delivery_count);
        let new = self.is_new_copy(delivery, positions);
        let copy = match positions {
            Positions::Log => self.at(delivery.position),
            Positions::None if new || self.copies.is_empty() => self.another(delivery.position),
            Positions::None => {
                let last = self.copies.len() - 1;
                &mut self.copies[last]
            }
        };
        copy.last = Some((delivery.consumer, delivery.received));
        copy.last_asked = delivery.asked.or(Some(delivery.received));
        copy.refused = false;
        if let Some(requested) = claim {
            copy.taken_over(delivery.consumer, requested);
        }
    }

    /// Who had the last delivery was killed, and may have settled its copy.
    pub(super) fn leave_open(&mut self) {
        if let Some(copy) = self.copies.iter_mut().max_by_key(|copy| copy.last.map(|(_, at)| at)) {
            copy.unanswered = true;
        }
    }

    /// One copy is settled and another one is not.
    pub(super) fn half_settled(&self) -> bool {
        let settled = self.copies.iter().filter(|copy| copy.confirmed.is_some()).count() + self.unplaced.len();
        settled > 0 && settled < self.copies_delivered()
    }

    /// Of another one not even an answer is missing.
    pub(super) fn surely_half_settled(&self) -> bool {
        let maybe = |copy: &&Copy| copy.confirmed.is_some() || copy.unanswered;
        let placed = self.copies.iter().filter(maybe).count() as u64;
        placed + self.unplaced.len() as u64 + self.unplaced_unanswered < self.copies_delivered() as u64
    }

    fn place(&self, position: Position) -> Option<usize> {
        self.copies.iter().position(|copy| copy.position == position)
    }

    fn at(&mut self, position: Position) -> &mut Copy {
        match self.place(position) {
            Some(index) => &mut self.copies[index],
            None => self.another(position),
        }
    }

    fn another(&mut self, position: Position) -> &mut Copy {
        let copy = Copy {
            position,
            last: None,
            last_asked: None,
            takeovers: Vec::new(),
            confirmed: None,
            unanswered: false,
            refused: false,
        };
        let index = self.copies.len();
        self.copies.push(copy);
        &mut self.copies[index]
    }
}
