//! `connections`: what happened to the clients' connections.

use super::builders::builders;
use super::column::{ColumnError, Found, Word, WordBuilder};
use super::table::{HistoryTable, SmallTable};
use super::{Connection, ConnectionEvent};
use crate::units::Nanos;
use arrow_array::builder::{StringBuilder, UInt64Builder};

impl Word for ConnectionEvent {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Connecting, "connecting"),
        (Self::Connected, "connected"),
        (Self::Lost, "lost"),
        (Self::AttemptFailed, "attempt-failed"),
    ];

    fn index(self) -> u8 {
        self as u8
    }
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Connections {}

builders! {
    /// Its columns while they are collected.
    ConnectionBuilders {
        client: StringBuilder = required("client", "whose connection: `producer-0`, `consumer-2`"),
        peer: StringBuilder = required("peer", "which of its connections: `main` where it has one, else as its library names it"),
        what: WordBuilder<ConnectionEvent> = required("what", "`connecting` (an attempt begins), `connected`, `lost` or `attempt-failed`"),
        at: UInt64Builder = required("at_ns", "when"),
        error: StringBuilder = optional("error", "why, where it went wrong"),
    }
}

impl HistoryTable for Connections {
    const NAME: &'static str = "connections";
    const ABOUT: &'static str = "one event of a client's connection; appended when it happened";
    type Row = Connection;
    type Builders = ConnectionBuilders;
    type Batch = Vec<Connection>;

    fn append(builders: &mut ConnectionBuilders, row: &Connection) {
        builders.client.append_value(&row.client);
        builders.peer.append_value(&row.peer);
        builders.what.append(row.event);
        builders.at.append_value(row.at.0);
        builders.error.append_option(row.error.as_deref());
    }

    fn read(found: &Found<'_>) -> Result<Vec<Connection>, ColumnError> {
        let client = found.text("client")?;
        let peer = found.text("peer")?;
        let what = found.words("what")?;
        let at = found.u64("at_ns")?;
        let error = found.optional_text("error")?;
        let row = |row| Connection {
            client: client.owned(row),
            peer: peer.owned(row),
            event: what[row],
            at: Nanos(at[row]),
            error: error.owned_if_any(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Connections {
    fn at(row: &Connection) -> Nanos {
        row.at
    }
}
