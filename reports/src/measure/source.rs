//! What measuring asks of a history, so that one on disk and one written by hand are measured by the same code.

use crate::facts::TrialFacts;
use crate::history::{
    Connection, DeadLetter, Delivery, Fault, Gauge, GroupChange, Inspection, Logged, NodeChange, Outcome, Resource,
    Settlement,
};
use crate::units::{MessageId, Nanos, Position};
use std::borrow::Cow;

/// Whether all rows of a table are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// They are.
    Whole,
    /// Some are missing: what they would tell may have happened unseen.
    Cut,
}

/// A trial's history. The large tables are visited, never held; the small ones are handed out whole, in order of time.
pub trait History {
    /// What is known beside the tables.
    fn facts(&self) -> &TrialFacts;

    /// What is missing of it.
    fn truncations(&self) -> Vec<IncompleteFile>;

    /// Whether all rows of a table are there, as far as is known: a file that belongs to no table for sure may belong to it.
    fn completeness(&self, of: Table) -> Completeness {
        let cut = self.truncations().iter().any(|file| file.table.is_none_or(|table| table == of));
        if cut { Completeness::Cut } else { Completeness::Whole }
    }

    /// Visits every send, with what its producer learnt beside the outcome; those of one producer in the order in which
    /// they settled, roughly.
    ///
    /// # Errors
    /// Where a file cannot be read for another reason than that its end is missing.
    fn each_send(&self, visit: impl FnMut(&Sent, Reply<'_>)) -> Result<(), ReadError>;

    /// Visits every delivery and settlement in order of time: `received` of the one, `settled` of the other;
    /// deliveries first where they are equal, and rows of one file in the file's order. Answers how many came out of
    /// order nevertheless, because their file was too far out of it.
    ///
    /// # Errors
    /// Where a file cannot be read for another reason than that its end is missing.
    fn each_event(&self, visit: impl FnMut(ConsumerEvent<'_>)) -> Result<u64, ReadError>;

    /// Visits every entry that was found in the broker's log; those of one partition in the order of their positions.
    ///
    /// # Errors
    /// Where a file cannot be read for another reason than that its end is missing.
    fn each_logged(&self, visit: impl FnMut(&Logged)) -> Result<(), ReadError>;

    /// `connections`, by time.
    ///
    /// # Errors
    /// As for the large tables; so for all below.
    fn connections(&self) -> Result<Cow<'_, [Connection]>, ReadError>;

    /// `group_events`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn group_changes(&self) -> Result<Cow<'_, [GroupChange]>, ReadError>;

    /// `faults`, by the time at which the injection was asked for.
    ///
    /// # Errors
    /// See `connections`.
    fn faults(&self) -> Result<Cow<'_, [Fault]>, ReadError>;

    /// `nodes`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn nodes(&self) -> Result<Cow<'_, [NodeChange]>, ReadError>;

    /// `gauges`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn gauges(&self) -> Result<Cow<'_, [Gauge]>, ReadError>;

    /// `resources`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn resources(&self) -> Result<Cow<'_, [Resource]>, ReadError>;

    /// `inspections`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn inspections(&self) -> Result<Cow<'_, [Inspection]>, ReadError>;

    /// `dead_letters`, by time.
    ///
    /// # Errors
    /// See `connections`.
    fn dead_letters(&self) -> Result<Cow<'_, [DeadLetter]>, ReadError>;
}

/// A row of `sends`, as far as it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message.
    pub message: MessageId,
    /// When the schedule wanted it sent.
    pub intended: Nanos,
    /// When it was handed to the client library.
    pub started: Nanos,
    /// When the outcome was known.
    pub settled: Nanos,
    /// How it ended.
    pub outcome: Outcome,
}

/// What a producer learnt of a send beside its outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Where the broker says that it put it.
    pub position: Option<Position>,
    /// Why it did not end well.
    pub error: Option<&'a str>,
    /// How often the worker tried; 0 where nobody says.
    pub attempts: u8,
    /// Of a send that was given up: whether its dead letter was acknowledged.
    pub dead_letter: Option<bool>,
}

/// What happened on the consumers' side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConsumerEvent<'a> {
    /// A row of `deliveries`.
    Delivery(&'a Delivery),
    /// A row of `settlements`.
    Settlement(&'a Settlement),
}

impl ConsumerEvent<'_> {
    /// The time that orders events.
    pub const fn at(&self) -> Nanos {
        match self {
            Self::Delivery(delivery) => delivery.received,
            Self::Settlement(settlement) => settlement.settled,
        }
    }
}

/// The tables that a verdict may hang on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `sends`.
    Sends,
    /// `deliveries`.
    Deliveries,
    /// `settlements`.
    Settlements,
    /// `connections`.
    Connections,
    /// `group_events`.
    GroupEvents,
    /// `faults`.
    Faults,
    /// `nodes`.
    Nodes,
    /// `gauges`.
    Gauges,
    /// `resources`.
    Resources,
    /// `inspections`.
    Inspections,
    /// `log`.
    Log,
    /// `dead_letters`.
    DeadLetters,
}

impl Table {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::Sends,
        Self::Deliveries,
        Self::Settlements,
        Self::Connections,
        Self::GroupEvents,
        Self::Faults,
        Self::Nodes,
        Self::Gauges,
        Self::Resources,
        Self::Inspections,
        Self::Log,
        Self::DeadLetters,
    ];

    /// Its name in files and in `trial.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sends => "sends",
            Self::Deliveries => "deliveries",
            Self::Settlements => "settlements",
            Self::Connections => "connections",
            Self::GroupEvents => "group_events",
            Self::Faults => "faults",
            Self::Nodes => "nodes",
            Self::Gauges => "gauges",
            Self::Resources => "resources",
            Self::Inspections => "inspections",
            Self::Log => "log",
            Self::DeadLetters => "dead_letters",
        }
    }

    /// The table of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }
}

/// A file of the history that is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncompleteFile {
    /// Which table lacks rows. `None`: which one cannot be told, so any may.
    pub table: Option<Table>,
    /// The file's name.
    pub file: String,
    /// What is missing, in words.
    pub what: String,
}

/// A table could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the history could not be read: {0}")]
pub struct ReadError(#[source] pub Box<dyn std::error::Error + Send + Sync>);
