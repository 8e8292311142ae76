//! Clients: one kind for each client library, apart from the brokers that they speak to.
//! From here the library, the worker's hot traits and the broker's own words may be touched; never a scenario file or a verdict.
//! To add one: copy `redis_rs/`, and add its row to `CLIENTS`.

mod delay_line;
mod in_process;
mod kind;
mod rdkafka;
mod redis_rs;

pub use kind::{ClientKind, Consumed, Run};

/// Every client library that a scenario can name; for each broker, its default comes first.
pub const CLIENTS: &[&dyn ClientKind] = &[&redis_rs::RedisRs, &rdkafka::RdKafka, &in_process::InProcess];
