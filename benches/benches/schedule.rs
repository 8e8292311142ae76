//! What one intended send time costs: it must vanish beside what a send costs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use harness::model::{Phases, Rate, Schedule};
use reports::units::{Nanos, ProducerId};
use std::hint::black_box;
use std::time::Duration;

const SENDS: u64 = 100_000;

fn schedule(bench: &mut Criterion) {
    let per_second = 50_000.0;
    let rates = [
        ("constant", Rate::Constant { per_second }),
        ("poisson", Rate::Poisson { per_second }),
        ("steps", Rate::Steps { per_second: vec![per_second; 8], each: Duration::from_secs(5) }),
        ("ramp", Rate::Ramp { from: per_second, to: 2.0 * per_second }),
        (
            "burst",
            Rate::Burst {
                base: per_second,
                peak: 2.0 * per_second,
                every: Duration::from_secs(5),
                lasts: Duration::from_secs(1),
            },
        ),
    ];
    let [idle, warmup, settle, load, drain] = [0, 0, 0, 60, 0].map(Duration::from_secs);
    let phases = Phases { idle, warmup, ramp_up: false, settle, load, drain };
    let mut group = bench.benchmark_group("schedule");
    group.throughput(Throughput::Elements(SENDS));
    for (name, rate) in rates {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let times = Schedule::new(black_box(&rate), &phases, 1, ProducerId(0), 1);
                times.take(SENDS as usize).fold(Nanos::ZERO, |_, at| black_box(at))
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = schedule
}
criterion_main!(benches);
