//! The account's balance: what the ledger and the inquiry found, as counts with examples.

use super::contract::Breach;
use super::example::{EXAMPLES, Example};
use super::handover::{Handover, Handovers};
use super::ledger::{Ledger, Stream};
use super::logged::{Audit, LogAccount};
use super::redelivery::Inquiry;
use crate::facts::Settling;
use crate::history::Outcome;
use crate::measure::bits::BitSet;
use crate::measure::broker::BrokerAccount;
use crate::measure::source::{Reply, Sent};
use crate::result::Counts;
use crate::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
use std::collections::BTreeMap;

/// Examples of what was found, at most three of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged, never delivered.
    pub lost: Vec<Example>,
    /// Delivered, never sent.
    pub phantom: Vec<Example>,
    /// Wrong payloads.
    pub corrupted: Vec<Example>,
    /// At two positions.
    pub duplicated: Vec<Example>,
    /// Behind a later one.
    pub out_of_order: Vec<Example>,
    /// Delivered again after their settlement.
    pub resurrected: Vec<Example>,
    /// Delivered again without a cause in the history.
    pub unexplained: Vec<Example>,
    /// Delivered and never settled.
    pub unsettled: Vec<Example>,
    /// Delivered, and processed to the end by nobody.
    pub unprocessed: Vec<Example>,
}

/// Lost messages of one partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Acknowledged and never delivered.
    pub messages: u64,
    /// Of these, those that cannot come any more by the broker's own account, one by one.
    pub beyond_reach: u64,
}

/// Every message accounted for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The counts of the result; `pending_at_end` is the broker's to say and absent here.
    pub counts: Counts,
    /// Redeliveries by cause.
    pub redelivered_by_cause: BTreeMap<String, u64>,
    /// The broker's delivery count of each message in the end: count → messages.
    pub delivery_counts: BTreeMap<u16, u64>,
    /// Of the phantoms, those whose send is in the history, as failed.
    pub phantom_failed: u64,
    /// Delivered messages without a confirmed settlement.
    pub unsettled: u64,
    /// Of these, those without even one whose answer is unknown.
    pub surely_unsettled: u64,
    /// Delivered messages that somebody was at when told to end, and nobody processed to their end.
    pub left_at_the_end: u64,
    /// Acknowledged sends of each partition.
    pub acknowledged_by_partition: BTreeMap<Partition, u64>,
    /// Lost messages of each partition that has any.
    pub lost_by_partition: BTreeMap<Partition, Lost>,
    /// Delivered after their settlement had been confirmed, and nothing says when they were asked for.
    pub perhaps_resurrected: u64,
    /// Behind a later one although their sends were not acknowledged: concurrent with all that follow, so no disorder.
    pub concurrent: u64,
    /// Behind a later one whose send has no row.
    pub behind_unrecorded: u64,
    /// Sends without a row though one with a higher number of the same producer and partition has one.
    pub skipped: u64,
    /// Rows that break the history's contract.
    pub breaches: Vec<Breach>,
    /// Examples.
    pub findings: Findings,
    /// The last delivery or settlement.
    pub last_event: Option<Nanos>,
    /// What became of unsettled messages when their consumers changed.
    pub handover: Handover,
}

impl Account {
    /// Takes a send once more, where something was lost: to date the examples, and to ask the broker's account of each lost
    /// message, and what was read of its log, whether it can still come. Whether it is lost.
    pub fn resend(&mut self, ledger: &Ledger, broker: &BrokerAccount, log: &Audit, again: (&Sent, Reply<'_>)) -> bool {
        let (sent, reply) = again;
        if sent.outcome != Outcome::Ok || ledger.was_delivered(sent.message) {
            return false;
        }
        if let Some(lost) = self.lost_by_partition.get_mut(&sent.message.partition) {
            let beyond = broker.beyond_reach(sent.message.partition, reply.position);
            lost.beyond_reach += u64::from(beyond || log.is_gone(sent.message, reply.position));
        }
        for example in &mut self.findings.lost {
            if example.message == Some(sent.message) {
                (example.at, example.position) = (Some(sent.started), reply.position);
            }
        }
        true
    }

    /// Where nobody consumed, the log is what there is: what was acknowledged is lost if it is missing from it, or spoilt.
    pub fn take_from_log(&mut self, log: &LogAccount) {
        let read = log.counted();
        self.counts.lost = read.missing + log.spoilt;
        (self.counts.corrupted, self.counts.duplicated, self.counts.phantom) =
            (read.corrupted, read.duplicated, read.unsent);
        self.findings.lost.clone_from(&log.missing);
        self.lost_by_partition.clear();
    }
}

impl Ledger {
    /// The balance. `inquiry` and `handovers` are the second pass, where one was needed.
    pub fn close(&self, inquiry: Option<Inquiry<'_>>, handovers: Option<Handovers<'_>>) -> Account {
        let mut account = Account {
            counts: Counts {
                offered: self.offered,
                delivered: self.delivered,
                redelivered: self.redelivered,
                corrupted: self.corrupted,
                out_of_order: self.order.behind,
                unprocessed: self.settles_first.then_some(0),
                ..Counts::default()
            },
            delivery_counts: self.delivery_counts.clone(),
            last_event: self.last_event,
            concurrent: self.order.concurrent,
            behind_unrecorded: self.order.behind_unrecorded,
            breaches: self.contract.breaches(),
            handover: handovers.map(Handovers::finish).unwrap_or_default(),
            ..Account::default()
        };
        account.findings.corrupted.clone_from(&self.corrupted_examples);
        account.findings.out_of_order.clone_from(&self.order.examples);
        for (key, stream) in &self.streams {
            add_stream(&mut account, *key, stream);
            if self.settling == Settling::Message {
                add_unsettled(&mut account, *key, stream, inquiry.as_ref());
            }
            if self.settles_first {
                add_unprocessed(&mut account, *key, stream);
            }
        }
        if let Some(inquiry) = inquiry {
            add_inquiry(&mut account, inquiry, self.settling);
        }
        account
    }

