//! What a row of each table says. Columns have the fields' names; `docs/history.md` is their description for readers.

use crate::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};

/// How a send ended for its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// The broker acknowledged it.
    Ok = 0,
    /// It certainly did not happen: it never left, or the broker refused it.
    Failed = 1,
    /// A timeout or a lost connection: it may or may not have happened.
    Indeterminate = 2,
}

/// How the `error` of a failed send begins whose message never left the client.
pub const NEVER_SENT: &str = "never sent";

/// The `error` of a failed send that its worker withdrew before it left the client, because the trial ended.
pub const WITHDRAWN: &str = "never sent: the trial ended";

/// `sends`: appended when the send settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// The message (columns `producer`, `partition`, `seq`).
    pub message: MessageId,
    /// When the schedule wanted it sent.
    pub intended: Nanos,
    /// When it was handed to the client library.
    pub started: Nanos,
    /// When the outcome was known.
    pub settled: Nanos,
    /// How it ended.
    pub outcome: Outcome,
    /// How often the worker tried (a library's own retries are not seen and not counted).
    pub attempts: u8,
    /// Why it did not end well: a short, stable text without addresses or times.
    pub error: Option<String>,
    /// Where the broker says that it put it.
    pub position: Option<Position>,
    /// Of a send that its producer has given up, and put into the dead-letter queue: whether that was acknowledged.
    pub dead_letter: Option<bool>,
}

/// `deliveries`: appended when a consumer received it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Who received it.
    pub consumer: ConsumerId,
    /// What the payload says that it is (columns `producer`, `partition`, `seq`); meaningless where `payload_ok` is false.
    pub message: MessageId,
    /// The intended send time that the payload carries.
    pub intended: Nanos,
    /// When the request that brought it was made, where the client can tell.
    pub asked: Option<Nanos>,
    /// When the consumer had it in hand.
    pub received: Nanos,
    /// Which delivery of the entry this is by the broker's own account, from 1; 0 where the broker keeps none.
    pub delivery_count: u16,
    /// Where it stood.
    pub position: Position,
    /// Checksum, magic, trial and partition are right.
    pub payload_ok: bool,
}

/// What a settlement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SettlementKind {
    /// One message acknowledged.
    Ack = 0,
    /// One message refused.
    Nack = 1,
    /// All positions of the partition below `position` committed.
    Commit = 2,
    /// One message moved to the dead-letter queue.
    DeadLetter = 3,
    /// One pending message taken over from another consumer; known by its partition and position.
    Claim = 4,
    /// One message processed to its end. Written where messages are settled before that; nothing is asked of the broker.
    Processed = 5,
}

/// `settlements`: appended when the broker answered, or did not in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// Who settled.
    pub consumer: ConsumerId,
    /// Of which partition.
    pub partition: Partition,
    /// Which message, where the consumer has read it (columns `producer`, `seq`). Commits are about no single one, and who
    /// takes over an entry has not read it yet.
    pub message: Option<(ProducerId, Sequence)>,
    /// For commits: the first position not committed. For all else: where the message stands.
    pub position: Option<Position>,
    /// What it did.
    pub kind: SettlementKind,
    /// When the consumer asked.
    pub requested: Nanos,
    /// When the answer was known.
    pub settled: Nanos,
    /// How it ended.
    pub outcome: Outcome,
}

/// What happened to a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ConnectionEvent {
    /// An attempt begins.
    Connecting = 0,
    /// The connection is usable.
    Connected = 1,
    /// A usable connection was lost.
    Lost = 2,
    /// An attempt did not succeed.
    AttemptFailed = 3,
}

/// `connections`.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// The client: `producer-0`, `consumer-2`.
    pub client: String,
    /// Which of the client's connections: `main` where it has one, else as its library names it (`bootstrap`, `1`, `GroupCoordinator`).
    pub peer: String,
    /// What happened (column `what`).
    pub event: ConnectionEvent,
    /// When.
    pub at: Nanos,
    /// Why, where it went wrong.
    pub error: Option<String>,
}

/// What happened to a consumer's membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum GroupEvent {
    /// It is a member and reads.
    Joined = 0,
    /// It was given partitions.
    Assigned = 1,
    /// It lost partitions.
    Revoked = 2,
    /// It took over pending entries.
    Claimed = 3,
    /// It left in order.
    Left = 4,
}

/// `group_events`.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupChange {
    /// Who.
    pub consumer: ConsumerId,
    /// What happened (column `what`).
    pub event: GroupEvent,
    /// The partitions concerned.
    pub partitions: Vec<Partition>,
    /// When.
    pub at: Nanos,
}

