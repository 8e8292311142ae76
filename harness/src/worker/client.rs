//! The two seams on a message's way: what a broker's file must do to send and to receive. Statically dispatched.

use super::complaints::Complaints;
use super::connections::ConnectionLog;
use super::control::Control;
use super::gauges::ClientGauges;
use super::ledger::{SendLedger, Ticket};
use super::lull::Lull;
use super::protocol::ConnectionSpec;
use super::record::Records;
use super::row::Row;
use crate::clock;
use crate::model::{BrokerError, KeyedMessage, Parting};
use reports::history::{GroupChange, GroupEvent, Outcome, Settlement, SettlementKind};
use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What a producing client works with.
#[derive(Clone, Debug)]
pub struct ProducerContext {
    /// Where and how to connect.
    pub connection: ConnectionSpec,
    /// Where outcomes go.
    pub ledger: Arc<SendLedger>,
    /// Where connection events go.
    pub connections: ConnectionLog,
    /// What else the run must hear.
    pub complaints: Complaints,
    /// What the run has asked for.
    pub control: Arc<Control>,
    /// Where the client's own numbers go.
    pub gauges: Arc<ClientGauges>,
    /// No more than this many sends are under way.
    pub in_flight: usize,
    /// What each message carries beside its payload.
    pub headers: BTreeMap<String, String>,
}

/// A client that sends.
pub trait Producer: Sized {
    /// Whether the threads that it starts may come before others, as the schedule's own does. Not those of a library that works
    /// while it waits: they would keep a broker on the same machine from what they wait for.
    const WAITS_ASLEEP: bool = true;

    /// Connects, and returns when the connection is usable.
    ///
    /// # Errors
    /// The broker was not reached within the patience of the first connection, or the settings are wrong.
    fn connect(context: ProducerContext) -> Result<Self, BrokerError>;

    /// Hands over one message without waiting for its outcome; the ledger hears of that through the ticket. It may be kept back
    /// until others join it, or until `wait_out`.
    /// Messages of one partition are sent in the order of the calls. `keyed` says the partition, and the key that goes with it.
    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]);

    /// Hands over one message for the dead-letter queue; as `send`.
    fn bury(&mut self, ticket: Ticket, letter: &Letter<'_>);

    /// Returns when the lull is over, or a little before. What was kept back leaves. A client that has no thread of its own works
    /// meanwhile; one that has lets the caller sleep.
    fn wait_out(&mut self, lull: Lull<'_>) {
        lull.asleep();
    }

    /// Closes the connections. What has not settled by now is abandoned by the caller.
    fn close(self);
}

/// What a consuming client works with.
#[derive(Clone, Debug)]
pub struct ConsumerContext {
    /// Where and how to connect.
    pub connection: ConnectionSpec,
    /// Where settlements and membership go.
    pub diary: ConsumerDiary,
    /// Where connection events go.
    pub connections: ConnectionLog,
    /// What else the run must hear.
    pub complaints: Complaints,
    /// What the run has asked for.
    pub control: Arc<Control>,
}

/// A message in a consumer's hands.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Where from.
    pub partition: Partition,
    /// Where it stood.
    pub position: Position,
    /// Which delivery of it this is by the broker's account; 0 where it keeps none.
    pub delivery_count: u16,
    /// When the request that brought it was made, where the client can tell.
    pub asked: Option<Nanos>,
    /// When it was in hand.
    pub received: Nanos,
    /// Its bytes.
    pub payload: &'a [u8],
}

/// A message that was received and processed, to be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processed {
    /// Which message; `None` where the payload does not say.
    pub message: Option<MessageId>,
    /// Where from.
    pub partition: Partition,
    /// Where it stood.
    pub position: Position,
}

/// A message for the dead-letter queue, with what is said of it there.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// To which partition it was sent.
    pub partition: Partition,
    /// Its identity.
    pub message_id: String,
    /// Its trace's identity.
    pub trace_id: String,
    /// Deliveries beyond the first, or attempts to send beyond the first.
    pub retries: u16,
    /// Its bytes.
    pub payload: &'a [u8],
}

/// A client that receives and settles.
pub trait Consumer: Sized {
    /// Connects and joins the group; returns when it is a member that reads.
    ///
    /// # Errors
    /// As [`Producer::connect`].
    fn connect(context: ConsumerContext) -> Result<Self, BrokerError>;

    /// Waits for messages, at most about `patience`, and hands over what came, in order.
    /// Loss of the connection is not an error: it reconnects by the policy and goes on.
    fn receive(&mut self, patience: Duration, deliver: impl FnMut(Received<'_>));

    /// Settles processed messages, in the order of their receipt; may gather several calls into one request.
    fn settle(&mut self, processed: &[Processed]);

    /// A message could not be processed: it is not settled, and is received again after the policy's time, where the policy
    /// lets anybody come back to it. In the order of their receipt among those that are settled.
    fn refuse(&mut self, processed: &Processed, payload: &[u8]);

    /// Puts a message that could not be processed into the dead-letter queue and settles it, in this order or in one step;
    /// records a settlement of that kind, and returns how it ended. Where that is not ok, it is received again, as after
    /// `refuse`.
    fn bury(&mut self, processed: &Processed, letter: &Letter<'_>) -> Outcome;

    /// Settles what `settle` has gathered, leaves the group in order, and closes the connections. Where its name is to be deleted
    /// there, and was, returns with how many pending entries.
    fn leave(self, parting: Parting) -> Option<u64>;
}

/// The diary of one consumer's settlements and membership.
#[derive(Clone, Debug)]
pub struct ConsumerDiary {
    /// Whose.
    pub consumer: ConsumerId,
    /// Where it goes.
    pub records: Records,
}

impl ConsumerDiary {
    /// One message was settled, or not.
    pub fn message_settled(
        &self,
        processed: &Processed,
        kind: SettlementKind,
        requested: Nanos,
        settled: Nanos,
        outcome: Outcome,
    ) {
        self.records.push(Row::Settlement(Settlement {
            consumer: self.consumer,
            partition: processed.partition,
            message: processed.message.map(|message| (message.producer, message.seq)),
            position: Some(processed.position),
            kind,
            requested,
            settled,
            outcome,
        }));
    }

    /// All positions below `position` were committed, or not.
    pub fn committed(&self, partition: Partition, position: Position, requested: Nanos, outcome: Outcome) {
        self.records.push(Row::Settlement(Settlement {
            consumer: self.consumer,
            partition,
            message: None,
            position: Some(position),
            kind: SettlementKind::Commit,
            requested,
            settled: clock::now(),
            outcome,
        }));
    }

    /// Its membership changed now.
    pub fn group(&self, event: GroupEvent, partitions: Vec<Partition>) {
        self.records.push(Row::Group(GroupChange { consumer: self.consumer, event, partitions, at: clock::now() }));
    }
}
