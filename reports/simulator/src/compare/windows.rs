//! Windows: before, during and after each fault, stated anew from when faults really were.

use super::known::Known;
use crate::plan::FaultPlan;
use reports::units::Nanos;

/// A stretch of the load phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(super) name: String,
    pub(super) from: Nanos,
    pub(super) to: Nanos,
}

impl Window {
    pub(super) fn holds(&self, at: Nanos) -> bool {
        self.from <= at && at < self.to
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.to.since(self.from).as_secs_f64()
    }
}

/// The load phase as a whole.
pub(crate) fn load(known: &Known<'_>) -> Window {
    Window { name: "all".to_owned(), from: known.plan.load.from, to: known.plan.load.to }
}

/// The load phase, and three windows for each fault.
pub(super) fn all(known: &Known<'_>) -> Vec<Window> {
    let load = load(known);
    let mut all = vec![load.clone()];
    for fault in &known.plan.faults {
        let (injected, healed) = (injected(known, fault), healed(known, fault));
        let others = || known.plan.faults.iter().filter(|other| other.name != fault.name);
        let healed_before = others().map(|other| self::healed(known, other)).filter(|at| *at <= injected);
        let next = others().filter(|other| self::healed(known, other) > healed).map(|other| other.at).min();
        for (word, from, to) in [
            ("before", healed_before.max().unwrap_or(load.from), injected),
            ("during", injected, healed),
            ("after", healed, next.unwrap_or(load.to)),
        ] {
            let from = from.clamp(load.from, load.to);
            let to = to.clamp(from, load.to);
            all.push(Window { name: format!("{word} {}", fault.name), from, to });
        }
    }
    all
}

/// When a fault was confirmed as injected; as planned where the trial ended before.
fn injected(known: &Known<'_>, fault: &FaultPlan) -> Nanos {
    if fault.at < known.truth.end { fault.injected() } else { fault.at }
}

/// When it was confirmed as healed; as planned where the trial ended before.
fn healed(known: &Known<'_>, fault: &FaultPlan) -> Nanos {
    let seen = fault.at < known.truth.end && fault.healed() < known.truth.end;
    if seen { fault.healed() } else { fault.until.max(injected(known, fault)) }
}
