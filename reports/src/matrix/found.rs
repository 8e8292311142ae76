//! `matrix.json`, schema `harness-matrix/1`: the keys, the cells, and what came of each.

use super::figures::{CellFigure, FIGURES};
use crate::result::{RunResult, TrialResult, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that this code writes.
pub const MATRIX_SCHEMA: &str = "harness-matrix/1";

/// The file in a matrix's folder that holds it; by it a folder is known to be a matrix's.
pub const MATRIX_FILE: &str = "matrix.json";

/// A matrix. It is written when it begins, after each cell, and when it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// `harness-matrix/1`.
    pub schema: String,
    /// The scenario's name, without that of a cell.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The question that its file begins with; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// When it began: UTC, RFC 3339.
    pub started: String,
    /// When it ended. Absent: it goes on, or was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Somebody interrupted it.
    #[serde(default)]
    pub interrupted: bool,
    /// What differs between the cells, in the scenario's order.
    pub keys: Vec<MatrixKey>,
    /// Keys of the scenario's matrix that had one value in all cells, because something outside the file set them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixedKey>,
    /// The systems, in the scenario's order.
    pub systems: Vec<String>,
    /// In the order in which they are run.
    pub cells: Vec<MatrixCell>,
}

/// A key with its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixKey {
    /// As `--set` takes it: `workload.message.size`.
    pub key: String,
    /// Short: `size`.
    pub name: String,
    /// As the scenario has them, text without its quotes.
    pub values: Vec<String>,
}

/// A key that had one value in all cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixedKey {
    /// As `--set` takes it.
    pub key: String,
    /// What set it: `--set workload.partitions=6`, or a variable's name.
    pub by: String,
}

/// One cell: a run of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixCell {
    /// Its name, and that of its run's folder: `size=1KiB,partitions=6`.
    pub name: String,
    /// For each key, the place of its value among the key's, from 0.
    pub choice: Vec<usize>,
    /// What came of it.
    pub outcome: CellOutcome,
    /// That in words.
    pub why: String,
    /// What was measured on each system, in the scenario's order; systems of which nothing could be judged are left out.
    pub systems: Vec<CellSystem>,
}

/// What came of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellOutcome {
    /// Its verdict.
    Pass,
    /// Its verdict.
    Unknown,
    /// Its verdict.
    Fail,
    /// It could not be carried out.
    Stopped,
    /// It was not begun, or goes on.
    NotRun,
}

/// One system in one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellSystem {
    /// Its name in the scenario.
    pub system: String,
    /// How many trials there are of it.
    pub trials: u64,
    /// The worst of their verdicts.
    pub verdict: Verdict,
    /// Why its figures of speed are doubtful; empty: they are not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doubt: String,
    /// What was measured, by the names that comparisons use (`throughput`, `end-to-end-p99`), and `offered` and `broker-cpu`.
    pub figures: BTreeMap<String, CellFigure>,
}

impl From<Verdict> for CellOutcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Unknown => Self::Unknown,
            Verdict::Fail => Self::Fail,
        }
    }
}

impl Matrix {
    /// What all of it comes to: the worst of its cells, and no pass where one was not carried through.
    pub fn verdict(&self) -> Verdict {
        let open = self.cells.is_empty().then_some(Verdict::Unknown);
        Verdict::worst(self.cells.iter().map(MatrixCell::verdict).chain(open))
    }

    /// The cell with these values, by their places.
    pub fn at(&self, choice: &[usize]) -> Option<&MatrixCell> {
        self.cells.iter().find(|cell| cell.choice == choice)
    }

    /// Its cells by their values: those of the first key one after the other, and within each those of the next.
    pub fn in_order(&self) -> Vec<&MatrixCell> {
        let mut cells: Vec<&MatrixCell> = self.cells.iter().collect();
        cells.sort_by(|one, other| one.choice.cmp(&other.choice));
        cells
    }

    /// The values of a cell as pairs of a key's short name and its value.
    pub fn values<'m>(&'m self, cell: &'m MatrixCell) -> impl Iterator<Item = (&'m str, &'m str)> {
        let value = |key: &'m MatrixKey, at: usize| key.values.get(at).map_or("", String::as_str);
        self.keys.iter().zip(&cell.choice).map(move |(key, at)| (key.name.as_str(), value(key, *at)))
    }
}

impl MatrixCell {
    /// One whose turn has not come.
    pub fn planned(name: &str, choice: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            choice: choice.to_vec(),
            outcome: CellOutcome::NotRun,
            why: "its turn did not come".to_owned(),
            systems: Vec::new(),
        }
    }

    /// What came of it: a result and that in words, or `None` where nothing could be judged. `systems`: in the scenario's order.
    pub fn ended(&mut self, judged: Option<(&RunResult, String)>, systems: &[String]) {
        match judged {
            None => {
                self.outcome = CellOutcome::Stopped;
                "it could not be carried out: what stopped it was told when it ran".clone_into(&mut self.why);
            }
            Some((result, why)) => {
                self.outcome = result.verdict.into();
                self.why = why;
                self.systems = systems.iter().filter_map(|system| CellSystem::of(system, &result.trials)).collect();
            }
        }
    }

    /// What it adds to the matrix's verdict.
    pub const fn verdict(&self) -> Verdict {
        match self.outcome {
            CellOutcome::Pass => Verdict::Pass,
            CellOutcome::Fail => Verdict::Fail,
            CellOutcome::Unknown | CellOutcome::Stopped | CellOutcome::NotRun => Verdict::Unknown,
        }
    }

    /// What was measured on a system.
    pub fn system(&self, name: &str) -> Option<&CellSystem> {
        self.systems.iter().find(|system| system.system == name)
    }
}

