//! Runs on brokers that are processes of this machine: as in containers, and nothing is left of them either.

use crate::binary::{Bench, check, judge, real_is_required, signal_process, skipped};
use crate::calm::on_a_calm_machine;
use crate::engine::{alone, local_nodes};
use reports::result::Verdict;
use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

/// Generous: a test must not fail because the machine is busy.
const LIMIT: Duration = Duration::from_secs(60);

const SCENARIO: &str = r#"
title = "Local processes"

[workload]
rate       = { constant = { per-second = 200 } }
producers  = 1
consumers  = 1
partitions = 2

[phases]
warmup = "500ms"
load   = "6s"
drain  = "30s"

[client]
connect-timeout = "1s"
request-timeout = "1s"
heartbeat       = { every = "1s", timeout = "1s", misses = 3 }
backoff         = { first = "200ms", factor = 2.0, max = "1s", jitter = 0.2 }

[[systems]]
name = "redis"
redis-streams = {}

[[systems]]
name = "kafka"
kafka = {}

[[faults]]
at   = "2s"
for  = "1s"
down = {}
"#;

/// Runs a test on brokers that are processes, with the machine for it alone.
pub(crate) fn with_programs(test: &str, body: impl Fn()) {
    if let Some(_alone) = require_programs(test) {
        on_a_calm_machine(test, body);
    }
}

/// The machine for one test alone. `None`: the programs are not here, which was said aloud.
fn require_programs(test: &str) -> Option<MutexGuard<'static, ()>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/processes.sh");
    let checked = Command::new(script).arg("--check").output().expect("run");
    let why = String::from_utf8_lossy(&checked.stderr).into_owned();
    match checked.status.success() {
        true => Some(alone()),
        false if real_is_required() => panic!("HARNESS_REQUIRE_REAL=1, but {test} cannot run: {why}"),
        false => {
            skipped(test, &why);
            None
        }
    }
}

#[test]
fn a_cut_is_survived_by_both_brokers_as_processes() {
    with_programs("processes", || {
        let bench = Bench::new(SCENARIO);
        let run = bench.run(&["--environment", "processes"]);
        assert!([0, 3].contains(&run.code()), "{}", run.said());
        let result = run.result();
        assert_eq!(result.trials.len(), 2);
        for trial in &result.trials {
            for name in ["lost", "phantom", "corrupted", "duplicated", "unrecovered"] {
                assert_eq!(check(trial, name).verdict, Verdict::Pass, "{:#?}", check(trial, name));
            }
            assert!(trial.faults.iter().all(|fault| fault.confirmed), "{:#?}", trial.faults);
        }
        assert!(run.result().run.host["environment"].starts_with("processes"), "{:?}", run.result().run.host);
        for (trial, node, words) in
            [("redis-1", "redis-0", "Ready to accept connections"), ("kafka-1", "kafka-0", "Kafka Server started")]
        {
            let log = std::fs::read_to_string(run.folder.join(trial).join("logs").join(format!("{node}.log")));
            assert!(log.expect("a log").contains(words), "{node}");
        }
        assert_eq!(local_nodes(&bench), Vec::<String>::new());
    });
}

#[test]
fn local_brokers_die_with_the_run_and_their_folders_are_removed() {
    with_programs("killed with processes", || {
        let bench = Bench::new(&SCENARIO.replace("load   = \"6s\"", "load   = \"100s\""));
        let mut run = bench.start(&["--environment", "processes", "--system", "redis"]);
        run.wait_for("down-1 healed at");
        let all = local_nodes(&bench);
        let is_worker = |found: &&String| found.starts_with("producer-") || found.starts_with("consumer-");
        // Redis and the proxy, each with its folder, beside the workers.
        assert_eq!(all.iter().filter(|found| !is_worker(found)).count(), 4, "{all:?}");
        assert!(all.iter().any(|found| is_worker(&found)), "{all:?}");
        run.signal(Signal::KILL);
        let run = run.finish();
        let deadline = Instant::now() + LIMIT;
        while !local_nodes(&bench).is_empty() {
            assert!(Instant::now() < deadline, "{:?}", local_nodes(&bench));
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(judge(&run.folder).code(), 3);
    });
}

#[test]
fn a_local_broker_that_ends_is_named_with_its_exit_code_and_the_end_of_its_log() {
    with_programs("a local broker that ends", || {
        let bench = Bench::new(&SCENARIO.replace("load   = \"6s\"", "load   = \"100s\""));
        let mut run = bench.start(&["--environment", "processes", "--system", "redis"]);
        run.wait_for("driving the load");
        let pid = crate::engine::local_process(&bench, "redis-0");
        signal_process(pid, Signal::TERM);
        run.wait_for("redis-0 HAS ENDED");
        let run = run.finish();
        let nodes = run.history("redis-1").nodes().expect("read");
        let ended: Vec<_> = nodes.iter().filter(|row| row.exit.is_some()).collect();
        assert_eq!((ended.len(), ended[0].exit), (1, Some(0)), "{nodes:#?}");
        assert!(ended[0].words.as_deref().is_some_and(|words| words.contains("bye bye")), "{:?}", ended[0].words);
        assert_eq!(local_nodes(&bench), Vec::<String>::new());
    });
}

/// Where nothing at all is there, it says so before anything is started.
#[test]
fn without_an_engine_and_without_programs_it_says_what_to_do() {
    let bench = Bench::new(SCENARIO);
    let nowhere = tempfile::tempdir().expect("a folder");
    let mut command = bench.command(&[]);
    command.env("DOCKER_HOST", "unix:///nonexistent").env("HARNESS_HOME", nowhere.path()).env("PATH", nowhere.path());
    let output = command.output().expect("run");
    let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(4), "{said}");
    for words in ["no container engine answers", "unix:///nonexistent", "make setup", "make processes", "HARNESS_HOME"]
    {
        assert!(said.contains(words), "{words:?} is missing: {said}");
    }
    assert!(!bench.path("run").exists());
}
