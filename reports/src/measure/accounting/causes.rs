//! Causes: why a message was delivered once more. `docs/checks.md` lists them for readers.

use super::groups::GroupTimes;
use crate::facts::Settling;
use crate::history::Delivery;
use crate::units::{ConsumerId, Nanos};

/// No row of the history explains it.
pub(super) const UNEXPLAINED: &str = "unexplained";

/// A delivery beyond a message's first, and what is known of the copy that it brought.
#[derive(Debug)]
pub(super) struct Repeat<'a> {
    pub(super) delivery: &'a Delivery,
    /// Who had this copy before, and when.
    pub(super) before: Option<(ConsumerId, Nanos)>,
    pub(super) new_copy: bool,
    pub(super) claimed: bool,
    /// Who had it before failed on it, and said so.
    pub(super) refused: bool,
    pub(super) settled: bool,
    pub(super) settling: Settling,
}

/// The first cause that the history shows since the copy's delivery before.
pub(super) fn of(repeat: &Repeat<'_>, groups: &GroupTimes) -> &'static str {
    let (who, now) = (repeat.delivery.consumer, repeat.delivery.received);
    let there = (who, repeat.delivery.message.partition);
    let (holder, before) = repeat.before.unwrap_or((who, Nanos::ZERO));
    if repeat.new_copy {
        "duplicate"
    } else if repeat.claimed || groups.claimed_between(there, before, now) {
        "claim"
    } else if repeat.refused {
        "nack"
    } else if groups.killed_between(holder, before, now) {
        "crash"
    } else if groups.left_between(holder, before, now) {
        "leave"
    } else if groups.assigned_between(there, before, now) {
        if groups.provoked_between(before, now) { "rebalance" } else { "rebalance-without-fault" }
    } else if groups.lost_between(holder, before, now) {
        "reconnect"
    } else if holder == who && repeat.settling == Settling::Message && !repeat.settled {
        "own-pending"
    } else {
        UNEXPLAINED
    }
}
