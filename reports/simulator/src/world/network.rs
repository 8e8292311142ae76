//! The network: how long a message takes, and what the faults do to it. What is in force when is known beforehand.

use crate::chance::Chance;
use crate::plan::{FaultKind, FaultPlan, Plan};
use reports::facts::Cut;
use reports::units::Nanos;

/// The way between a client and the broker, at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// Connections are closed, new ones refused.
    Refused,
    /// Nothing passes.
    Silent,
    /// Whoever uses a connection loses it.
    Closed,
}

impl Way {
    pub(super) fn at(plan: &Plan, client: usize, at: Nanos) -> Self {
        let mut way = Self::Open;
        for fault in plan.faults.iter().filter(|fault| fault.holds(client, at)) {
            way = match (way, fault.kind) {
                (_, FaultKind::Cut(Cut::Refused)) => Self::Refused,
                (Self::Open | Self::Closed, FaultKind::Cut(Cut::Silent)) => Self::Silent,
                (Self::Open, FaultKind::Cut(Cut::Closed)) => Self::Closed,
                (way, _) => way,
            };
        }
        way
    }
}

/// How long one way takes now.
pub(super) fn one_way(plan: &Plan, chance: &mut Chance, client: usize, now: Nanos) -> Nanos {
    let added = plan.faults.iter().filter(|fault| fault.holds(client, now)).map(|fault| match fault.kind {
        FaultKind::Latency(by) => by.0 / 2,
        FaultKind::Cut(_) => 0,
    });
    // Never so long that clients cannot connect: a round trip must fit into each of their timeouts.
    let patience = plan.policy.envelope.connect_timeout.min(plan.policy.request_timeout);
    let slow_start = if now < plan.load.from { plan.load.slow_start.0.min(patience.0 / 8) } else { 0 };
    let jitter = chance.between(0, plan.policy.jitter.0);
    Nanos(plan.policy.one_way.0 + jitter + slow_start + added.sum::<u64>())
}

/// The first cut of a kind that closes or swallows which begins for a client in a stretch of time.
pub(super) fn cut_between(plan: &Plan, client: usize, from: Nanos, to: Nanos) -> Option<&FaultPlan> {
    let begins =
        |fault: &&FaultPlan| !fault.hollow && fault.clients.contains(&client) && from < fault.on() && fault.on() <= to;
    let cuts = |fault: &&FaultPlan| matches!(fault.kind, FaultKind::Cut(Cut::Refused | Cut::Silent));
    plan.faults.iter().filter(begins).filter(cuts).min_by_key(|fault| fault.on())
}

/// When a client's silence is over: when the last silent cut that holds now, or follows it at once, is healed.
pub(super) fn silence_ends(plan: &Plan, client: usize, now: Nanos) -> Nanos {
    let mut at = now;
    while let Some(fault) =
        plan.faults.iter().find(|fault| fault.holds(client, at) && matches!(fault.kind, FaultKind::Cut(Cut::Silent)))
    {
        at = fault.off();
    }
    at
}
