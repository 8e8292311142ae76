//! `gauges`: the broker's own numbers over time, and the clients'.

use super::Gauge;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::{HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Gauges {}

builders! {
    /// Its columns while they are collected.
    GaugeBuilders {
        at: UInt64Builder = required("at_ns", "when it was read"),
        metric: StringBuilder = required("metric", "`length`, `lag`, `pending` (in messages), `oldest-pending-ms`, `in-sync-replicas`, `aof-rewrites`; of a client: `pool-active`, `pool-idle`, `pool-waiting`, `pool-wait-ms`"),
        subject: StringBuilder = required("subject", "of what: `partition-0`, `consumer-2`, `producer-0`, `all`"),
        value: Float64Builder = required("value", "the number"),
    }
}

impl HistoryTable for Gauges {
    const NAME: &'static str = "gauges";
    const ABOUT: &'static str = "one of the broker's own numbers, or a client's; appended when it was read";
    type Row = Gauge;
    type Builders = GaugeBuilders;
    type Batch = Vec<Gauge>;

    fn append(builders: &mut GaugeBuilders, row: &Gauge) {
        builders.at.append_value(row.at.0);
        builders.metric.append_value(&row.metric);
        builders.subject.append_value(&row.subject);
        builders.value.append_value(row.value);
    }

    fn read(found: &Found<'_>) -> Result<Vec<Gauge>, ColumnError> {
        let at = found.u64("at_ns")?;
        let metric = found.text("metric")?;
        let subject = found.text("subject")?;
        let value = found.f64("value")?;
        let row = |row| Gauge {
            at: Nanos(at[row]),
            metric: metric.owned(row),
            subject: subject.owned(row),
            value: value[row],
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Gauges {
    fn at(row: &Gauge) -> Nanos {
        row.at
    }
}
