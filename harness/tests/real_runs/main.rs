//! Whole runs on real brokers, through the real binary. They measure time, so that only one goes on at a time.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod alone;
#[path = "../binary/mod.rs"]
mod binary;
mod calm;
mod cancelled;
mod consumer_faults;
mod cores;
mod corners;
mod engine;
mod environment;
mod faulted;
mod given_up;
mod interrupts;
mod isolation;
mod killed;
mod killed_at_random;
mod leaders;
mod network_faults;
mod node_faults;
mod omission;
mod packets;
mod poison;
mod processes;
mod programs;
mod redis_corners;
mod rolling;
mod topologies;
mod worker_faults;
