//! The state of the world between two events.

use super::agenda::Agenda;
use super::facts;
use super::parts::{Consumer, Group, Partition, Producer, Session, Waiting};
use crate::chance::{Aspect, Chance};
use crate::plan::Plan;
use crate::truth::{SendTruth, Truth};
use reports::measure::Rows;
use reports::units::Nanos;
use std::collections::HashSet;

/// A trial that has run: what was recorded, and what really happened.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The history. Its limits are those that a scenario would ask for without knowing the outcome.
    pub rows: Rows,
    /// The truth.
    pub truth: Truth,
}

/// A trial while it runs.
pub(super) struct World<'p> {
    pub(super) plan: &'p Plan,
    pub(super) chance: Chance,
    /// Whether and when settlements are answered.
    pub(super) answers: Chance,
    pub(super) now: Nanos,
    pub(super) agenda: Agenda,
    pub(super) sessions: Vec<Session>,
    pub(super) producers: Vec<Producer>,
    pub(super) consumers: Vec<Consumer>,
    pub(super) partitions: Vec<Partition>,
    pub(super) readers: Vec<Waiting>,
    pub(super) group: Group,
    pub(super) rows: Rows,
    pub(super) truth: Truth,
    pub(super) requests: u64,
    /// Messages that reached a consumer unharmed.
    pub(super) delivered_valid: HashSet<usize>,
    /// Acknowledged and not yet in any consumer's hand.
    pub(super) undelivered: u64,
    /// In a consumer's hand, and not settled as far as it knows.
    pub(super) unsettled: u64,
    pub(super) last_event: Nanos,
    pub(super) over: bool,
}

impl<'p> World<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let shape = plan.shape;
        let truth = Truth {
            sends: vec![SendTruth::default(); plan.load.schedule.len()],
            connected: vec![Vec::new(); shape.clients()],
            attempts: vec![Vec::new(); shape.clients()],
            ..Truth::default()
        };
        Self {
            plan,
            chance: Chance::of(plan.seed, Aspect::World),
            answers: Chance::of(plan.seed, Aspect::Answering),
            now: plan.load.warm_up.since(Nanos::SECOND),
            agenda: Agenda::default(),
            sessions: (0..shape.clients()).map(|_| Session::default()).collect(),
            producers: (0..shape.producers).map(|producer| Producer::new(plan, producer)).collect(),
            consumers: (0..shape.consumers).map(|_| Consumer::default()).collect(),
            partitions: (0..shape.partitions).map(|_| Partition::default()).collect(),
            readers: Vec::new(),
            group: Group::of(shape.consumers),
            rows: Rows::new(facts::of(plan)),
            truth,
            requests: 0,
            delivered_valid: HashSet::new(),
            undelivered: 0,
            unsettled: 0,
            last_event: Nanos::ZERO,
            over: false,
        }
    }
}
