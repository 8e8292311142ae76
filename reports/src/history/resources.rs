//! `resources`: what each process had used by then.

use super::Resource;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::{HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::builder::{StringBuilder, UInt64Builder};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Resources {}

builders! {
    /// Its columns while they are collected.
    ResourceBuilders {
        at: UInt64Builder = required("at_ns", "when it was read"),
        role: StringBuilder = required("role", "`broker`, `generator` or `proxy`"),
        process: StringBuilder = required("process", "its name: `redis-0`, `producer-1`"),
        cpu: UInt64Builder = required("cpu_ns", "user and system time so far"),
        rss: UInt64Builder = required("rss", "resident memory, in bytes"),
        read: UInt64Builder = required("read", "bytes read from storage so far"),
        written: UInt64Builder = required("written", "bytes written to storage so far"),
        sent: UInt64Builder = optional("sent", "bytes sent so far, where known"),
        received: UInt64Builder = optional("received", "bytes received so far, where known"),
    }
}

impl HistoryTable for Resources {
    const NAME: &'static str = "resources";
    const ABOUT: &'static str = "what one process had used by then, counted from its start; appended when it was read";
    type Row = Resource;
    type Builders = ResourceBuilders;
    type Batch = Vec<Resource>;

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
