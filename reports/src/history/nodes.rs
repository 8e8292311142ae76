//! `nodes`: what happened to the nodes of a system and of its environment, asked for or not.

use super::column::{ColumnError, Found, Word, WordBuilder, word_type};
use super::table::{Column, HistoryTable, SmallTable};
use super::{NodeChange, NodeEvent};
use crate::units::Nanos;
use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt16Builder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

impl Word for NodeEvent {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Started, "started"),
        (Self::Ready, "ready"),
        (Self::Ended, "ended"),
        (Self::Restarted, "restarted"),
        (Self::Elected, "elected"),
    ];

    fn index(self) -> u8 {
        self as u8
    }
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Nodes {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct NodeBuilders {
    node: StringBuilder,
    what: WordBuilder<NodeEvent>,
    at: UInt64Builder,
    exit: UInt16Builder,
    asked_for: BooleanBuilder,
    words: StringBuilder,
}

impl HistoryTable for Nodes {
    const NAME: &'static str = "nodes";
    const ABOUT: &'static str = "one event of a node's life; appended when it was noticed";
    type Row = NodeChange;
    type Builders = NodeBuilders;
    type Batch = Vec<NodeChange>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("node", DataType::Utf8, "which: `redis-0`, `toxiproxy`"),
            Column::required("what", word_type(), "`started`, `ready`, `ended`, `restarted` or `elected`"),
            Column::required("at_ns", DataType::UInt64, "when"),
            Column::optional("exit", DataType::UInt16, "exit code of what ended; 128 + n where signal n ended it"),
            Column::required("asked_for", DataType::Boolean, "a fault or the trial's own tear-down wanted it"),
            Column::optional("words", DataType::Utf8, "the signal, out of memory, the last lines of its log"),
        ]
    }

    fn append(builders: &mut NodeBuilders, row: &NodeChange) {
        builders.node.append_value(&row.node);
        builders.what.append(row.event);
        builders.at.append_value(row.at.0);
        builders.exit.append_option(row.exit);
        builders.asked_for.append_value(row.asked_for);
        builders.words.append_option(row.words.as_deref());
    }

    fn finish(builders: &mut NodeBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.node.finish()),
            builders.what.finish(),
            Arc::new(builders.at.finish()),
            Arc::new(builders.exit.finish()),
            Arc::new(builders.asked_for.finish()),
            Arc::new(builders.words.finish()),
        ]
    }

    fn read(found: &Found<'_>) -> Result<Vec<NodeChange>, ColumnError> {
        let node = found.text("node")?;
        let what = found.words("what")?;
        let at = found.u64("at_ns")?;
        let exit = found.optional_u16("exit")?;
        let asked_for = found.flags("asked_for")?;
        let words = found.optional_text("words")?;
        let row = |row: usize| NodeChange {
            node: node.owned(row),
            event: what[row],
            at: Nanos(at[row]),
            exit: exit.get(row),
            asked_for: asked_for.value(row),
            words: words.owned_if_any(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Nodes {
    fn at(row: &NodeChange) -> Nanos {
        row.at
    }
}
