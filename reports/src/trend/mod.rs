//! Trends: the figures of many runs of one scenario over time, and where they changed for good.
//! From here results may be read, and the figures of `compare`; no history, no series, and nothing is drawn.
//! To show one more figure: it is one of `compare`'s, so add it there.

mod changes;
mod found;
mod gather;

pub use changes::{Step, steps};
pub use found::{Trend, TrendChange, TrendLine, TrendOf, TrendPoint};
pub use gather::trend;
