//! A validated scenario. Whoever holds one need not check anything again.

use crate::broker::Broker;
use crate::fault::PlannedFault;
use crate::model::{ClientPolicy, Phases, SystemSpec, Workload};
use reports::facts::{Limits, Setting};

/// One scenario file, validated, with every default filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's stem: `failover`.
    pub name: String,
    /// What it asks, for people.
    pub title: String,
    /// How often each system is tried, at least 1.
    pub repeats: u32,
    /// The seed of everything random.
    pub seed: u64,
    /// The load.
    pub workload: Workload,
    /// When it begins and ends.
    pub phases: Phases,
    /// How clients behave.
    pub client: ClientPolicy,
    /// At least one; names are distinct.
    pub systems: Vec<System>,
    /// In order of their injection.
    pub faults: Vec<PlannedFault>,
    /// What is expected.
    pub expect: Limits,
    /// The text that was read, for the run's folder.
    pub source: String,
}

/// What is tried: a broker of some kind, made as its spec says.
#[derive(Clone)]
pub struct System {
    /// Its name, promises and settings.
    pub spec: SystemSpec,
    /// Its kind.
    pub broker: &'static dyn Broker,
}

impl System {
    /// What each wish became. Of a broker that somebody else runs it shows what is not known of it.
    pub fn fairness(&self, client: &ClientPolicy, workload: &Workload) -> Vec<Setting> {
        let mut rows = self.broker.fairness(&self.spec, client, workload);
        let Some(external) = &self.spec.external else { return rows };
        for row in rows.iter_mut().filter(|row| row.topic == "durability") {
            "as the broker has it".clone_into(&mut row.value);
            row.note = Some("somebody else runs the broker: the harness neither sets nor reads it".to_owned());
        }
        let note = "somebody else runs the broker: what it uses of its machine is not measured";
        let row = |setting: &str, value: String, note: Option<&str>| Setting {
            topic: "external".to_owned(),
            setting: setting.to_owned(),
            value,
            note: note.map(str::to_owned),
        };
        rows.insert(0, row("address", external.address.clone(), Some(note)));
        if let Some(listener) = &external.listener {
            let value = format!("{}, advertised as 127.0.0.1:{}", listener.address, listener.advertised);
            rows.insert(1, row("listener", value, None));
        }
        rows
    }
}

impl std::fmt::Debug for System {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("System").field("broker", &self.broker.kind()).field("spec", &self.spec).finish()
    }
}
