//! A system under test, without the broker that makes it: names, promises, settings.

use super::option::Options;
use super::policy::Heartbeat;
use reports::facts::Path;
use std::collections::BTreeMap;

/// A broker's kind with its settings, as the scenario wants it.
#[derive(Clone, Debug)]
pub struct SystemSpec {
    /// Its name in the scenario.
    pub name: String,
    /// What an acknowledgement means.
    pub durability: Durability,
    /// How clients reach it.
    pub path: Path,
    /// Another image than the project's own.
    pub image: Option<String>,
    /// Nodes, at least 1.
    pub brokers: u16,
    /// The broker kind's own options, all of them, defaults filled in; keys as the kind declares them.
    pub options: Options,
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
    /// A consumer's signs of life, where the broker sets them.
    pub heartbeat: Heartbeat,
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
