//! What the world consists of: connections, clients, partitions, the group. What happens to them is said elsewhere.

use super::event::What;
use crate::plan::Plan;
use reports::units::{Nanos, Position};
use std::collections::{BTreeMap, VecDeque};

/// A request without an answer yet.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) what: What,
    pub(super) asked: Nanos,
}

/// Whether a client is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Down,
    Trying,
    Up,
}

/// One client's connection to the broker.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) state: State,
    /// Which connection this is; what belongs to an earlier one is void.
    pub(super) epoch: u32,
    pub(super) waits: u32,
    pub(super) tried_at: Nanos,
    pub(super) connected_at: Nanos,
    pub(super) there: Nanos,
    pub(super) back: Nanos,
    pub(super) open: BTreeMap<u64, Open>,
    pub(super) dead: bool,
}

impl Session {
    /// The connection's number, where there is one.
    pub(super) fn epoch_up(&self) -> Option<u32> {
        (self.state == State::Up).then_some(self.epoch)
    }

    /// What is sent on one connection arrives in order.
    pub(super) fn in_order_there(&mut self, at: Nanos) -> Nanos {
        self.there = self.there.max(at);
        self.there
    }

    /// What is answered on one connection arrives in order.
    pub(super) fn in_order_back(&mut self, at: Nanos) -> Nanos {
        self.back = self.back.max(at);
        self.back
    }

    pub(super) fn die(&mut self) {
        self.epoch += 1;
        self.state = State::Down;
        self.open.clear();
    }
}

/// One producer.
#[derive(Debug)]
pub(super) struct Producer {
    /// Its part of the schedule that is not begun.
    pub(super) due: VecDeque<usize>,
    pub(super) under_way: usize,
    /// The message that it will be woken for.
    pub(super) alarm: Option<usize>,
    pub(super) waiting: VecDeque<usize>,
}

impl Producer {
    pub(super) fn new(plan: &Plan, producer: usize) -> Self {
        let own = |(_, due): &(usize, &crate::plan::Due)| usize::from(due.id.producer.0) == producer;
        let due = plan.load.schedule.iter().enumerate().filter(own).map(|(index, _)| index).collect();
        Self { due, under_way: 0, alarm: None, waiting: VecDeque::new() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.due.is_empty() && self.under_way == 0
    }
}

/// One consumer.
#[derive(Debug, Default)]
pub(super) struct Consumer {
    pub(super) own_pending: bool,
    pub(super) next_claim: Nanos,
    pub(super) busy: bool,
    pub(super) groupless: bool,
    /// Of a log: the generation of the group that it knows, and where it is in each of its partitions.
    pub(super) generation: u32,
    pub(super) offsets: Vec<(usize, usize)>,
    /// It asks for the offsets, and when it last began to.
    pub(super) unplaced: bool,
    pub(super) placed: Nanos,
}

/// An entry that was given to a consumer and is not settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) entry: usize,
    pub(super) consumer: usize,
    pub(super) since: Nanos,
    pub(super) count: u16,
}

/// One partition.
#[derive(Debug, Default)]
pub(super) struct Partition {
    /// What it holds, in the order of positions.
    pub(super) log: Vec<usize>,
    /// All that it ever held since it was created, in that order.
    pub(super) ever: Vec<usize>,
    /// The first of `log` that the group has not had.
    pub(super) next: usize,
    /// The group is gone.
    pub(super) groupless: bool,
    pub(super) pending: BTreeMap<Position, Pending>,
    /// Ever appended, since it was last created.
    pub(super) appended: u64,
    /// The last entry that the group was given.
    pub(super) read: Option<Position>,
    /// Where the group is, by the last commit.
    pub(super) committed: usize,
    /// The furthest commit that the broker took, and the furthest of which a consumer knows.
    pub(super) taken: usize,
    pub(super) known: usize,
    /// The position of its last entry.
    pub(super) last: u64,
    /// An entry that a bug holds back, and behind how many others it will stand.
    pub(super) held_back: Option<(usize, u8)>,
    pub(super) phantoms: u64,
}

/// A read that waits for entries.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) client: usize,
    pub(super) epoch: u32,
    pub(super) id: u64,
    /// For a log: partitions and the offsets from which on.
    pub(super) from: Vec<(usize, usize)>,
}

/// The group, as the broker keeps it.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) generation: u32,
    /// Each member, with the number of the connection on which it joined.
    pub(super) members: BTreeMap<usize, u32>,
    /// How often each consumer's connection was lost and found again: a lapse that is over ends no membership.
    pub(super) lapses: Vec<u32>,
}

impl Group {
    pub(super) fn of(consumers: usize) -> Self {
        Self { lapses: vec![0; consumers], ..Self::default() }
    }
}
