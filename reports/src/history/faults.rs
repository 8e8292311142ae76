//! `faults`: what was done to the system, and what was read back of it.

use super::Fault;
use super::builders::builders;
use super::column::{ColumnError, Found};
use super::table::{HistoryTable, SmallTable};
use crate::units::Nanos;
use arrow_array::builder::{BooleanBuilder, StringBuilder, UInt64Builder};

/// The table.
#[derive(Clone, Copy, Debug)]
pub enum Faults {}

builders! {
    /// Its columns while they are collected.
    FaultBuilders {
        name: StringBuilder = required("name", "its name in the trial: `down-1`"),
        kind: StringBuilder = required("kind", "its kind: `down`, `latency` …"),
        target: StringBuilder = required("target", "what it was done to: `link client`, `node kafka-1 (the leading node)`"),
        inject_requested: UInt64Builder = required("inject_requested_ns", "when the injection was asked for"),
        injected: UInt64Builder = optional("injected_ns", "when it was confirmed, by reading it back"),
        heal_requested: UInt64Builder = optional("heal_requested_ns", "when the healing was asked for"),
        healed: UInt64Builder = optional("healed_ns", "when the healing was confirmed, by reading it back"),
        confirmed: BooleanBuilder = required("confirmed", "injection and healing were both read back as asked"),
        evidence: StringBuilder = required("evidence", "what was read back, in words"),
        dropped: UInt64Builder =
            optional("dropped", "packets that it dropped, on the path where these were the fewest; only where it drops packets"),
    }
}

impl HistoryTable for Faults {
    const NAME: &'static str = "faults";
    const ABOUT: &'static str = "one fault; appended when it has been healed, or at the end of the trial";
    type Row = Fault;
    type Builders = FaultBuilders;
    type Batch = Vec<Fault>;

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
        builders.dropped.append_option(row.dropped);
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
        let dropped = found.optional_u64("dropped")?;
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
            dropped: dropped.get(row),
        };
        Ok((0..found.rows()).map(row).collect())
    }
}

impl SmallTable for Faults {
    fn at(row: &Fault) -> Nanos {
        row.inject_requested
    }
}
