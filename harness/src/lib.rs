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

/// Producers allocate what other threads free, hundreds of thousands of times a second (`docs/performance.md`). It stands here so that
/// benches and tests have it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
