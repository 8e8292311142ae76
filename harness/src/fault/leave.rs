//! `leave`: consumers leave their group in order, in the midst of the load, and join it again.
//!
//! Inject: tell each to leave. It settles what it has worked on, leaves the rest to the group, and its process ends. Confirm: it
//! says that it left, and whether its name was deleted. Heal: spawn a successor of the same name; it says that it is a member that
//! reads. Where a broker keeps consumers by name, deleting one drops what is pending under it: nobody is given that again.

use super::at_consumers::AtConsumers;
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use super::told::ToldConsumers;
use crate::model::{OptionKind, OptionSpec, OptionValue, Parting, Workload};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "leave";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "consumers leave their group in order, and another one of the same name joins it afterwards",
    aims: &[Aim::Worker],
    lasts: Lasts::Given,
    options: &[OptionSpec {
        name: "delete-consumer",
        kind: OptionKind::Boolean,
        default: OptionValue::Boolean(false),
        about: "whether its name is deleted from the group, with what is pending under it (Redis)",
    }],
    build: |options| {
        let deleted = options.get("delete-consumer") == Some(&OptionValue::Boolean(true));
        Ok(Arc::new(Leave(if deleted { Parting::DeleteConsumer } else { Parting::KeepName })))
    },
};

#[derive(Debug)]
struct Leave(Parting);

impl Fault for Leave {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        match self.0 {
            Parting::KeepName => NAME.to_owned(),
            Parting::DeleteConsumer => format!("{NAME}, deleting the consumer"),
        }
    }

    fn detail(&self) -> String {
        let deleted = match self.0 {
            Parting::KeepName => "",
            Parting::DeleteConsumer => " and is deleted from it with its pending entries",
        };
        format!("it leaves its group in order{deleted}, and another one of the same name joins afterwards")
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Idle
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Died)
    }

    fn tells(&self) -> Option<ToldConsumers> {
        Some(ToldConsumers::Leave(self.0))
    }

    /// To a worker that is not there nothing else can be done.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtConsumers::boxed(ToldConsumers::Leave(self.0), fault, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_name_unless_it_is_told_to_delete_it() {
        let told = |delete| SPEC.with(&[("delete-consumer", OptionValue::Boolean(delete))]).expect("fits").tells();
        assert_eq!(told(false), Some(ToldConsumers::Leave(Parting::KeepName)));
        assert_eq!(told(true), Some(ToldConsumers::Leave(Parting::DeleteConsumer)));
        assert_eq!(SPEC.with(&[]).expect("fits").tells(), told(false));
    }
}
