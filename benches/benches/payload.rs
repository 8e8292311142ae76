//! What writing and reading a message's payload cost, the checksum over all of it included: bytes a second.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use harness::worker::payload::{Encoder, decode};
use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
use std::hint::black_box;
use std::time::Duration;

const TRIAL: u64 = 7;
const SIZES: [usize; 4] = [64, 256, 1024, 16 * 1024];

fn message(seq: u64) -> MessageId {
    MessageId { producer: ProducerId(0), partition: Partition(1), seq: Sequence(seq) }
}

fn payload(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("payload");
    for size in SIZES {
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_with_input(BenchmarkId::new("encode", size), &size, |bencher, size| {
            let (mut encoder, mut seq) = (Encoder::new(TRIAL, *size..=*size, 0.5, 1), 0);
            bencher.iter(|| {
                seq += 1;
                black_box(encoder.encode(message(seq), Nanos(seq)).len())
            });
        });
        group.bench_with_input(BenchmarkId::new("decode", size), &size, |bencher, size| {
            let bytes = Encoder::new(TRIAL, *size..=*size, 0.5, 1).encode(message(3), Nanos(4)).to_vec();
            bencher.iter(|| decode(black_box(&bytes), TRIAL, Partition(1)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = payload
}
criterion_main!(benches);
