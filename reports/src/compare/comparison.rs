//! `compare.json`, schema `harness-compare/1`: what came of comparing two runs.

use crate::result::{Fingerprint, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version that this code writes.
pub const COMPARE_SCHEMA: &str = "harness-compare/1";

/// Two runs, figure by figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunComparison {
    /// `harness-compare/1`.
    pub schema: String,
    /// What it comes to.
    pub verdict: CompareVerdict,
    /// Why, in one sentence.
    pub why: String,
    /// What is compared with.
    pub base: ComparedRun,
    /// What is compared.
    pub run: ComparedRun,
    /// Why the runs cannot be compared. Not empty and `anyway` false: nothing is said of any figure.
    pub refusals: Vec<Refusal>,
    /// They were compared although something forbids it.
    pub anyway: bool,
    /// Versions that differ: of the harness, of brokers, of clients. That is what people compare.
    pub versions: Vec<VersionDifference>,
    /// In the order of the run's trials.
    pub systems: Vec<SystemComparison>,
    /// How many figures were tested together.
    pub tested: usize,
    /// What a reader must know: trials that were left out, systems that only one run has.
    pub notes: Vec<String>,
    /// What was measured again, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompareVerdict {
    /// No regression is confirmed.
    NothingConfirmed,
    /// The runs, or some of what one shows and the other should, cannot be compared; or nothing at all could be decided.
    Unknown,
    /// A figure has become worse: confirmed, and by more than its threshold.
    Regression,
}

/// One of the two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRun {
    /// Its id.
    pub id: String,
    /// When it started.
    pub started: String,
    /// Its scenario's name.
    pub scenario: String,
    /// Of scenario, settings and host.
    pub fingerprint: Fingerprint,
}

/// Something that must be the same in both runs, and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// What differs.
    pub what: RefusedFor,
    /// In words: `workload.producers was 2 and is 3`.
    pub why: String,
}

/// What must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedFor {
    /// Load, phases, clients, faults.
    Scenario,
    /// What a system was set to.
    Settings,
    /// The machine.
    Host,
}

/// A version that is another in the run than in the base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionDifference {
    /// Of what: `harness`, `redis: redis`.
    pub of: String,
    /// In the base.
    pub base: String,
    /// In the run.
    pub run: String,
}

/// One system in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemComparison {
    /// Its name in the scenario.
    pub system: String,
    /// How many trials of it the base has.
    pub base_trials: usize,
    /// How many the run has.
    pub run_trials: usize,
    /// Figure by figure.
    pub differences: Vec<Difference>,
}

/// One figure of one system in both runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// `throughput`, `response-p99`, `steady-down-1`.
    pub figure: String,
    /// As people read it: `response p99`.
    pub name: String,
    /// Of `base` and `run`.
    pub unit: Unit,
    /// Whether more of it is better.
    pub better: Direction,
    /// The base's value: the mean of its trials; of times, rates and costs the geometric mean.
    pub base: Option<f64>,
    /// The run's.
    pub run: Option<f64>,
    /// (run − base) / base. Absent where either is, or where the base is zero.
    pub difference: Option<f64>,
    /// The interval that holds the true difference in 95 of 100 cases, low and high.
    pub interval: Option<(f64, f64)>,
    /// How probable a difference of this size is if nothing has changed, among all figures that were tested together.
    pub chance: Option<f64>,
    /// From which difference on it counts as a change.
    pub threshold: f64,
    /// The answer.
    pub change: Change,
    /// It looks worse than the threshold allows, and that is not confirmed.
    pub doubtful: bool,
    /// Why this answer, in words.
    pub why: String,
}

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The interval lies within the threshold: a change of that size is excluded.
    NoChange,
    /// Better by more than the threshold, and confirmed.
    Better,
    /// Worse by more than the threshold, and confirmed: a regression.
    Worse,
    /// Neither a change nor its absence can be told.
    NotEnoughData,
    /// The two values are not of the same thing, or one of them is not known.
    CannotBeCompared,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is.
    Higher,
    /// Less is.
    Lower,
}

/// What was measured again to confirm, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Again {
    /// In which order: `baseline`, `candidate`, `baseline` …; or only `candidate`.
    pub order: Vec<String>,
    /// The figures that were in question.
    pub figures: Vec<AgainFigure>,
}

/// One figure that was in question, measured again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgainFigure {
    /// The system.
    pub system: String,
    /// The figure: `response-p99`.
    pub figure: String,
    /// (later controls − earlier) / earlier. Absent without controls.
    pub drift: Option<f64>,
    /// (candidate − what it is compared with) / that: with the controls where there are some, else with the base.
    pub difference: Option<f64>,
    /// What came of it.
    pub change: Change,
}

impl Change {
    /// As printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoChange => "no change",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NotEnoughData => "not enough data",
            Self::CannotBeCompared => "cannot be compared",
        }
    }
}

impl CompareVerdict {
    /// As printed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NothingConfirmed => "nothing confirmed",
            Self::Unknown => "unknown",
            Self::Regression => "regression",
        }
    }
}

impl Direction {
    /// A relative difference, with its sign turned so that more is worse.
    pub const fn worse_by(self, difference: f64) -> f64 {
        match self {
            Self::Higher => -difference,
            Self::Lower => difference,
        }
    }
}

impl RunComparison {
    /// Every figure of every system.
    pub fn differences(&self) -> impl Iterator<Item = (&SystemComparison, &Difference)> {
        self.systems.iter().flat_map(|system| system.differences.iter().map(move |difference| (system, difference)))
    }

    /// The figures with this answer.
    pub fn with(&self, change: Change) -> impl Iterator<Item = (&SystemComparison, &Difference)> {
        self.differences().filter(move |(_, difference)| difference.change == change)
    }
}
