//! `join`: consumers join the group in the midst of the load, beside those of the workload; they leave it at the heal, or stay.
//!
//! Inject: spawn each. Confirm: it says that it is a member that reads. Heal: tell it to leave; it says that it left, and its
//! process ends. One that stays is looked at once more instead. Its name follows those of the workload's consumers.

use super::at_consumers::AtConsumers;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use super::told::ToldConsumers;
use crate::model::{OptionKind, OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "join";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "further consumers join the group, and leave it afterwards or stay",
    aims: &[Aim::Worker],
    lasts: Lasts::Given,
    options: &[OptionSpec {
        name: "stays",
        kind: OptionKind::Boolean,
        default: OptionValue::Boolean(false),
        about: "whether it stays when the fault is over, to the end of the trial",
    }],
    build: |options| Ok(Arc::new(Join { stays: options.get("stays") == Some(&OptionValue::Boolean(true)) })),
};

#[derive(Debug)]
struct Join {
    stays: bool,
}

impl Join {
    const fn told(&self) -> ToldConsumers {
        if self.stays { ToldConsumers::JoinForGood } else { ToldConsumers::Join }
    }
}

impl Fault for Join {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        if self.stays { format!("{NAME} for good") } else { NAME.to_owned() }
    }

    fn detail(&self) -> String {
        let then = if self.stays { "stays" } else { "leaves it in order afterwards" };
        format!("it joins the group beside the workload's consumers, and {then}")
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        if self.stays { Effect::StaysOn } else { Effect::TakesPart }
    }

    fn tells(&self) -> Option<ToldConsumers> {
        Some(self.told())
    }

    /// To a worker that is not there nothing else can be done.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtConsumers::boxed(self.told(), fault, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leaves_again_unless_it_is_told_to_stay() {
        let told = |stays| SPEC.with(&[("stays", OptionValue::Boolean(stays))]).expect("fits").tells();
        assert_eq!((told(false), told(true)), (Some(ToldConsumers::Join), Some(ToldConsumers::JoinForGood)));
    }
}
