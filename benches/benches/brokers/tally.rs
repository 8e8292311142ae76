//! A journal, and somebody who reads and counts what a client records into it.

use harness::worker::journal::{Reader, Writing};
use harness::worker::{Records, Row};
use reports::history::{Outcome, Settlement, SettlementKind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the journal is looked into.
const EVERY: Duration = Duration::from_micros(200);

/// What a client has recorded.
#[derive(Default)]
struct Counts {
    settled: AtomicU64,
    wrong: OnceLock<String>,
    over: AtomicBool,
}

/// The reader of one journal; dropping it ends the reading.
pub(crate) struct Tally {
    counts: Arc<Counts>,
    thread: Option<JoinHandle<()>>,
}

impl Tally {
    /// Of a new journal for this client, and the way into it.
    pub(crate) fn start(client: &str) -> (Self, Records) {
        let mut reader = Reader::create(client).expect("memory for a journal");
        let records = Records::open(&reader.path()).expect("a journal");
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let thread = std::thread::spawn(move || {
            while !counting.over.load(Relaxed) {
                while let Some(row) = reader.next(Writing::GoesOn).expect("a journal that is understood") {
                    counting.take(&row);
                }
                reader.release();
                std::thread::sleep(EVERY);
            }
            reader.close();
        });
        (Self { counts, thread: Some(thread) }, records)
    }

    /// Messages whose settlement was acknowledged.
    pub(crate) fn settled(&self) -> u64 {
        self.counts.settled.load(Relaxed)
    }

    /// The first row that is not as it must be, in words.
    pub(crate) fn wrong(&self) -> Option<&str> {
        self.counts.wrong.get().map(String::as_str)
    }
}

impl Counts {
    fn take(&self, row: &Row) {
        let is_well = match row {
            Row::Send(send) => send.outcome == Outcome::Ok,
            Row::Delivery(delivery) => delivery.payload_ok,
            Row::Settlement(settlement) => {
                self.settle(settlement);
                settlement.outcome == Outcome::Ok
            }
            Row::Begun(_) | Row::Connection(_) | Row::Group(_) => true,
        };
        if !is_well {
            let _ = self.wrong.set(format!("{row:?}"));
        }
    }

    /// A commit settles all positions below its own; in a new topic with one partition these count from 0.
    fn settle(&self, settlement: &Settlement) {
        match (settlement.kind, settlement.position) {
            (SettlementKind::Commit, Some(position)) => self.settled.fetch_max(position.0, Relaxed),
            _ => self.settled.fetch_add(1, Relaxed),
        };
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.counts.over.store(true, Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}
