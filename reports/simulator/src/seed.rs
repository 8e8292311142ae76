//! One seed: planned, played, judged, compared.

use crate::compare::{Disagreement, Known, compare, compare_cut};
use crate::plan::{Allowed, Cut, Plan};
use crate::world::{self, Trial};
use crate::{damage, limits};
use reports::judge::{JudgedTrial, judge_history};

/// All that came of a seed.
#[derive(Debug)]
pub struct Outcome {
    /// What was planned.
    pub plan: Plan,
    /// What happened.
    pub trial: Trial,
    /// What the judge said; none where it refused to judge.
    pub judged: Option<JudgedTrial>,
    /// Where the judge is wrong.
    pub wrong: Vec<Disagreement>,
}

/// Plays a seed and judges the judge.
pub fn play(seed: u64, allowed: Allowed) -> Outcome {
    let plan = Plan::draw(seed, allowed);
    let mut trial = world::run(&plan);
    let drawn = {
        let known = Known { plan: &plan, truth: &trial.truth, limits: &trial.rows.facts.limits };
        limits::draw(&known)
    };
    trial.rows.facts.limits = drawn;
    let (judged, wrong) = match judge_history(&trial.rows, "simulated-1") {
        Ok(judged) => {
            let known = Known { plan: &plan, truth: &trial.truth, limits: &trial.rows.facts.limits };
            let mut wrong = compare(&known, &judged.result);
            wrong.extend(plan.cut.into_iter().flat_map(|cut| without(&known, &trial, cut)));
            (Some(judged), wrong)
        }
        Err(error) => {
            let refused = Disagreement {
                about: "the trial".to_owned(),
                truth: "it can be judged".to_owned(),
                judge: error.to_string(),
            };
            (None, vec![refused])
        }
    };
    Outcome { plan, trial, judged, wrong }
}

/// The same trial without the end of a table.
fn without(known: &Known<'_>, trial: &Trial, cut: Cut) -> Vec<Disagreement> {
    match judge_history(&damage::cut(&trial.rows, cut), "simulated-1") {
        Ok(judged) => compare_cut(known, cut, &judged.result),
        Err(error) => vec![Disagreement {
            about: "the trial".to_owned(),
            truth: format!("it can be judged without all {}", cut.table.name()),
            judge: error.to_string(),
        }],
    }
}
