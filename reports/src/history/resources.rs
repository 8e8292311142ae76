//! `resources`: what each process had used by then.

use super::Resource;
use super::column::{ColumnError, Found};
use super::table::{Column, HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::ArrayRef;
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Resources {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct ResourceBuilders {
    at: UInt64Builder,
    role: StringBuilder,
    process: StringBuilder,
    cpu: UInt64Builder,
    rss: UInt64Builder,
    read: UInt64Builder,
    written: UInt64Builder,
    sent: UInt64Builder,
    received: UInt64Builder,
}

impl HistoryTable for Resources {
    const NAME: &'static str = "resources";
    const ABOUT: &'static str = "what one process had used by then, counted from its start; appended when it was read";
    type Row = Resource;
    type Builders = ResourceBuilders;
    type Batch = Vec<Resource>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("at_ns", DataType::UInt64, "when it was read"),
            Column::required("role", DataType::Utf8, "`broker`, `generator` or `proxy`"),
            Column::required("process", DataType::Utf8, "its name: `redis-0`, `producer-1`"),
            Column::required("cpu_ns", DataType::UInt64, "user and system time so far"),
            Column::required("rss", DataType::UInt64, "resident memory, in bytes"),
            Column::required("read", DataType::UInt64, "bytes read from storage so far"),
            Column::required("written", DataType::UInt64, "bytes written to storage so far"),
            Column::optional("sent", DataType::UInt64, "bytes sent so far, where known"),
            Column::optional("received", DataType::UInt64, "bytes received so far, where known"),
        ]
    }

    fn append(builders: &mut ResourceBuilders, row: &Resource) {
        builders.at.append_value(row.at.0);
        builders.role.append_value(&row.role);
        builders.process.append_value(&row.process);
        builders.cpu.append_value(row.cpu.0);
        builders.rss.append_value(row.rss);
        builders.read.append_value(row.read);
        builders.written.append_value(row.written);
        builders.sent.append_option(row.sent);
        builders.received.append_option(row.received);
    }

    fn finish(builders: &mut ResourceBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.at.finish()),
            Arc::new(builders.role.finish()),
            Arc::new(builders.process.finish()),
            Arc::new(builders.cpu.finish()),
            Arc::new(builders.rss.finish()),
            Arc::new(builders.read.finish()),
            Arc::new(builders.written.finish()),
            Arc::new(builders.sent.finish()),
            Arc::new(builders.received.finish()),
        ]
    }

    fn read(found: &Found<'_>) -> Result<Vec<Resource>, ColumnError> {
        let at = found.u64("at_ns")?;
        let role = found.text("role")?;
        let process = found.text("process")?;
        let cpu = found.u64("cpu_ns")?;
        let rss = found.u64("rss")?;
        let read = found.u64("read")?;
        let written = found.u64("written")?;
        let sent = found.optional_u64("sent")?;
        let received = found.optional_u64("received")?;
        let row = |row| Resource {
            at: Nanos(at[row]),
            role: role.owned(row),
            process: process.owned(row),
            cpu: Nanos(cpu[row]),
            rss: rss[row],
            read: read[row],
            written: written[row],
            sent: sent.get(row),
            received: received.get(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Resources {
    fn at(row: &Resource) -> Nanos {
        row.at
    }
}
