//! The history of a trial on disk: what a row says, how it is appended, how it is read again.
//! From here only files may be touched; nothing is judged.
//! To add a table: copy `gauges.rs`, add its row type to `rows.rs` and its line to `TABLES`.

mod rows;

pub use rows::{
    Connection, ConnectionEvent, Delivery, Fault, Gauge, GroupChange, GroupEvent, Inspection, Outcome, Resource, Send,
    Settlement, SettlementKind,
};
