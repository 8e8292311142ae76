//! Accounting: every message, from its send to its settlement.
//! From here only the rows that `Measures::of` hands over may be seen; nothing is judged.
//! To add a finding: copy `order.rs`, and fill its number in in `Ledger::close`.

mod causes;
mod close;
mod commits;
mod contract;
mod crashes;
mod example;
mod groups;
mod handover;
mod ledger;
mod logged;
mod order;
mod past;
mod redelivery;
mod rewinds;
mod takeovers;

pub use close::{Account, Findings, Lost};
pub use contract::Breach;
pub use crashes::Crash;
pub use example::Example;
pub use groups::GroupTimes;
pub use handover::{Handover, Handovers};
pub use ledger::Ledger;
pub use logged::{Audit, LogAccount, LogLedger};
pub use redelivery::Inquiry;
pub use rewinds::Rewound;
