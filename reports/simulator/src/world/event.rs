//! What can happen, and what clients and broker say to each other.

use reports::history::Outcome;
use reports::units::{Nanos, Position};

/// Something that happens.
#[derive(Debug)]
pub(super) enum Event {
    /// A fault begins, or ends.
    Fault { index: usize, begins: bool },
    /// A client tries to connect.
    Attempt { client: usize, epoch: u32 },
    /// The attempt ends.
    AttemptEnds { client: usize, epoch: u32, connected: bool },
    /// A client learns that its connection is gone.
    Broken { client: usize, epoch: u32 },
    /// The broker learns that a client's connection is gone.
    Gone { client: usize, epoch: u32 },
    /// A producer has something to send, perhaps.
    Due { producer: usize },
    /// A send has waited for a connection for too long.
    GiveUp { producer: usize, message: usize },
    /// A request reaches the broker.
    Request { client: usize, epoch: u32, id: u64, what: What },
    /// An answer reaches the client.
    Reply { client: usize, epoch: u32, id: u64, reply: Reply },
    /// A request has no answer for too long.
    Timeout { client: usize, epoch: u32, id: u64 },
    /// A consumer is done with what it received.
    Processed { consumer: usize, epoch: u32, generation: u32, entries: Vec<usize> },
    /// The broker answers a read that found nothing.
    Unblock { client: usize, id: u64 },
    /// The broker gives up a silent member of the group.
    SessionEnds { consumer: usize, lapse: u32 },
    /// A member learns of its partitions.
    Assigned { client: usize, epoch: u32, generation: u32, partitions: Vec<usize> },
    /// A client's connections stop lasting.
    Storm { client: usize },
    /// The broker forgets.
    Forget,
    /// A worker is killed.
    Kill { client: usize },
    /// Is everything accounted for?
    DrainCheck,
    /// The trial is cut short.
    Interrupt,
}

/// What a client asks.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Store a message of the schedule.
    Send(usize),
    /// New entries; for a log, those of these partitions from these offsets on.
    ReadNew(Vec<(usize, usize)>),
    /// Entries that this consumer was given and has not settled.
    ReadOwn,
    /// Entries that others have not settled for too long.
    Claim,
    /// These entries are settled.
    Ack(Vec<usize>),
    /// All of a partition below an offset is settled.
    Commit { partition: usize, below: usize, generation: u32 },
    /// Be a member of the group.
    Join,
    /// From which offsets on are these partitions to be read?
    AskCommitted(Vec<usize>),
}

/// What the broker answers.
#[derive(Debug)]
pub(super) enum Reply {
    /// A message stands here.
    Stored(Position),
    /// It was refused, for certain.
    Refused,
    /// Entries.
    Entries(Vec<Handed>),
    /// Each of the entries, as it went.
    Acked(Vec<Outcome>),
    /// A commit, as it went.
    Committed(Outcome),
    /// There is no such group.
    NoGroup,
    /// Offsets to read from.
    Offsets(Vec<(usize, usize)>),
    /// Done.
    Fine,
}

/// An entry on its way to a consumer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handed {
    pub(super) entry: usize,
    pub(super) why: crate::truth::Why,
    pub(super) count: u16,
    pub(super) at: Nanos,
}
