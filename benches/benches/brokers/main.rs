//! What real brokers take from the harness's own clients: `send → acknowledged`, and `send → received → acknowledged`, which ends
//! when the consumer's settlement is acknowledged.
//!
//! Each system is one node, started by the code by which runs start theirs (`harness::trial::launch`), once for all sizes, and
//! removed at the end; where this process is killed or interrupted, a reaper removes it, as with a run. Each benchmark has a topic
//! of its own with one partition, on which a batch has gone through before it is timed.
//!
//! Timed: a batch of messages (`grid::SIZES`), from the first one on. For each: waiting for a place among those under way
//! (`in-flight`, 1024, as scenarios have it by default), its begin in ledger and journal, writing its payload, and handing it to the client.
//! Then waiting until all are acknowledged, each recorded in the journal; or until a consumer, which runs the loop of a
//! worker, has received, checked and recorded them and has had its settlements acknowledged. Not timed: starting and removing nodes, topics
//! and clients. A message that is not acknowledged, or arrives damaged, ends the benches.
//!
//! Otherwise than in a run: sender and consumer are threads of one process without priority, nobody writes the journals to a disk,
//! and each batch begins when nothing is under way. A thread looks every 200 µs into the journals, to count.

#![allow(missing_docs, clippy::expect_used)] // Criterion's macros document nothing; a bench that cannot be set up may stop.

#[path = "../../../harness/tests/real/engine.rs"]
mod engine;
mod grid;
mod ground;
mod system;
mod tally;
mod traffic;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, measurement::WallTime};
use grid::SIZES;
use ground::Ground;
use harness::scenario::{Scenario, System};
use std::process::ExitCode;
use std::time::Duration;
use system::StartedSystem;
use traffic::{End, Traffic};

fn main() -> ExitCode {
    if let Some(exit) = ground::reap() {
        return exit;
    }
    let criterion = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1));
    let criterion = criterion.measurement_time(Duration::from_secs(2)).without_plots();
    let mut criterion = criterion.configure_from_args();
    let scenario = grid::scenario();
    // A list starts nothing, so it needs nothing.
    let is_list = std::env::args().any(|argument| argument == "--list");
    let ground = if is_list { None } else { Ground::open(&scenario) };
    if is_list || ground.is_some() {
        scenario.systems.iter().for_each(|system| measure(&mut criterion, ground.as_ref(), &scenario, system));
        criterion.final_summary();
    }
    ExitCode::SUCCESS
}

/// All benchmarks of a system. It is started for the first one that is wanted.
fn measure(criterion: &mut Criterion, ground: Option<&Ground>, scenario: &Scenario, system: &System) {
    let mut group = criterion.benchmark_group(&system.spec.name);
    group.sampling_mode(SamplingMode::Flat);
    let mut started = None;
    for end in [End::Acknowledged, End::Settled] {
        for size in SIZES {
            let bytes = size.batch * size.bytes as u64;
            group.throughput(Throughput::ElementsAndBytes { elements: size.batch, bytes });
            let mut start = || {
                let ground = ground.expect("nothing is measured for a list");
                let started = started.get_or_insert_with(|| StartedSystem::start(ground, scenario, system));
                Traffic::open(started, size, end)
            };
            bench(&mut group, BenchmarkId::new(end.name(), size.name), &mut start);
        }
    }
    group.finish();
}

fn bench(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, start: &mut impl FnMut() -> Traffic) {
    let mut traffic = None;
    group.bench_function(id, |bencher| {
        let traffic = traffic.get_or_insert_with(&mut *start);
        bencher.iter_custom(|batches| (0..batches).map(|_| traffic.batch()).sum());
    });
}
