//! What happens in a fault: its kind, and the options in the table of that name.

use super::options::{self, Without};
use crate::fault::{FAULTS, Fault, FaultSpec, Misfit};
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::sync::Arc;

/// The kind whose key the table has. Several are reported when the key is read.
pub(super) fn named_kind(section: &Section<'_>) -> Option<&'static FaultSpec> {
    FAULTS.iter().copied().find(|spec| section.present().any(|entry| entry.key == spec.name))
}

pub(super) fn kinds() -> Vec<&'static str> {
    FAULTS.iter().map(|spec| spec.name).collect()
}

/// The fault of this kind, with the options that its table gives.
pub(super) fn build(
    section: &mut Section<'_>,
    spec: &FaultSpec,
    reading: &mut ScenarioReading,
) -> Option<Arc<dyn Fault>> {
    let mut inner = section.section(reading, spec.name);
    let given = options::read(&mut inner, spec.options, Without::Required, reading);
    let built = (spec.build)(&given);
    if let Err(Misfit { key, message, help }) = &built {
        inner.blame(reading, key, message.as_str(), "does not fit", help);
    }
    inner.finish(reading);
    built.ok()
}
