//! What was in question, measured again.
//!
//! With the base's build at hand both builds run in turns: baseline, candidate, baseline, candidate … baseline. If the earlier
//! baselines and the later ones, the controls, differ by more than the threshold, the machine has changed meanwhile and the
//! answer is unknown; else the candidates are compared with the controls, and with nothing that was made at another time.
//! Without it only the candidate runs again: it must look worse by itself, and be worse together with the first run.

use super::comparison::{Again, AgainFigure, Change, Difference, RunComparison};
use super::decide::share;
use super::refusal;
use super::runs::{Differing, Order, compare_sides, verdict};
use crate::judge::Judged;
use crate::result::Unit;

/// What was run again.
#[derive(Debug)]
pub struct Rerun {
    /// Runs of the base's build, before, between and after those of the candidate. Empty: there is no such build.
    pub controls: Vec<Judged>,
    /// Runs of the build that is compared, at least one.
    pub candidates: Vec<Judged>,
}

/// A comparison of some kind of the runs at hand, to look figures up in.
struct Evaluation {
    /// In which a figure must be worse to be confirmed.
    decisive: RunComparison,
    /// The candidate alone.
    alone: RunComparison,
    /// The two controls.
    drift: Option<RunComparison>,
    /// Why what was run again is not what is in question.
    refused: Option<String>,
}

/// Whether a comparison leaves anything in question: a regression, or what looks like one.
pub fn in_question(comparison: &RunComparison) -> bool {
    comparison.differences().any(|(_, found)| is_in_question(found))
}

fn is_in_question(found: &Difference) -> bool {
    found.change == Change::Worse || found.doubtful
}

/// The comparison with the answers of what was in question replaced by those of what was run again.
pub fn confirm(
    mut comparison: RunComparison,
    base: &Judged,
    run: &Judged,
    rerun: &Rerun,
    differing: Differing,
) -> RunComparison {
    let evaluation = Evaluation::of(base, run, rerun, differing);
    let mut figures = Vec::new();
    for system in &mut comparison.systems {
        for found in system.differences.iter_mut().filter(|found| is_in_question(found)) {
            figures.push(evaluation.answer(&system.system, found));
        }
    }
    comparison.again = Some(Again { order: rerun.order(), figures });
    (comparison.verdict, comparison.why) = verdict(&comparison);
    comparison
}

impl Evaluation {
    fn of(base: &Judged, run: &Judged, rerun: &Rerun, differing: Differing) -> Self {
        let other =
            rerun.candidates.iter().flat_map(|candidate| refusal::of_runs(&run.result, &candidate.result)).next();
        let refused = other.map(|other| format!("what was run again is not the same: {}", other.why));
        let candidates: Vec<&Judged> = rerun.candidates.iter().collect();
        let controls: Vec<&Judged> = rerun.controls.iter().collect();
        if controls.len() > 1 {
            let alone = compare_sides(&controls, &candidates, differing, Order::InTurns);
            let (earlier, later) = controls.split_at(controls.len() / 2);
            let drift = Some(compare_sides(earlier, later, Differing::Anyway, Order::InTurns));
            return Self { decisive: alone.clone(), alone, drift, refused };
        }
        let all: Vec<&Judged> = std::iter::once(run).chain(candidates.iter().copied()).collect();
        Self {
            decisive: compare_sides(&[base], &all, differing, Order::Apart),
            alone: compare_sides(&[base], &candidates, differing, Order::Apart),
            drift: None,
            refused,
        }
    }

    /// Puts the answer into the figure's difference, and says what was seen.
    fn answer(&self, system: &str, found: &mut Difference) -> AgainFigure {
        let alone = figure(&self.alone, system, &found.figure);
        let drift = self.drift.as_ref().map(|drift| figure(drift, system, &found.figure));
        let again = alone.and_then(relative);
        (found.change, found.why) = self.decided(system, found, again, drift);
        found.doubtful = false;
        AgainFigure {
            system: system.to_owned(),
            figure: found.figure.clone(),
            drift: drift.flatten().and_then(|drift| drift.difference),
            difference: again.filter(|again| again.is_finite()),
            change: found.change,
        }
    }

    fn decided(
        &self,
        system: &str,
        found: &Difference,
        again: Option<f64>,
        drift: Option<Option<&Difference>>,
    ) -> (Change, String) {
        if let Some(why) = &self.refused {
            return (Change::CannotBeCompared, why.clone());
        }
        match drift {
            Some(Some(drift)) if has_drifted(drift) => {
                let by = signed(relative(drift).unwrap_or_default());
                let why = format!(
                    "the later controls differ from the earlier ones by {by}: the machine has changed meanwhile"
                );
                return (Change::CannotBeCompared, why);
            }
            Some(None) => return (Change::CannotBeCompared, "the controls do not have this figure".to_owned()),
            _ => {}
        }
        let (Some(decisive), Some(again)) = (figure(&self.decisive, system, &found.figure), again) else {
            return (Change::CannotBeCompared, "it was not measured when it was run again".to_owned());
        };
        let by = signed(again);
        let looks_worse = found.better.worse_by(again) > found.threshold;
        match decisive.change {
            Change::Worse if looks_worse => {
                (Change::Worse, format!("confirmed by running again ({by}): {}", decisive.why))
            }
            Change::CannotBeCompared => (Change::CannotBeCompared, decisive.why.clone()),
            Change::NoChange => (Change::NoChange, format!("not confirmed by running again ({by}): {}", decisive.why)),
            _ => (Change::NotEnoughData, format!("not confirmed by running again ({by})")),
        }
    }
}

/// Of times, rates and costs by more than the threshold; of counts, which vary by chance, where it is confirmed.
fn has_drifted(drift: &Difference) -> bool {
    match drift.unit {
        Unit::Messages => matches!(drift.change, Change::Better | Change::Worse),
        _ => relative(drift).is_none_or(|drifted| drifted.abs() > drift.threshold),
    }
}

/// The difference as a share; of something from nothing it is without bound.
fn relative(found: &Difference) -> Option<f64> {
    found.difference.or(match (found.base, found.run) {
        (Some(base), Some(run)) if run > base => Some(f64::INFINITY),
        (Some(_), Some(_)) => Some(0.0),
        _ => None,
    })
}

/// `+12 %`, `−3.2 %`.
fn signed(difference: f64) -> String {
    match difference {
        _ if difference.is_infinite() => "from none".to_owned(),
        0.0.. => format!("+{}", share(difference)),
        _ => format!("−{}", share(-difference)),
    }
}

fn figure<'c>(comparison: &'c RunComparison, system: &str, figure: &str) -> Option<&'c Difference> {
    comparison.differences().find(|(of, found)| of.system == system && found.figure == figure).map(|(_, found)| found)
}

impl Rerun {
    fn order(&self) -> Vec<String> {
        let mut order = Vec::new();
        let mut controls = self.controls.iter();
        for _ in &self.candidates {
            order.extend(controls.next().map(|_| "baseline".to_owned()));
            order.push("candidate".to_owned());
        }
        order.extend(controls.map(|_| "baseline".to_owned()));
        order
    }
}
