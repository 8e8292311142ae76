//! The archive: a folder for each night, and in it one for each scenario's run.

use crate::cli::{Exit, exit, provenance};
use crate::scenario::Loaded;
use reports::judge::{Judged, judge_run};
use reports::night::{NIGHT_SCHEMA, Night, NightScenario};
use reports::render::nights;
use reports::result::{Fingerprint, Verdict};
use std::path::{Component, Path, PathBuf};

/// The file in a night's folder that says what came of it.
pub(super) const NIGHT_FILE: &str = "night.json";

/// Where nights are kept.
#[derive(Debug)]
pub(super) struct Archive {
    folder: PathBuf,
}

/// A run to compare with.
pub(super) struct Base {
    /// Its night.
    pub(super) night: String,
    pub(super) judged: Judged,
}

impl Archive {
    /// Opens or makes it. An error has been shown.
    pub(super) fn open(folder: &Path) -> Result<Self, Exit> {
        if let Some(file) = folder.ancestors().find(|part| part.exists()).filter(|part| !part.is_dir()) {
            let help = "name a folder with --archive, or none for nightly/ in this one";
            let what = format!("{} cannot be an archive: {} is a file", folder.display(), file.display());
            return Err(exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Usage));
        }
        std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn night(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    /// Where a scenario's run of a night is.
    pub(super) fn run(&self, night: &str, scenario: &str) -> PathBuf {
        self.night(night).join(scenario)
    }

    /// Begins a night in a folder of its own, in which nothing has been tried yet. An error has been shown.
    pub(super) fn begin(&self, scenarios: &[Loaded], accepted: &[String]) -> Result<Night, Exit> {
        let started = provenance::timestamp();
        let stamp = started.replace(['-', ':'], "");
        let mut ids = std::iter::once(stamp.clone()).chain((2_u32..).map(|number| format!("{stamp}-{number}")));
        let id = ids.find(|id| !self.night(id).exists()).unwrap_or(stamp);
        let scenarios = scenarios.iter().map(|loaded| NightScenario {
            accepted: accepted.contains(&loaded.scenario.name),
            ..NightScenario::planned(&loaded.scenario.name, &loaded.scenario.title)
        });
        let schema = NIGHT_SCHEMA.to_owned();
        let night = Night { schema, id, started, ended: None, interrupted: false, scenarios: scenarios.collect() };
        let folder = self.night(&night.id);
        std::fs::create_dir(&folder).map_err(|error| cannot_write(&folder, &error))?;
        self.save(&night)?;
        Ok(night)
    }

    /// Writes down what came of a night so far. An error has been shown.
    pub(super) fn save(&self, night: &Night) -> Result<(), Exit> {
        let text = serde_json::to_string_pretty(night).unwrap_or_default() + "\n";
        written(&self.night(&night.id).join(NIGHT_FILE), &text)
    }

    /// Every night that can be read, the oldest first.
    pub(super) fn nights(&self) -> Vec<Night> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
        let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut nights: Vec<Night> = folders.filter_map(|folder| read(&folder)).collect();
        nights.sort_by(|one, other| one.id.cmp(&other.id));
        nights
    }

    /// A scenario's last good run of this fingerprint, in a night that was carried through. A run that cannot be judged any more,
    /// or not as it was, is none.
    pub(super) fn base(&self, scenario: &str, fingerprint: &Fingerprint) -> Option<Base> {
        let nights = self.nights();
        let good = nights.iter().rev().filter(|night| night.is_whole()).filter(|night| {
            let mut own = night.scenarios.iter().filter(|one| one.name == scenario && one.is_good());
            own.any(|one| one.fingerprint.as_ref() == Some(fingerprint))
        });
        let mut judged = good.filter_map(|night| {
            let judged = judge_run(&self.run(&night.id, scenario)).ok()?;
            (judged.result.verdict == Verdict::Pass).then(|| Base { night: night.id.clone(), judged })
        });
        judged.next()
    }
}

/// The night in a folder. A file of it that is not whole, or was written by something else, is none.
fn read(folder: &Path) -> Option<Night> {
    let text = std::fs::read_to_string(folder.join(NIGHT_FILE)).ok()?;
    let night: Night = serde_json::from_str(&text).ok()?;
    let is_there = folder.file_name().is_some_and(|name| *name == *night.id);
    // What it names is opened, and removed when it is old: nothing outside of its folder.
    let is_within = |scenario: &NightScenario| {
        let mut parts = Path::new(&scenario.name).components();
        matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None))
    };
    (night.schema == NIGHT_SCHEMA && is_there && night.scenarios.iter().all(is_within)).then_some(night)
}

/// Writes a file whole. An error has been shown.
pub(super) fn written(path: &Path, text: &str) -> Result<(), Exit> {
    nights::write(path, text).map_err(|error| exit::explain(&miette::diagnostic!("{error}"), Exit::Environment))
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> Exit {
    let help = "is the disk full, or the folder not writable? choose another with --archive";
    let what = format!("cannot write to the archive: {}: {error}", folder.display());
    exit::explain(&miette::diagnostic!(help = help, "{what}"), Exit::Environment)
}
