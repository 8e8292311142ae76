//! `slow`: consumers work longer on each message than they were assigned to.
//!
//! Inject: tell each how long to work on a message. Confirm: it says that it does. Heal: tell it to work as it was assigned; it
//! says that it does. The message that it is working on at either instant keeps its time. How long it works on those that it
//! receives while it lasts shows in when it asks for their settlement.

use super::at_consumers::AtConsumers;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::spec::{Aim, FaultSpec, Lasts, Misfit, is_zero, length};
use super::target::Target;
use super::told::ToldConsumers;
use crate::model::duration::show;
use crate::model::{OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "slow";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "consumers work longer on each message: slow consumers",
    aims: &[Aim::Worker],
    lasts: Lasts::Given,
    options: &[OptionSpec::duration(
        "processing",
        OptionValue::Unset,
        "how long they work on each message while it lasts; more than `workload.processing`",
    )],
    build: |options| {
        if is_zero(options, "processing") {
            return Err(Misfit::does_nothing("processing"));
        }
        Ok(Arc::new(Slow(length(options, "processing"))))
    },
};

#[derive(Debug)]
struct Slow(Duration);

impl Fault for Slow {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        format!("{NAME} {}", show(self.0))
    }

    fn detail(&self) -> String {
        format!("it works {} on each message", show(self.0))
    }

    fn effect(&self, _: &Target, load: &Workload) -> Effect {
        Effect::HeldLonger { by: self.0.saturating_sub(load.processing).into() }
    }

    fn tells(&self) -> Option<ToldConsumers> {
        Some(ToldConsumers::Work(self.0))
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtConsumers::boxed(ToldConsumers::Work(self.0), fault, on, handles)
    }
}
