//! A validated scenario. Whoever holds one need not check anything again.

use crate::broker::client::Consumed;
use crate::broker::{Broker, Client, Key};
use crate::fault::{PlannedFault, ToldConsumers};
use crate::model::{ClientGroup, ClientPolicy, Condition, Cores, External, Phases, Role, SystemSpec, Wiring, Workload};
use reports::facts::{Envelope, KnownFailure, Limits, Ordering, Setting, Thresholds};
use std::collections::BTreeSet;

/// One scenario file, validated, with every default filled in.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's stem: `failover`.
    pub name: String,
    /// What it asks, for people.
    pub title: String,
    /// Words by which `harness run --tag` chooses it.
    pub tags: Vec<String>,
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
    /// From which difference on `harness compare` counts a figure as changed.
    pub compare: Thresholds,
    /// Failures that are known: its own, then those of the file beside it.
    pub known: Vec<KnownFailure>,
    /// The text that was read, for the run's folder.
    pub source: String,
}

impl Scenario {
    /// Within what a system keeps messages in order: what is tried again comes behind what was sent meanwhile.
    pub fn ordering(&self, system: &System) -> Ordering {
        match self.client.producer_retry {
            Some(_) => Ordering::None,
            None => system.broker.ordering(&system.spec, &self.workload),
        }
    }

    /// The systems that meet a fault.
    pub(super) fn met_by(&self, fault: &PlannedFault) -> Vec<&System> {
        self.systems.iter().filter(|system| fault.is_for(&system.spec.name)).collect()
    }

    /// Whether a system has consumers, from the start or later. A fault that waits for what consumers hold cannot
    /// bring the first consumer.
    pub(super) fn is_consumed(&self, system: &System) -> bool {
        let comes = |fault: &PlannedFault| !fault.when.as_ref().is_some_and(Condition::needs_consumers);
        self.workload.consumers > 0 || self.joins(system).any(comes)
    }

    /// What each wish became for a system: at the broker, in the client's hands, and raw settings as the scenario gives them. The
    /// same values that the broker is launched with and that workers use. `in_force`: what the started broker says of its own
    /// settings, not of those that clients have by the same name. Where nobody ever consumes, nothing is said of consumers.
    pub fn fairness(&self, system: &System, in_force: Vec<Setting>) -> Vec<Setting> {
        let (spec, workload) = (&system.spec, &self.workload);
        let note = Some("as the scenario gives it");
        let raw = |(name, value): (&String, &String)| Setting::new("raw settings", name, value.clone(), note);
        let (of_server, of_client): (Vec<_>, Vec<_>) =
            spec.settings.iter().map(raw).partition(|row| row.setting.starts_with("server."));
        let mut asked = system.broker.fairness(spec, workload);
        // A raw setting of the server that stands in the broker's rows too is said once.
        let is_new =
            |row: &Setting| !asked.iter().any(|other| row.setting.strip_prefix("server.") == Some(&other.setting));
        let of_server: Vec<Setting> = of_server.into_iter().filter(is_new).collect();
        asked.extend(of_server);
        let words = |cores: Option<Cores>| cores.map(|cores| cores.to_string());
        asked.extend(Setting::of_cores(words(spec.limits().cores), words(self.client.cores)));
        let mut rows = Setting::read_back(asked, in_force);
        let consumed = if self.is_consumed(system) { Consumed::Yes } else { Consumed::Never };
        rows.extend(system.client.fairness(spec, &self.client, workload, consumed));
        rows.extend(of_client);
        if let Some(external) = &spec.external {
            say_what_is_unknown(external, &mut rows);
        }
        rows
    }

    /// The consumers that join a system in the midst of the load, beside those of the workload.
    pub fn joiners(&self, system: &System) -> BTreeSet<String> {
        self.joins(system).flat_map(|fault| fault.target.clients().names().to_vec()).collect()
    }

    /// Whether all who consume a system have left it again at the end of the load. A fault that lets consumers leave brings them back.
    pub(super) fn is_left_by_all(&self, system: &System) -> bool {
        let stays = |fault: &PlannedFault| fault.fault.tells() == Some(ToldConsumers::JoinForGood);
        self.is_consumed(system) && self.workload.consumers == 0 && !self.joins(system).any(stays)
    }

