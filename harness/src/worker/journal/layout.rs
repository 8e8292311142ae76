//! Where everything stands in a journal's file. All numbers are little-endian.

/// The file's first eight bytes.
pub(super) const MAGIC: u64 = u64::from_le_bytes(*b"HRNSJRNL");
/// Raised when a reader of before would misunderstand.
pub(super) const VERSION: u32 = 1;
/// Eight bytes.
pub(super) const WORD: usize = 8;
/// Words of a row.
pub(super) const WORDS: usize = 8;
/// A cache line.
pub(super) const ROW_BYTES: usize = WORDS * WORD;
/// What precedes the first row: a page.
pub(super) const HEADER_BYTES: usize = 4096;
/// Rows of a journal, a power of two: 8 MiB, or 0.17 s of 375,000 messages a second, each begun and settled.
pub(super) const ROWS: u64 = 1 << 17;

/// `VERSION`, and the width of a row above it.
pub(super) const VERSION_AT: usize = 8;
/// How many rows there are.
pub(super) const ROWS_AT: usize = 16;
/// How many rows the reader has taken; on a cache line of its own.
pub(super) const TAKEN_AT: usize = 64;
/// Not 0 once the reader takes no more; on a cache line of its own.
pub(super) const CLOSED_AT: usize = 128;

/// The byte at which a row stands. It stands where the row before it by `rows` stood.
pub(super) const fn row_at(number: u64, rows: u64) -> usize {
    HEADER_BYTES + (number & (rows - 1)) as usize * ROW_BYTES
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// A send begins.
    Begun = 1,
    /// A send settled.
    Send = 2,
    /// A message was received.
    Delivery = 3,
    /// A message or position was settled.
    Settlement = 4,
    /// Something happened to a connection.
    Connection = 5,
    /// Something happened to the membership; the partitions are in the rows after it.
    Group = 6,
    /// A text, in the rows after it.
    Text = 7,
    /// Goes on with the row before it.
    More = 8,
    /// The worker has come to its end.
    Finished = 9,
}

impl Kind {
    pub(super) const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Begun,
            2 => Self::Send,
            3 => Self::Delivery,
            4 => Self::Settlement,
            5 => Self::Connection,
            6 => Self::Group,
            7 => Self::Text,
            8 => Self::More,
            9 => Self::Finished,
            _ => return None,
        })
    }
}

/// Flag of sends and settlements: a position is given.
pub(super) const HAS_POSITION: u8 = 1;
/// Flag of settlements: producer and sequence number are given.
pub(super) const HAS_MESSAGE: u8 = 2;
/// Flag of deliveries: the payload is right.
pub(super) const PAYLOAD_OK: u8 = 1;
/// Flag of deliveries: the time of the request is given.
pub(super) const HAS_ASKED: u8 = 2;

/// The first word of a row that carries what the row before it has no room for; a row has room for this many bytes of it.
pub(super) const CARRIED_FROM: usize = 2;
/// Bytes that one row carries of a text or a list.
pub(super) const CARRIED_BYTES: usize = (WORDS - CARRIED_FROM) * WORD;
/// The longest text; a longer one is cut.
pub(super) const TEXT_BYTES_AT_MOST: usize = 4096;
/// A reader remembers this many texts; a writer mentions no older one.
pub(super) const TEXTS_REMEMBERED: usize = 8192;
