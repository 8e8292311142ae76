//! What a run writes down of its scenario: every key, each value in one way of writing, so that runs can be compared later.

use super::Loaded;
use super::origin::Origin;
use super::validated::Scenario;
use super::warning::Warning;
use super::written::in_one_way;
use reports::facts::ScenarioFacts;
use std::collections::BTreeMap;

impl Loaded {
    /// What the scenario says, for the run's facts. Secrets are left as they stand in the file: `${NAME}`.
    pub fn facts(&self) -> ScenarioFacts {
        let mut given = BTreeMap::new();
        let mut defaults = BTreeMap::new();
        for key in &self.origins {
            let keys = if key.origin == Origin::Default { &mut defaults } else { &mut given };
            keys.insert(key.key.clone(), self.secrets.mask(&in_one_way(&key.value)));
        }
        let Scenario { compare, known, .. } = &self.scenario;
        let warnings = self.warnings.iter().map(Warning::fact).collect();
        let question = question(&self.scenario.source);
        ScenarioFacts { question, given, defaults, compare: compare.clone(), known: known.clone(), warnings }
    }
}

/// The question that a scenario asks: its first comment line, if nothing comes before it; empty where there is none.
pub fn question(text: &str) -> String {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    first.and_then(|line| line.strip_prefix('#')).map(|line| line.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_the_first_comment() {
        assert_eq!(question("\n# Is it fast?\n# More.\ntitle = \"x\""), "Is it fast?");
        assert_eq!(question("title = \"x\" # no"), "");
        assert_eq!(question(""), "");
    }
}
