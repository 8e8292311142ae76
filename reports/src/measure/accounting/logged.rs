//! What the broker's log really held, beside what the workers know: read after the drain by a client apart from those under
//! test.

use super::example::{EXAMPLES, Example};
use super::ledger::Ledger;
use crate::facts::{LogReading, TrialFacts};
use crate::history::{Inspection, Logged, Outcome};
use crate::measure::bits::BitSet;
use crate::measure::broker::BrokerAccount;
use crate::measure::source::{Reply, Sent};
use crate::result::LogResult;
use crate::units::{MessageId, Partition, Position, ProducerId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What stands in the log of one producer and partition.
#[derive(Clone, Debug, Default)]
struct Held {
    there: BitSet,
    /// At more than one position.
    twice: BitSet,
    /// Came to the log after the broker had been asked how long it is: the group may be excused from having it.
    late: BitSet,
}

/// What was read of one partition.
#[derive(Clone, Copy, Debug, Default)]
struct Shelf {
    entries: u64,
    first: Option<Position>,
}

/// Every entry that was read, as bits.
#[derive(Clone, Debug, Default)]
pub struct LogLedger {
    streams: BTreeMap<(ProducerId, Partition), Held>,
    shelves: BTreeMap<Partition, Shelf>,
    /// How long the broker said that each is, before it was read.
    lengths: BTreeMap<Partition, u64>,
    corrupted: HashSet<(Partition, Position)>,
    corrupted_examples: Vec<Example>,
    twice_examples: Vec<Example>,
}

impl LogLedger {
    /// An empty one, for partitions of which the broker says this.
    pub fn new(broker: &BrokerAccount) -> Self {
        let lengths = broker.partitions.iter().map(|(partition, last)| (*partition, last.length)).collect();
        Self { lengths, ..Self::default() }
    }

    /// Enters an entry, in the order of its partition's positions.
    pub fn entry(&mut self, row: &Logged) {
        let MessageId { producer, partition, seq } = row.message;
        let shelf = self.shelves.entry(partition).or_default();
        shelf.first.get_or_insert(row.position);
        shelf.entries += 1;
        if !row.payload_ok {
            self.corrupted.insert((partition, row.position));
            keep(&mut self.corrupted_examples, || Example {
                position: Some(row.position),
                note: Some(format!("in the log of partition-{}", partition.0)),
                ..Example::default()
            });
            return;
        }
        let late = self.lengths.get(&partition).is_some_and(|length| shelf.entries > *length);
        let held = self.streams.entry((producer, partition)).or_default();
        if !held.there.insert(seq.0) && held.twice.insert(seq.0) {
            keep(&mut self.twice_examples, || Example {
                message: Some(row.message),
                position: Some(row.position),
                note: Some("and at an earlier one".to_owned()),
                ..Example::default()
            });
        }
        if late {
            held.late.insert(seq.0);
        }
    }

    fn holds(&self, message: MessageId) -> bool {
        let held = self.streams.get(&(message.producer, message.partition));
        held.is_some_and(|held| held.there.contains(message.seq.0))
    }
}

/// The log held against what the workers know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogAccount {
    /// The counts; absent where the trial does not say that the log was read.
    pub counts: Option<LogResult>,
    /// Partitions in which fewer entries were read than the broker had counted, in words.
    pub contradictions: Vec<String>,
    /// Of the unsent ones, those whose send is in the history, as failed.
    pub unsent_failed: u64,
    /// Of the undelivered ones, those that were not acknowledged.
    pub undelivered_unacknowledged: u64,
    /// Acknowledged, never delivered, and not in the log: no longer to be had.
    pub lost_and_missing: u64,
    /// Acknowledged, and in their places stand payloads that are wrong.
    pub spoilt: u64,
    /// Examples of what was acknowledged and is missing.
    pub missing: Vec<Example>,
    /// Examples of what stands there without an acknowledgement and was never delivered.
    pub undelivered: Vec<Example>,
    /// Examples of what stands there and nobody sent.
    pub unsent: Vec<Example>,
    /// Examples of payloads that are wrong.
    pub corrupted: Vec<Example>,
    /// Examples of messages at two positions.
    pub duplicated: Vec<Example>,
}

