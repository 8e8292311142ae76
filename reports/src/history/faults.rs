//! `faults`: what was done to the system, and what was read back of it.

use super::Fault;
use super::column::{ColumnError, Found};
use super::table::{Column, HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::ArrayRef;
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt64Builder};
use arrow_schema::DataType;
use std::sync::Arc;

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Faults {}

/// Its columns while they are collected.
#[derive(Debug, Default)]
pub struct FaultBuilders {
    name: StringBuilder,
    kind: StringBuilder,
    target: StringBuilder,
    inject_requested: UInt64Builder,
    injected: UInt64Builder,
    heal_requested: UInt64Builder,
    healed: UInt64Builder,
    confirmed: BooleanBuilder,
    evidence: StringBuilder,
}

impl HistoryTable for Faults {
    const NAME: &'static str = "faults";
    const ABOUT: &'static str = "one fault; appended when it has been healed, or at the end of the trial";
    type Row = Fault;
    type Builders = FaultBuilders;
    type Batch = Vec<Fault>;

    fn columns() -> Vec<Column> {
        vec![
            Column::required("name", DataType::Utf8, "its name in the trial: `down-1`"),
            Column::required("kind", DataType::Utf8, "its kind: `down`, `latency` …"),
            Column::required("target", DataType::Utf8, "what it was done to: `link client`"),
            Column::required("inject_requested_ns", DataType::UInt64, "when the injection was asked for"),
            Column::optional("injected_ns", DataType::UInt64, "when it was confirmed, by reading it back"),
            Column::optional("heal_requested_ns", DataType::UInt64, "when the healing was asked for"),
            Column::optional("healed_ns", DataType::UInt64, "when the healing was confirmed, by reading it back"),
            Column::required("confirmed", DataType::Boolean, "injection and healing were both read back as asked"),
            Column::required("evidence", DataType::Utf8, "what was read back, in words"),
        ]
    }

    fn append(builders: &mut FaultBuilders, row: &Fault) {
        builders.name.append_value(&row.name);
        builders.kind.append_value(&row.kind);
        builders.target.append_value(&row.target);
        builders.inject_requested.append_value(row.inject_requested.0);
        builders.injected.append_option(row.injected.map(|at| at.0));
        builders.heal_requested.append_option(row.heal_requested.map(|at| at.0));
        builders.healed.append_option(row.healed.map(|at| at.0));
        builders.confirmed.append_value(row.confirmed);
        builders.evidence.append_value(&row.evidence);
    }

    fn finish(builders: &mut FaultBuilders) -> Vec<ArrayRef> {
        vec![
            Arc::new(builders.name.finish()),
            Arc::new(builders.kind.finish()),
            Arc::new(builders.target.finish()),
            Arc::new(builders.inject_requested.finish()),
            Arc::new(builders.injected.finish()),
            Arc::new(builders.heal_requested.finish()),
            Arc::new(builders.healed.finish()),
            Arc::new(builders.confirmed.finish()),
            Arc::new(builders.evidence.finish()),
        ]
    }

    fn read(found: &Found<'_>) -> Result<Vec<Fault>, ColumnError> {
        let name = found.text("name")?;
        let kind = found.text("kind")?;
        let target = found.text("target")?;
        let inject_requested = found.u64("inject_requested_ns")?;
        let injected = found.optional_u64("injected_ns")?;
        let heal_requested = found.optional_u64("heal_requested_ns")?;
        let healed = found.optional_u64("healed_ns")?;
        let confirmed = found.flags("confirmed")?;
        let evidence = found.text("evidence")?;
        let row = |row| Fault {
            name: name.owned(row),
            kind: kind.owned(row),
            target: target.owned(row),
            inject_requested: Nanos(inject_requested[row]),
            injected: injected.get(row).map(Nanos),
            heal_requested: heal_requested.get(row).map(Nanos),
            healed: healed.get(row).map(Nanos),
            confirmed: confirmed.value(row),
            evidence: evidence.owned(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Faults {
    fn at(row: &Fault) -> Nanos {
        row.inject_requested
    }
}
