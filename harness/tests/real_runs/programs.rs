//! A worker that is somebody else's program: the one in `docs/`, in Python, beside the harness's own.

use crate::binary::{Bench, check, checks, skipped};
use crate::engine::{containers, with_engine};
use reports::facts::WriterEnd;
use reports::result::Verdict;
use std::process::Command;

const WORKER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/worker.py");

/// Records of different sizes.
const RECORDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/records/orders.jsonl");

/// Bursts, because a schedule that repeats is the hardest to follow; keys, which say where each message goes.
fn scenario(program: &str) -> String {
    format!(
        r#"
title = "A worker in another language"

[workload]
rate       = {{ burst = {{ base = 100, peak = 300, every = "1s", lasts = "300ms" }} }}
message    = {{ file = "{RECORDS}" }}
keys       = {{ zipf = {{ count = 50, exponent = 1.1 }} }}
producers  = 2
consumers  = 2
partitions = 3

[phases]
warmup = "1s"
load   = "6s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = {{ every = "1s", timeout = "1s", misses = 3 }}
backoff         = {{ first = "100ms", factor = 2.0, max = "1s", jitter = 0.2 }}

[[systems]]
name = "python"
client = {{ program = ["python3", "{program}"] }}
redis-streams = {{}}

[[systems]]
name = "rust"
redis-streams = {{}}

[[faults]]
at   = "2s"
for  = "1s"
down = {{}}

[expect]
lost = 0
reconnected = "5s"
"#
    )
}

#[test]
fn a_worker_in_python_gets_a_report_and_a_verdict_like_any_other() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skipped("a_worker_in_python", "python3 is not there");
    }
    with_engine("python", || {
        let bench = Bench::new(&scenario(WORKER));
        let run = bench.run(&[]);
        let result = run.result();
        assert_eq!(result.trials.len(), 2, "{}", run.said());
        for trial in &result.trials {
            let log = std::fs::read_to_string(run.folder.join(&trial.folder).join("logs/producer-0.log"));
            assert_eq!(checks(trial, Verdict::Fail), [""; 0], "{:#?}\n{log:?}\n{}", trial.checks, run.said());
            assert_eq!(check(trial, "lost").verdict, Verdict::Pass, "{:#?}", trial.checks);
            assert_eq!(check(trial, "reconnected").verdict, Verdict::Pass, "{:#?}", trial.checks);
            assert!(trial.counts.acknowledged > 0 && trial.counts.delivered > 0, "{:?}", trial.counts);
            let history = run.history(&trial.folder);
            assert!(history.truncations().is_empty(), "{:?}", history.truncations());
            let ends = history.facts().files.iter().map(|file| file.end.as_ref().map(|end| end.how));
            assert!(ends.into_iter().all(|how| how == Some(WriterEnd::Finished)), "{:#?}", history.facts().files);
        }
        // They follow the same schedule, and nothing of it is missing.
        assert_eq!(result.trials[0].counts.offered, result.trials[1].counts.offered);
        assert!(
            result
                .trials
                .iter()
                .all(|trial| trial.counts.offered == run.history(&trial.folder).facts().workload.offered)
        );
        assert_eq!(containers(&bench), []);
    });
}

/// It measures from when it came to send: what every wait before it cost is in no figure.
#[test]
fn a_worker_that_takes_its_own_time_for_the_schedules_is_found_out() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return skipped("a_worker_that_takes_its_own_time", "python3 is not there");
    }
    with_engine("own_time", || {
        let text = std::fs::read_to_string(WORKER).expect("read");
        let packs = "        head = HEAD.pack(b\"HRNS\"";
        assert!(text.contains(packs), "where it begins a send");
        let folder = tempfile::Builder::new().prefix("harness-").tempdir().expect("a folder");
        let program = folder.path().join("closed.py");
        std::fs::write(&program, text.replace(packs, &format!("        intended = now()\n{packs}"))).expect("written");
        let bench = Bench::new(&scenario(&program.display().to_string()));
        let run = bench.run(&["--system", "python", "--set", "phases.load=4s"]);
        assert_eq!(run.code(), 3, "{}", run.said());
        let trial = run.trial();
        assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{:#?}", trial.checks);
        let why = &check(&trial, "lost").why;
        assert!(why.contains("does not keep its schedule") && why.contains("the schedule says"), "{why}");
        assert_eq!(containers(&bench), []);
    });
}
