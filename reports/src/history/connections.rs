//! `connections`: what happened to the clients' connections.

use super::column::{ColumnError, Found, Word, WordBuilder, word_type};
use super::table::{Column, HistoryTable, SmallTable};
use super::{Connection, ConnectionEvent};
use crate::units::Nanos;
use arrow_array::ArrayRef;
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

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

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct ConnectionBuilders {
    client: StringBuilder,
    peer: StringBuilder,
    what: WordBuilder<ConnectionEvent>,
    at: UInt64Builder,
    error: StringBuilder,
}

impl HistoryTable for Connections {
    const NAME: &'static str = "connections";
    const ABOUT: &'static str = "one event of a client's connection; appended when it happened";
    type Row = Connection;
    type Builders = ConnectionBuilders;
    type Batch = Vec<Connection>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("client", DataType::Utf8, "whose connection: `producer-0`, `consumer-2`"),
            Column::required(
                "peer",
                DataType::Utf8,
                "which of its connections: `main` where it has one, else as its library names it",
            ),
            Column::required(
                "what",
                word_type(),
                "`connecting` (an attempt begins), `connected`, `lost` or `attempt-failed`",
            ),
            Column::required("at_ns", DataType::UInt64, "when"),
            Column::optional("error", DataType::Utf8, "why, where it went wrong"),
        ]
    }

    fn append(builders: &mut ConnectionBuilders, row: &Connection) {
        builders.client.append_value(&row.client);
        builders.peer.append_value(&row.peer);
        builders.what.append(row.event);
        builders.at.append_value(row.at.0);
        builders.error.append_option(row.error.as_deref());
    }

    fn finish(builders: &mut ConnectionBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.client.finish()),
            Arc::new(builders.peer.finish()),
            builders.what.finish(),
            Arc::new(builders.at.finish()),
            Arc::new(builders.error.finish()),
        ]
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