impl LogAccount {
    /// The counts, or none of anything.
    pub fn counted(&self) -> LogResult {
        self.counts.clone().unwrap_or_default()
    }
}

/// The comparison of the log with the workers' account: with the sends while they are read, with the ledger afterwards, and with the
/// sends again where that leaves a question.
#[derive(Debug)]
pub struct Audit {
    read: LogLedger,
    told: bool,
    whole: BTreeSet<Partition>,
    /// Of partitions from which the log may have been trimmed at its beginning: from where on it is there.
    begins: BTreeMap<Partition, Option<Position>>,
    /// Acknowledged or delivered and not there; perhaps trimmed.
    absent: u64,
    /// Whether a send that may have reached the log is not there, for another reason than that its beginning was trimmed.
    open: bool,
    counts: LogResult,
    found: LogAccount,
}

/// Why what was sent to a partition is not found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absent {
    /// In its place stands a payload that is wrong.
    Spoilt,
    /// It may have stood where the log was trimmed.
    Trimmed,
    /// For no reason that is known.
    Missing,
}

impl Audit {
    /// What was read, before any send is.
    pub fn of(read: LogLedger, facts: &TrialFacts, broker: &BrokerAccount, cut: Option<String>) -> Self {
        let told = facts.end.as_ref().and_then(|end| end.log.as_ref());
        let counts = LogResult {
            entries: read.shelves.values().map(|shelf| shelf.entries).sum(),
            corrupted: read.corrupted.len() as u64,
            ..LogResult::default()
        };
        let mut audit = Self {
            read,
            told: told.is_some(),
            whole: BTreeSet::new(),
            begins: BTreeMap::new(),
            absent: 0,
            open: false,
            counts,
            found: LogAccount::default(),
        };
        if let Some(told) = told {
            audit.settle_wholeness(told, facts, broker, cut);
        }
        audit
    }

