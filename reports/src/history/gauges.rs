//! `gauges`: the broker's own numbers over time.

use super::Gauge;
use super::column::{ColumnError, Found};
use super::table::{Column, HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::ArrayRef;
use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Gauges {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct GaugeBuilders {
    at: UInt64Builder,
    metric: StringBuilder,
    subject: StringBuilder,
    value: Float64Builder,
}

impl HistoryTable for Gauges {
    const NAME: &'static str = "gauges";
    const ABOUT: &'static str = "one of the broker's own numbers; appended when it was read";
    type Row = Gauge;
    type Builders = GaugeBuilders;
    type Batch = Vec<Gauge>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("at_ns", DataType::UInt64, "when it was read"),
            Column::required(
                "metric",
                DataType::Utf8,
                "`length`, `lag`, `pending` (in messages), `oldest-pending-ms`, `in-sync-replicas`",
            ),
            Column::required("subject", DataType::Utf8, "of what: `partition-0`, `consumer-2`, `all`"),
            Column::required("value", DataType::Float64, "the number"),
        ]
    }

    fn append(builders: &mut GaugeBuilders, row: &Gauge) {
        builders.at.append_value(row.at.0);
        builders.metric.append_value(&row.metric);
        builders.subject.append_value(&row.subject);
        builders.value.append_value(row.value);
    }

    fn finish(builders: &mut GaugeBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.at.finish()),
            Arc::new(builders.metric.finish()),
            Arc::new(builders.subject.finish()),
            Arc::new(builders.value.finish()),
        ]
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
