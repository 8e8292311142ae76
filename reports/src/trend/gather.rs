//! From results of runs to trends.

use super::changes::{median, steps};
use super::found::{TREND_SCHEMA, Trend, TrendChange, TrendLine, TrendOf, TrendPoint};
use crate::compare::comparison::Direction;
use crate::compare::{Headline, figure};
use crate::facts::Thresholds;
use crate::fingerprint::{concerns_load, machine};
use crate::result::{RunResult, TrialResult, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What must be the same for figures to stand in one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    scenario: String,
    system: String,
    machine: BTreeMap<String, String>,
    /// What differs between two lines of the same names: the load, and what the system was set to. Defaults count only where they
    /// were given: a new key with a default is no other load.
    given: BTreeMap<String, String>,
}

/// The trends of all these runs; `notes`: what is to be told of others. The order of the runs does not matter.
pub fn trend(runs: &[RunResult], notes: Vec<String>) -> Trend {
    let mut groups: BTreeMap<Alike, Vec<&RunResult>> = BTreeMap::new();
    for run in runs {
        let systems: BTreeSet<&str> = run.trials.iter().map(|trial| trial.system.as_str()).collect();
        for system in systems {
            let alike = Alike {
                scenario: run.scenario.name.clone(),
                system: system.to_owned(),
                machine: machine(&run.run.host),
                given: given(run, system),
            };
            groups.entry(alike).or_default().push(run);
        }
    }
    let trends = groups.into_iter().map(|(alike, mut runs)| {
        runs.sort_by(|one, other| (&one.run.started, &one.run.id).cmp(&(&other.run.started, &other.run.id)));
        runs.dedup_by(|one, other| one.run.id == other.run.id);
        of(alike, &runs)
    });
    Trend { schema: TREND_SCHEMA.to_owned(), trends: trends.collect(), notes }
}

/// The keys that a scenario gives and that change what is measured on a system, with their values.
fn given(run: &RunResult, system: &str) -> BTreeMap<String, String> {
    let own = format!("systems.{system}.");
    let counts = |key: &str| concerns_load(key) || key.starts_with(&own);
    let given = run.run.scenario.given.iter().filter(|(key, _)| counts(key));
    given.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn of(alike: Alike, runs: &[&RunResult]) -> TrendOf {
    let trials = |run: &'_ &RunResult| -> Vec<TrialResult> {
        run.trials.iter().filter(|trial| trial.system == alike.system).cloned().collect()
    };
    let tried: Vec<Vec<TrialResult>> = runs.iter().map(trials).collect();
    let mut points: Vec<TrendPoint> = Vec::new();
    for (run, trials) in runs.iter().zip(&tried) {
        let versions = versions(run, trials);
        let changed = points.last().map(|before| changed(&before.versions, &versions)).unwrap_or_default();
        points.push(TrendPoint {
            run: run.run.id.clone(),
            started: run.run.started.clone(),
            verdict: Verdict::worst(trials.iter().map(|trial| trial.verdict)),
            versions,
            changed,
        });
    }
    let thresholds = runs.last().map(|run| run.run.scenario.compare.clone()).unwrap_or_default();
    let headlines = Headline::all(tried.iter().flatten());
    let lines = headlines.iter().filter_map(|headline| line(headline, &tried, &thresholds)).collect();
    TrendOf {
        scenario: alike.scenario,
        system: alike.system,
        machine: alike.machine,
        given: alike.given,
        points,
        lines,
    }
}

/// One figure. `None`: no run measured it.
fn line(headline: &Headline, tried: &[Vec<TrialResult>], thresholds: &Thresholds) -> Option<TrendLine> {
    let value = |trials: &Vec<TrialResult>| {
        let mut values: Vec<f64> = trials.iter().filter_map(|trial| figure(headline, trial)).collect();
        (!values.is_empty()).then(|| median(&mut values))
    };
    let values: Vec<Option<f64>> = tried.iter().map(value).collect();
    // Changes are looked for on the scale on which the figure varies; what has no place there says nothing.
    let scale = headline.scale();
    let placed = values.iter().enumerate().filter_map(|(point, value)| Some((point, scale.place((*value)?)?)));
    let (points, places): (Vec<usize>, Vec<f64>) = placed.unzip();
    if values.iter().all(Option::is_none) {
        return None;
    }
    let share = thresholds.of(headline.threshold_name());
    let least = |place: f64| {
        if headline.is_of_speed() {
            return scale.assumed(share, place);
        }
        // A message more is one more; half of it is on nobody's side.
        let value = scale.value(place);
        let next = |more: f64| scale.place(value + more).map_or(0.0, |next| next - place);
        next(value * share).max(next(1.0) / 2.0)
    };
    let changes = steps(&places, least).into_iter().map(|step| TrendChange {
        point: points[step.at],
        before: scale.value(step.before),
        after: scale.value(step.after),
        confirmed: step.confirmed,
        worse: match headline.better() {
            Direction::Lower => step.after > step.before,
            Direction::Higher => step.after < step.before,
        },
    });
    Some(TrendLine {
        figure: headline.key(),
        name: headline.name(),
        unit: headline.unit(),
        better: headline.better(),
        changes: changes.collect(),
        values,
    })
}

