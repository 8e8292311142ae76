//! `restart`: the node's process is told to end (SIGTERM), and started again at once, or after a while.
//!
//! Inject, confirm and heal as `stop`. Without `for` it is healed as soon as its end is confirmed: the outage is the time that
//! the node needs to end and to start.

use super::end_of_node::EndOfNode;
use super::spec::{Aim, FaultSpec, Lasts};
use rustix::process::Signal;

const NAME: &str = "restart";
const DETAIL: &str = "the process is told to end (SIGTERM), and started again as soon as it has";

pub(super) const SPEC: FaultSpec = FaultSpec {
    name: NAME,
    about: "the node's process is told to end (SIGTERM), and started again at once (`for` may be left out)",
    aims: &[Aim::Node],
    lasts: Lasts::AtOnce,
    options: &[],
    build: |_| Ok(EndOfNode { name: NAME, detail: DETAIL, signal: Signal::TERM }.shared()),
};
