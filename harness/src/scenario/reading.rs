//! What one reading of a scenario knows and gathers: sources, findings, warnings, origins.

use super::origin::{KeyOrigin, Sources, TextPlace};
use super::problem::Finding;
use super::secret::Secrets;
use super::warning::{Advice, Warning};
use reports::facts::KnownFailure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What one reading knows and has found so far.
#[derive(Clone, Default)]
pub(super) struct ScenarioReading {
    pub(super) sources: Sources,
    pub(super) variables: BTreeMap<String, String>,
    /// Where the files are that the scenario names by relative paths: its own folder.
    pub(super) folder: PathBuf,
    /// The kinds of brokers that a scenario may name.
    pub(super) kinds: Vec<&'static str>,
    pub(super) findings: Vec<Finding>,
    pub(super) warnings: Vec<Warning>,
    pub(super) origins: Vec<KeyOrigin>,
    pub(super) keys: BTreeSet<String>,
    pub(super) secrets: Secrets,
    /// Each fault's path, by its name: unnamed ones go by their place in the list.
    pub(super) fault_paths: BTreeMap<String, String>,
    /// Paths whose value could not be read, so that a default stands in.
    pub(super) failed: BTreeSet<String>,
    /// Some system could not be read, so that the list of systems is not whole.
    pub(super) systems_broken: bool,
    /// The keys that the scenario's matrix gives several values.
    pub(super) swept: BTreeSet<String>,
    /// What each known failure is called by its place: the name of its check.
    known_places: Vec<(KnownFailure, TextPlace)>,
    places: BTreeMap<String, TextPlace>,
}

impl ScenarioReading {
    pub(super) fn with(variables: BTreeMap<String, String>) -> Self {
        Self { variables, ..Self::default() }
    }

    pub(super) fn find(&mut self, finding: Finding) {
        // A mix draws several faults from one place, and what is wrong there is wrong once.
        let is_known = |known: &Finding| {
            known.place.is_some()
                && known.place == finding.place
                && known.note == finding.note
                && known.help == finding.help
        };
        if !self.findings.iter().any(is_known) {
            self.findings.push(finding);
        }
    }

    /// The place of a key's value, by its path. `None` where it is a default.
    pub(super) fn place(&self, path: &str) -> Option<TextPlace> {
        self.places.get(path).copied()
    }

    /// The keys of which the scenario gives a value and whose paths begin so.
    pub(super) fn keys_under(&self, prefix: &str) -> Vec<String> {
        self.places.keys().filter(|path| path.starts_with(prefix)).cloned().collect()
    }

    /// Whether the scenario is a cell of a matrix over this key.
    pub(super) fn sweeps(&self, key: &str) -> bool {
        let holds = |swept: &String| {
            key.strip_prefix(swept.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.swept.iter().any(holds)
    }

    /// The place of a known failure's check.
    pub(super) fn known_place(&self, failure: &KnownFailure) -> Option<TextPlace> {
        self.known_places.iter().find(|(known, _)| known == failure).map(|(_, place)| *place)
    }

    /// Remembers where a known failure names its check.
    pub(super) fn note_known(&mut self, failure: &KnownFailure, place: Option<TextPlace>) {
        self.known_places.extend(place.map(|place| (failure.clone(), place)));
    }

    /// A key's value is what the scenario says, and no stand-in after an error.
    pub(super) fn is_sound(&self, path: &str) -> bool {
        !self.failed.contains(path)
    }

    /// Remembers the place of one element of a list.
    pub(super) fn note_element(&mut self, path: &str, index: usize, place: TextPlace) {
        self.places.insert(format!("{path}[{index}]"), place);
    }

    /// Warns at a key's value.
    pub(super) fn warn(&mut self, path: &str, advice: Advice) {
        let warning = Warning::new(advice, self.place(path), &self.sources);
        self.warnings.push(warning);
    }

    /// Notes a text in place of one that has been noted: it says what that one stands for.
    pub(super) fn note_text_as(&mut self, key: &str, text: String) {
        if let Some(noted) = self.origins.iter_mut().rev().find(|noted| noted.key == key) {
            noted.value = toml::Value::String(text).to_string();
        }
    }

    /// Notes a key with its final value.
    pub(super) fn note(&mut self, key: String, value: String, place: Option<TextPlace>) {
        let origin = self.sources.origin(place);
        if let Some(place) = place {
            self.places.insert(key.clone(), place);
        }
        self.origins.push(KeyOrigin { key, value, origin });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_sweeps_a_key_that_it_names_and_those_within_a_table_that_it_names() {
        let sweeps = |swept: &str, key: &str| {
            let swept = BTreeSet::from([swept.to_owned()]);
            ScenarioReading { swept, ..ScenarioReading::default() }.sweeps(key)
        };
        assert!(sweeps("workload.consumers", "workload.consumers") && sweeps("workload", "workload.consumers"));
        assert!(!sweeps("workload.consumer", "workload.consumers") && !sweeps("workload.rate", "workload.consumers"));
    }
}
