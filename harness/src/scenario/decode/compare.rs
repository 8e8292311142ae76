//! `[compare]`: from which difference on `harness compare` counts a figure as changed.

use crate::scenario::reading::ScenarioReading;
use crate::scenario::section::Section;
use reports::facts::{THRESHOLDS, Thresholds};

pub(super) fn read(top: &mut Section<'_>, reading: &mut ScenarioReading) -> Thresholds {
    let mut section = top.section(reading, "compare");
    let threshold = share(&mut section, reading, "threshold");
    let run_to_run = share(&mut section, reading, "run-to-run");
    let names = THRESHOLDS.iter().map(|(name, _)| *name);
    let figures = names.filter_map(|name| Some((name.to_owned(), share(&mut section, reading, name)?))).collect();
    section.finish(reading);
    Thresholds { threshold, run_to_run, figures }
}

fn share(section: &mut Section<'_>, reading: &mut ScenarioReading, key: &str) -> Option<f64> {
    let share: f64 = section.get(reading, key)?;
    if !(0.0..=10.0).contains(&share) {
        let message = format!("`{}` cannot be {share}", section.child(key));
        let help = "write a share of the base's value: 0.1 for 10 %; at most 10, which is eleven times as much";
        section.blame(reading, key, message, "out of bounds", help);
    }
    Some(share)
}
