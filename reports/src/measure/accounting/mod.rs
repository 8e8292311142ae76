//! Accounting: every message, from its send to its settlement.
//! From here only the rows that `Measures::of` hands over may be seen; nothing is judged.
//! To add a finding: copy `order.rs`, and fill its number in in `Ledger::close`.

mod causes;
mod close;
mod commits;
mod contract;
mod example;
mod groups;
mod ledger;
mod order;
mod past;
mod redelivery;

pub use close::{Account, Findings, Lost};
pub use contract::Breach;
pub use example::Example;
pub use groups::GroupTimes;
pub use ledger::Ledger;
pub use redelivery::{Inquiry, SettlementRows};
