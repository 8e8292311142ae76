//! `isolate`: a node is cut off from all other nodes, while clients still reach it.
//!
//! Inject: disable the proxies of all paths between the node and others: replication, Sentinels, controllers. Confirm: each says
//! that it is disabled, and bytes had passed them. Heal: enable them; they say so. With `silent = true` connections stay, as in a
//! network that is divided without a word: each path gets the toxic `timeout` both ways, read back; when it is removed,
//! connections end, and bytes must have passed them. The node itself goes on, and may take itself for the leader while the
//! others have elected another one: what it acknowledges then may be gone after the heal.

use super::at_peers::{AtPeers, BETWEEN_NODES, Severed};
use super::handles::Handles;
use super::kind::{Actuator, Fault};
use super::outage::Outage;
use super::spec::{Aim, FaultSpec, Lasts};
use super::target::Target;
use crate::model::{Link, OptionKind, OptionSpec, OptionValue, Workload};
use reports::facts::Effect;
use std::sync::Arc;

const NAME: &str = "isolate";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "a node (by default the one that leads) is cut off from all other nodes; clients still reach it",
    aims: &[Aim::Leader, Aim::Node],
    lasts: Lasts::Given,
    options: &[OptionSpec {
        name: "silent",
        kind: OptionKind::Boolean,
        default: OptionValue::Boolean(false),
        about: "connections between the node and others stay open, and nothing passes; else they are closed",
    }],
    build: |given| {
        let silent = given.get("silent") == Some(&OptionValue::Boolean(true));
        Ok(Arc::new(Isolate(if silent { Severed::Silent } else { Severed::Closed })))
    },
};

#[derive(Debug)]
struct Isolate(Severed);

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
        match self.0 {
            Severed::Closed => NAME.to_owned(),
            Severed::Silent => format!("{NAME} silently"),
        }
    }

    fn detail(&self) -> String {
        let how = match self.0 {
            Severed::Closed => "connections between them are closed",
            Severed::Silent => "connections between them stay, and nothing passes",
        };
        format!("cut off from all other nodes, while clients still reach it; {how}")
    }

    /// Clients stay connected; whether they notice is up to the broker.
    fn effect(&self, _: &Target, _: &Workload) -> Effect {
        Effect::Nothing
    }

    /// A node that is alone may refuse to write, and clients that learn of another leader go there.
    fn outage(&self, _: &Target) -> Option<Outage> {
        Some(Outage::Alone)
    }

    /// On paths that are cut nothing else has an effect, and a node that ends has no connections.
    fn excludes(&self, _: &dyn Fault) -> bool {
        true
    }

    fn actuator(&self, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        AtPeers::boxed(self.0, fault, on, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::fault;
    use crate::fault::{PlannedFault, Select};
    use crate::model::{Direction, Selection};
    use reports::facts::Cut;
    use std::time::Duration;

    #[test]
    fn connections_are_closed_unless_it_is_silent_and_clients_stay_connected_to_a_node_that_is_alone() {
        let silent = fault(NAME, &[("silent", OptionValue::Boolean(true))]);
        assert_eq!((fault(NAME, &[]).summary(), silent.summary()), (NAME.to_owned(), format!("{NAME} silently")));
        assert_ne!(fault(NAME, &[]).detail(), silent.detail());
        assert_eq!(silent.outage(&Target::Node(Select::Leader)).map(Outage::cut), Some(Cut::Alone));
    }

    /// Both would have the same proxies, and the first heal would undo the other one's work.
    #[test]
    fn it_must_not_last_with_another_fault_between_nodes_but_may_with_one_on_clients() {
        let planned = |target: Target, kind: &str| PlannedFault {
            name: kind.to_owned(),
            at: Duration::from_secs(1),
            when: None,
            lasts: Duration::from_secs(2),
            target,
            fault: fault(kind, &[]),
            systems: Vec::new(),
            after: None,
        };
        let on = |link: Link| {
            let (clients, nodes) = (Selection::All, Selection::All);
            planned(Target::Link { link, direction: Direction::Both, clients, nodes }, "latency")
        };
        let isolate = planned(Target::Node(Select::Leader), NAME);
        for (link, excluded) in [(Link::Peer, true), (Link::Controller, true), (Link::Client, false)] {
            assert_eq!(isolate.contradicts(&on(link)), excluded, "{link}");
            assert_eq!(on(link).contradicts(&isolate), excluded, "{link}");
        }
        assert!(isolate.contradicts(&planned(Target::Node(Select::Any), "kill")));
    }
}
