//! Accounting: every message, from its send to its settlement.
//! From here only the rows that `Measures::of` hands over may be seen; nothing is judged.
//! To add a finding: copy `order.rs`, and fill its number in in `Ledger::close`.

mod close;
mod commits;
mod groups;
mod ledger;
mod order;
mod redelivery;

pub use close::{Account, Example, Findings};
pub use groups::GroupTimes;
pub use ledger::Ledger;
pub use redelivery::{Inquiry, SettlementRows};