    /// Takes a send when it is first read. A long log is often trimmed: so all are not read again only to learn that.
    pub fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        if self.begins.is_empty() || sent.outcome == Outcome::Failed {
            return;
        }
        match self.absence(sent.message, reply.position) {
            None => {}
            Some(Absent::Trimmed) => self.counts.trimmed += u64::from(sent.outcome == Outcome::Ok),
            Some(Absent::Spoilt | Absent::Missing) => self.open = true,
        }
    }

    fn settle_wholeness(&mut self, told: &LogReading, facts: &TrialFacts, broker: &BrokerAccount, cut: Option<String>) {
        let readable = |partition: &&Partition| cut.is_none() && partition.0 < facts.workload.partitions;
        for partition in told.whole.iter().filter(readable) {
            let shelf = self.read.shelves.get(partition).copied().unwrap_or_default();
            let last = broker.partitions.get(partition);
            if let Some(last) = last.filter(|last| shelf.entries < last.length) {
                self.found.contradictions.push(format!(
                    "{} entries were read of partition-{}, of which the broker had said that it holds {}",
                    shelf.entries, partition.0, last.length
                ));
                continue;
            }
            self.whole.insert(*partition);
            if last.is_none_or(was_trimmed) {
                self.begins.insert(*partition, shelf.first);
            }
        }
        let why = [told.why.clone(), cut].into_iter().flatten().chain(self.found.contradictions.iter().cloned());
        let why: Vec<_> = why.collect();
        self.counts.complete = why.is_empty() && self.whole.len() == usize::from(facts.workload.partitions);
        self.counts.why = (!self.counts.complete).then(|| {
            if why.is_empty() { "not every partition was read to its end".to_owned() } else { why.join("; ") }
        });
    }

    /// Holds what was read against the ledger of all sends and deliveries.
    pub fn against(&mut self, ledger: &Ledger) {
        let none = Held::default();
        let keys: BTreeSet<_> = ledger.streams.keys().chain(self.read.streams.keys()).copied().collect();
        for key in keys {
            let held = self.read.streams.get(&key).unwrap_or(&none);
            let empty = Default::default();
            let stream = ledger.streams.get(&key).unwrap_or(&empty);
            let counts = &mut self.counts;
            counts.distinct += held.there.len();
            counts.duplicated += held.twice.len();
            let (unsent, examples) = held.there.outside(&[&stream.acknowledged, &stream.indeterminate], EXAMPLES);
            counts.unsent += unsent;
            self.found.unsent_failed +=
                unsent - held.there.outside(&[&stream.acknowledged, &stream.indeterminate, &stream.failed], 0).0;
            named(&mut self.found.unsent, key, examples);
            counts.happened += stream.indeterminate.len() - stream.indeterminate.outside(&[&held.there], 0).0;
            counts.undelivered += held.there.outside(&[&stream.delivered, &held.late], 0).0;
            let known = [&stream.delivered, &held.late, &stream.acknowledged];
            let (unacknowledged, examples) = held.there.outside(&known, EXAMPLES);
            self.found.undelivered_unacknowledged += unacknowledged;
            named(&mut self.found.undelivered, key, examples);
            if self.whole.contains(&key.1) {
                self.absent += stream.acknowledged.outside(&[&held.there], 0).0;
                self.absent += stream.delivered.outside(&[&held.there, &stream.acknowledged], 0).0;
            }
        }
    }

    /// Whether the sends must be looked at again, to tell what is missing.
    pub fn wants_sends(&self) -> bool {
        self.absent > 0 && (self.open || self.begins.is_empty())
    }

    /// Takes a send once more. Whether it was acknowledged and is missing, or spoilt.
    pub fn resend(&mut self, ledger: &Ledger, sent: &Sent, reply: Reply<'_>) -> bool {
        if sent.outcome == Outcome::Failed {
            return false;
        }
        let acknowledged = u64::from(sent.outcome == Outcome::Ok);
        match self.absence(sent.message, reply.position) {
            // What was trimmed was counted when it was first read.
            None | Some(Absent::Trimmed) => return false,
            Some(Absent::Spoilt) => {
                self.found.spoilt += acknowledged;
                return sent.outcome == Outcome::Ok;
            }
            Some(Absent::Missing) => {}
        }
        let delivered = ledger.was_delivered(sent.message);
        self.counts.missing += acknowledged;
        self.counts.gone += u64::from(delivered);
        self.found.lost_and_missing += acknowledged * u64::from(!delivered);
        if sent.outcome == Outcome::Ok {
            keep(&mut self.found.missing, || Example {
                message: Some(sent.message),
                at: Some(sent.started),
                position: reply.position,
                note: Some(if delivered { "was delivered" } else { "was never delivered" }.to_owned()),
                ..Example::default()
            });
        }
        sent.outcome == Outcome::Ok
    }

    /// Whether a message is certainly not in the log any more, for another reason than that the log was trimmed.
    pub fn is_gone(&self, message: MessageId, position: Option<Position>) -> bool {
        self.absence(message, position) == Some(Absent::Missing)
    }

    /// Why a message is not found in a partition that was read whole.
    fn absence(&self, message: MessageId, position: Option<Position>) -> Option<Absent> {
        let partition = message.partition;
        if !self.whole.contains(&partition) || self.read.holds(message) {
            return None;
        }
        Some(if self.stands_spoilt(partition, position) {
            Absent::Spoilt
        } else if self.may_be_trimmed(partition, position) {
            Absent::Trimmed
        } else {
            Absent::Missing
        })
    }

    /// Its place is taken by a payload that is wrong: it was stored, and spoilt.
    fn stands_spoilt(&self, partition: Partition, position: Option<Position>) -> bool {
        position.is_some_and(|position| self.read.corrupted.contains(&(partition, position)))
    }

    /// The account, when the sends were looked at as often as they must.
    pub fn finish(self) -> LogAccount {
        LogAccount {
            counts: self.told.then_some(self.counts),
            corrupted: self.read.corrupted_examples,
            duplicated: self.read.twice_examples,
            ..self.found
        }
    }

    fn may_be_trimmed(&self, partition: Partition, position: Option<Position>) -> bool {
        match (self.begins.get(&partition), position) {
            (None, _) => false,
            (Some(None), _) | (Some(_), None) => true,
            (Some(Some(first)), Some(position)) => position < *first,
        }
    }
}