/// `faults`: one row when a fault has been healed, or at the end of the trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Its name in the trial: `down-1`.
    pub name: String,
    /// Its kind: `down`, `latency` …
    pub kind: String,
    /// What it was done to: `link client`.
    pub target: String,
    /// When the injection was asked for.
    pub inject_requested: Nanos,
    /// When it was confirmed, by reading it back.
    pub injected: Option<Nanos>,
    /// When the healing was asked for.
    pub heal_requested: Option<Nanos>,
    /// When the healing was confirmed, by reading it back.
    pub healed: Option<Nanos>,
    /// Injection and healing were both read back as asked.
    pub confirmed: bool,
    /// What was read back, in words.
    pub evidence: String,
    /// Packets that it dropped, on the path where these were the fewest; only where it drops packets.
    pub dropped: Option<u64>,
}

/// What happened to a node of the system or of its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum NodeEvent {
    /// Its process runs.
    Started = 0,
    /// It answers in its own protocol.
    Ready = 1,
    /// Its process is no more.
    Ended = 2,
    /// Its process was started once more.
    Restarted = 3,
    /// It leads now.
    Elected = 4,
}

/// `nodes`: what happened to a node, asked for or not.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeChange {
    /// Which: `redis-0`, `toxiproxy`.
    pub node: String,
    /// What happened (column `what`).
    pub event: NodeEvent,
    /// When.
    pub at: Nanos,
    /// The exit code of a process that ended; 128 and the signal's number where a signal ended it.
    pub exit: Option<u16>,
    /// Whether a fault or the trial's own tear-down asked for it.
    pub asked_for: bool,
    /// What else is known: the signal, out of memory, the last lines of its log.
    pub words: Option<String>,
}

/// `gauges`: the broker's own numbers over time, and the clients'.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// When it was read.
    pub at: Nanos,
    /// `length`, `lag`, `pending`, `oldest-pending-ms`, `in-sync-replicas`, `aof-rewrites`; of clients, the most since the reading before:
    /// `pool-active`, `pool-idle`, `pool-waiting`, `pool-wait-ms`.
    pub metric: String,
    /// Of what: `partition-0`, `consumer-2`, `producer-0`, `all`.
    pub subject: String,
    /// The number.
    pub value: f64,
}

/// `resources`: what a process had used by then. Counters count from the process's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// When it was read.
    pub at: Nanos,
    /// `broker`, `generator` or `proxy` (column `role`).
    pub role: String,
    /// Its name: `redis-0`, `producer-1`.
    pub process: String,
    /// User and system time so far.
    pub cpu: Nanos,
    /// Resident memory, in bytes.
    pub rss: u64,
    /// Bytes read from storage so far.
    pub read: u64,
    /// Bytes written to storage so far.
    pub written: u64,
    /// Bytes sent so far, where known.
    pub sent: Option<u64>,
    /// Bytes received so far, where known.
    pub received: Option<u64>,
}

/// `dead_letters`: what the dead-letter queue held at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// When it was read.
    pub at: Nanos,
    /// Where it stands in the queue.
    pub position: Position,
    /// Which message, as the payload says.
    pub message: MessageId,
    /// Its intended send time, as the payload says.
    pub intended: Nanos,
    /// Whether the payload can be believed.
    pub payload_ok: bool,
    /// The message's identity, as the entry names it beside the payload: `producer-0/1/17`.
    pub message_id: Option<String>,
    /// The trace's identity, as the entry names it.
    pub trace_id: Option<String>,
    /// Deliveries beyond the first, as the entry says.
    pub retries: Option<u16>,
}

/// `inspections`: the broker's own view of a partition at the end of the trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// When it was read.
    pub at: Nanos,
    /// Which partition.
    pub partition: Partition,
    /// Entries in its log by the broker's count.
    pub length: u64,
    /// Entries that were ever added to it, whether they are still there or not, where the broker counts them.
    pub appended: Option<u64>,
    /// The position of the oldest entry that it still has, where there is one and the broker tells.
    pub first: Option<Position>,
    /// The position after its last entry, for Kafka; the last entry's, for Redis.
    pub end: Option<Position>,
    /// How far the group has committed or read.
    pub committed: Option<Position>,
    /// Entries delivered to the group and not acknowledged.
    pub pending: u64,
    /// Entries not yet delivered to the group (or, for Kafka, not yet committed).
    pub lag: Option<u64>,
    /// Whether the broker knows the consumer group here. Where it does not, it can hand out nothing more to it.
    pub group: bool,
}

/// `log`: one entry that the broker's log held after the drain, as a client apart from those under test read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logged {
    /// What the payload says that it is (columns `producer`, `seq`), in the partition in which it stands (column
    /// `partition`); meaningless where `payload_ok` is false, but for the partition.
    pub message: MessageId,
    /// Where it stands.
    pub position: Position,
    /// Checksum, magic, trial and partition are right.
    pub payload_ok: bool,
}
