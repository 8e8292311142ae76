//! A history on disk, measured as one in memory is.

use super::source::{ConsumerEvent, History, IncompleteFile, ReadError, Reply, Sent, Table};
use crate::facts::TrialFacts;
use crate::history::{
    Ahead, Connection, DeadLetter, Events, Fault, Gauge, GroupChange, HistoryError, Inspection, Logged, NodeChange,
    Resource, RowRun, SendBatch, Trial,
};
use crate::units::{Nanos, Position};
use std::borrow::Cow;
use std::collections::HashSet;

/// What each producer and each consumer records. Without one of these files it cannot be told what became of its client, and that
/// none is listed is no proof that nothing happened.
const PRODUCERS: [Table; 2] = [Table::Sends, Table::Connections];
const CONSUMERS: [Table; 4] = [Table::Deliveries, Table::Settlements, Table::Connections, Table::GroupEvents];

/// Batches that are unpacked and wait.
const BATCHES_READY: usize = 2;
/// Groups of events that wait: what one batch of each of two files holds.
const GROUPS_READY: usize = 16;

impl History for Trial {
    fn facts(&self) -> &TrialFacts {
        Self::facts(self)
    }

    fn truncations(&self) -> Vec<IncompleteFile> {
        let files = &Self::facts(self).files;
        let table_of =
            |name: &str| files.iter().find(|file| file.name == name).and_then(|file| Table::named(&file.table));
        let cut = Self::truncations(self).iter().map(|truncation| IncompleteFile {
            table: table_of(&truncation.file),
            file: truncation.file.clone(),
            what: truncation.to_string(),
        });
        let workload = &Self::facts(self).workload;
        let listed: HashSet<_> = files.iter().map(|file| (file.writer.as_str(), file.table.as_str())).collect();
        let producers =
            (0..workload.producers).flat_map(|number| unlisted(&listed, &format!("producer-{number}"), &PRODUCERS));
        let consumers =
            (0..workload.consumers).flat_map(|number| unlisted(&listed, &format!("consumer-{number}"), &CONSUMERS));
        let unlisted = producers.chain(consumers);
        cut.chain(unlisted).collect()
    }

    fn each_send(&self, mut visit: impl FnMut(&Sent, Reply<'_>)) -> Result<(), ReadError> {
        let mut ahead = Ahead::of(self.sends(), BATCHES_READY);
        for batch in ahead.by_ref() {
            let batch = batch.map_err(failed)?;
            for row in 0..batch.len() {
                visit(&sent(&batch, row), reply(&batch, row));
            }
        }
        ahead.finish();
        Ok(())
    }

    fn each_event(&self, mut visit: impl FnMut(ConsumerEvent<'_>)) -> Result<u64, ReadError> {
        let mut ahead = Ahead::of(self.events().map_err(failed)?, GROUPS_READY);
        for group in ahead.by_ref() {
            for events in group.map_err(failed)? {
                match events {
                    Events::Deliveries(RowRun { batch, rows }) => {
                        rows.for_each(|row| visit(ConsumerEvent::Delivery(&batch.row(row))));
                    }
                    Events::Settlements(RowRun { batch, rows }) => {
                        rows.for_each(|row| visit(ConsumerEvent::Settlement(&batch.row(row))));
                    }
                }
            }
        }
        Ok(ahead.finish().late())
    }

    fn each_logged(&self, mut visit: impl FnMut(&Logged)) -> Result<(), ReadError> {
        let mut ahead = Ahead::of(self.log(), BATCHES_READY);
        for batch in ahead.by_ref() {
            let batch = batch.map_err(failed)?;
            batch.rows().for_each(|row| visit(&row));
        }
        ahead.finish();
        Ok(())
    }

    fn connections(&self) -> Result<Cow<'_, [Connection]>, ReadError> {
        Self::connections(self).map(Cow::Owned).map_err(failed)
    }

    fn group_changes(&self) -> Result<Cow<'_, [GroupChange]>, ReadError> {
        self.group_events().map(Cow::Owned).map_err(failed)
    }

    fn faults(&self) -> Result<Cow<'_, [Fault]>, ReadError> {
        Self::faults(self).map(Cow::Owned).map_err(failed)
    }

    fn nodes(&self) -> Result<Cow<'_, [NodeChange]>, ReadError> {
        Self::nodes(self).map(Cow::Owned).map_err(failed)
    }

    fn gauges(&self) -> Result<Cow<'_, [Gauge]>, ReadError> {
        Self::gauges(self).map(Cow::Owned).map_err(failed)
    }

    fn resources(&self) -> Result<Cow<'_, [Resource]>, ReadError> {
        Self::resources(self).map(Cow::Owned).map_err(failed)
    }

    fn inspections(&self) -> Result<Cow<'_, [Inspection]>, ReadError> {
        Self::inspections(self).map(Cow::Owned).map_err(failed)
    }

    fn dead_letters(&self) -> Result<Cow<'_, [DeadLetter]>, ReadError> {
        Self::dead_letters(self).map(Cow::Owned).map_err(failed)
    }
}

#[inline]
fn sent(batch: &SendBatch, row: usize) -> Sent {
    Sent {
        message: batch.message(row),
        intended: Nanos(batch.intended[row]),
        started: Nanos(batch.started[row]),
        settled: Nanos(batch.settled[row]),
        outcome: batch.outcome[row],
    }
}

#[inline]
fn reply(batch: &SendBatch, row: usize) -> Reply<'_> {
    Reply {
        position: batch.position.get(row).map(Position),
        error: batch.error.get(row),
        attempts: batch.attempts[row],
        dead_letter: batch.dead_letter(row),
    }
}

fn failed(error: HistoryError) -> ReadError {
    ReadError(Box::new(error))
}

/// The files that a client must have and that are not listed.
fn unlisted(listed: &HashSet<(&str, &str)>, client: &str, tables: &[Table]) -> Vec<IncompleteFile> {
    let missing = tables.iter().filter(|table| !listed.contains(&(client, table.name())));
    let each = missing.map(|table| IncompleteFile {
        table: Some(*table),
        file: format!("{}.{client}.arrows", table.name()),
        what: format!("trial.json lists no file of the table {} by {client}", table.name()),
    });
    each.collect()
}
