//! A failing seed made smaller: features are left out and messages halved as long as it fails in the same way.

use crate::plan::{Allowed, Feature};
use crate::seed::{Outcome, play};
use std::fmt::Write;

/// The smallest that still disagrees about the same thing, in full, with how to repeat it.
pub fn shrunk(seed: u64, about: &str) -> String {
    let fails = |allowed: Allowed| play(seed, allowed).wrong.iter().any(|wrong| wrong.about == about);
    let mut allowed = Allowed::default();
    loop {
        let without = Feature::ALL.into_iter().filter(|feature| allowed.has(*feature)).map(|one| allowed.without(one));
        let fewer = std::iter::once(allowed.halved()).filter(|allowed| allowed.messages > 0);
        let Some(smaller) = without.chain(fewer).find(|allowed| fails(*allowed)) else { break };
        allowed = smaller;
    }
    in_full(&play(seed, allowed))
}

/// A seed's plan, what is wrong, and how to repeat it.
pub fn in_full(outcome: &Outcome) -> String {
    let (plan, truth) = (&outcome.plan, &outcome.trial.truth);
    let mut text = String::new();
    let left_out: Vec<_> = plan.allowed.left_out().collect();
    let mut line = |what: &str, value: String| {
        let _ = writeln!(text, "  {what:<14} {value}");
    };
    line("seed", format!("{}, without {left_out:?}, {} ‰ of its messages", plan.seed, plan.allowed.messages));
    line("shape", format!("{:?}", plan.shape));
    let load = &plan.load;
    line(
        "load",
        format!(
            "{} messages, {:.3}/s, {} to {} to {}",
            load.schedule.len(),
            load.rate,
            load.from,
            load.to,
            load.drain_to
        ),
    );
    line("policy", format!("{:?}", plan.policy));
    for fault in &plan.faults {
        line("fault", format!("{fault:?}"));
    }
    line("bugs", format!("{:?}", plan.bugs));
    line("answers", format!("{:?}", plan.answers));
    line("habits", format!("{:?}", plan.habits));
    line("manners", format!("{:?}, killed {:?}", plan.manners, plan.kills));
    line("ending", format!("{:?}; ended at {}, drained {}", plan.ending, truth.end, truth.drained));
    line("limits", format!("{:?}", outcome.trial.rows.facts.limits));
    for (client, stretches) in truth.connected.iter().enumerate() {
        line("connected", format!("{}: {stretches:?}", plan.shape.name(client)));
    }
    for wrong in &outcome.wrong {
        line("wrong", format!("{}\n    truth {}\n    judge {}", wrong.about, wrong.truth, wrong.judge));
    }
    let code = plan.allowed.code();
    line("to repeat it", format!("cargo run --release --package simulator -- --seed {} --allowed {code}", plan.seed));
    text
}
