//! What a worker records: rows of its tables, in the order in which things happen.

use reports::history::{Connection, Delivery, GroupChange, Send, Settlement};
use reports::units::{MessageId, Nanos};

/// One row of one of a worker's tables, or what becomes one.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// A send begins; it becomes a row of `sends` if nothing is heard of it any more.
    Begun(Begun),
    /// Of `sends`.
    Send(Send),
    /// Of `deliveries`.
    Delivery(Delivery),
    /// Of `settlements`.
    Settlement(Settlement),
    /// Of `connections`.
    Connection(Connection),
    /// Of `group_events`.
    Group(GroupChange),
}

/// A send that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The message.
    pub message: MessageId,
    /// When the schedule wanted it sent.
    pub intended: Nanos,
    /// When it began.
    pub started: Nanos,
}
