//! `poison`: a share of the messages that fall due while it lasts cannot be processed.
//!
//! Nothing is changed while the load goes on: which messages are poisoned follows from the plan, the seed and the message
//! (`reports::facts::PoisonRule`). Producers mark them in the payload, as they were told when they were assigned, and consumers
//! fail on what is marked. So that it was injected is shown by what consumers do: at least one must fail on such a message.

use super::handles::Handles;
use super::kind::{Actuator, Fault, Phase, Reading};
use super::spec::{Aim, FaultSpec, Lasts, Misfit};
use super::target::Target;
use crate::environment::EnvironmentError;
use crate::model::{OptionKind, OptionSpec, OptionValue, Workload};
use futures_util::future::BoxFuture;
use reports::facts::{Effect, Poison};
use std::sync::Arc;

const NAME: &str = "poison";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "a share of the messages cannot be processed: consumers fail on them, and give them up to the dead-letter queue",
    aims: &[Aim::Messages],
    lasts: Lasts::Given,
    options: &[OptionSpec {
        name: "share",
        kind: OptionKind::Share(0.0, 1.0),
        default: OptionValue::Share(0.01),
        about: "the share of messages that fall due while it lasts and cannot be processed",
    }],
    build: |options| match options.get("share") {
        Some(OptionValue::Share(share)) if *share > 0.0 => Ok(Arc::new(Poisoning(Poison { share: *share }))),
        _ => Err(Misfit {
            key: "share",
            message: "with a share of zero no message is poisoned".to_owned(),
            help: "write a share above 0, up to 1, as in 0.01".to_owned(),
        }),
    },
};

#[derive(Debug)]
struct Poisoning(Poison);

impl Fault for Poisoning {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        format!("{NAME} {}", self.0.share)
    }

    fn detail(&self) -> String {
        // Rounded, for 0.07 × 100 is a little more than 7.
        let percent = (self.0.share * 1e8).round() / 1e6;
        format!("{percent} % of the messages cannot be processed")
    }

    /// No client loses anything; that consumers fail is judged by the rule that `poison` declares.
    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Nothing
    }

    fn poison(&self) -> Option<Poison> {
        Some(self.0)
    }

    fn actuator(&self, fault: &str, _: &Target, _: &Handles) -> Box<dyn Actuator> {
        Box::new(Assigned { fault: fault.to_owned(), poison: self.0 })
    }
}

/// What needs no act, because producers have it in their assignment.
#[derive(Debug)]
struct Assigned {
    fault: String,
    poison: Poison,
}

impl Actuator for Assigned {
    fn bring(&mut self, _: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async { Ok(()) })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        let words = match phase {
            Phase::Acting => {
                format!("producers were assigned to mark the share {} by the rule of {}", self.poison.share, self.fault)
            }
            Phase::Resting => "what falls due now is not marked".to_owned(),
        };
        Box::pin(async { Ok(Reading { shows: true, words }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_poisons_the_share_that_is_given_and_none_is_refused() {
        let built = SPEC.with(&[("share", OptionValue::Share(0.25))]).expect("fits");
        assert_eq!(built.poison(), Some(Poison { share: 0.25 }));
        assert_eq!(built.detail(), "25 % of the messages cannot be processed");
        let misfit = SPEC.with(&[("share", OptionValue::Share(0.0))]).expect_err("nothing is poisoned");
        assert_eq!(misfit.key, "share");
    }
}