impl CellSystem {
    fn of(system: &str, trials: &[TrialResult]) -> Option<Self> {
        let own: Vec<&TrialResult> = trials.iter().filter(|trial| trial.system == system).collect();
        let figures = FIGURES
            .iter()
            .filter_map(|(name, unit, read)| Some(((*name).to_owned(), CellFigure::of(name, *unit, *read, &own)?)));
        (!own.is_empty()).then(|| Self {
            system: system.to_owned(),
            trials: own.len() as u64,
            verdict: Verdict::worst(own.iter().map(|trial| trial.verdict)),
            doubt: own.iter().find_map(|trial| doubt(trial)).unwrap_or_default(),
            figures: figures.collect(),
        })
    }

    /// One of its figures.
    pub fn figure(&self, name: &str) -> Option<&CellFigure> {
        self.figures.get(name)
    }
}

/// Why a trial's speed is doubtful.
fn doubt(trial: &TrialResult) -> Option<String> {
    let late = (trial.generator.saturated == Some(true)).then(|| "the load generator did not keep up".to_owned());
    trial.doubts.speed.first().cloned().or(late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::judge_history;
    use crate::measure::sample;
    use crate::result::{Interval, Unit};

    fn run(trials: Vec<TrialResult>) -> RunResult {
        let mut run = crate::compare::steady_run().result;
        run.verdict = Verdict::worst(trials.iter().map(|trial| trial.verdict));
        run.trials = trials;
        run
    }

    fn trial(p99: u64) -> TrialResult {
        let mut trial = judge_history(&sample::healthy(), "one").unwrap().result;
        trial.latency_ns.end_to_end.p99 = p99;
        trial
    }

    fn cell(trials: Vec<TrialResult>) -> MatrixCell {
        let system = trials[0].system.clone();
        let mut cell = MatrixCell::planned("size=1KiB", &[0]);
        cell.ended(Some((&run(trials), "told".to_owned())), &["absent".to_owned(), system]);
        cell
    }

    #[test]
    fn a_figure_is_the_middle_of_its_trials_with_the_ends_of_their_intervals() {
        let mut trials = vec![trial(5_000), trial(1_000), trial(3_000)];
        let interval = Interval { low: 800.0, high: 1_500.0, unit: Unit::Nanoseconds };
        trials[1].intervals.insert("end-to-end-p99".to_owned(), interval);
        let cell = cell(trials);
        assert_eq!((cell.systems.len(), cell.systems[0].trials), (1, 3), "a system without a trial is left out");
        let figure = cell.systems[0].figure("end-to-end-p99").unwrap();
        assert_eq!([figure.low, figure.value, figure.high], [800.0, 3_000.0, 5_000.0]);
        assert!(figure.has_interval());
    }

    #[test]
    fn what_was_not_measured_has_no_figure_and_what_is_doubtful_says_why() {
        let mut one = trial(1_000);
        one.latency_ns.service.count = 0;
        one.generator.saturated = Some(true);
        let cell = cell(vec![one, trial(1_000)]);
        let system = &cell.systems[0];
        assert!(system.figure("service-p99").is_some(), "the other trial measured it");
        assert!(system.doubt.contains("load generator"), "{system:?}");
        let mut one = trial(1_000);
        one.latency_ns.service.count = 0;
        assert!(self::cell(vec![one]).systems[0].figure("service-p99").is_none());
    }

    #[test]
    fn a_matrix_is_a_pass_only_if_every_cell_is() {
        let of = |outcomes: &[CellOutcome]| {
            let cells =
                outcomes.iter().map(|outcome| MatrixCell { outcome: *outcome, ..MatrixCell::planned("a", &[0]) });
            Matrix {
                schema: MATRIX_SCHEMA.to_owned(),
                scenario: String::new(),
                title: String::new(),
                question: String::new(),
                started: String::new(),
                ended: None,
                interrupted: false,
                keys: Vec::new(),
                fixed: Vec::new(),
                systems: Vec::new(),
                cells: cells.collect(),
            }
            .verdict()
        };
        use CellOutcome::{Fail, NotRun, Pass, Stopped, Unknown};
        assert_eq!(of(&[Pass, Pass]), Verdict::Pass);
        for open in [NotRun, Stopped, Unknown] {
            assert_eq!(of(&[Pass, open]), Verdict::Unknown);
            assert_eq!(of(&[open, Fail]), Verdict::Fail);
        }
        assert_eq!(of(&[]), Verdict::Unknown);
    }
}
