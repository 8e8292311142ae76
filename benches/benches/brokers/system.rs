//! A started system, and topics on it.

use crate::ground::Ground;
use harness::broker::{AdminTarget, Administrator};
use harness::model::{Endpoints, Role, Topology};
use harness::scenario::{Scenario, System};
use harness::trial::{Launched, launch, topology};
use harness::worker::protocol::ConnectionSpec;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tokio::runtime::Handle;

/// A system that answers. It is removed when the last one who has it drops it.
#[derive(Clone)]
pub(crate) struct StartedSystem(Rc<Inner>);

struct Inner {
    scenario: Scenario,
    system: System,
    topology: Topology,
    runtime: Handle,
    topics: Cell<u32>,
    _launched: Launched,
}

/// A topic with its group, which is removed when this is dropped.
pub(crate) struct Topic {
    on: StartedSystem,
    name: String,
    administrator: Box<dyn Administrator>,
    /// What only the started broker can tell its clients.
    told: BTreeMap<String, String>,
}

impl StartedSystem {
    /// Starts it, and waits until it answers.
    pub(crate) fn start(ground: &Ground, scenario: &Scenario, system: &System) -> Self {
        let layout = topology(system, scenario, &mut ground.environment.ports()).expect("ports");
        let topology = layout.expect("a broker with nodes");
        let target = target(scenario, system, topology.admin.clone(), "benches");
        let logs = ground.logs(&system.spec.name);
        let place = (Some(&ground.environment), logs.as_path());
        let launched = ground.runtime.block_on(launch(&topology, system.broker, target, place, |_| ()));
        let launched = launched.unwrap_or_else(|error| panic!("{} was not started: {error}", system.spec.name));
        Self(Rc::new(Inner {
            scenario: scenario.clone(),
            system: system.clone(),
            topology,
            runtime: ground.runtime.handle().clone(),
            topics: Cell::new(0),
            _launched: launched,
        }))
    }

    /// The scenario of the benches.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.0.scenario
    }

    /// The system as the scenario has it.
    pub(crate) fn system(&self) -> &System {
        &self.0.system
    }

    /// A new topic.
    pub(crate) fn topic(&self) -> Topic {
        let Inner { scenario, system, topology, runtime, topics, .. } = &*self.0;
        topics.set(topics.get() + 1);
        let name = format!("benches-{}", topics.get());
        let target = target(scenario, system, topology.admin.clone(), &name);
        let (administrator, told) = runtime.block_on(async {
            let mut administrator = system.broker.administrator(target).await.expect("an administrator");
            let told = administrator.provision().await.expect("a topic");
            (administrator, told)
        });
        Topic { on: self.clone(), name, administrator, told }
    }
}

impl Topic {
    /// How the client of this name connects to it.
    pub(crate) fn connection(&self, role: Role, client: &str) -> ConnectionSpec {
        let Inner { scenario, system, topology, .. } = &*self.on.0;
        let mut settings = system.client.settings(&system.spec, &scenario.client, role);
        settings.extend(self.told.clone());
        let Endpoints { contact, nodes } = topology.clients.get(client).cloned().expect("a client of the scenario");
        ConnectionSpec {
            broker: system.broker.kind().to_owned(),
            client: system.client.name().to_owned(),
            address: contact,
            nodes,
            topic: self.name.clone(),
            group: self.name.clone(),
            dead_letters: String::new(),
            partitions: scenario.workload.partitions,
            policy: (&scenario.client).into(),
            settings,
        }
    }
}

impl Drop for Topic {
    fn drop(&mut self) {
        // What is not removed here goes with the system.
        let _ = self.on.0.runtime.block_on(self.administrator.remove());
    }
}

fn target(scenario: &Scenario, system: &System, at: Endpoints, topic: &str) -> AdminTarget {
    AdminTarget {
        at,
        topic: topic.to_owned(),
        group: topic.to_owned(),
        dead_letters: None,
        partitions: scenario.workload.partitions,
        system: system.spec.clone(),
    }
}
