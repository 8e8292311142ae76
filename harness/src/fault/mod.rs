//! Faults: each a file that says what it does, what it must show, and how it is injected, confirmed and healed.
//! From here only what a fault is done to may be touched: proxied paths, their packets, nodes, workers; never a history or a verdict.
//! To add one: copy `latency.rs` (a link), `packet_loss.rs` (packets), `kill.rs` (a node), `crash.rs` (workers) or `slow.rs`
//! (consumers that are told), and add its row to `FAULTS`.

mod at_consumers;
mod at_nodes;
mod at_packets;
mod at_paths;
mod at_peers;
mod at_workers;
mod bandwidth;
mod crash;
mod cycles;
mod down;
mod driver;
mod drop;
mod end_of_node;
mod flap;
mod handles;
mod isolate;
mod join;
mod kill;
mod kind;
mod latency;
mod leader_kill;
mod leave;
mod limit_data;
mod nodes;
mod outage;
mod packet_loss;
mod pause;
mod planned;
mod poison;
mod process;
mod proxy_time;
mod reset_peer;
mod restart;
mod rolling_restart;
mod slicer;
mod slow;
mod slow_close;
mod spec;
mod stop;
mod target;
mod timeout;
mod told;
mod workers;

pub use driver::FaultDriver;
pub use handles::Handles;
pub use kind::{Actuator, Fault, Phase, Reading};
pub use nodes::{NodeState, Nodes};
pub use outage::Outage;
pub use planned::PlannedFault;
pub use spec::{Aim, FaultSpec, Lasts, Misfit};
pub use target::{Select, Target};
pub use told::ToldConsumers;
pub use workers::{Pace, WorkerState, Workers};

/// Every fault that a scenario can ask for.
pub const FAULTS: &[&FaultSpec] = &[
    &down::SPEC,
    &latency::SPEC,
    &timeout::SPEC,
    &reset_peer::SPEC,
    &bandwidth::SPEC,
    &slicer::SPEC,
    &slow_close::SPEC,
    &limit_data::SPEC,
    &flap::SPEC,
    &packet_loss::SPEC,
    &drop::SPEC,
    &kill::SPEC,
    &leader_kill::SPEC,
    &stop::SPEC,
    &restart::SPEC,
    &rolling_restart::SPEC,
    &pause::SPEC,
    &isolate::SPEC,
    &crash::SPEC,
    &slow::SPEC,
    &leave::SPEC,
    &join::SPEC,
    &poison::SPEC,
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{AckMode, Direction, Link, OptionValue, Rate, Selection, Workload};
    use std::collections::BTreeSet;
    use std::time::Duration;

    /// All clients' connections, this way.
    pub(crate) fn on(direction: Direction) -> Target {
        Target::Link { link: Link::Client, direction, clients: Selection::All, nodes: Selection::All }
    }

    /// Messages of 1 KiB.
    pub(crate) fn load() -> Workload {
        Workload {
            rate: Rate::Constant { per_second: 100.0 },
            message_bytes: 1024,
            smallest_bytes: None,
            records: None,
            headers: Default::default(),
            keys: None,
            compressibility: 0.0,
            producers: 1,
            consumers: 1,
            partitions: 1,
            in_flight: 1,
            ack: AckMode::AfterProcessing,
            processing: Duration::ZERO,
        }
    }

    /// The fault of this name, with what is not given at its default.
    pub(crate) fn fault(name: &str, given: &[(&'static str, OptionValue)]) -> std::sync::Arc<dyn Fault> {
        let spec = FAULTS.iter().find(|spec| spec.name == name).expect("listed");
        spec.with(given).expect("fits")
    }

    #[test]
    fn every_row_builds_the_fault_of_its_name_and_no_two_are_called_the_same() {
        let names: BTreeSet<&str> = FAULTS.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), FAULTS.len());
        for spec in FAULTS {
            let built = fault(spec.name, &[]);
            assert_eq!(built.name(), spec.name);
            assert!(built.summary().starts_with(spec.name), "{}", built.summary());
            assert!(!spec.about.is_empty() && !built.detail().is_empty());
        }
    }

    #[test]
    fn no_fault_lasts_with_its_own_kind_and_a_cut_lasts_alone() {
        for spec in FAULTS {
            let one = fault(spec.name, &[]);
            assert!(one.excludes(&*fault(spec.name, &[])), "{}", spec.name);
            assert!(fault("down", &[]).excludes(&*one), "{}", spec.name);
        }
        assert!(!fault("latency", &[]).excludes(&*fault("timeout", &[])));
    }
}