    /// The faults that bring a system further consumers.
    fn joins(&self, system: &System) -> impl Iterator<Item = &PlannedFault> {
        let joins = |fault: &&PlannedFault| {
            matches!(fault.fault.tells(), Some(ToldConsumers::Join | ToldConsumers::JoinForGood))
        };
        self.faults.iter().filter(|fault| fault.is_for(&system.spec.name)).filter(joins)
    }
}

/// What is tried: a broker of some kind and a client that speaks to it, made as the spec says.
#[derive(Clone)]
pub struct System {
    /// Its name, promises and settings.
    pub spec: SystemSpec,
    /// Its kind.
    pub broker: &'static dyn Broker,
    /// What its workers speak to it with.
    pub client: Client,
}

impl System {
    /// The waits between attempts that its clients of this role keep.
    pub fn envelope(&self, policy: &ClientPolicy, role: Role) -> Envelope {
        self.client.envelope(&self.spec, policy, role)
    }

    /// Whether all its clients must take the same path through the proxy: that of the one listener that somebody else set up.
    pub fn has_one_path(&self) -> bool {
        self.spec.external.as_ref().is_some_and(|external| external.listener.is_some())
    }

    /// Its clients, in groups of those that share a path: apart are those to which a fault is done apart.
    pub fn groups(&self, scenario: &Scenario) -> Vec<ClientGroup> {
        let workload = &scenario.workload;
        let clients =
            workload.names(Role::Producer).chain(workload.names(Role::Consumer)).chain(scenario.joiners(self));
        let faults = scenario.faults.iter().filter(|fault| fault.is_for(&self.spec.name));
        ClientGroup::of(clients, faults.filter_map(|fault| fault.target.apart()))
    }

    /// What the scenario asks of its layout: which of its clients go which way, and on which of its links there is a fault.
    pub fn wiring(&self, scenario: &Scenario) -> Wiring {
        let faults = scenario.faults.iter().filter(|fault| fault.is_for(&self.spec.name));
        let links = |fault: &PlannedFault| fault.target.link().into_iter().chain(fault.fault.links().iter().copied());
        let faulted = faults.flat_map(links).collect();
        Wiring { groups: self.groups(scenario), faulted }
    }
}

impl System {
    /// The path of a key in its broker's table, as `--set` takes it.
    pub(super) fn key(&self, key: &Key) -> String {
        let table = format!("systems.{}.{}", self.spec.name, self.broker.kind());
        match key {
            Key::Option(name) => format!("{table}.{name}"),
            Key::Raw(name) if name.contains('.') => format!("{table}.settings.\"{name}\""),
            Key::Raw(name) => format!("{table}.settings.{name}"),
        }
    }
}

/// Of a broker that somebody else runs the table shows what is not known of it.
fn say_what_is_unknown(external: &External, rows: &mut Vec<Setting>) {
    for row in rows.iter_mut().filter(|row| row.topic == "durability") {
        "as the broker has it".clone_into(&mut row.value);
        row.note = Some("somebody else runs the broker: the harness neither sets nor reads it".to_owned());
    }
    let row = |setting: &str, value: String, note: Option<&str>| Setting::new("external", setting, value, note);
    let note = "somebody else runs the broker: what it uses of its machine is not measured";
    rows.insert(0, row("address", external.address.clone(), Some(note)));
    if let Some(listener) = &external.listener {
        let value = format!("{}, advertised as 127.0.0.1:{}", listener.address, listener.advertised);
        rows.insert(1, row("listener", value, None));
    }
}

impl std::fmt::Debug for System {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("System").field("broker", &self.broker.kind()).field("spec", &self.spec).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::tests::scenario;

    #[test]
    fn the_fairness_table_says_nothing_of_consumers_where_nobody_consumes() {
        for broker in ["kafka = {}", "redis-streams = {}"] {
            let mut scenario = scenario(broker);
            let told = |scenario: &Scenario| -> Vec<String> {
                // How partitions are shared out is so whoever consumes.
                let rows = scenario.fairness(&scenario.systems[0], Vec::new()).into_iter();
                let rows = rows.filter(|row| row.topic != "partitions");
                rows.map(|row| format!("{} {} {} {:?}", row.topic, row.setting, row.value, row.note)).collect()
            };
            let of_consumers = |rows: Vec<String>| rows.into_iter().find(|row| row.contains("consumer"));
            assert!(of_consumers(told(&scenario)).is_some(), "{broker}");
            scenario.workload.consumers = 0;
            assert_eq!(of_consumers(told(&scenario)), None, "{broker}");
            assert!(told(&scenario).len() > 5, "{broker}");
        }
    }
}
