//! A fault of a scenario: what is done, to what, when.

use super::handles::Handles;
use super::kind::Fault;
use super::target::{Select, Target};
use crate::model::duration::show;
use crate::model::{Condition, Direction, Link, Selection, Workload};
use reports::facts::{Cut, Effect, FaultFacts};
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A fault with its times. Times count from the start of the load phase.
#[derive(Clone, Debug)]
pub struct PlannedFault {
    /// `down-1`, or as the scenario names it; distinct.
    pub name: String,
    /// When to inject; with a condition, from when on that may come true.
    pub at: Duration,
    /// On which condition to inject.
    pub when: Option<Condition>,
    /// How long it lasts.
    pub lasts: Duration,
    /// What it is done to.
    pub target: Target,
    /// What is done.
    pub fault: Arc<dyn Fault>,
    /// The systems that it is for; empty means all.
    pub systems: Vec<String>,
    /// The fault that must be healed, and confirmed so, before this one's turn comes; it then lasts as long as it would have.
    pub after: Option<String>,
}

impl PlannedFault {
    /// Itself; or, where it is done to each of these brokers in turn, one fault for each.
    pub fn turns(&self, brokers: &[&str]) -> Vec<Self> {
        let mut turns: Vec<Self> = Vec::new();
        for node in brokers {
            let Some(fault) = self.fault.turn_of(node) else { break };
            let after = turns.last().map(|before| before.name.clone());
            // A scenario can give no name like this one.
            turns.push(Self { name: format!("{}/{node}", self.name), fault, after, ..self.clone() });
        }
        if turns.is_empty() { vec![self.clone()] } else { turns }
    }

    /// When it heals; with a condition, at the earliest.
    pub fn until(&self) -> Duration {
        self.at + self.lasts
    }

    /// From when on it certainly does not last any more: one that is healed at once takes its time all the same, and when a
    /// condition comes true nobody knows.
    fn end(&self) -> Duration {
        if self.when.is_some() {
            return Duration::MAX;
        }
        self.until().max(self.at + Duration::from_millis(1))
    }

    /// Whether the system of this name meets it.
    pub fn is_for(&self, system: &str) -> bool {
        self.systems.is_empty() || self.systems.iter().any(|name| name == system)
    }

    /// Whether the two last at the same time on the same target, and one must not.
    pub fn contradicts(&self, other: &Self) -> bool {
        let together = self.at < other.end() && other.at < self.end();
        let excluded = self.fault.excludes(&*other.fault) || other.fault.excludes(&*self.fault);
        together && excluded && self.meets(other)
    }

    /// Whether the other one must have come to its end before this one begins: the two must not last together, and this one
    /// begins when that one ends, or later. Both would change the same thing, and whoever is last would have it.
    pub fn follows(&self, other: &Self) -> bool {
        if let Some(before) = &self.after
            && *before == other.name
        {
            return true;
        }
        let excluded = self.fault.excludes(&*other.fault) || other.fault.excludes(&*self.fault);
        other.end() <= self.at && excluded && self.meets(other)
    }

    /// Whether both are, or may be, done to the same: their targets overlap, or a link is one's target and the other is done to
    /// it beside its own.
    fn meets(&self, other: &Self) -> bool {
        let beside = |one: &Self, other: &Self| {
            let link = other.target.link();
            link.is_some_and(|link| one.fault.links().contains(&link))
        };
        self.target.overlaps(&other.target) || beside(self, other) || beside(other, self)
    }

    /// In a dry run's words: `latency 50ms ± 10ms, downstream, link client, for 5s`.
    pub fn in_words(&self) -> String {
        let lasts = if self.lasts.is_zero() { "at once".to_owned() } else { format!("for {}", show(self.lasts)) };
        format!("{}, {}, {lasts}{}", self.directed(self.fault.summary()), self.target, self.condition())
    }

    /// As `trial.json` has it; `load` is the load phase's first instant, the handles are those of the system that meets it.
    pub fn facts(&self, load: Nanos, workload: &Workload, handles: &Handles) -> FaultFacts {
        let at = load.plus(self.at.into());
        let met = handles.paths_on(&self.target);
        let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for path in met.iter().map(|path| path.recipe()) {
            // Between nodes, which of them connects to which is their own affair.
            let takers = if self.touches_clients() { path.from.clone() } else { Vec::new() };
            groups.entry(takers).or_default().push(path.name.clone());
        }
        let (mut paths, mut some_of, mut alternatives) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups.into_values() {
            match group.len() {
                _ if !self.touches_clients() => some_of = group,
                1 => paths.extend(group),
                _ => alternatives.push(group),
            }
        }
        FaultFacts {
            name: self.name.clone(),
            kind: self.fault.name().to_owned(),
            target: self.target.to_string(),
            detail: format!("{}{}", self.directed(self.fault.detail()), self.condition()),
            at,
            until: at.plus(self.lasts.into()),
            effect: self.effect(workload, handles),
            clients: self.target.clients().names().to_vec(),
            paths,
            some_of,
            alternatives,
            cut: self.outage().map(super::Outage::cut),
            poison: self.fault.poison(),
            when: self.when.as_ref().map(ToString::to_string),
        }
    }

    /// Nothing passes between any client and a system of this many nodes while it lasts.
    pub fn stops_all(&self, nodes: usize) -> bool {
        let cut = self.outage().map(super::Outage::cut);
        let everybody = match &self.target {
            Target::Link { clients, nodes, .. } => [clients, nodes].into_iter().all(|some| *some == Selection::All),
            Target::Node(_) => nodes == 1,
            Target::Worker(_) | Target::Messages => false,
        };
        everybody && matches!(cut, Some(Cut::Refused | Cut::Silent))
    }

    /// How it keeps clients from the broker; `None`: they stay connected.
    pub fn outage(&self) -> Option<super::Outage> {
        self.fault.outage(&self.target).filter(|_| self.touches_clients())
    }

    /// Whether clients' connections meet it: all but what is done between brokers.
    pub fn touches_clients(&self) -> bool {
        self.target.link().is_none_or(|link| link == Link::Client)
    }

    /// What clients must see of it. Of some of several nodes nobody knows beforehand which clients have to do with them, except of
    /// the one that leads; and while one of them is silent, others answer.
    fn effect(&self, workload: &Workload, handles: &Handles) -> Effect {
        let effect = self.fault.effect(&self.target, workload);
        let must_show = match &self.target {
            Target::Link { nodes, .. } => self.touches_clients() && *nodes == Selection::All,
            Target::Worker(_) | Target::Messages => true,
            Target::Node(_) if handles.has_one_broker() => true,
            Target::Node(select) => *select == Select::Leader && effect == Effect::ConnectionsLost,
        };
        if must_show { effect } else { Effect::Nothing }
    }

    fn condition(&self) -> String {
        self.when.iter().map(|condition| format!(", when {condition}")).collect()
    }

    /// With the direction, where there is one to choose.
    fn directed(&self, words: String) -> String {
        let direction: Direction = self.target.direction();
        if self.fault.is_directed() { format!("{words}, {direction}") } else { words }
    }
}