fn versions(run: &RunResult, trials: &[TrialResult]) -> BTreeMap<String, String> {
    let own = run.run.versions.iter();
    own.chain(trials.iter().flat_map(|trial| &trial.versions))
        .map(|(of, version)| (of.clone(), version.clone()))
        .collect()
}

fn changed(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let differs = |(of, version): (&String, &String)| {
        let was = before.get(of).filter(|was| *was != version)?;
        Some(format!("{of} {was} → {version}"))
    };
    now.iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Scale;
    use crate::result::RunResult;

    /// A run of this night, with this median service time.
    fn night(number: usize, service_p50: u64) -> RunResult {
        let mut run = crate::compare::steady_run().result;
        run.run.id = format!("night-{number}");
        run.run.started = format!("2026-11-{:02}T02:00:00Z", number + 1);
        let latency = &mut run.trials[0].latency_ns.service;
        (latency.count, latency.p50) = (100_000, service_p50);
        run
    }

    fn p50(trend: &Trend) -> &TrendLine {
        trend.trends[0].lines.iter().find(|line| line.figure == "service-p50").expect("measured")
    }

    #[test]
    fn a_slowdown_that_stays_is_a_confirmed_change_for_the_worse_whatever_the_order_of_the_runs() {
        let mut runs: Vec<RunResult> = (0..9).map(|number| night(number, 1_000_000 + 1_000 * number as u64)).collect();
        runs.extend((9..12).map(|number| night(number, 1_300_000)));
        runs.reverse();
        let found = trend(&runs, Vec::new());
        assert_eq!((found.trends.len(), found.trends[0].points.len()), (1, 12));
        assert_eq!(found.trends[0].points[0].run, "night-0");
        let changes = &p50(&found).changes;
        assert_eq!((changes.len(), changes[0].point, changes[0].confirmed, changes[0].worse), (1, 9, true, true));
        assert!((changes[0].after / 1_300_000.0 - 1.0).abs() < 0.01, "{changes:?}");
    }

    #[test]
    fn a_run_of_another_machine_or_load_stands_in_a_line_of_its_own() {
        let mut runs: Vec<RunResult> = (0..3).map(|number| night(number, 1_000_000)).collect();
        runs[1].run.host.insert("cpu".to_owned(), "another one".to_owned());
        runs[2].run.scenario.given.insert("workload.producers".to_owned(), "7".to_owned());
        assert_eq!(trend(&runs, Vec::new()).trends.len(), 3);
        let system = runs[0].trials[0].system.clone();
        runs[1].run.host = runs[0].run.host.clone();
        runs[2].run.scenario.given = runs[0].run.scenario.given.clone();
        runs[2].run.scenario.given.insert(format!("systems.{system}.linger"), "\"5ms\"".to_owned());
        runs[1].run.scenario.defaults.insert("workload.new".to_owned(), "1".to_owned());
        assert_eq!(
            trend(&runs, Vec::new()).trends.len(),
            2,
            "a setting of the system is another line, a new default is none"
        );
    }

    #[test]
    fn a_return_within_a_tenth_of_a_second_is_as_quick_as_any() {
        let least = Scale::Length.assumed(0.25, Scale::Length.place(2e6).expect("a length"));
        assert!(least >= 0.02, "{least}: returns are dated to 100 ms");
    }

    #[test]
    fn a_doubtful_night_is_a_gap() {
        let mut runs: Vec<RunResult> = (0..3).map(|number| night(number, 1_000_000)).collect();
        runs[1].trials[0].doubts.speed.push("the generator was saturated".to_owned());
        let found = trend(&runs, Vec::new());
        assert_eq!(p50(&found).values.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
    }

    #[test]
    fn another_version_is_told_where_it_came() {
        let mut runs: Vec<RunResult> = (0..2).map(|number| night(number, 1_000_000)).collect();
        for (run, version) in runs.iter_mut().zip(["8.0.1", "8.0.2"]) {
            run.trials[0].versions.insert("redis".to_owned(), version.to_owned());
        }
        let points = &trend(&runs, Vec::new()).trends[0].points;
        assert_eq!(
            (points[0].changed.len(), points[1].changed.as_slice()),
            (0, &["redis 8.0.1 → 8.0.2".to_owned()][..])
        );
    }
}
