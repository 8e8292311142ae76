//! Workers: processes that produce or consume, and record what they see.
//! From here the clock, the model and the journal may be touched; never a broker, the environment, a disk or a verdict.
//! To add a kind of work: copy `consume.rs`, and add its variant to `protocol::Task`.

pub(crate) mod backoff;
pub mod client;
mod clients;
mod complaints;
mod connections;
pub mod consume;
mod control;
mod error;
mod failing;
mod gauges;
mod held;
pub mod journal;
mod ledger;
mod lull;
mod outbox;
pub mod payload;
pub mod produce;
pub mod protocol;
pub(crate) mod record;
mod retries;
mod row;

pub use backoff::Waits;
pub use clients::{Clients, Consume, Hold, Produce};
pub use complaints::Complaints;
pub use connections::ConnectionLog;
pub use control::Control;
pub use error::WorkerError;
pub use gauges::ClientGauges;
pub use held::HeldProducer;
pub use ledger::{Receipt, SendLedger, Ticket};
pub use lull::Lull;
pub use outbox::Outbox;
pub use record::Records;
pub use row::{Begun, Row};
