//! The run's end: rows in the order in which their places were taken.

use super::error::JournalError;
use super::layout::{CLOSED_AT, Kind, ROWS, TAKEN_AT, WORD, WORDS, row_at};
use super::mapping::Mapping;
use super::memory;
use super::texts::{NO_TEXT, Remembered};
use super::words::{self, Fields, Words, carried, rows_for};
use crate::worker::row::{Begun, Row};
use reports::history::{Connection, Delivery, GroupChange, Send, Settlement};
use reports::units::{Nanos, Partition};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Whether more rows may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// The worker may be writing: a row that is not whole will be.
    GoesOn,
    /// The worker is dead: a row that is not whole never will be, and is passed over.
    HasEnded,
}

/// Reads a journal that this process has made. The worker can open it for as long as this is kept.
#[derive(Debug)]
pub struct Reader {
    file: OwnedFd,
    mapping: Mapping,
    rows: u64,
    worker: String,
    next: u64,
    released: u64,
    texts: Remembered,
    finished: Option<Nanos>,
}

impl Reader {
    /// Makes an empty journal for this worker. All its memory is taken at once.
    ///
    /// # Errors
    /// There is not that much memory.
    pub fn create(worker: &str) -> Result<Self, JournalError> {
        Self::with_rows(worker, ROWS)
    }

    /// As [`Reader::create`], with this many rows, a power of two.
    pub(crate) fn with_rows(worker: &str, rows: u64) -> Result<Self, JournalError> {
        let room = |source| JournalError::Room { worker: worker.to_owned(), bytes: memory::bytes(rows), source };
        let (file, mapping) = memory::reserve(worker, rows).map_err(room)?;
        let (worker, texts) = (worker.to_owned(), Remembered::default());
        Ok(Self { file, mapping, rows, worker, next: 0, released: 0, texts, finished: None })
    }

