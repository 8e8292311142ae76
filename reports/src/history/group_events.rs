//! `group_events`: what happened to the consumers' membership of their group.

use super::column::{ColumnError, Found, Word, WordBuilder, list_of_u16, word_type};
use super::table::{Column, HistoryTable, SmallTable};
use super::{GroupChange, GroupEvent};
use crate::units::{ConsumerId, Nanos, Partition};
use arrow_array::ArrayRef;
use arrow_array::builder::{ListBuilder, UInt16Builder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

impl Word for GroupEvent {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Joined, "joined"),
        (Self::Assigned, "assigned"),
        (Self::Revoked, "revoked"),
        (Self::Claimed, "claimed"),
        (Self::Left, "left"),
    ];

    fn index(self) -> u8 {
        self as u8
    }
}

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum GroupEvents {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct GroupEventBuilders {
    consumer: UInt16Builder,
    what: WordBuilder<GroupEvent>,
    partitions: ListBuilder<UInt16Builder>,
    at: UInt64Builder,
}

impl HistoryTable for GroupEvents {
    const NAME: &'static str = "group_events";
    const ABOUT: &'static str = "one change of a consumer's membership; appended when it happened";
    type Row = GroupChange;
    type Builders = GroupEventBuilders;
    type Batch = Vec<GroupChange>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("consumer", DataType::UInt16, "who, from 0"),
            Column::required(
                "what",
                word_type(),
                "`joined`, `assigned`, `revoked`, `claimed` (took over pending entries) or `left`",
            ),
            Column::required("partitions", list_of_u16(), "the partitions concerned"),
            Column::required("at_ns", DataType::UInt64, "when"),
        ]
    }

    fn append(builders: &mut GroupEventBuilders, row: &GroupChange) {
        builders.consumer.append_value(row.consumer.0);
        builders.what.append(row.event);
        builders.partitions.append_value(row.partitions.iter().map(|partition| Some(partition.0)));
        builders.at.append_value(row.at.0);
    }

    fn finish(builders: &mut GroupEventBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.consumer.finish()),
            builders.what.finish(),
            Arc::new(builders.partitions.finish()),
            Arc::new(builders.at.finish()),
        ]
    }

    fn read(found: &Found<'_>) -> Result<Vec<GroupChange>, ColumnError> {
        let consumer = found.u16("consumer")?;
        let what = found.words("what")?;
        let partitions = found.lists_of_u16("partitions")?;
        let at = found.u64("at_ns")?;
        let row = |row: usize| GroupChange {
            consumer: ConsumerId(consumer[row]),
            event: what[row],
            partitions: partitions[row].iter().copied().map(Partition).collect(),
            at: Nanos(at[row]),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for GroupEvents {
    fn at(row: &GroupChange) -> Nanos {
        row.at
    }
}
