//! The journal: what a worker has seen, as rows of one width in memory that outlives it. `docs/worker-protocol.md` has the bytes.
//! From here only memory and rows may be touched; what becomes of the rows is the run's affair.
//! To add a kind of row: a variant of `row::Row`, a number in `layout.rs`, and its words in `write.rs` and `read.rs`.

mod error;
mod layout;
mod mapping;
mod memory;
mod read;
#[cfg(test)]
mod tests;
mod texts;
mod words;
mod write;

pub use error::JournalError;
pub use read::{Reader, Writing};
pub(super) use write::Journal;
