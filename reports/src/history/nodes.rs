//! `nodes`: what happened to the nodes of a system and of its environment, asked for or not.

use super::builders::builders;
use super::column::{ColumnError, Found, Word, WordBuilder};
use super::table::{HistoryTable, SmallTable};
use super::{NodeChange, NodeEvent};
use crate::units::Nanos;
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt16Builder, UInt64Builder};

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

builders! {
    /// Its columns while they are collected.
    NodeBuilders {
        node: StringBuilder = required("node", "which: `redis-0`, `toxiproxy`"),
        what: WordBuilder<NodeEvent> = required("what", "`started`, `ready`, `ended`, `restarted` or `elected`"),
        at: UInt64Builder = required("at_ns", "when"),
        exit: UInt16Builder = optional("exit", "exit code of what ended; 128 + n where signal n ended it"),
        asked_for: BooleanBuilder = required("asked_for", "a fault or the trial's own tear-down wanted it"),
        words: StringBuilder = optional("words", "the signal, out of memory, the last lines of its log"),
    }
}

impl HistoryTable for Nodes {
    const NAME: &'static str = "nodes";
    const ABOUT: &'static str = "one event of a node's life; appended when it was noticed";
    type Row = NodeChange;
    type Builders = NodeBuilders;
    type Batch = Vec<NodeChange>;

    fn append(builders: &mut NodeBuilders, row: &NodeChange) {
        builders.node.append_value(&row.node);
        builders.what.append(row.event);
        builders.at.append_value(row.at.0);
        builders.exit.append_option(row.exit);
        builders.asked_for.append_value(row.asked_for);
        builders.words.append_option(row.words.as_deref());
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
