//! Workers against a real Redis that behaves as Redis does in its corners: each is looked at through the server's own eyes
//! and through what the worker says.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod claims;
mod entry_ids;
mod failover;
mod lost_connections;
mod lost_groups;
mod pools;
#[path = "../real/mod.rs"]
mod real;
mod refusals;
mod slow_consumers;
mod worker;
