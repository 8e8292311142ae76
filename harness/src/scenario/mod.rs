//! Scenarios: from a TOML file to a validated scenario, or to all of the file's errors at once.
//! From here files, variables and the brokers' declared options may be read; nothing is started.
//! To add a key: read it in its section's file in `decode/`, add it to `validated.rs` or to what that takes from `model/` and describe it in `docs/scenario.md`.

mod aims;
mod beside;
mod conditions;
mod consumers;
mod decode;
mod doubts;
mod file;
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
mod validate;
mod validated;
mod value;
mod waits;
mod warning;

pub use beside::KNOWN_FILE;
pub use origin::{KeyOrigin, Origin, SourceKind};
pub use problem::{Problem, ScenarioErrors};
pub use recorded::question;
pub use secret::Secrets;
pub use validated::{Scenario, System};
pub use warning::{Advice, Warning};

use crate::broker::Registry;
use beside::Beside;
use node::Table;
use origin::TextPlace;
use problem::{Finding, all_of, did_you_mean};
use reading::ScenarioReading;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What changes a scenario from outside its file. Precedence, from the weakest: defaults, file, profile, variables, `--set`.
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
    /// Every key with its final value and where that came from.
    pub origins: Vec<KeyOrigin>,
    /// What is doubtful about it.
    pub warnings: Vec<Warning>,
    /// What must not be shown: pass settings through [`Secrets::mask`] before printing them.
    pub secrets: Secrets,
    /// Every key that was asked for, given or not: `systems.name`, `workload.rate.constant.per-second`.
    pub keys: BTreeSet<String>,
}

/// Reads and validates a scenario file, with the known failures of the file beside it. The brokers are those that it may name.
pub fn load(path: &Path, overrides: &Overrides, registry: &Registry) -> Result<Loaded, ScenarioErrors> {
    let mut reading = ScenarioReading::with(overrides.variables.clone());
    let shown = path.display().to_string();
    match file::read(path, &mut reading) {
        Some(text) => from_text((&shown, &text), Some(path), overrides, registry, reading),
        None => Err(errors(&shown, reading)),
    }
}

/// As [`load`], with the text at hand. `name` is its path, as errors and origins show it.
pub fn load_text(name: &str, text: &str, overrides: &Overrides, registry: &Registry) -> Result<Loaded, ScenarioErrors> {
    let reading = ScenarioReading::with(overrides.variables.clone());
    from_text((name, text), None, overrides, registry, reading)
}

fn from_text(
    (name, text): (&str, &str),
    path: Option<&Path>,
    overrides: &Overrides,
    registry: &Registry,
    mut reading: ScenarioReading,
) -> Result<Loaded, ScenarioErrors> {
    let mut tree = file::parse(name, text, &mut reading);
    let beside: Option<Beside> = path.and_then(|path| beside::read(path, &mut reading));
    // What a broken syntax left over would only lead to errors about what is not there.
    if !reading.findings.is_empty() {
        return Err(errors(name, reading));
    }
    overlay(&mut tree, overrides, &mut reading);
    let stem = Path::new(name).file_stem().map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
    let mut scenario = decode::scenario(&tree, (&stem, text), beside.as_ref(), registry, &mut reading);
    // Systems with errors of their own are missing here: what refers to them cannot be judged yet.
    if !reading.systems_broken {
        choose_systems(&mut scenario, &overrides.systems, &mut reading);
    }
    validate::errors(&scenario, &mut reading);
    if !reading.findings.is_empty() {
        return Err(errors(name, reading));
    }
    doubts::warnings(&scenario, &mut reading);
    let ScenarioReading { origins, warnings, secrets, keys, .. } = reading;
    Ok(Loaded { scenario, origins, warnings, secrets, keys })
}

fn overlay(tree: &mut Table, overrides: &Overrides, reading: &mut ScenarioReading) {
    if let Some(profile) = overlay::profile(tree, overrides.profile.as_deref(), reading) {
        overlay::merge(tree, profile, &mut Vec::new());
    }
    overlay::variables(tree, reading);
    overlay::sets(tree, overrides.sets(), reading);
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
