//! `crash`: the process of workers is killed, and another one of the same name follows it.
//!
//! Inject: send SIGKILL. Confirm: the process is gone, and how it ended. Heal: spawn a successor with a journal of its own;
//! it says that it is ready. A consumer's successor joins the group under the same name. A producer's successor begins with
//! the first message that was never begun, however late: it stays charged from its time. Sends that had begun and whose
//! outcome nobody knows are indeterminate.

use super::at_workers::{AtWorkers, DoneToWorker};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::Workload;
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "crash";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the process of workers is killed (SIGKILL), and followed by another one of the same name",
    aims: &[Aim::Worker],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(Crash)),
};

#[derive(Debug)]
struct Crash;

impl Fault for Crash {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn summary(&self) -> String {
        NAME.to_owned()
    }

    fn detail(&self) -> String {
        "the process is killed (SIGKILL), and another one of the same name follows it".to_owned()
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Idle
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Died)
    }

    /// To a worker that is not there nothing else can be done.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtWorkers::boxed(DoneToWorker::Kill, fault, on, handles)
    }
}
