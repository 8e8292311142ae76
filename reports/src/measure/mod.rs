//! Measures: pure functions from a history to numbers.
//! From here the history may be read; nothing is judged and nothing is drawn.
//! To add one: copy `availability.rs`, and call it in `Measures::of`.

pub mod absence;
pub mod accounting;
pub mod availability;
pub mod bits;
pub mod broker;
pub mod by_second;
pub mod dead_letters;
pub mod effect;
pub mod envelope;
pub mod error;
pub mod explain;
pub mod idle;
pub mod lag;
pub mod latency;
pub mod outcomes;
pub mod peer;
pub mod pending;
mod pool;
pub mod rates;
pub mod reconnect;
pub mod refused;
pub mod resources;
mod retries;
pub mod rows;
#[doc(hidden)]
pub mod sample;
pub mod seconds;
pub mod seen;
pub mod service;
pub mod signs;
pub mod silence;
mod slope;
pub mod soak;
pub mod source;
pub mod steady;
pub mod storm;
pub mod timeline;

mod ack;
mod all;
mod alone;
mod blocks;
mod churn;
pub mod consumers;
pub(crate) mod cores;
mod disk;
mod headroom;
mod network;
mod passes;
mod places;
pub(crate) mod rewriting;
mod series;
mod transient;
pub(crate) mod warming;

pub use all::{FaultMeasures, Measures};
pub use error::MeasureError;
pub use rows::Rows;
pub use source::{ConsumerEvent, History, IncompleteFile, ReadError, Reply, Sent, Table};
