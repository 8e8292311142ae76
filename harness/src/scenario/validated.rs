//! A validated scenario. Whoever holds one need not check anything again.

use crate::broker::Broker;
use crate::fault::PlannedFault;
use crate::model::{ClientPolicy, Phases, SystemSpec, Workload};
use reports::facts::Limits;

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

impl std::fmt::Debug for System {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("System").field("broker", &self.broker.kind()).field("spec", &self.spec).finish()
    }
}
