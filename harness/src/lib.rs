//! The live side: runs scenarios on real brokers and writes their histories. What a history means, `reports` says.

pub mod broker;
pub mod cli;
pub mod clock;
pub mod environment;
pub mod fault;
pub mod model;
pub mod plan;
pub mod scenario;
pub mod serve;
pub mod trial;
pub mod worker;
