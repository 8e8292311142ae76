//! What a kind of broker says of itself: its options and promises, how it is launched, and who administrates it.

use super::administrator::{AdminTarget, Administrator};
use super::contradiction::Contradiction;
use super::refusal::Refusal;
use crate::environment::{EnvironmentError, Ports};
use crate::model::{BrokerError, Durability, Link, OptionSpec, SystemSpec, Topology, Wiring, Workload};
use futures_util::future::BoxFuture;
use reports::facts::{LogFacts, Ordering, Path, Setting, Settling};

/// What the dry run, the environment and the trial need to know of a broker's kind. Cold: never on a message's way.
pub trait Broker: Send + Sync {
    /// Its key in scenario files: `redis-streams`.
    fn kind(&self) -> &'static str;
    /// One line for `harness list`.
    fn about(&self) -> &'static str;
    /// The options that its table takes in a scenario, beside those that all systems have.
    fn options(&self) -> &'static [OptionSpec];
    /// The durabilities that it can give.
    fn durabilities(&self) -> &'static [Durability];
    /// With how many nodes it can be started at most.
    fn most_nodes(&self) -> u16 {
        1
    }
    /// The links that a system of this kind has: by default the clients', where they go through a proxy.
    fn links(&self, system: &SystemSpec) -> Vec<Link> {
        match system.path {
            Path::Direct => Vec::new(),
            Path::Proxied => vec![Link::Client],
        }
    }
    /// The names of the nodes that a system of this kind is started with, its brokers first; none where it has no nodes.
    fn nodes(&self, _system: &SystemSpec) -> Vec<String> {
        Vec::new()
    }
    /// Those of its nodes that can be cut off from all others: where every connection between them and another takes a path that
    /// is theirs alone. By default all, where there are several.
    fn separable(&self, system: &SystemSpec) -> Vec<String> {
        let nodes = self.nodes(system);
        if nodes.len() > 1 { nodes } else { Vec::new() }
    }
    /// How many of its nodes, the first ones, are brokers; the others only watch over them.
    fn brokers(&self, system: &SystemSpec) -> usize {
        usize::from(system.brokers)
    }
    /// What it promises about order, with this many consumers.
    fn ordering(&self, system: &SystemSpec, workload: &Workload) -> Ordering;
    /// What a settlement covers.
    fn settling(&self) -> Settling;
    /// What kind of log it keeps: by default one in which each message has a position, and stays when it was settled.
    fn log(&self) -> LogFacts {
        LogFacts::default()
    }
    /// What each wish became at the broker itself: durability, partitions. The same values that `launch` uses.
    fn fairness(&self, system: &SystemSpec, workload: &Workload) -> Vec<Setting>;
    /// Why a raw setting `server.NAME` of the scenario cannot be passed on; `None` where it can, or where only the starting
    /// broker can judge.
    fn refusal(&self, _name: &str, _value: &str) -> Option<Refusal> {
        None
    }
    /// Settings of the broker that cannot be had together: options, what the scenario declares such as the durability, and raw
    /// settings `server.NAME`.
    fn contradictions(&self, _system: &SystemSpec) -> Vec<Contradiction> {
        Vec::new()
    }
    /// Why it is slow when it has just been started, in words that end a remark on that; `None` where it is not.
    fn slow_at_first(&self) -> Option<&'static str> {
        None
    }
    /// Which gauges its administrator samples.
    fn gauges(&self) -> &'static [&'static str];
    /// Whether it keeps consumers by name, with what they were given, so that one can be deleted from its group.
    fn keeps_consumers(&self) -> bool {
        false
    }
    /// It lives in the harness's own process, and so must its workers.
    fn is_in_process(&self) -> bool {
        false
    }
    /// How a system of this kind is laid out: with a path through the proxy to each node for each group of clients where it is
    /// proxied, and with paths between nodes on the links on which there is a fault.
    /// `None`: it lives inside the workers' process (memory).
    fn topology(
        &self,
        system: &SystemSpec,
        wiring: &Wiring,
        ports: &mut Ports,
    ) -> Result<Option<Topology>, EnvironmentError>;
    /// A client of the broker's own with which somebody looks into one of its nodes, reached at the first of its ports on 127.0.0.1:
    /// program and arguments, in which `{home}` stands for what it stands for in recipes. Empty: it has no nodes.
    fn client_command(&self, _port: u16) -> Vec<String> {
        Vec::new()
    }
    /// Its options that only launching it needs: a broker that somebody else runs has none of them.
    fn launch_options(&self) -> &'static [&'static str] {
        &[]
    }
    /// Whether its clients go on to addresses that the broker itself names, past any proxy that it does not know of.
    fn advertises(&self) -> bool {
        false
    }
    /// The administrator's view of a started system, over the direct path.
    fn administrator(&self, target: AdminTarget) -> BoxFuture<'_, Result<Box<dyn Administrator>, BrokerError>>;
}
