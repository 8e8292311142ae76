//! The end: when everything is accounted for, or nobody waits any longer, and what the broker says then.

use super::event::Event;
use super::parts::Producer;
use super::state::{Trial, World};
use crate::plan::{AckMode, BrokerKind, Journal};
use reports::facts::{EndFacts, FileEnd, LogReading, WriterEnd};
use reports::history::{Fault, Inspection, Logged, NodeChange, NodeEvent, Outcome};
use reports::units::{MessageId, Nanos, Partition, Position};

/// How often it is asked whether all is accounted for.
const EVERY: Nanos = Nanos::from_millis(50);

impl World<'_> {
    pub(super) fn drain_check(&mut self) {
        let sent = self.producers.iter().all(Producer::is_done);
        let quiet = self.now.since(self.last_event.max(self.plan.load.to)) > Nanos::SECOND;
        if sent {
            self.release_held_back();
            self.wake_readers();
        }
        let unfinished =
            self.undelivered + if self.plan.policy.reading.ack == AckMode::Never { 0 } else { self.unsettled };
        self.truth.drained = sent && (unfinished == 0 || (self.plan.ending.impatient && quiet));
        if self.truth.drained || self.now >= self.plan.load.drain_to {
            self.over = true;
        } else {
            self.agenda.at(self.now.plus(EVERY), Event::DrainCheck);
        }
    }

    /// Everybody stops; the broker is asked; the history is closed.
    pub(super) fn close(mut self) -> Trial {
        let end = self.now.plus(Nanos::from_millis(10));
        self.now = end;
        let shape = self.plan.shape;
        for producer in 0..shape.producers {
            if !self.sessions[producer].dead {
                self.abandon_sends(producer, "the trial ended");
            }
        }
        for consumer in 0..shape.consumers {
            let open = std::mem::take(&mut self.sessions[shape.producers + consumer].open);
            self.settlements_in_doubt(consumer, open);
        }
        for event in self.agenda.rest().collect::<Vec<_>>() {
            if let Event::Processed { consumer, entries, .. } = event {
                self.note_processed(consumer, &entries, Outcome::Indeterminate);
            }
        }
        self.truth.end = end;
        self.inspect();
        self.close_faults();
        self.note_node();
        let log = self.read_back();
        let ending = &self.plan.ending;
        if ending.told && ending.journal == Journal::Kept {
            self.close_files();
        }
        let drained = self.truth.drained && ending.interrupted.is_none();
        self.truth.drained = drained;
        self.rows.facts.end = ending.told.then(|| EndFacts {
            unplanned: Vec::new(),
            at: end,
            drained,
            deserted: false,
            interrupted: ending.interrupted.is_some(),
            troubles: Vec::new(),
            proxied_bytes: ending.proxied_bytes,
            paths: Vec::new(),
            log: Some(log),
            dead_letters: None,
            untriggered: std::collections::BTreeMap::new(),
            cores: None,
            yardstick: None,
        });
        Trial { rows: self.rows, truth: self.truth }
    }

    /// Says of each file how it ended. Of lengths and digests only a reader of files takes notice, and there are none.
    fn close_files(&mut self) {
        for file in &mut self.rows.facts.files {
            let client = (0..self.plan.shape.clients()).find(|client| self.plan.shape.name(*client) == file.writer);
            let killed = client.filter(|client| self.sessions[*client].dead).and_then(|client| self.plan.kills[client]);
            let how = killed.map_or(WriterEnd::Finished, |at| WriterEnd::Killed { at });
            file.end = Some(FileEnd { how, bytes: 0, rows: 0, digest: String::new() });
        }
    }

    /// What stands in the log, as another client than those of the trial reads it.
    fn read_back(&mut self) -> LogReading {
        if self.plan.shape.kind == BrokerKind::Queue || self.plan.ending.interrupted.is_some() {
            return LogReading { whole: Vec::new(), why: Some("there is nothing to read, or no time".to_owned()) };
        }
        let mut whole = Vec::new();
        for (index, partition) in self.partitions.iter().enumerate() {
            let partition_id = Partition(index as u16);
            whole.push(partition_id);
            let rows = partition.log.iter().map(|entry| &self.truth.entries[*entry]).map(|entry| Logged {
                message: MessageId { partition: partition_id, ..entry.id },
                position: entry.position,
                payload_ok: entry.valid,
            });
            self.rows.log.extend(rows);
        }
        LogReading { whole, why: None }
    }

    fn inspect(&mut self) {
        for (index, partition) in self.partitions.iter().enumerate() {
            let uncommitted =
                partition.appended - (partition.committed as u64).max(partition.appended - partition.log.len() as u64);
            let (pending, lag) = match self.plan.shape.kind {
                BrokerKind::Entries if partition.groupless => (0, 0),
                // What is not committed counts as both, as a broker of logs tells it.
                BrokerKind::Log => (uncommitted, uncommitted),
                _ => (partition.pending.len() as u64, (partition.log.len() - partition.next) as u64),
            };
            if !partition.groupless {
                let entries = &self.truth.entries;
                let next = match self.plan.shape.kind {
                    BrokerKind::Log => partition.log.len() - uncommitted as usize,
                    _ => partition.next,
                };
                let waiting = partition.log[next..].iter().copied();
                let given =
                    partition.pending.values().map(|pending| pending.entry).filter(|entry| entries[*entry].kept);
                self.truth.deliverable.extend(waiting.chain(given));
            }
            self.truth.held.push(if self.plan.shape.kind == BrokerKind::Log { (0, lag) } else { (pending, lag) });
            let position = |entry: Option<&usize>| entry.map(|entry| self.truth.entries[*entry].position);
            let log = self.plan.shape.kind != BrokerKind::Queue;
            let inspection = Inspection {
                at: self.now,
                partition: Partition(index as u16),
                length: if log { partition.log.len() as u64 } else { pending + lag },
                appended: log.then_some(partition.appended),
                first: position(partition.log.first()).filter(|_| log),
                end: match self.plan.shape.kind {
                    BrokerKind::Log => Some(Position(partition.appended)),
                    BrokerKind::Entries => position(partition.log.last()),
                    BrokerKind::Queue => None,
                },
                committed: match self.plan.shape.kind {
                    BrokerKind::Log => Some(Position(partition.committed as u64)),
                    BrokerKind::Entries if !partition.groupless => partition.read,
                    _ => None,
                },
                pending,
                lag: self.plan.ending.tells_lag.then_some(lag),
                group: !partition.groupless,
            };
            if self.plan.ending.unasked != Some(index) {
                self.rows.inspections.push(inspection.clone());
            }
            self.truth.inspections.push(inspection);
        }
    }

    /// A node that ended while the trial ran.
    fn note_node(&mut self) {
        let Some(end) = self.plan.ending.node else { return };
        let at = self.plan.load.at(end.at);
        self.rows.nodes.push(NodeChange {
            node: "node-0".to_owned(),
            event: NodeEvent::Ended,
            at,
            exit: Some(if end.asked_for { 0 } else { 137 }),
            asked_for: end.asked_for,
            words: None,
        });
    }

    fn close_faults(&mut self) {
        for fault in &self.plan.faults {
            let target =
                if fault.everybody { "link client".to_owned() } else { format!("link client of {:?}", fault.clients) };
            if fault.at >= self.truth.end {
                continue;
            }
            let healed = (fault.healed() < self.truth.end).then(|| fault.healed());
            self.rows.faults.push(Fault {
                name: fault.name.clone(),
                kind: fault.name.rsplit_once('-').map_or_else(String::new, |(kind, _)| kind.to_owned()),
                target,
                inject_requested: fault.at,
                injected: Some(fault.injected()),
                heal_requested: healed.map(|_| fault.until),
                healed,
                confirmed: fault.confirmed && healed.is_some(),
                evidence: if fault.confirmed {
                    "read back".to_owned()
                } else {
                    "another thing was read back".to_owned()
                },
                dropped: None,
            });
        }
    }
}
