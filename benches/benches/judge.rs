//! How fast a trial is judged, from its files to its verdicts: one thread unpacks, another measures.

#![allow(missing_docs, clippy::expect_used)] // Criterion's macros document nothing; a bench that cannot be set up may stop.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reports::facts::TrialFacts;
use reports::history::{Deliveries, LogEntries, Logged, Sends, Settlements, Writer};
use reports::judge::judge_trial;
use reports::measure::sample;
use reports::units::{Nanos, Position, Sequence};
use std::path::{Path, PathBuf};

/// Copies of a trial by hand, one behind the other in sequence: 300 × 3,200 messages, three rows each.
const COPIES: u64 = 300;

fn write(dir: &Path) -> u64 {
    let _ = std::fs::remove_dir_all(dir);
    std::fs::create_dir_all(dir.join("history")).expect("the trial's folder");
    let rows = sample::healthy();
    let mut facts: TrialFacts = rows.facts.clone();
    facts.workload.offered *= COPIES;
    facts.files = vec![
        Writer::<Sends>::facts("all"),
        Writer::<Deliveries>::facts("all"),
        Writer::<Settlements>::facts("all"),
        Writer::<LogEntries>::facts("all"),
    ];
    facts.save(dir).expect("trial.json");
    let mut sends = Writer::<Sends>::create(dir, "all").expect("sends");
    let mut deliveries = Writer::<Deliveries>::create(dir, "all").expect("deliveries");
    let mut settlements = Writer::<Settlements>::create(dir, "all").expect("settlements");
    let mut log = Writer::<LogEntries>::create(dir, "all").expect("log");
    for (index, row) in rows.sends.iter().enumerate() {
        for copy in 0..COPIES {
            // Each message of the sample stands for as many: a few microseconds, and one sequence number, apart.
            let later = |at: Nanos| at.plus(Nanos(copy * 30_000));
            let numbered = |seq: Sequence| Sequence(seq.0 * COPIES + copy);
            let mut send = row.clone();
            send.message.seq = numbered(row.message.seq);
            (send.intended, send.started, send.settled) = (later(row.intended), later(row.started), later(row.settled));
            let mut delivery = rows.deliveries[index].clone();
            delivery.message.seq = send.message.seq;
            delivery.position = Position(delivery.position.0 * COPIES + copy);
            (delivery.intended, delivery.received) = (send.intended, later(delivery.received));
            sends.append(&send).expect("a send");
            settlements.append(&sample::ack_of(&delivery)).expect("a settlement");
            deliveries.append(&delivery).expect("a delivery");
            let entry = Logged { message: send.message, position: delivery.position, payload_ok: true };
            log.append(&entry).expect("an entry of the log");
        }
    }
    let written = [sends.finish(), deliveries.finish(), settlements.finish(), log.finish()];
    written.into_iter().map(|end| end.expect("a finished file").rows).sum()
}

fn judge(criterion: &mut Criterion) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("judge-bench");
    let rows = write(&dir);
    let mut group = criterion.benchmark_group("judge");
    group.throughput(Throughput::Elements(rows)).sample_size(10);
    group.bench_function("trial from disk", |bencher| {
        bencher.iter(|| judge_trial(&dir).expect("a judged trial").result.counts);
    });
    group.finish();
}

criterion_group!(benches, judge);
criterion_main!(benches);
