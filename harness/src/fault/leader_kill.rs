//! `leader-kill`: the node that leads when the fault begins is killed (SIGKILL), and started again with the same files and port.
//!
//! Who leads is asked of the broker when the fault begins: Kafka's broker that leads most partitions of the run's topic, Redis's
//! primary. Inject, confirm and heal as `kill`: meanwhile another node may have become the leader, and the one that is started
//! again joins it.

use super::end_of_node::EndOfNode;
use super::spec::{Aim, FaultSpec, Lasts};
use rustix::process::Signal;

const NAME: &str = "leader-kill";
const DETAIL: &str =
    "the process of the node that leads when it begins is killed (SIGKILL), and started again with the same files";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node that leads is killed (SIGKILL), and started again with the same files and port",
    aims: &[Aim::Leader],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(EndOfNode { name: NAME, detail: DETAIL, signal: Signal::KILL }.shared()),
};
