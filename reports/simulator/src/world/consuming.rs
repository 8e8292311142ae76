//! Consumers: read what is their own, what others left, what is new; work on it; settle it.

use super::event::{Event, Handed, Reply, What};
use super::parts::Open;
use super::state::World;
use crate::plan::{AckMode, BrokerKind};
use crate::truth::{Commit, Receipt};
use reports::history::{Delivery, GroupChange, GroupEvent, Outcome, Settlement, SettlementKind};
use reports::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::{BTreeMap, BTreeSet};

/// Between an answer and the next question.
const THINKING: Nanos = Nanos(10_000);

impl World<'_> {
    fn client_of(&self, consumer: usize) -> usize {
        self.plan.shape.producers + consumer
    }

    pub(super) fn consumer_connected(&mut self, consumer: usize) {
        let entries = self.plan.shape.kind == BrokerKind::Entries;
        let state = &mut self.consumers[consumer];
        (state.own_pending, state.busy) = (entries, false);
        state.next_claim = self.now.plus(self.plan.policy.reading.claim_every);
        if self.rows.group_changes.iter().all(|change| usize::from(change.consumer.0) != consumer) {
            self.note_group(consumer, GroupEvent::Joined, (0..self.plan.shape.partitions).collect());
        }
        if self.plan.shape.kind == BrokerKind::Log {
            // What it had read and not committed, it may be given again: it is where the group is.
            let state = &mut self.consumers[consumer];
            state.unplaced |= self.plan.habits.starts_over && !state.offsets.is_empty();
            self.ask(self.client_of(consumer), What::Join, self.plan.policy.request_timeout);
        }
        self.next_step(consumer);
    }

    /// A member learns of its partitions, and begins at what is committed.
    pub(super) fn assigned(&mut self, client: usize, epoch: u32, generation: u32, partitions: Vec<usize>) {
        let consumer = client - self.plan.shape.producers;
        if self.sessions[client].epoch_up() != Some(epoch) || self.consumers[consumer].generation >= generation {
            return;
        }
        let before: BTreeSet<_> = self.consumers[consumer].offsets.iter().map(|(partition, _)| *partition).collect();
        if !before.is_empty() {
            self.note_group(consumer, GroupEvent::Revoked, before);
        }
        self.note_group(consumer, GroupEvent::Assigned, partitions.iter().copied().collect());
        let state = &mut self.consumers[consumer];
        (state.generation, state.placed) = (generation, self.now);
        state.offsets = partitions.into_iter().map(|partition| (partition, 0)).collect();
        (state.unplaced, state.busy) = (true, false);
        self.next_step(consumer);
    }

    pub(super) fn note_group(&mut self, consumer: usize, event: GroupEvent, partitions: BTreeSet<usize>) {
        self.rows.group_changes.push(GroupChange {
            consumer: ConsumerId(consumer as u16),
            event,
            partitions: partitions.into_iter().map(|partition| Partition(partition as u16)).collect(),
            at: self.now,
        });
    }

    /// The next thing that a free consumer does.
    fn next_step(&mut self, consumer: usize) {
        let reading = self.plan.policy.reading;
        let client = self.client_of(consumer);
        let state = &mut self.consumers[consumer];
        if state.busy || state.groupless || self.sessions[client].epoch_up().is_none() {
            return;
        }
        let of_log = self.plan.shape.kind == BrokerKind::Log;
        if of_log && state.offsets.is_empty() {
            return;
        }
        state.busy = true;
        let (what, patience) = if state.unplaced {
            (What::AskCommitted(state.offsets.iter().map(|(partition, _)| *partition).collect()), Nanos::ZERO)
        } else if of_log {
            (What::ReadNew(state.offsets.clone()), reading.block)
        } else if self.plan.shape.kind == BrokerKind::Queue {
            (What::ReadNew(Vec::new()), reading.block)
        } else if state.own_pending {
            (What::ReadOwn, Nanos::ZERO)
        } else if self.now >= state.next_claim {
            state.next_claim = self.now.plus(reading.claim_every);
            (What::Claim, Nanos::ZERO)
        } else {
            (What::ReadNew(Vec::new()), reading.block)
        };
        self.ask(client, what, patience.plus(self.plan.policy.request_timeout));
    }

    pub(super) fn consumer_reply(&mut self, client: usize, epoch: u32, what: &What, asked: Nanos, reply: Reply) {
        let consumer = client - self.plan.shape.producers;
        match (what, reply) {
            (What::Ack(entries), Reply::Acked(outcomes)) => {
                for (entry, outcome) in entries.iter().zip(outcomes) {
                    self.note_ack(consumer, *entry, asked, outcome);
                }
                if !self.plan.policy.reading.overlapping {
                    self.consumers[consumer].busy = false;
                    self.next_step(consumer);
                }
            }
            (What::Commit { partition, below, .. }, Reply::Committed(outcome)) => {
                self.note_commit(consumer, *partition, *below, asked, outcome);
            }
            (What::AskCommitted(_), Reply::Offsets(offsets)) => {
                let state = &mut self.consumers[consumer];
                // Another generation may have come in the meantime, with other partitions.
                let same = offsets
                    .iter()
                    .map(|(partition, _)| partition)
                    .eq(state.offsets.iter().map(|(partition, _)| partition));
                if state.unplaced && same && asked >= state.placed {
                    (state.offsets, state.unplaced, state.busy) = (offsets, false, false);
                    self.next_step(consumer);
                }
            }
            (What::ReadNew(from), Reply::Entries(handed)) if self.plan.shape.kind == BrokerKind::Log => {
                self.read_log(consumer, epoch, from, &handed, asked);
            }
            (_, Reply::Entries(handed)) => {
                if matches!(what, What::ReadOwn) {
                    self.consumers[consumer].own_pending = false;
                }
                if matches!(what, What::Claim) && !handed.is_empty() {
                    self.note_claims(consumer, &handed, asked);
                }
                self.received(consumer, epoch, &handed, asked);
            }
            (_, Reply::NoGroup) => self.consumers[consumer].groupless = true,
            _ => {}
        }
    }

    /// What a read of a log brought; what was asked for before a rebalance is thrown away.
    fn read_log(&mut self, consumer: usize, epoch: u32, from: &[(usize, usize)], handed: &[Handed], asked: Nanos) {
        let state = &self.consumers[consumer];
        if state.offsets == from && !state.unplaced {
            self.advance(consumer, handed);
            self.received(consumer, epoch, handed, asked);
        }
    }

    /// How far a consumer of a log has read.
    fn advance(&mut self, consumer: usize, handed: &[Handed]) {
        for one in handed {
            let entry = &self.truth.entries[one.entry];
            let partition = usize::from(entry.id.partition.0);
            for (_, offset) in self.consumers[consumer].offsets.iter_mut().filter(|(own, _)| *own == partition) {
                *offset = entry.position.0 as usize + 1;
            }
        }
    }

    fn received(&mut self, consumer: usize, epoch: u32, handed: &[Handed], asked: Nanos) {
        let reading = self.plan.policy.reading;
        let asked = Some(asked).filter(|_| reading.tells_asked);
        for one in handed {
            self.deliver(consumer, one, asked);
        }
        let entries: Vec<_> = handed.iter().map(|one| one.entry).collect();
        let work = Nanos(reading.processing.0 * entries.len() as u64).plus(THINKING);
        if reading.ack == AckMode::OnReceipt {
            match self.plan.shape.kind {
                BrokerKind::Log => self.commit_through(consumer, self.consumers[consumer].generation, &entries),
                _ => self.settle(consumer, entries.clone()),
            }
        }
        let generation = self.consumers[consumer].generation;
        if self.plan.shape.kind == BrokerKind::Log && work > reading.session {
            self.poll_passes(consumer);
        }
        self.agenda.at(self.now.plus(work), Event::Processed { consumer, epoch, generation, entries });
    }

    fn deliver(&mut self, consumer: usize, one: &Handed, asked: Option<Nanos>) {
        let first = self.truth.entries[one.entry].scheduled.is_some_and(|message| !self.in_hand(message));
        let entry = &mut self.truth.entries[one.entry];
        if entry.receipts.is_empty() && entry.confirmed.is_none() && self.plan.policy.reading.ack != AckMode::Never {
            self.unsettled += 1;
        }
        let placed = self.consumers[consumer].placed;
        let placed = if self.plan.shape.kind == BrokerKind::Log { Some(placed) } else { asked };
        let receipt = Receipt { consumer, at: self.now, asked, placed, handed: one.at, why: one.why, count: one.count };
        entry.receipts.push(receipt);
        let intended = entry.scheduled.map_or(self.now, |message| self.plan.load.schedule[message].at);
        self.rows.deliveries.push(Delivery {
            consumer: ConsumerId(consumer as u16),
            message: entry.id,
            intended,
            asked,
            received: self.now,
            delivery_count: one.count,
            position: entry.position,
            payload_ok: entry.valid,
        });
        self.last_event = self.now;
        if let Some(message) = entry.scheduled.filter(|_| entry.valid && first) {
            let acknowledged = matches!(self.truth.sends[message].ended, Some((Outcome::Ok, _)));
            self.delivered_valid.insert(message);
            self.undelivered -= u64::from(acknowledged);
        }
    }

    /// Whether a message has reached any consumer, unharmed.
    pub(super) fn in_hand(&self, message: usize) -> bool {
        self.delivered_valid.contains(&message)
    }

    pub(super) fn processed(&mut self, consumer: usize, epoch: u32, generation: u32, entries: Vec<usize>) {
        let reading = self.plan.policy.reading;
        self.note_processed(consumer, &entries, Outcome::Ok);
        if self.sessions[self.client_of(consumer)].epoch_up() != Some(epoch) {
            return;
        }
        if self.plan.shape.kind == BrokerKind::Log {
            if reading.ack == AckMode::AfterProcessing {
                self.commit_through(consumer, generation, &entries);
            }
            if !self.is_member(consumer) {
                self.ask(self.client_of(consumer), What::Join, reading.session.plus(self.plan.policy.request_timeout));
                return;
            }
            if self.consumers[consumer].generation == generation {
                self.consumers[consumer].busy = false;
                self.next_step(consumer);
            }
            return;
        }
        let settles = reading.ack == AckMode::AfterProcessing && !entries.is_empty();
        if settles {
            self.settle(consumer, entries);
        }
        if !settles || reading.overlapping {
            self.consumers[consumer].busy = false;
            self.next_step(consumer);
        }
    }

    /// A consumer that settles what it receives is done with these, or leaves them because the trial ends; a dead one is neither.
    pub(super) fn note_processed(&mut self, consumer: usize, entries: &[usize], outcome: Outcome) {
        if self.plan.policy.reading.ack != AckMode::OnReceipt || self.sessions[self.client_of(consumer)].dead {
            return;
        }
        for entry in entries {
            let stored = &mut self.truth.entries[*entry];
            match outcome {
                Outcome::Ok => stored.processed = true,
                Outcome::Failed | Outcome::Indeterminate => stored.left_at_the_end = true,
            }
            self.rows.settlements.push(Settlement {
                consumer: ConsumerId(consumer as u16),
                partition: stored.id.partition,
                message: stored.valid.then_some((stored.id.producer, stored.id.seq)),
                position: Some(stored.position),
                kind: SettlementKind::Processed,
                requested: self.now,
                settled: self.now,
                outcome,
            });
        }
    }

    /// Commits behind the last of these entries, in each of their partitions.
    fn commit_through(&mut self, consumer: usize, generation: u32, entries: &[usize]) {
        let mut furthest = BTreeMap::new();
        for entry in entries {
            let entry = &self.truth.entries[*entry];
            furthest.insert(usize::from(entry.id.partition.0), entry.position.0 as usize + 1);
        }
        for (partition, below) in furthest {
            let what = What::Commit { partition, below, generation };
            self.ask(self.client_of(consumer), what, self.plan.policy.request_timeout);
        }
    }

    fn note_commit(&mut self, consumer: usize, partition: usize, below: usize, asked: Nanos, outcome: Outcome) {
        let state = &mut self.partitions[partition];
        for entry in state.ever.iter().take(below).skip(state.known) {
            let entry = &mut self.truth.entries[*entry];
            match outcome {
                Outcome::Ok if entry.confirmed.is_none() => {
                    entry.confirmed = Some(self.now);
                    self.unsettled -= u64::from(!entry.receipts.is_empty()).min(self.unsettled);
                }
                Outcome::Ok | Outcome::Failed => {}
                Outcome::Indeterminate => entry.unanswered = true,
            }
        }
        if outcome == Outcome::Ok {
            state.known = state.known.max(below);
        }
        if outcome != Outcome::Failed {
            let answered = (outcome == Outcome::Ok).then_some(self.now);
            self.truth.commits.push(Commit { consumer, partition, below: below as u64, asked, answered });
        }
        self.last_event = self.now;
        self.rows.settlements.push(Settlement {
            consumer: ConsumerId(consumer as u16),
            partition: Partition(partition as u16),
            message: None,
            position: Some(Position(below as u64)),
            kind: SettlementKind::Commit,
            requested: asked,
            settled: self.now,
            outcome,
        });
    }

    fn settle(&mut self, consumer: usize, entries: Vec<usize>) {
        if !entries.is_empty() {
            self.ask(self.client_of(consumer), What::Ack(entries), self.plan.policy.request_timeout);
        }
    }

    fn note_claims(&mut self, consumer: usize, handed: &[Handed], asked: Nanos) {
        let partitions = handed.iter().map(|one| usize::from(self.truth.entries[one.entry].id.partition.0)).collect();
        self.note_group(consumer, GroupEvent::Claimed, partitions);
        for one in handed {
            let entry = &self.truth.entries[one.entry];
            self.rows.settlements.push(Settlement {
                consumer: ConsumerId(consumer as u16),
                partition: entry.id.partition,
                message: None,
                position: Some(entry.position),
                kind: SettlementKind::Claim,
                requested: asked,
                settled: self.now,
                outcome: Outcome::Ok,
            });
        }
    }

    fn note_ack(&mut self, consumer: usize, entry: usize, asked: Nanos, outcome: Outcome) {
        let now = self.now;
        let stored = &mut self.truth.entries[entry];
        if outcome == Outcome::Ok {
            stored.known_by.entry(consumer).or_insert(now);
        }
        if outcome == Outcome::Ok && stored.confirmed.is_none() {
            stored.confirmed = Some(now);
            self.unsettled = self.unsettled.saturating_sub(1);
        }
        stored.unanswered |= outcome == Outcome::Indeterminate;
        self.last_event = now;
        self.rows.settlements.push(Settlement {
            consumer: ConsumerId(consumer as u16),
            partition: stored.id.partition,
            message: stored.valid.then_some((stored.id.producer, stored.id.seq)),
            position: Some(stored.position),
            kind: SettlementKind::Ack,
            requested: asked,
            settled: now,
            outcome,
        });
    }

    /// The connection is gone: whether these were settled, nobody knows.
    pub(super) fn settlements_in_doubt(&mut self, consumer: usize, open: BTreeMap<u64, Open>) {
        for open in open.into_values() {
            match open.what {
                What::Ack(entries) => {
                    for entry in entries {
                        self.note_ack(consumer, entry, open.asked, Outcome::Indeterminate);
                    }
                }
                What::Commit { partition, below, .. } => {
                    self.note_commit(consumer, partition, below, open.asked, Outcome::Indeterminate);
                }
                _ => {}
            }
        }
        self.consumers[consumer].busy = false;
    }
}
