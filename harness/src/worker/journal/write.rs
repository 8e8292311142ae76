//! The worker's end: any of its threads writes rows, by plain stores, and waits for nobody but a reader that is a whole
//! journal behind.

use super::error::JournalError;
use super::layout::{CLOSED_AT, Kind, MAGIC, ROW_BYTES, ROWS_AT, TAKEN_AT, VERSION, VERSION_AT, WORD, WORDS, row_at};
use super::mapping::Mapping;
use super::memory;
use super::texts::{Interned, NO_TEXT, Novelty, cut};
use super::words::{self, Fields, Words, carrying, rows_for};
use crate::clock;
use crate::worker::row::Row;
use reports::units::Nanos;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often a writer without room looks again.
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// How long a reader that may be dead has to take another row.
const READER_DEAD_AFTER: Nanos = Nanos::from_secs(2);

/// On a cache line of its own (two, for processors that fetch them in pairs): every row changes it, and what stands beside it
/// is read for every row.
#[derive(Debug)]
#[repr(align(128))]
struct Counter(AtomicU64);

/// A journal that this process writes.
#[derive(Debug)]
pub(in crate::worker) struct Journal {
    mapping: Mapping,
    rows: u64,
    claimed: Counter,
    /// Whoever reads may have died.
    deserted: AtomicBool,
    texts: Mutex<Interned>,
}

