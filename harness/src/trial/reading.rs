//! What the broker's log really holds: read after the drain by another client than those under test.

use super::halt::Halt;
use super::interrupt::{Interrupt, Urgency};
use super::observer::Observer;
use super::order::Order;
use super::record::Record;
use super::stage::Stage;
use crate::broker::{LogReader, LogSink};
use crate::worker::payload::decode;
use reports::facts::{LogReading, Retention};
use reports::history::{Inspection, Logged};
use reports::units::{MessageId, Partition, Position};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long reading may take, and how much longer for each entry: as if no more than 20,000 came in a second.
const WITHIN: Duration = Duration::from_secs(10);
const FOR_EACH: Duration = Duration::from_micros(50);
/// How long where a node is lost.
const SOON: Duration = Duration::from_secs(3);
/// How long it may take until it looks whether it is to leave off.
const LOOKS_WITHIN: Duration = Duration::from_millis(500);
/// Rows that are handed on together.
const ROWS: usize = 4096;

/// Reads the whole log into the history; says how far it came, and why not further.
pub(super) async fn read_log(
    order: &Order<'_>,
    stage: &Stage,
    record: &Record,
    inspected: &[Inspection],
    (halt, interrupt): (Option<Halt>, &Interrupt),
) -> LogReading {
    let skipped = |why: &str| LogReading { whole: Vec::new(), why: Some(why.to_owned()) };
    if halt == Some(Halt::Interrupted) {
        return skipped("the trial was interrupted");
    }
    if order.system.broker.log().retention == Retention::Forgets {
        return skipped("the broker forgets what was settled, so there is no log to read");
    }
    let Some(reader) = stage.log_reader().await else {
        return skipped("nothing is known that could read this broker's log");
    };
    let entries = inspected.iter().map(|row| row.length).sum::<u64>();
    let patience = match halt {
        Some(Halt::NodeLost) => SOON,
        _ => WITHIN + FOR_EACH * u32::try_from(entries).unwrap_or(u32::MAX),
    };
    let stopped = Arc::new(AtomicBool::new(false));
    let sink = Sink {
        observer: record.observer().clone(),
        trial: order.trial_id,
        rows: Vec::with_capacity(ROWS),
        whole: Vec::new(),
        partitions: usize::from(order.scenario.workload.partitions),
        deadline: Instant::now() + patience,
        stopped: Arc::clone(&stopped),
    };
    let reading = tokio::task::spawn_blocking(move || read(reader, sink, patience));
    let mut interrupt = interrupt.clone();
    let stop = async {
        interrupt.until(Urgency::InOrder).await;
        // It leaves off at its next look.
        stopped.store(true, Ordering::Relaxed);
        tokio::time::sleep(LOOKS_WITHIN).await;
    };
    let read = tokio::select! {
        read = reading => read,
        () = stop => return skipped("the trial was interrupted"),
    };
    read.unwrap_or_else(|error| skipped(&format!("reading it failed: {error}")))
}

fn read(mut reader: Box<dyn LogReader>, mut sink: Sink, patience: Duration) -> LogReading {
    let outcome = reader.read(&mut sink);
    sink.hand_on();
    let why = match outcome {
        Err(error) => Some(error.to_string()),
        Ok(()) if sink.stopped.load(Ordering::Relaxed) => Some("the trial was interrupted".to_owned()),
        Ok(()) if sink.whole.len() < sink.partitions => Some(format!("it took longer than {patience:?}")),
        Ok(()) => None,
    };
    LogReading { whole: sink.whole, why }
}

/// Decodes what is read, and hands it to the history.
struct Sink {
    observer: Observer,
    trial: u64,
    rows: Vec<Logged>,
    whole: Vec<Partition>,
    partitions: usize,
    deadline: Instant,
    stopped: Arc<AtomicBool>,
}

impl Sink {
    fn hand_on(&mut self) {
        self.observer.log(&self.rows);
        self.rows.clear();
    }
}

impl LogSink for Sink {
    fn entry(&mut self, partition: Partition, position: Position, payload: &[u8]) {
        let decoded = decode(payload, self.trial, partition);
        let message = MessageId { partition, ..decoded.message };
        self.rows.push(Logged { message, position, payload_ok: decoded.intact });
        if self.rows.len() == ROWS {
            self.hand_on();
        }
    }

    fn whole(&mut self, partition: Partition) {
        self.whole.push(partition);
    }

    fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || Instant::now() > self.deadline
    }
}
