//! One scenario of a night: run, judged, compared with its last good run.

use super::archive::Archive;
use crate::cli::Exit;
use crate::cli::compare;
use crate::cli::run::{self, Ended};
use crate::scenario::Loaded;
use crate::trial::Interrupt;
use reports::compare::CompareVerdict;
use reports::judge::Judged;
use reports::night::{NightComparison, NightScenario};
use reports::render::console;
use reports::result::RunResult;
use std::path::Path;

/// What a scenario is run with.
pub(super) struct Evening<'a> {
    pub(super) archive: &'a Archive,
    pub(super) options: &'a run::Options,
    pub(super) base_binary: Option<&'a Path>,
    pub(super) interrupt: &'a Interrupt,
}

/// What came of it.
pub(super) struct Came {
    pub(super) scenario: NightScenario,
    /// Where something was judged.
    pub(super) result: Option<RunResult>,
    /// What kept the run or its confirmation from being carried through.
    pub(super) stopped: Option<Exit>,
}

impl Evening<'_> {
    /// Carries one scenario through.
    pub(super) async fn carry_out(&self, loaded: &Loaded, night: &str, planned: &NightScenario) -> Came {
        let folder = self.archive.run(night, &planned.name);
        let Ended { exit, judged } = run::one(self.options, loaded, &folder, self.interrupt.clone()).await;
        let stopped = Some(exit).filter(|exit| matches!(exit, Exit::Interrupted | Exit::Environment | Exit::Usage));
        let mut scenario = planned.clone();
        scenario.ended(judged.as_ref().map(|judged| (&judged.result, console::sentence(&judged.result))));
        let Some(judged) = judged else {
            return Came { scenario, result: None, stopped: stopped.or(Some(Exit::Unknown)) };
        };
        let mut came = Came { scenario, result: None, stopped };
        if let Some(base) = self.archive.base(&planned.name, &judged.result.fingerprint) {
            let (verdict, why) = match came.stopped {
                // Who reads that nothing is worse must not read it of what nobody looked at.
                Some(_) => (CompareVerdict::Unknown, "the run was stopped, so it was not compared".to_owned()),
                None => self.compare(&base.judged, &judged, &folder, &mut came.stopped).await,
            };
            came.scenario.compared = Some(NightComparison { base: base.night, verdict, why });
        }
        came.result = Some(judged.result);
        came
    }

    /// How a run compares with its base, after what is in question was run again.
    async fn compare(
        &self,
        base: &Judged,
        run: &Judged,
        folder: &Path,
        stopped: &mut Option<Exit>,
    ) -> (CompareVerdict, String) {
        match compare::confirmed(base, run, folder, self.base_binary).await {
            Ok(comparison) => (comparison.verdict, comparison.why),
            Err(exit) => {
                *stopped = Some(exit).filter(|exit| *exit != Exit::Unknown);
                (CompareVerdict::Unknown, "what looked worse could not be run again to confirm it".to_owned())
            }
        }
    }
}
