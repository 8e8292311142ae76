//! tmp
pub mod schedule;
