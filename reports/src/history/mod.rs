//! The history of a trial on disk: what a row says, how it is appended, how it is read again.
//! From here only files may be touched; nothing is judged.
//! To add a table: copy `gauges.rs`, add its row type to `rows.rs` and its line to `TABLES`.

mod ahead;
mod builders;
mod column;
mod connections;
mod dead_letters;
mod deliveries;
mod digest;
mod error;
mod events;
mod faults;
mod file;
mod gauges;
mod group_events;
mod inspections;
mod integrity;
mod log;
mod messages;
mod nodes;
mod readable;
mod reorder;
mod resources;
mod rows;
mod sends;
mod settlements;
mod table;
mod trial;
mod trial_file;
mod writer;

pub use ahead::Ahead;
pub use builders::{Builders, Column, Presence};
pub use column::{ColumnError, ColumnProblem, Found, OptionalColumn, TextColumn, Word};
pub use connections::Connections;
pub use dead_letters::DeadLetters;
pub use deliveries::{Deliveries, DeliveryBatch};
pub use error::{Defect, HistoryError, Truncation};
pub use events::{Events, MergedEvents};
pub use faults::Faults;
pub use gauges::Gauges;
pub use group_events::GroupEvents;
pub use inspections::Inspections;
pub use integrity::file_end;
pub use log::{LogBatch, LogEntries};
pub use nodes::Nodes;
pub use reorder::{RowRun, WINDOW};
pub use resources::Resources;
pub use rows::{
    Connection, ConnectionEvent, DeadLetter, Delivery, Fault, Gauge, GroupChange, GroupEvent, Inspection, Logged,
    NEVER_SENT, NodeChange, NodeEvent, Outcome, Resource, Send, Settlement, SettlementKind, WITHDRAWN,
};
pub use sends::{SendBatch, Sends};
pub use settlements::{SettlementBatch, Settlements};
pub use table::{HistoryTable, SmallTable, TableInfo};
pub use trial::{Batches, Trial};
pub use trial_file::FOLDER;
pub use writer::{ROWS_PER_BATCH, Writer};

/// Every table that a history may have.
pub const TABLES: &[TableInfo] = &[
    TableInfo::of::<Sends>(),
    TableInfo::of::<Deliveries>(),
    TableInfo::of::<Settlements>(),
    TableInfo::of::<Connections>(),
    TableInfo::of::<GroupEvents>(),
    TableInfo::of::<Faults>(),
    TableInfo::of::<Nodes>(),
    TableInfo::of::<Gauges>(),
    TableInfo::of::<Resources>(),
    TableInfo::of::<Inspections>(),
    TableInfo::of::<LogEntries>(),
    TableInfo::of::<DeadLetters>(),
];

#[cfg(test)]
mod tests;
