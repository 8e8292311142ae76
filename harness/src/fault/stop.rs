//! `stop`: the node's process is told to end (SIGTERM), and started again with the same files and port.
//!
//! Inject: send SIGTERM. Confirm: the process is gone, and the host says how it ended. Heal: start the node again; another
//! process of it answers in the broker's protocol. What the node did not write down is not there any more: nobody creates
//! topics or groups again.

use super::end_of_node::EndOfNode;
use super::spec::{Aim, FaultSpec, Lasts};
use rustix::process::Signal;

const NAME: &str = "stop";
const DETAIL: &str = "the process is told to end (SIGTERM), and started again with the same files";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node's process is told to end (SIGTERM), and started again with the same files and port",
    aims: &[Aim::Node],
    lasts: Lasts::Given,
    options: &[],
    build: |_| Ok(EndOfNode { name: NAME, detail: DETAIL, signal: Signal::TERM }.shared()),
};
