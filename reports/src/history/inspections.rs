//! `inspections`: the broker's own account of each partition at the end.

use super::Inspection;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::{HistoryTable, SmallTable};
use crate::units::{Nanos, Partition, Position};
use arrow_array::builder::{BooleanBuilder, UInt16Builder, UInt64Builder};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Inspections {}

builders! {
    /// Its columns while they are collected.
    InspectionBuilders {
        at: UInt64Builder = required("at_ns", "when it was read"),
        partition: UInt16Builder = required("partition", "which partition, from 0"),
        length: UInt64Builder = required("length", "entries in its log by the broker's count"),
        appended: UInt64Builder = optional("appended", "entries ever added to it, trimmed ones too"),
        first: UInt64Builder = optional("first", "the position of the oldest entry that it still has"),
        end: UInt64Builder = optional("end", "the position after its last entry (Kafka), or of it (Redis)"),
        committed: UInt64Builder = optional("committed", "the position up to which the group has committed or read"),
        pending: UInt64Builder = required("pending", "entries delivered to the group and not acknowledged"),
        lag: UInt64Builder = optional("lag", "entries not yet delivered to the group, or not yet committed"),
        group: BooleanBuilder = optional("group", "whether the broker knows the group here; absent: it does"),
    }
}

impl HistoryTable for Inspections {
    const NAME: &'static str = "inspections";
    const ABOUT: &'static str = "the broker's own view of one partition; appended after the drain";
    type Row = Inspection;
    type Builders = InspectionBuilders;
    type Batch = Vec<Inspection>;

    fn append(builders: &mut InspectionBuilders, row: &Inspection) {
        builders.at.append_value(row.at.0);
        builders.partition.append_value(row.partition.0);
        builders.length.append_value(row.length);
        builders.appended.append_option(row.appended);
        builders.first.append_option(row.first.map(|position| position.0));
        builders.end.append_option(row.end.map(|position| position.0));
        builders.committed.append_option(row.committed.map(|position| position.0));
        builders.pending.append_value(row.pending);
        builders.lag.append_option(row.lag);
        builders.group.append_value(row.group);
    }

    fn read(found: &Found<'_>) -> Result<Vec<Inspection>, ColumnError> {
        let at = found.u64("at_ns")?;
        let partition = found.u16("partition")?;
        let length = found.u64("length")?;
        let appended = found.optional_u64("appended")?;
        let first = found.optional_u64("first")?;
        let end = found.optional_u64("end")?;
        let committed = found.optional_u64("committed")?;
        let pending = found.u64("pending")?;
        let lag = found.optional_u64("lag")?;
        let group = found.flags_or("group", true)?;
        let row = |row| Inspection {
            at: Nanos(at[row]),
            partition: Partition(partition[row]),
            length: length[row],
            appended: appended.get(row),
            first: first.get(row).map(Position),
            end: end.get(row).map(Position),
            committed: committed.get(row).map(Position),
            pending: pending[row],
            lag: lag.get(row),
            group: group.value(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Inspections {
    fn at(row: &Inspection) -> Nanos {
        row.at
    }
}
