//! The workers of a trial, as the run sees them: spawned, spoken to, listened to, and never left behind.
//! From here workers' processes, their streams and their journals may be touched; never a broker.
//! To let faults do one more thing to workers: give it its word in `request.rs`, and its arm in `answers.rs`.

mod answers;
mod consuming;
mod members;
mod post;
mod readings;
mod request;
mod worker;

pub(super) use consuming::Consuming;
pub(super) use members::Crew;
pub(super) use post::{Housing, Post, SpawnError};
pub(super) use request::{Request, Requests};
