//! Corners of Redis in whole runs: memory that is full, streams that are trimmed, and streams that are gone.

use crate::binary::{Bench, check};
use crate::engine::{process, with_engine};
use reports::result::{TrialResult, Verdict};

const SCENARIO: &str = r#"
title = "Corners of Redis"

[workload]
rate       = { constant = { per-second = 1000 } }
message    = { size = "1KiB" }
producers  = 1
consumers  = 1
partitions = 1

[phases]
warmup = "500ms"
load   = "4s"
drain  = "20s"

[[systems]]
name = "full"
redis-streams = { settings = { "server.maxmemory" = "4mb", "server.maxmemory-policy" = "noeviction" } }

# Trims what has been read for seconds: a consumer that is later than that really loses something.
[[systems]]
name = "trimmed"
redis-streams = { maxlen = 2500 }

[[systems]]
name = "flushed"
redis-streams = {}

[[systems]]
name = "disk"
redis-streams = { disk = "4MiB" }

# Its append-only file doubles several times.
[[systems]]
name = "rewriting"
redis-streams = { durability = "os-cache", settings = { "server.auto-aof-rewrite-min-size" = "256kb" } }
"#;

/// Where a Redis listens, which it says in its process's title.
fn port_of(pid: u32) -> u16 {
    let title = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).expect("it runs");
    let numbers = title.split(|character: char| !character.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).find(|port| *port > 1024).expect("a port")
}

fn flush(bench: &Bench) {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", port_of(process(bench, "redis-0"))));
    let mut connection = client.expect("an address").get_connection().expect("connected");
    redis::cmd("FLUSHALL").exec(&mut connection).expect("flushed");
}

#[test]
fn what_redis_refuses_trims_or_forgets_is_told_and_judged_as_what_it_is() {
    with_engine("redis corners", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("flushed: driving the load");
        std::thread::sleep(std::time::Duration::from_secs(2));
        flush(&bench);
        run.wait_for("NOGROUP");
        assert!(!run.stderr().contains("flushed: draining"), "it is told when it happens: {}", run.stderr());
        let run = run.finish();
        assert_eq!(run.code(), 1, "{}", run.said());
        let trials = run.result().trials;
        let [full, trimmed, flushed, disk, rewriting] = &trials[..] else { panic!("five trials: {}", run.said()) };
        assert_eq!(check(full, "lost").verdict, Verdict::Pass, "{:#?}", check(full, "lost"));
        refusals_are_counted_with_their_reason(full, "OOM");
        refusals_are_counted_with_their_reason(disk, "MISCONF");
        let log = disk.log.as_ref().expect("it was read");
        assert!(log.complete && log.entries == disk.counts.acknowledged && log.missing == 0, "{log:#?}");
        for report in ["summary.md", "report.html"] {
            let text = std::fs::read_to_string(run.folder.join(report)).expect("a report");
            assert!(text.contains("OOM command not allowed"), "{report}");
        }
        assert!(run.stdout().contains("OOM command not allowed"), "{}", run.said());
        for name in ["lost", "unrecovered", "failed"] {
            assert_eq!(check(trimmed, name).verdict, Verdict::Pass, "{:#?}", check(trimmed, name));
        }
        what_was_flushed_is_lost_to_the_last_one(flushed);
        let told = "rewrite its append-only file";
        let rewrites = |trial: &TrialResult| trial.notes.iter().any(|note| note.contains(told));
        assert!(rewrites(rewriting) && !rewrites(trimmed), "{:#?} {:#?}", rewriting.notes, trimmed.notes);
    });
}

fn refusals_are_counted_with_their_reason(trial: &TrialResult, code: &str) {
    let counts = &trial.counts;
    assert_eq!(check(trial, "failed").verdict, Verdict::Fail, "{:#?}", check(trial, "failed"));
    assert!(counts.failed > 0 && counts.acknowledged > 0, "{counts:#?}");
    assert_eq!(counts.failed + counts.acknowledged, counts.offered, "{counts:#?}");
    let [reason] = &trial.reasons.failed[..] else { panic!("one reason: {:#?}", trial.reasons) };
    assert!(reason.words.starts_with(code) && reason.sends == counts.failed, "{reason:#?}");
}

fn what_was_flushed_is_lost_to_the_last_one(trial: &TrialResult) {
    let counts = &trial.counts;
    assert_eq!(check(trial, "lost").verdict, Verdict::Fail, "{:#?}", check(trial, "lost"));
    assert_eq!((counts.failed, counts.indeterminate), (0, 0), "{counts:#?}");
    assert_eq!(counts.lost, counts.acknowledged - counts.distinct, "{counts:#?}");
    assert!(counts.lost >= 1000, "{counts:#?}");
    assert!(check(trial, "lost").observed.starts_with(&counts.lost.to_string()), "{:#?}", check(trial, "lost"));
    assert_eq!(trial.notes.iter().filter(|note| note.contains("NOGROUP")).count(), 1, "{:#?}", trial.notes);
}
