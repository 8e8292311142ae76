//! What is noted while the world runs.

use reports::history::{Inspection, Outcome};
use reports::units::{MessageId, Nanos, Position};
use std::collections::BTreeMap;

/// Why the broker handed an entry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// For the first time.
    New,
    /// The consumer asked for what it had been given before.
    Own,
    /// The consumer took it over.
    Claim,
    /// The consumer was given the partition, and began at what was committed.
    Rebalance,
    /// It had been given to a connection that is no more.
    Requeued,
}

/// An entry in a consumer's hand.
#[derive(Clone, Copy, Debug)]
pub struct Receipt {
    /// Who.
    pub consumer: usize,
    /// When.
    pub at: Nanos,
    /// When the request that brought it was made, where there is one.
    pub asked: Option<Nanos>,
    /// When the consumer asked for what it was then given: this request, or from which offset on.
    pub placed: Option<Nanos>,
    /// When the broker gave it away.
    pub handed: Nanos,
    /// Why it did.
    pub why: Why,
    /// The how many-th delivery it is by the broker's count.
    pub count: u16,
}

/// Something that the broker stored.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What its payload says.
    pub id: MessageId,
    /// Which message of the schedule it is a copy of; none for one that nobody sent.
    pub scheduled: Option<usize>,
    /// Its payload is right.
    pub valid: bool,
    /// Where it stands.
    pub position: Position,
    /// The broker still has it.
    pub kept: bool,
    /// How often the broker gave it away.
    pub handed: u32,
    /// The instants at which consumers got it.
    pub receipts: Vec<Receipt>,
    /// When the broker first took it as settled.
    pub settled: Option<Nanos>,
    /// When a consumer first knew so.
    pub confirmed: Option<Nanos>,
    /// A settlement was asked for and its answer never came.
    pub unanswered: bool,
    /// When each consumer first knew so by an answer of its own.
    pub known_by: BTreeMap<usize, Nanos>,
    /// A consumer processed it to its end, and recorded that: where it settles what it receives.
    pub processed: bool,
    /// A consumer was at it when the trial ended.
    pub left_at_the_end: bool,
}

/// What became of a message of the schedule, as its producer knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SendTruth {
    /// When it was begun.
    pub started: Option<Nanos>,
    /// How it ended, and when; none for one that was never begun, or of which its producer left no trace.
    pub ended: Option<(Outcome, Nanos)>,
    /// Where the broker says that it put it.
    pub told: Option<Position>,
    /// It failed although no fault kept its producer from the broker.
    pub refused: bool,
}

/// A commit that was not refused.
#[derive(Clone, Copy, Debug)]
pub struct Commit {
    /// Whose.
    pub consumer: usize,
    /// Of which partition.
    pub partition: usize,
    /// The first position that it leaves out.
    pub below: u64,
    /// When it was asked for.
    pub asked: Nanos,
    /// When it was answered; none where nobody heard an answer: then it may have reached the broker at any time.
    pub answered: Option<Nanos>,
}

/// All that is noted.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Each message of the schedule.
    pub sends: Vec<SendTruth>,
    /// Everything that was ever stored.
    pub entries: Vec<Entry>,
    /// Commits, in order of their answers.
    pub commits: Vec<Commit>,
    /// Entries that the group could still be given at the end.
    pub deliverable: Vec<usize>,
    /// What the broker holds for the group at the end, each partition: pending, and not yet given.
    pub held: Vec<(u64, u64)>,
    /// What it says of it.
    pub inspections: Vec<Inspection>,
    /// Stretches of time in which each client was connected.
    pub connected: Vec<Vec<(Nanos, Option<Nanos>)>>,
    /// When each client began an attempt to connect.
    pub attempts: Vec<Vec<Nanos>>,
    /// Attempts that broke the declared backoff.
    pub breaches: Vec<Breach>,
    /// When the trial ended.
    pub end: Nanos,
    /// The workers believe that everything is accounted for.
    pub drained: bool,
}

/// An attempt that came too early or too late.
#[derive(Clone, Copy, Debug)]
pub struct Breach {
    /// Whose.
    pub client: usize,
    /// When.
    pub at: Nanos,
    /// By more than anybody's resolution.
    pub clear: bool,
}
