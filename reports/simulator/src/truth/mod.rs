//! The truth: what really happened to each message and each client, noted where it happens, not where it is reported.
//! From here plans may be read; the history that is written of it is never looked at.
//! To state one more truth: note what it needs in `entry.rs`, set it in the world, and compare it as `compare/messages.rs` does.

mod entry;

pub use entry::{Breach, Commit, Entry, Receipt, SendTruth, Truth, Why};
