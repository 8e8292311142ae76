//! Scenarios: from a TOML file to a validated scenario, or to all of the file's errors at once.
//! From here files, variables and the brokers' declared options may be read; nothing is started.
//! To add a key: read it in its section's file in `decode/`, add it to `validated.rs` or to what that takes from `model/` and describe it in `docs/scenario.md`.

mod aims;
mod assign;
mod beside;
mod blame;
mod cell;
mod conditions;
mod consumers;
mod decode;
mod doubts;
mod file;
mod matrix;
mod names;
mod node;
mod origin;
mod overlay;
mod problem;
mod reading;
mod recorded;
pub mod returns;
mod secret;
mod section;
mod unconsumed;
mod validate;
mod validated;
mod value;
mod waits;
mod warning;
mod written;

pub use beside::KNOWN_FILE;
pub use cell::{Cell, ReplacedKey, SweptKey};
pub use origin::{KeyOrigin, Origin, SourceKind};
pub use problem::{Problem, ScenarioErrors};
pub use recorded::question;
pub use secret::Secrets;
pub use validated::{Scenario, System};
pub use warning::{Advice, Warning};

use crate::broker::Registry;
use assign::GivenKey;
use beside::Beside;
use matrix::Grid;
use miette::NamedSource;
use node::Table;
use origin::TextPlace;
use problem::{Finding, all_of, did_you_mean};
use reading::ScenarioReading;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What changes a scenario from outside its file. Precedence, from the weakest: defaults, file, profile, matrix, variables, `--set`.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--profile NAME`: which `[profile.NAME]` lies over the file.
    pub profile: Option<String>,
    /// `--set key=value`, in the order given.
    pub set: Vec<String>,
    /// Flags that stand for one, each as `key=value`: `--repeats 3` is `repeats=3`. They come last.
    pub flags: Vec<(&'static str, String)>,
    /// `--system NAME`: only these; empty means all.
    pub systems: Vec<String>,
    /// The environment: `HARNESS_SECTION__KEY` lie over file and profile, and every one serves `${NAME}`.
    pub variables: BTreeMap<String, String>,
}

impl Overrides {
    /// What sets single keys, each with the flag that gave it.
    fn sets(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let sets = self.set.iter().map(|text| ("--set", text.as_str()));
        sets.chain(self.flags.iter().map(|(flag, text)| (*flag, text.as_str())))
    }

    /// With the variables of this process. Those that are not UTF-8 are not seen.
    pub fn from_environment() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables, ..Self::default() }
    }
}

/// A scenario that is fit to run, and what is to be known of its making.
#[derive(Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// Which cell of its file's matrix it is; `None`: it is the whole file.
    pub cell: Option<Cell>,
    /// Every key with its final value and where that came from.
    pub origins: Vec<KeyOrigin>,
    /// What is doubtful about it.
    pub warnings: Vec<Warning>,
    /// What must not be shown: pass settings through [`Secrets::mask`] before printing them.
    pub secrets: Secrets,
    /// Every key that was asked for, given or not: `systems.name`, `workload.rate.constant.per-second`.
    pub keys: BTreeSet<String>,
}

/// What a file holds: one scenario, or a scenario for each cell of its matrix.
#[derive(Debug)]
pub struct Cells {
    /// The file's stem: `failover`.
    pub name: String,
    /// What it asks, for people.
    pub title: String,
    /// The keys of its matrix, in their order; none where it is one scenario.
    pub keys: Vec<SweptKey>,
    /// Keys of the matrix that are set from outside the file, and so have one value.
    pub replaced: Vec<ReplacedKey>,
    /// The scenarios in the order in which they are run; those of a matrix have a cell each. At least one.
    pub scenarios: Vec<Loaded>,
    /// Why it cannot be taken for one scenario.
    several: Option<Problem>,
}

impl Cells {
    /// Whether there is more than one.
    pub const fn is_matrix(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The only scenario.
    ///
    /// # Errors
    ///
    /// When there are several.
    pub fn only(mut self) -> Result<Loaded, ScenarioErrors> {
        match (self.several, self.scenarios.pop()) {
            (None, Some(only)) => Ok(only),
            (several, _) => {
                Err(ScenarioErrors { file: format!("{}.toml", self.name), problems: several.into_iter().collect() })
            }
        }
    }
}

/// Reads and validates a scenario file, with the known failures of the file beside it. The brokers are those that it may name.
///
/// # Errors
///
/// What is wrong with it; and that it is a matrix, which is more than one scenario.
pub fn load(path: &Path, overrides: &Overrides, registry: &Registry) -> Result<Loaded, ScenarioErrors> {
    let shown = path.display().to_string();
    load_cells(path, overrides, registry)?.only().map_err(|errors| ScenarioErrors { file: shown, ..errors })
}

/// As [`load`], with every cell of a matrix.
///
/// # Errors
///
/// What is wrong with any of them.
pub fn load_cells(path: &Path, overrides: &Overrides, registry: &Registry) -> Result<Cells, ScenarioErrors> {
    let mut reading = ScenarioReading::with(overrides.variables.clone());
    let shown = path.display().to_string();
    match file::read(path, &mut reading) {
        Some(text) => FileText { name: &shown, text: &text, path: Some(path), overrides, registry }.cells(reading),
        None => Err(errors(&shown, reading)),
    }
}

/// As [`load`], with the text at hand. `name` is its path, as errors and origins show it.
///
/// # Errors
///
/// As those of [`load`].
pub fn load_text(name: &str, text: &str, overrides: &Overrides, registry: &Registry) -> Result<Loaded, ScenarioErrors> {
    load_text_cells(name, text, overrides, registry)?
        .only()
        .map_err(|errors| ScenarioErrors { file: name.to_owned(), ..errors })
}

/// As [`load_cells`], with the text at hand.
///
/// # Errors
///
/// As those of [`load_cells`].
pub fn load_text_cells(
    name: &str,
    text: &str,
    overrides: &Overrides,
    registry: &Registry,
) -> Result<Cells, ScenarioErrors> {
    let reading = ScenarioReading::with(overrides.variables.clone());
    FileText { name, text, path: None, overrides, registry }.cells(reading)
}

/// A file's text, and with what it is read.
#[derive(Clone, Copy)]
struct FileText<'a> {
    name: &'a str,
    text: &'a str,
    path: Option<&'a Path>,
    overrides: &'a Overrides,
    registry: &'a Registry,
}

/// The file as far as all cells share it.
#[derive(Clone)]
struct Draft {
    tree: Table,
    reading: ScenarioReading,
}

impl FileText<'_> {
    fn cells(self, mut reading: ScenarioReading) -> Result<Cells, ScenarioErrors> {
        let folder = Path::new(self.name).parent();
        reading.folder = folder.map(Path::to_owned).unwrap_or_default();
        reading.kinds = self.registry.brokers.iter().map(|broker| broker.kind()).collect();
        let mut tree = file::parse(self.name, self.text, &mut reading);
        let beside = self.path.and_then(|path| beside::read(path, &mut reading));
        // What a broken syntax left over would only lead to errors about what is not there.
        if !reading.findings.is_empty() {
            return Err(errors(self.name, reading));
        }
        if let Some(profile) = overlay::profile(&mut tree, self.overrides.profile.as_deref(), &mut reading) {
            assign::merge(&mut tree, profile, &mut Vec::new());
        }
        let outside = overlay::from_outside(self.overrides.sets(), &reading);
        let grid = matrix::take(&mut tree, &outside, &mut reading);
        let is_broken = !reading.findings.is_empty();
        let draft = Draft { tree, reading };
        match grid {
            Some(grid) if !(is_broken || grid.is_single()) => self.each(&draft, &grid, beside.as_ref()),
            grid => self.single(draft, grid.as_ref(), beside.as_ref()),
        }
    }

    /// One scenario: there is no matrix, or none with a choice; or one that is wrong, of which the first cell is looked at.
    fn single(self, mut draft: Draft, grid: Option<&Grid>, beside: Option<&Beside>) -> Result<Cells, ScenarioErrors> {
        let first = vec![0; grid.map_or(0, |grid| grid.axes.len())];
        let assignments = grid.map_or_else(Vec::new, |grid| assignments(grid, &first));
        let loaded = self.scenario(&mut draft, assignments, beside).map_err(|reading| errors(self.name, *reading))?;
        Ok(Cells {
            name: loaded.scenario.name.clone(),
            title: loaded.scenario.title.clone(),
            keys: Vec::new(),
            replaced: grid.map_or_else(Vec::new, replaced),
            scenarios: vec![loaded],
            several: None,
        })
    }

    /// A scenario for each cell; or what is wrong with any of them.
    fn each(self, draft: &Draft, grid: &Grid, beside: Option<&Beside>) -> Result<Cells, ScenarioErrors> {
        let keys = cell::swept(grid);
        let (mut scenarios, mut wrong) = (Vec::new(), Vec::new());
        let mut title = String::new();
        for cell in cell::cells(grid) {
            match self.scenario(&mut draft.clone(), assignments(grid, &cell.choice), beside) {
                Ok(mut loaded) => {
                    let source = grid.narrowed(self.text, &cell.choice, &draft.reading);
                    title.clone_from(&loaded.scenario.title);
                    be_cell(&mut loaded.scenario, source, &keys, &cell);
                    scenarios.push(Loaded { cell: Some(cell), ..loaded });
                }
                Err(reading) => wrong.push((cell.choice, errors(self.name, *reading).problems)),
            }
        }
        let name = self.stem();
        if wrong.is_empty() {
            let several = Some(several(grid, &keys, draft, self.name));
            return Ok(Cells { name, title, keys, replaced: replaced(grid), scenarios, several });
        }
        let alone = self.scenario(&mut draft.clone(), Vec::new(), beside).err();
        let alone = alone.map(|reading| errors(self.name, *reading).problems).unwrap_or_default();
        let file = NamedSource::new(self.name, Arc::from(self.text));
        Err(ScenarioErrors { file: self.name.to_owned(), problems: blame::merged(grid, wrong, &alone, &file) })
    }

    /// The scenario of a draft, with what a cell and the world outside the file change; or a reading with what is wrong.
    fn scenario(
        self,
        draft: &mut Draft,
        cell: Vec<GivenKey>,
        beside: Option<&Beside>,
    ) -> Result<Loaded, Box<ScenarioReading>> {
        let Draft { tree, reading } = draft;
        reading.swept = cell.iter().map(GivenKey::key).collect();
        for assignment in cell {
            assign::assign(tree, &assignment, reading);
        }
        overlay::variables(tree, reading);
        overlay::sets(tree, self.overrides.sets(), reading);
        let mut scenario = decode::scenario(tree, (&self.stem(), self.text), beside, self.registry, reading);
        // Systems with errors of their own are missing here: what refers to them cannot be judged yet.
        if !reading.systems_broken {
            choose_systems(&mut scenario, &self.overrides.systems, reading);
        }
        validate::errors(&scenario, reading);
        let mut reading = std::mem::take(reading);
        if !reading.findings.is_empty() {
            return Err(Box::new(reading));
        }
        doubts::warnings(&scenario, &mut reading);
        let ScenarioReading { origins, warnings, secrets, keys, .. } = reading;
        Ok(Loaded { scenario, cell: None, origins, warnings, secrets, keys })
    }

    fn stem(&self) -> String {
        Path::new(self.name)
            .file_stem()
            .map_or_else(|| self.name.to_owned(), |stem| stem.to_string_lossy().into_owned())
    }
}

/// What gives each key of a matrix the value of a cell.
fn assignments(grid: &Grid, choice: &[usize]) -> Vec<GivenKey> {
    grid.axes.iter().zip(choice).filter_map(|(axis, value)| axis.assignment(*value)).collect()
}

fn replaced(grid: &Grid) -> Vec<ReplacedKey> {
    let each = grid.replaced.iter().map(|(key, by)| ReplacedKey { key: key.clone(), by: by.clone() });
    each.collect()
}

/// Names a scenario after its cell, so that its runs are told from those of others.
fn be_cell(scenario: &mut Scenario, source: String, keys: &[SweptKey], cell: &Cell) {
    let chosen = keys.iter().zip(&cell.choice);
    let words = chosen.filter_map(|(key, value)| Some(format!("{} = {}", key.name, key.values.get(*value)?)));
    scenario.title = format!("{}: {}", scenario.title, words.collect::<Vec<_>>().join(", "));
    scenario.name = format!("{}-{}", scenario.name, cell.name);
    scenario.source = source;
}

/// What whoever wants one scenario is told of a matrix.
fn several(grid: &Grid, keys: &[SweptKey], draft: &Draft, name: &str) -> Problem {
    let count: usize = keys.iter().map(|key| key.values.len()).product();
    let sets = keys.iter().filter_map(|key| Some(format!("--set '{}={}'", key.key, key.values.first()?)));
    let sets: Vec<String> = sets.collect();
    Finding::at(Some(grid.place), format!("one scenario is taken here, and the matrix makes {count} of it"))
        .note(format!("over {}", all_of(keys.iter().map(|key| key.key.as_str()))))
        .help(format!("choose one: {}", sets.join(" ")))
        .bind(&draft.reading.sources, name)
}

/// Keeps the systems of `--system`. A fault that is for others only is left out with them.
fn choose_systems(scenario: &mut Scenario, chosen: &[String], reading: &mut ScenarioReading) {
    if chosen.is_empty() {
        return;
    }
    let names: Vec<String> = scenario.systems.iter().map(|system| system.spec.name.clone()).collect();
    for name in chosen {
        if !names.contains(name) {
            let known = || names.iter().map(String::as_str);
            let text = format!("--system {name}");
            let source = reading.sources.add(SourceKind::Set, "command line", text.as_str());
            let place = TextPlace { source, start: "--system ".len(), end: text.len() };
            reading.find(
                Finding::at(Some(place), format!("the scenario has no system `{name}`"))
                    .note(did_you_mean(name, known(), "no system of this name"))
                    .help(format!("the scenario has {}", all_of(known()))),
            );
        }
    }
    let unchosen = |name: &String| names.contains(name) && !chosen.contains(name);
    scenario.systems.retain(|system| chosen.contains(&system.spec.name));
    scenario.faults.retain(|fault| fault.systems.is_empty() || !fault.systems.iter().all(unchosen));
    scenario.known.retain(|known| known.system.as_ref().is_none_or(|name| !unchosen(name)));
    for fault in &mut scenario.faults {
        fault.systems.retain(|name| !unchosen(name));
    }
}

fn errors(name: &str, mut reading: ScenarioReading) -> ScenarioErrors {
    let sources = std::mem::take(&mut reading.sources);
    let mut problems: Vec<Problem> = reading.findings.into_iter().map(|finding| finding.bind(&sources, name)).collect();
    problems.sort_by_key(|problem| problem.order);
    ScenarioErrors { file: name.to_owned(), problems }
}
