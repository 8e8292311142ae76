//! `[phases]`: when the load begins and ends.

use crate::model::Phases;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Phases {
    let mut section = top.section(reading, "phases");
    let phases = Phases {
        warmup: section.or(reading, "warmup", Duration::from_secs(3)),
        load: section.or(reading, "load", Duration::from_secs(30)),
        drain: section.or(reading, "drain", Duration::from_secs(30)),
    };
    if phases.load.is_zero() {
        section.blame(
            reading,
            "load",
            "`phases.load` is zero: nothing would be measured",
            "no load",
            "write at least \"1s\"; 10 s or more give a steady picture",
        );
    }
    section.finish(reading);
    phases
}
