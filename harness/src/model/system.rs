//! A system under test, without the broker that makes it: names, promises, settings.

use super::option::{CORES, CPUS, DISK, MEMORY, OptionSpec, OptionValue, OptionValues};
use super::policy::Heartbeat;
use super::recipe::NodeLimits;
use reports::facts::Path;
use std::collections::BTreeMap;
use std::time::Duration;

/// A broker's kind with its settings, as the scenario wants it.
#[derive(Clone, Debug)]
pub struct SystemSpec {
    /// Its name in the scenario.
    pub name: String,
    /// What an acknowledgement means.
    pub durability: Durability,
    /// How clients reach it.
    pub path: Path,
    /// Where it is, if somebody else runs it; then nothing of it is started.
    pub external: Option<External>,
    /// Another image than the project's own.
    pub image: Option<String>,
    /// Nodes, at least 1.
    pub brokers: u16,
    /// The broker kind's own options, all of them, defaults filled in; keys as the kind declares them.
    pub options: OptionValues,
    /// Raw client or broker settings, passed on as they are and shown as such.
    pub settings: BTreeMap<String, String>,
    /// What the workload and the client policy ask of the broker too.
    pub demands: Demands,
}

/// What a broker must know of its clients.
#[derive(Clone, Debug)]
pub struct Demands {
    /// Bytes of the largest message that it must carry.
    pub message_bytes: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// A consumer's signs of life, where the broker sets them.
    pub heartbeat: Heartbeat,
}

impl SystemSpec {
    /// How much of the machine each node may use.
    pub fn limits(&self) -> NodeLimits {
        let given = |option: &OptionSpec| self.options.get(option.name);
        NodeLimits {
            disk: given(&DISK).and_then(OptionValue::bytes),
            memory: given(&MEMORY).and_then(OptionValue::bytes),
            cpus: given(&CPUS).and_then(OptionValue::share),
            cores: given(&CORES).and_then(OptionValue::cores),
        }
    }

    /// One node of a kind with these options, behind the proxy, with nothing but defaults.
    pub fn plain(name: &str, options: &[OptionSpec]) -> Self {
        Self {
            name: name.to_owned(),
            durability: Durability::OsCache,
            path: Path::Proxied,
            external: None,
            image: None,
            brokers: 1,
            options: options.iter().map(|option| (option.name, option.default.clone())).collect(),
            settings: BTreeMap::new(),
            demands: Demands {
                message_bytes: 1024,
                seed: 1,
                heartbeat: Heartbeat { every: Duration::from_secs(10), timeout: Duration::from_secs(5), misses: 3 },
            },
        }
    }
}

/// A broker that somebody else runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// `host:port` where it is reached past any proxy.
    pub address: String,
    /// The way for clients that go through the proxy, where it is another than to the address.
    pub listener: Option<Listener>,
}

/// A listener of a broker that advertises a proxy's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// `host:port` where the broker listens: the proxy's upstream.
    pub address: String,
    /// The port on 127.0.0.1 that it advertises to clients: where the proxy listens.
    pub advertised: u16,
}

/// What an acknowledgement promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Acknowledged from memory.
    Memory,
    /// Survives a killed process.
    OsCache,
    /// Survives power loss.
    Fsync,
    /// Survives the loss of one node.
    Replicated,
}

impl Durability {
    /// Its word in scenario files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::OsCache => "os-cache",
            Self::Fsync => "fsync",
            Self::Replicated => "replicated",
        }
    }
}