/// Whether the log may have lost its beginning to its own limits: more was added to it than is there. A log that is not
/// there at all was not trimmed.
fn was_trimmed(last: &Inspection) -> bool {
    match last.appended {
        Some(appended) => appended > last.length,
        None => last.end.is_some(),
    }
}

fn named(examples: &mut Vec<Example>, (producer, partition): (ProducerId, Partition), seqs: Vec<u64>) {
    for seq in seqs {
        let message = MessageId { producer, partition, seq: crate::units::Sequence(seq) };
        keep(examples, || Example { message: Some(message), ..Example::default() });
    }
}

fn keep(examples: &mut Vec<Example>, example: impl FnOnce() -> Example) {
    if examples.len() < EXAMPLES {
        examples.push(example());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{ConsumerEvent, History, Rows, sample};

    /// The log held against all sends and deliveries, once.
    fn looked_at_once(rows: &Rows) -> Audit {
        let broker = BrokerAccount::of(&rows.facts, &rows.inspections);
        let mut read = LogLedger::new(&broker);
        rows.log.iter().for_each(|row| read.entry(row));
        let mut audit = Audit::of(read, &rows.facts, &broker, None);
        let mut ledger = Ledger::new(&rows.facts);
        let sends = rows.each_send(|sent, reply| {
            ledger.send(sent);
            audit.send(sent, reply);
        });
        let events = rows.each_event(|event| {
            if let ConsumerEvent::Delivery(delivery) = event {
                ledger.delivery(delivery);
            }
        });
        sends.and(events).expect("they are in memory");
        audit.against(&ledger);
        audit
    }

    /// Of the log of partition 0, the first thousand entries were trimmed.
    fn trimmed() -> Rows {
        let mut rows = sample::healthy();
        rows.log.retain(|row| row.message.partition == Partition(1) || row.position >= Position(1000));
        (rows.inspections[0].length, rows.inspections[0].first) = (600, Some(Position(1000)));
        rows
    }

    fn without(mut rows: Rows, partition: u16, position: u64) -> Rows {
        rows.log.retain(|row| (row.message.partition, row.position) != (Partition(partition), Position(position)));
        rows.inspections[usize::from(partition)].length -= 1;
        rows
    }

    #[test]
    fn what_was_only_trimmed_asks_for_no_second_look_and_what_is_missing_does() {
        let audit = looked_at_once(&trimmed());
        assert_eq!((audit.absent, audit.counts.trimmed, audit.wants_sends()), (1000, 1000, false));
        let audit = looked_at_once(&sample::healthy());
        assert_eq!((audit.absent, audit.counts.trimmed, audit.wants_sends()), (0, 0, false));
        for (partition, position) in [(0, 1300), (1, 40)] {
            let audit = looked_at_once(&without(trimmed(), partition, position));
            assert_eq!((audit.absent, audit.counts.trimmed, audit.wants_sends()), (1001, 1000, true), "{partition}");
        }
        assert!(looked_at_once(&without(sample::healthy(), 1, 40)).wants_sends(), "nothing was trimmed");
    }

    #[test]
    fn a_payload_that_is_wrong_behind_the_beginning_asks_for_a_second_look() {
        let mut rows = trimmed();
        let spoilt = rows.log.iter_mut().find(|row| row.position == Position(1300)).expect("it stands there");
        spoilt.payload_ok = false;
        assert!(looked_at_once(&rows).wants_sends());
    }

    #[test]
    fn a_send_without_an_answer_may_have_stood_where_the_log_was_trimmed() {
        let mut rows = trimmed();
        let unanswered = rows.sends.iter_mut().find(|row| row.position == Some(Position(500))).expect("it was sent");
        (unanswered.position, unanswered.outcome) = (None, Outcome::Indeterminate);
        let audit = looked_at_once(&rows);
        assert_eq!((audit.counts.trimmed, audit.wants_sends()), (999, false));
    }
}
