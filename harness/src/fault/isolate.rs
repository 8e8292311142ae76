//! `isolate`: a node is cut off from all other nodes, while clients still reach it.
//!
//! Inject: disable the proxies of all paths between the node and others: replication, Sentinels, controllers. Confirm: each says
//! that it is disabled, and bytes had passed them. Heal: enable them; they say so. The node itself goes on, and may take itself
//! for the leader while the others have elected another one: what it acknowledges then may be gone after the heal.

use super::at_peers::{AtPeers, BETWEEN_NODES};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::{Link, Workload};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "isolate";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "a node (by default the one that leads) is cut off from all other nodes; clients still reach it",
    aims: &[Aim::Leader, Aim::Node],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(Arc::new(Isolate)),
};

#[derive(Debug)]
struct Isolate;

impl Fault for Isolate {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_directed(&self) -> bool {
        false
    }

    fn links(&self) -> &'static [Link] {
        BETWEEN_NODES
    }

    fn summary(&self) -> String {
        NAME.to_owned()
    }

    fn detail(&self) -> String {
        "cut off from all other nodes, while clients still reach it".to_owned()
    }

    /// Clients stay connected; whether they notice is up to the broker.
    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Nothing
    }

    /// A node that is alone may refuse to write, and clients that learn of another leader go there.
    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Restart)
    }

    /// On paths that are cut nothing else has an effect, and a node that ends has no connections.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPeers::boxed(fault, on, handles)
    }
}
