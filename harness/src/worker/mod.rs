//! Workers: processes that produce or consume, and write their own part of the history.
//! From here the clock, the model and history writers may be touched; never a broker, the environment or a verdict.
//! To add a kind of work: copy `consume.rs`, and add its variant to `protocol::Task`.

mod backoff;
pub mod client;
mod clients;
mod complaints;
mod connections;
pub mod consume;
mod control;
mod error;
mod ledger;
mod outbox;
pub mod payload;
pub mod produce;
pub mod protocol;
pub(crate) mod record;

pub use backoff::Backoff;
pub use clients::{Clients, Consume, Produce};
pub use complaints::Complaints;
pub use connections::ConnectionLog;
pub use control::Control;
pub use error::WorkerError;
pub use ledger::{Ledger, Ticket};
pub use outbox::Outbox;
pub use record::{Records, Tables};
