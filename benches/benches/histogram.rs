//! What one recorded time costs: this is paid several times for every message that is judged.

#![allow(missing_docs, clippy::expect_used)] // Criterion's macros document nothing; a bench that cannot be set up may stop.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reports::histogram::Times;
use reports::measure::bits::BitSet;
use reports::measure::by_second::TimesBySecond;
use reports::units::Nanos;
use std::hint::black_box;
use std::time::Duration;

const VALUES: u64 = 100_000;

/// Times between 0.1 and about 10 ms, without a pattern that a cache could learn.
fn times() -> Vec<Nanos> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Nanos(100_000 + (state >> 33) % 10_000_000)
    };
    (0..VALUES).map(|_| next()).collect()
}

fn record(criterion: &mut Criterion) {
    let values = times();
    let mut group = criterion.benchmark_group("histogram");
    group.throughput(Throughput::Elements(VALUES));
    group.bench_function("three digits", |bencher| {
        let mut histogram = Times::new().expect("a histogram of three digits");
        bencher.iter(|| values.iter().for_each(|time| histogram.record(black_box(*time))));
    });
    group.bench_function("two digits, by second", |bencher| {
        let mut histogram = TimesBySecond::default();
        bencher.iter(|| values.iter().zip(0..).for_each(|(time, at)| histogram.record(at / 1000, black_box(*time))));
    });
    group.bench_function("set of sequence numbers", |bencher| {
        bencher.iter(|| {
            let mut set = BitSet::default();
            (0..VALUES).for_each(|number| {
                set.insert(black_box(number));
            });
            set.len()
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = record
}
criterion_main!(benches);
