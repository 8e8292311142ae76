//! `down`: the proxy stops listening and closes every connection, as a host does that has gone from the network.
//!
//! Inject: disable the proxy. Confirm: it says that it is disabled. Heal: enable it; it says so.
//! A proxy is up or down as a whole: there is no direction.

use super::at_paths::{AtPaths, Change};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::Workload;
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "down";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the link is cut: connections close, new ones are refused",
    aims: &[Aim::Link],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(Down)),
};

#[derive(Debug)]
struct Down;

impl Fault for Down {
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
        "not listening, every connection closed".to_owned()
    }

    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::ConnectionsLost
    }

    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Refused)
    }

    /// On a cut link nothing else has an effect.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, _: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPaths::boxed(Change::Disable, on, handles)
    }
}
