//! A history in memory: for histories by hand and for those that another tool hands over.

use super::source::{ConsumerEvent, History, IncompleteFile, ReadError, Reply, Sent};
use crate::facts::TrialFacts;
use crate::history::{
    Connection, DeadLetter, Delivery, Fault, Gauge, GroupChange, Inspection, Logged, NodeChange, Resource,
    Send as SendRow, Settlement,
};
use std::borrow::Cow;

/// A history as rows in memory. The rows of a table may stand in any order; `deliveries` with equal times keep theirs.
#[derive(Clone, Debug)]
pub struct Rows {
    /// What is known beside the tables.
    pub facts: TrialFacts,
    /// What is missing.
    pub truncations: Vec<IncompleteFile>,
    /// `sends`.
    pub sends: Vec<SendRow>,
    /// `deliveries`.
    pub deliveries: Vec<Delivery>,
    /// `settlements`.
    pub settlements: Vec<Settlement>,
    /// `connections`.
    pub connections: Vec<Connection>,
    /// `group_events`.
    pub group_changes: Vec<GroupChange>,
    /// `faults`.
    pub faults: Vec<Fault>,
    /// `nodes`.
    pub nodes: Vec<NodeChange>,
    /// `gauges`.
    pub gauges: Vec<Gauge>,
    /// `resources`.
    pub resources: Vec<Resource>,
    /// `inspections`.
    pub inspections: Vec<Inspection>,
    /// `log`; each partition's rows in the order of their positions.
    pub log: Vec<Logged>,
    /// `dead_letters`.
    pub dead_letters: Vec<DeadLetter>,
}

impl Rows {
    /// A history without a row.
    pub const fn new(facts: TrialFacts) -> Self {
        Self {
            facts,
            truncations: Vec::new(),
            sends: Vec::new(),
            deliveries: Vec::new(),
            settlements: Vec::new(),
            connections: Vec::new(),
            group_changes: Vec::new(),
            faults: Vec::new(),
            nodes: Vec::new(),
            gauges: Vec::new(),
            resources: Vec::new(),
            inspections: Vec::new(),
            log: Vec::new(),
            dead_letters: Vec::new(),
        }
    }
}

impl History for Rows {
    fn facts(&self) -> &TrialFacts {
        &self.facts
    }

    fn truncations(&self) -> Vec<IncompleteFile> {
        self.truncations.clone()
    }

    fn each_send(&self, mut visit: impl FnMut(&Sent, Reply<'_>)) -> Result<(), ReadError> {
        for row in &self.sends {
            let sent = Sent {
                message: row.message,
                intended: row.intended,
                started: row.started,
                settled: row.settled,
                outcome: row.outcome,
            };
            let (attempts, dead_letter) = (row.attempts, row.dead_letter);
            visit(&sent, Reply { position: row.position, error: row.error.as_deref(), attempts, dead_letter });
        }
        Ok(())
    }

    fn each_event(&self, mut visit: impl FnMut(ConsumerEvent<'_>)) -> Result<u64, ReadError> {
        let deliveries = self.deliveries.iter().map(ConsumerEvent::Delivery);
        let settlements = self.settlements.iter().map(ConsumerEvent::Settlement);
        // Stable: deliveries stay before settlements of the same instant, and rows of one table in their order.
        let mut events: Vec<_> = deliveries.chain(settlements).collect();
        events.sort_by_key(ConsumerEvent::at);
        events.into_iter().for_each(&mut visit);
        Ok(0)
    }

    fn each_logged(&self, visit: impl FnMut(&Logged)) -> Result<(), ReadError> {
        self.log.iter().for_each(visit);
        Ok(())
    }

    fn connections(&self) -> Result<Cow<'_, [Connection]>, ReadError> {
        Ok(by_time(&self.connections, |row| row.at))
    }

    fn group_changes(&self) -> Result<Cow<'_, [GroupChange]>, ReadError> {
        Ok(by_time(&self.group_changes, |row| row.at))
    }

    fn faults(&self) -> Result<Cow<'_, [Fault]>, ReadError> {
        Ok(by_time(&self.faults, |row| row.inject_requested))
    }

    fn nodes(&self) -> Result<Cow<'_, [NodeChange]>, ReadError> {
        Ok(by_time(&self.nodes, |row| row.at))
    }

    fn gauges(&self) -> Result<Cow<'_, [Gauge]>, ReadError> {
        Ok(by_time(&self.gauges, |row| row.at))
    }

    fn resources(&self) -> Result<Cow<'_, [Resource]>, ReadError> {
        Ok(by_time(&self.resources, |row| row.at))
    }

    fn inspections(&self) -> Result<Cow<'_, [Inspection]>, ReadError> {
        Ok(by_time(&self.inspections, |row| row.at))
    }

    fn dead_letters(&self) -> Result<Cow<'_, [DeadLetter]>, ReadError> {
        Ok(by_time(&self.dead_letters, |row| row.at))
    }
}

fn by_time<T: Clone>(rows: &[T], time: impl Fn(&T) -> crate::units::Nanos) -> Cow<'_, [T]> {
    if rows.is_sorted_by_key(&time) {
        return Cow::Borrowed(rows);
    }
    let mut sorted = rows.to_vec();
    sorted.sort_by_key(time);
    Cow::Owned(sorted)
}
