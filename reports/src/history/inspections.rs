//! `inspections`: the broker's own account of each partition at the end.

use super::Inspection;
use super::column::{ColumnError, Found};
use super::table::{Column, HistoryTable, SmallTable};
use crate::units::{Nanos, Partition, Position};
use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, UInt16Builder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Inspections {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct InspectionBuilders {
    at: UInt64Builder,
    partition: UInt16Builder,
    length: UInt64Builder,
    appended: UInt64Builder,
    first: UInt64Builder,
    end: UInt64Builder,
    committed: UInt64Builder,
    pending: UInt64Builder,
    lag: UInt64Builder,
    group: BooleanBuilder,
}

impl HistoryTable for Inspections {
    const NAME: &'static str = "inspections";
    const ABOUT: &'static str = "the broker's own view of one partition; appended after the drain";
    type Row = Inspection;
    type Builders = InspectionBuilders;
    type Batch = Vec<Inspection>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("at_ns", DataType::UInt64, "when it was read"),
            Column::required("partition", DataType::UInt16, "which partition, from 0"),
            Column::required("length", DataType::UInt64, "entries in its log by the broker's count"),
            Column::optional("appended", DataType::UInt64, "entries ever added to it, trimmed ones too"),
            Column::optional("first", DataType::UInt64, "the position of the oldest entry that it still has"),
            Column::optional("end", DataType::UInt64, "the position after its last entry (Kafka), or of it (Redis)"),
            Column::optional("committed", DataType::UInt64, "the position up to which the group has committed or read"),
            Column::required("pending", DataType::UInt64, "entries delivered to the group and not acknowledged"),
            Column::optional("lag", DataType::UInt64, "entries not yet delivered to the group, or not yet committed"),
            Column::optional("group", DataType::Boolean, "whether the broker knows the group here; absent: it does"),
        ]
    }

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

    fn finish(builders: &mut InspectionBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.at.finish()),
            Arc::new(builders.partition.finish()),
            Arc::new(builders.length.finish()),
            Arc::new(builders.appended.finish()),
            Arc::new(builders.first.finish()),
            Arc::new(builders.end.finish()),
            Arc::new(builders.committed.finish()),
            Arc::new(builders.pending.finish()),
            Arc::new(builders.lag.finish()),
            Arc::new(builders.group.finish()),
        ]
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
