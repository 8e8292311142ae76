//! The fairness table: what each wish of the scenario became on each system, side by side.

use super::label::systems;
use super::text::one_line;
use crate::result::RunResult;

/// Marks what the started system itself said.
pub(super) const READ_BACK: &str = "✓";

/// The table: systems as columns, topics as rows.
pub(super) struct Fairness {
    pub(super) systems: Vec<String>,
    pub(super) rows: Vec<(String, Vec<Vec<SettingText>>)>,
}

/// One setting, as text.
pub(super) struct SettingText {
    /// `acks = all`.
    pub(super) setting: String,
    /// What a reader must know about it.
    pub(super) note: Option<String>,
    /// The system itself said so.
    pub(super) read_back: bool,
}

impl Fairness {
    /// From the first trial of each system: repeats have the same settings.
    pub(super) fn of(result: &RunResult) -> Self {
        let systems = systems(result);
        let first = |system: &str| result.trials.iter().find(|trial| trial.system == system);
        let mut topics: Vec<&str> = Vec::new();
        for setting in systems.iter().filter_map(|system| first(system)).flat_map(|trial| &trial.fairness) {
            if !topics.contains(&setting.topic.as_str()) {
                topics.push(&setting.topic);
            }
        }
        let cell = |system: &&str, topic: &str| -> Vec<SettingText> {
            let settings = first(system).into_iter().flat_map(|trial| &trial.fairness);
            settings
                .filter(|setting| setting.topic == topic)
                .map(|setting| SettingText {
                    setting: format!("{} = {}", one_line(&setting.setting), one_line(&setting.value)),
                    note: setting.note.as_deref().map(one_line),
                    read_back: setting.read_back,
                })
                .collect()
        };
        let rows = topics
            .iter()
            .map(|topic| (one_line(topic), systems.iter().map(|system| cell(system, topic)).collect()))
            .collect();
        Self { systems: systems.into_iter().map(one_line).collect(), rows }
    }
}