impl Journal {
    /// Opens the one that the run has made.
    ///
    /// # Errors
    /// It cannot be opened, or is something else.
    pub(in crate::worker) fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Open { path: path.to_owned(), source };
        let foreign = |why: String| JournalError::Foreign { path: path.to_owned(), why };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let bytes = usize::try_from(length).map_err(|error| failed(io::Error::other(error)))?;
        if bytes < memory::bytes(1) {
            return Err(foreign(format!("it has {bytes} bytes")));
        }
        let mapping = Mapping::of(&file, bytes).map_err(failed)?;
        let number = |at| u64::from_le(mapping.word(at).load(Acquire));
        let (magic, version, rows) = (number(0), number(VERSION_AT), number(ROWS_AT));
        if magic != MAGIC {
            return Err(foreign("it does not begin with HRNSJRNL".to_owned()));
        }
        if version != u64::from(VERSION) | (ROW_BYTES as u64) << 32 {
            let (version, width) = (version as u32, version >> 32);
            return Err(foreign(format!("it is of version {version} with rows of {width} bytes")));
        }
        if !rows.is_power_of_two() || rows > length / ROW_BYTES as u64 || memory::bytes(rows) > bytes {
            return Err(foreign(format!("it has {bytes} bytes for {rows} rows")));
        }
        Ok(Self {
            mapping,
            rows,
            claimed: Counter(AtomicU64::new(0)),
            deserted: AtomicBool::new(false),
            texts: Mutex::default(),
        })
    }

    /// Writes a row. What is recorded is there, whatever becomes of this process, before this returns.
    pub(in crate::worker) fn push(&self, row: &Row) {
        let fields = match row {
            Row::Begun(row) => {
                Fields { first: row.intended.0, second: row.started.0, ..Fields::about(Kind::Begun, row.message) }
            }
            Row::Send(row) => Fields {
                outcome: row.outcome as u8,
                first: row.intended.0,
                second: row.started.0,
                third: row.settled.0,
                text: self.text(row.error.as_deref()),
                count: words::tries(row.attempts, row.dead_letter),
                ..Fields::about(Kind::Send, row.message)
            }
            .with_position(row.position),
            Row::Delivery(row) => Fields {
                first: row.intended.0,
                third: row.received.0,
                place: row.position.0,
                count: row.delivery_count,
                consumer: row.consumer.0,
                ..Fields::about(Kind::Delivery, row.message)
            }
            .with_asked(row.asked)
            .with_payload(row.payload_ok),
            Row::Settlement(row) => Fields {
                what: row.kind as u8,
                outcome: row.outcome as u8,
                partition: row.partition.0,
                second: row.requested.0,
                third: row.settled.0,
                consumer: row.consumer.0,
                ..Fields::of(Kind::Settlement)
            }
            .with_settled_message(row.message)
            .with_position(row.position),
            Row::Connection(row) => Fields {
                what: row.event as u8,
                third: row.at.0,
                place: u64::from(self.text(Some(&row.peer))),
                text: self.text(row.error.as_deref()),
                ..Fields::of(Kind::Connection)
            },
            Row::Group(row) => {
                let list: Vec<u8> = row.partitions.iter().flat_map(|partition| partition.0.to_le_bytes()).collect();
                let fields = Fields {
                    what: row.event as u8,
                    third: row.at.0,
                    count: u16::try_from(row.partitions.len()).unwrap_or(u16::MAX),
                    consumer: row.consumer.0,
                    ..Fields::of(Kind::Group)
                };
                return self.put_with(fields, &list);
            }
        };
        if let Some(number) = self.claim(1) {
            self.put(number, &fields.to_words());
        }
    }

    /// Writes that the worker has come to its end: what is open now stays open.
    pub(in crate::worker) fn finish(&self) {
        let fields = Fields { third: clock::now().0, ..Fields::of(Kind::Finished) };
        if let Some(number) = self.claim(1) {
            self.put(number, &fields.to_words());
        }
    }

    /// Whoever reads may have died: from now on nobody waits for room for long.
    pub(in crate::worker) fn desert(&self) {
        self.deserted.store(true, Relaxed);
    }

    /// The number of a text, which is written before anybody can mention it.
    fn text(&self, text: Option<&str>) -> u32 {
        let Some(text) = text.map(cut) else { return NO_TEXT };
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, novelty) = texts.number(text);
        if novelty == Novelty::New {
            let count = u16::try_from(text.len()).unwrap_or(u16::MAX);
            self.put_with(Fields { count, text: number, ..Fields::of(Kind::Text) }, text.as_bytes());
        }
        number
    }

    /// Writes a row and, right after it, those that carry its bytes.
    fn put_with(&self, fields: Fields, bytes: &[u8]) {
        let Some(number) = self.claim(1 + rows_for(bytes.len())) else { return };
        self.put(number, &fields.to_words());
        for (number, words) in (number + 1..).zip(carrying(bytes)) {
            self.put(number, &words);
        }
    }

    /// Places for so many rows, one after the other; waits while the reader has not yet taken what stands there. `None`: it
    /// takes no more.
    #[inline]
    fn claim(&self, rows: u64) -> Option<u64> {
        let number = self.claimed.0.fetch_add(rows, Relaxed);
        let has_room = number + rows <= self.taken() + self.rows;
        (has_room || self.wait_for_room(number + rows)).then_some(number)
    }

    #[cold]
    fn wait_for_room(&self, end: u64) -> bool {
        let (mut seen, mut since) = (self.taken(), clock::now());
        while end > seen + self.rows {
            if self.mapping.word(CLOSED_AT).load(Acquire) != 0 {
                return false;
            }
            if self.deserted.load(Relaxed) && clock::now().since(since) > READER_DEAD_AFTER {
                self.mapping.word(CLOSED_AT).store(1_u64.to_le(), Release);
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
            let taken = self.taken();
            if taken != seen {
                (seen, since) = (taken, clock::now());
            }
        }
        true
    }

    fn taken(&self) -> u64 {
        u64::from_le(self.mapping.word(TAKEN_AT).load(Acquire))
    }

    /// The number goes last, and after all the rest: who sees it sees the whole row.
    #[inline]
    fn put(&self, number: u64, words: &Words) {
        let at = row_at(number, self.rows);
        for (nth, word) in words.iter().enumerate().take(WORDS).skip(1) {
            self.mapping.word(at + nth * WORD).store(word.to_le(), Relaxed);
        }
        self.mapping.word(at).store((number + 1).to_le(), Release);
    }
}
