//! One scenario of a night: run, judged, compared with its last good run.

use super::archive::Archive;
use crate::cli::compare;
use crate::cli::{Exit, run};
use crate::scenario::Loaded;
use crate::trial::Interrupt;
use reports::compare::CompareVerdict;
use reports::judge::judge_run;
use reports::night::{NightComparison, NightOutcome, NightScenario};
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
    pub(super) async fn pass(&self, loaded: &Loaded, night: &str, planned: &NightScenario) -> Came {
        let folder = self.archive.run(night, &planned.name);
        let exit = run::one(self.options, loaded, &folder, self.interrupt.clone()).await;
        let stopped = Some(exit).filter(|exit| matches!(exit, Exit::Interrupted | Exit::Environment | Exit::Usage));
        let mut scenario = planned.clone();
        let Ok(judged) = judge_run(&folder) else {
            scenario.outcome = NightOutcome::Stopped;
            "it could not be carried out: what stopped it stands in the job's output".clone_into(&mut scenario.why);
            return Came { scenario, result: None, stopped: stopped.or(Some(Exit::Unknown)) };
        };
        scenario.outcome = judged.result.verdict.into();
        scenario.why = console::sentence(&judged.result);
        scenario.fingerprint = Some(judged.result.fingerprint.clone());
        let mut came = Came { scenario, result: None, stopped };
        if came.stopped.is_none()
            && let Some(base) = self.archive.base(&planned.name, &judged.result.fingerprint)
        {
            let compared = compare::confirmed(&base.judged, &judged, &folder, self.base_binary).await;
            let (verdict, why) = match compared {
                Ok(comparison) => (comparison.verdict, comparison.why),
                Err(exit) => {
                    came.stopped = Some(exit).filter(|exit| *exit != Exit::Unknown);
                    let why = "what looked worse could not be run again to confirm it";
                    (CompareVerdict::Unknown, why.to_owned())
                }
            };
            came.scenario.compared = Some(NightComparison { base: base.night, verdict, why });
        }
        came.result = Some(judged.result);
        came
    }
}