    pub(super) fn was_delivered(&self, message: MessageId) -> bool {
        let stream = self.streams.get(&(message.producer, message.partition));
        stream.is_some_and(|stream| stream.delivered.contains(message.seq.0))
    }
}

fn add_stream(account: &mut Account, key: (ProducerId, Partition), stream: &Stream) {
    let (lost, examples) = stream.acknowledged.outside(&[&stream.delivered], EXAMPLES);
    account.counts.acknowledged += stream.acknowledged.len();
    account.counts.failed += stream.failed.len();
    account.counts.indeterminate += stream.indeterminate.len();
    account.counts.distinct += stream.delivered.len();
    account.counts.lost += lost;
    account.skipped += stream.skipped();
    let phantoms = stream.phantoms().0;
    account.counts.phantom += phantoms;
    account.phantom_failed += phantoms - stream.never_sent();
    *account.acknowledged_by_partition.entry(key.1).or_default() += stream.acknowledged.len();
    if lost > 0 {
        account.lost_by_partition.entry(key.1).or_default().messages += lost;
    }
    extend(&mut account.findings.lost, key, examples);
}

fn add_unsettled(account: &mut Account, key: (ProducerId, Partition), stream: &Stream, inquiry: Option<&Inquiry<'_>>) {
    let none = BitSet::default();
    let placed = inquiry.and_then(|inquiry| inquiry.settled.get(&key)).unwrap_or(&none);
    let maybe_placed = inquiry.and_then(|inquiry| inquiry.maybe_settled.get(&key)).unwrap_or(&none);
    let (unsettled, examples) = stream.delivered.outside(&[&stream.settled, placed], EXAMPLES);
    account.unsettled += unsettled;
    let settled = [&stream.settled, &stream.maybe_settled, placed, maybe_placed];
    account.surely_unsettled += stream.delivered.outside(&settled, 0).0;
    extend(&mut account.findings.unsettled, key, examples);
}

fn add_unprocessed(account: &mut Account, key: (ProducerId, Partition), stream: &Stream) {
    let (unprocessed, examples) = stream.delivered.outside(&[&stream.processed, &stream.left_at_the_end], EXAMPLES);
    *account.counts.unprocessed.get_or_insert(0) += unprocessed;
    account.left_at_the_end += stream.left_at_the_end.outside(&[&stream.processed], 0).0;
    extend(&mut account.findings.unprocessed, key, examples);
}

fn add_inquiry(account: &mut Account, mut inquiry: Inquiry<'_>, settling: Settling) {
    account.counts.duplicated = inquiry.duplicated;
    account.perhaps_resurrected = inquiry.undated;
    account.handover.again = std::mem::take(&mut inquiry.again).finish();
    (account.counts.resurrected, account.findings.resurrected) = inquiry.resurrected();
    if settling == Settling::Message {
        let (half, surely) = inquiry.half_settled();
        account.unsettled += half;
        account.surely_unsettled += surely;
    }
    account.redelivered_by_cause = inquiry.causes.into_iter().map(|(cause, count)| (cause.to_owned(), count)).collect();
    account.delivery_counts = inquiry.delivery_counts.into_iter().filter(|(_, messages)| *messages > 0).collect();
    account.findings.duplicated = inquiry.duplicated_examples;
    account.findings.unexplained = inquiry.unexplained_examples;
    account.findings.phantom = inquiry.phantom_examples;
    let sum = |sets: &BTreeMap<_, BitSet>| sets.values().map(BitSet::len).sum::<u64>();
    account.unsettled += sum(&inquiry.uncommitted);
    account.surely_unsettled += sum(&inquiry.surely_uncommitted);
    for (key, set) in &inquiry.uncommitted {
        extend(&mut account.findings.unsettled, *key, set.outside(&[], EXAMPLES).1);
    }
}

fn extend(examples: &mut Vec<Example>, (producer, partition): (ProducerId, Partition), seqs: Vec<u64>) {
    let room = EXAMPLES.saturating_sub(examples.len());
    examples.extend(seqs.into_iter().take(room).map(|seq| Example {
        message: Some(MessageId { producer, partition, seq: Sequence(seq) }),
        ..Example::default()
    }));
}
