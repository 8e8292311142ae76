//! `[phases]`: when the load begins and ends.

use crate::model::Phases;
use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use std::time::Duration;

/// Some readings of what processes use.
const SHORTEST_IDLE: Duration = Duration::from_secs(3);

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Phases {
    let mut section = top.section(reading, "phases");
    let phases = Phases {
        idle: section.or(reading, "idle", Duration::ZERO),
        warmup: section.or(reading, "warmup", Duration::from_secs(3)),
        ramp_up: section.or(reading, "ramp-up", false),
        settle: section.or(reading, "settle", Duration::ZERO),
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
    if !phases.idle.is_zero() && phases.idle < SHORTEST_IDLE {
        section.blame(
            reading,
            "idle",
            "`phases.idle` is too short to measure what idleness costs",
            "too short",
            "write at least \"3s\", because processes are looked at once a second; or leave it out",
        );
    }
    if !phases.settle.is_zero() && phases.settle >= phases.warmup && reading.is_sound("phases.warmup") {
        section.blame(
            reading,
            "settle",
            "`phases.settle` is as long as the warm-up, of which it is the end",
            "too long",
            "make `phases.settle` shorter than `phases.warmup`",
        );
    }
    section.finish(reading);
    phases
}
