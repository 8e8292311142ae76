//! The live side: runs scenarios on real brokers and writes their histories. What a history means, `reports` says.

pub mod broker;
pub mod cli;
pub mod environment;
pub mod fault;
pub mod plan;
pub mod scenario;
