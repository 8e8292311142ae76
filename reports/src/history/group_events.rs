//! `group_events`: what happened to the consumers' membership of their group.

use super::builders::builders;
use super::column::{ColumnError, Found, Word, WordBuilder};
use super::table::{HistoryTable, SmallTable};
use super::{GroupChange, GroupEvent};
use crate::units::{ConsumerId, Nanos, Partition};
use arrow_array::builder::{ListBuilder, UInt16Builder, UInt64Builder};

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

builders! {
    /// Its columns while they are collected.
    GroupEventBuilders {
        consumer: UInt16Builder = required("consumer", "who, from 0"),
        what: WordBuilder<GroupEvent> = required("what", "`joined`, `assigned`, `revoked`, `claimed` (took over pending entries) or `left`"),
        partitions: ListBuilder<UInt16Builder> = required("partitions", "the partitions concerned"),
        at: UInt64Builder = required("at_ns", "when"),
    }
}

impl HistoryTable for GroupEvents {
    const NAME: &'static str = "group_events";
    const ABOUT: &'static str = "one change of a consumer's membership; appended when it happened";
    type Row = GroupChange;
    type Builders = GroupEventBuilders;
    type Batch = Vec<GroupChange>;

    fn append(builders: &mut GroupEventBuilders, row: &GroupChange) {
        builders.consumer.append_value(row.consumer.0);
        builders.what.append(row.event);
        builders.partitions.append_value(row.partitions.iter().map(|partition| Some(partition.0)));
        builders.at.append_value(row.at.0);
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
