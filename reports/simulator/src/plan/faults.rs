//! Faults: alone, apart, adjacent, overlapping, nested; cuts and delays; on all clients or one.

use super::feature::{Allowed, Feature};
use super::load::Load;
use super::policy::Policy;
use super::shape::Shape;
use crate::chance::Chance;
use reports::facts::Cut;
use reports::units::Nanos;

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It keeps clients from the broker.
    Cut(Cut),
    /// It delays everything, each way by half of this.
    Latency(Nanos),
}

/// One fault.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    /// Its name in the trial.
    pub name: String,
    /// What it does.
    pub kind: FaultKind,
    /// When it is to be injected.
    pub at: Nanos,
    /// When it is to be healed.
    pub until: Nanos,
    /// The clients that it is done to.
    pub clients: Vec<usize>,
    /// It is done to all of them.
    pub everybody: bool,
    /// It was read back.
    pub confirmed: bool,
    /// It was set, and touches nobody.
    pub hollow: bool,
    /// From asking for it until it is in force, and until that was read back; the same for the healing.
    pub delays: [Nanos; 4],
}

impl FaultPlan {
    /// When it really begins.
    pub const fn on(&self) -> Nanos {
        self.at.plus(self.delays[0])
    }

    /// When that was read back.
    pub const fn injected(&self) -> Nanos {
        self.on().plus(self.delays[1])
    }

    /// When it is really over.
    pub const fn off(&self) -> Nanos {
        self.until.plus(self.delays[2])
    }

    /// When that was read back.
    pub const fn healed(&self) -> Nanos {
        self.off().plus(self.delays[3])
    }

    /// Whether it is in force for a client.
    pub fn holds(&self, client: usize, at: Nanos) -> bool {
        !self.hollow && self.on() <= at && at < self.off() && self.clients.contains(&client)
    }
}

pub(super) fn draw(
    chance: &mut Chance,
    allowed: Allowed,
    shape: Shape,
    load: &Load,
    policy: &Policy,
) -> Vec<FaultPlan> {
    let count = match chance.between(0, 99) {
        _ if !allowed.has(Feature::Faults) => 0,
        0..=34 => 0,
        35..=69 => 1,
        70..=84 => 2,
        85..=94 => 3,
        _ => 4,
    };
    let count = if allowed.has(Feature::SeveralFaults) { count } else { count.min(1) };
    let mut spans: Vec<(Nanos, Nanos)> = Vec::new();
    for _ in 0..count {
        let span = span(chance, load, &spans);
        spans.push(span);
    }
    spans.sort_unstable();
    let each = spans.into_iter().enumerate().map(|(index, (at, until))| {
        let kind = match chance.between(0, 9) {
            0..=4 => FaultKind::Cut(Cut::Refused),
            5..=6 => FaultKind::Cut(Cut::Silent),
            7 => FaultKind::Cut(Cut::Closed),
            _ => {
                let most = policy.request_timeout.min(policy.envelope.connect_timeout).0 / 3;
                FaultKind::Latency(Nanos(chance.between(most / 4, most)))
            }
        };
        let partial = chance.happens(0.2) && allowed.has(Feature::PartialFaults);
        let chosen = chance.between(0, shape.clients() as u64 - 1) as usize;
        let (unconfirmed, hollow) = (chance.happens(0.02), chance.happens(0.03));
        let doubtful = allowed.has(Feature::DoubtfulFaults);
        let word = match kind {
            FaultKind::Cut(Cut::Refused) => "down",
            FaultKind::Cut(Cut::Silent) => "timeout",
            FaultKind::Cut(Cut::Closed) => "reset-peer",
            FaultKind::Cut(Cut::Ended) => "crash",
            FaultKind::Cut(Cut::Alone) => "isolate",
            FaultKind::Latency(_) => "latency",
        };
        FaultPlan {
            name: format!("{word}-{}", index + 1),
            kind,
            at,
            until,
            clients: if partial { vec![chosen] } else { (0..shape.clients()).collect() },
            everybody: !partial,
            confirmed: !(doubtful && unconfirmed),
            hollow: doubtful && hollow,
            delays: std::array::from_fn(|_| chance.millis(0.2, 4.0).min(Nanos(until.since(at).0 / 20))),
        }
    });
    each.collect()
}

/// Somewhere in the load, or beside, over or within one that is already there.
fn span(chance: &mut Chance, load: &Load, before: &[(Nanos, Nanos)]) -> (Nanos, Nanos) {
    let most = load.length().as_secs_f64() * 0.25;
    let length = Nanos((chance.share(0.1, 1.0) * most.min(7.0) * 1e9) as u64 + 1000);
    let (how, from) = (chance.between(0, 3), chance.share(0.15, 0.75));
    let gap = Nanos((chance.share(0.0, 1.5) * length.0 as f64 * 0.5) as u64);
    let Some((at, until)) = before.last().copied().filter(|_| how > 0) else {
        if chance.happens(0.02) {
            return (load.from, load.to);
        }
        let at = load.at(from);
        return (at, at.plus(length));
    };
    let (at, until) = match how {
        1 => (until.plus(gap), until.plus(gap).plus(length)),
        2 => (at.plus(Nanos(until.since(at).0 / 2)), until.plus(length)),
        _ => (at.plus(Nanos(until.since(at).0 / 4)), at.plus(Nanos(until.since(at).0 / 4 * 3))),
    };
    if until < load.to { (at, until) } else { (load.at(from * 0.5), load.at(from * 0.5).plus(length)) }
}
