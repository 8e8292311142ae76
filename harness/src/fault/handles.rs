//! What faults can take hold of in a started system.

use super::nodes::Nodes;
use super::target::Target;
use super::workers::Workers;
use crate::environment::PacketFilter;
use crate::environment::toxiproxy::ProxiedPath;
use std::sync::Arc;

/// Everything of one started system that a fault can be done to.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// The proxied paths.
    pub paths: Vec<ProxiedPath>,
    /// The nodes, where the run has started some.
    pub nodes: Option<Arc<dyn Nodes>>,
    /// The workers, where they are processes.
    pub workers: Option<Arc<dyn Workers>>,
    /// The run's packet filter, where there is one.
    pub packets: Option<PacketFilter>,
}

impl Handles {
    /// The paths that a target lies on.
    pub fn paths_on(&self, target: &Target) -> Vec<ProxiedPath> {
        let Target::Link { link, clients, .. } = target else { return Vec::new() };
        let is_meant = |path: &&ProxiedPath| {
            let from = &path.recipe().from;
            path.recipe().link == *link && (from.is_empty() || from.iter().any(|client| clients.contains(client)))
        };
        self.paths.iter().filter(is_meant).cloned().collect()
    }
}