    /// Where processes of the same user find it.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), self.file.as_raw_fd()))
    }

    /// The next row of a table. `None`: there is none yet or, where writing has ended, none any more.
    ///
    /// # Errors
    /// A row says what no row can say.
    pub fn next(&mut self, writing: Writing) -> Result<Option<Row>, JournalError> {
        while let Some(number) = self.next_whole(writing) {
            let words = self.words(number);
            let fields = Fields::from_words(&words);
            let Some(kind) = Kind::of(fields.kind) else { return Err(wrong(number, "its kind is", fields.kind)) };
            let carried = match self.carried(number, kind, &fields, writing) {
                Carried::Whole(bytes) => bytes,
                Carried::NotYet => return Ok(None),
                Carried::Never => {
                    self.next = number + 1;
                    continue;
                }
            };
            self.next = number + 1 + rows_for(carried.len());
            if let Some(row) = self.understand(number, kind, &fields, &carried)? {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Gives the places of all rows that were read back to the writer.
    pub fn release(&mut self) {
        if self.released != self.next {
            self.released = self.next;
            self.mapping.word(TAKEN_AT).store(self.next.to_le(), Release);
        }
    }

    /// Takes no more: whoever waits for room waits in vain.
    pub fn close(&self) {
        self.mapping.word(CLOSED_AT).store(1_u64.to_le(), Release);
    }

    /// When the worker came to its end, as far as it has been read.
    pub fn finished(&self) -> Option<Nanos> {
        self.finished
    }

    #[cfg(test)]
    pub(super) fn mapping_for_test(&self) -> &Mapping {
        &self.mapping
    }

    /// The number of the next row that is whole.
    fn next_whole(&self, writing: Writing) -> Option<u64> {
        match writing {
            Writing::GoesOn => self.is_whole(self.next).then_some(self.next),
            // Nobody was given a place further on than this.
            Writing::HasEnded => (self.next..self.released + self.rows).find(|number| self.is_whole(*number)),
        }
    }

    fn is_whole(&self, number: u64) -> bool {
        u64::from_le(self.mapping.word(row_at(number, self.rows)).load(Acquire)) == number + 1
    }

    fn words(&self, number: u64) -> Words {
        let at = row_at(number, self.rows);
        let mut words = [0; WORDS];
        for (nth, word) in words.iter_mut().enumerate().skip(1) {
            *word = u64::from_le(self.mapping.word(at + nth * WORD).load(Relaxed));
        }
        words
    }

    /// The bytes that the rows after this one carry for it.
    fn carried(&self, number: u64, kind: Kind, fields: &Fields, writing: Writing) -> Carried {
        let bytes = match kind {
            Kind::Text => usize::from(fields.count),
            Kind::Group => usize::from(fields.count) * size_of::<u16>(),
            _ => 0,
        };
        let carriers = number + 1..number + 1 + rows_for(bytes);
        if !carriers.clone().all(|carrier| self.is_whole(carrier)) {
            return if writing == Writing::GoesOn { Carried::NotYet } else { Carried::Never };
        }
        let mut whole: Vec<u8> = Vec::with_capacity(bytes);
        for carrier in carriers {
            whole.extend(carried(&self.words(carrier)));
        }
        whole.truncate(bytes);
        Carried::Whole(whole)
    }

    fn understand(
        &mut self,
        number: u64,
        kind: Kind,
        fields: &Fields,
        carried: &[u8],
    ) -> Result<Option<Row>, JournalError> {
        let outcome = || words::outcome(fields.outcome).ok_or_else(|| wrong(number, "its outcome is", fields.outcome));
        let unknown = || wrong(number, "its event is", fields.what);
        let (first, second, third) = (Nanos(fields.first), Nanos(fields.second), Nanos(fields.third));
        Ok(Some(match kind {
            Kind::Begun => Row::Begun(Begun { message: fields.message(), intended: first, started: second }),
            Kind::Send => Row::Send(Send {
                message: fields.message(),
                intended: first,
                started: second,
                settled: third,
                outcome: outcome()?,
                attempts: words::attempts(fields.count),
                dead_letter: words::dead_letter(fields.count),
                error: self.text(number, fields.text)?,
                position: fields.position(),
            }),
            Kind::Delivery => Row::Delivery(Delivery {
                consumer: fields.consumer_id(),
                message: fields.message(),
                intended: first,
                asked: fields.asked(),
                received: third,
                delivery_count: fields.count,
                position: reports::units::Position(fields.place),
                payload_ok: fields.payload_ok(),
            }),
            Kind::Settlement => Row::Settlement(Settlement {
                consumer: fields.consumer_id(),
                partition: Partition(fields.partition),
                message: fields.settled_message(),
                position: fields.position(),
                kind: words::settlement(fields.what).ok_or_else(unknown)?,
                requested: second,
                settled: third,
                outcome: outcome()?,
            }),
            Kind::Connection => Row::Connection(Connection {
                client: self.worker.clone(),
                peer: self.text(number, fields.place as u32)?.unwrap_or_default(),
                event: words::connection(fields.what).ok_or_else(unknown)?,
                at: third,
                error: self.text(number, fields.text)?,
            }),
            Kind::Group => Row::Group(GroupChange {
                consumer: fields.consumer_id(),
                event: words::group(fields.what).ok_or_else(unknown)?,
                partitions: partitions(carried),
                at: third,
            }),
            Kind::Text => {
                self.texts.learn(fields.text, &String::from_utf8_lossy(carried));
                return Ok(None);
            }
            Kind::Finished => {
                self.finished = Some(third);
                return Ok(None);
            }
            // Of a row that its writer did not live to write.
            Kind::More => return Ok(None),
        }))
    }

    fn text(&self, row: u64, number: u32) -> Result<Option<String>, JournalError> {
        if number == NO_TEXT {
            return Ok(None);
        }
        match self.texts.get(number) {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(JournalError::Row { row, why: format!("no text has the number {number}") }),
        }
    }
}

enum Carried {
    Whole(Vec<u8>),
    NotYet,
    Never,
}

fn partitions(bytes: &[u8]) -> Vec<Partition> {
    bytes.chunks_exact(size_of::<u16>()).map(|two| Partition(u16::from_le_bytes([two[0], two[1]]))).collect()
}

fn wrong(row: u64, what: &str, number: u8) -> JournalError {
    JournalError::Row { row, why: format!("{what} {number}") }
}
