//! Runs that are cancelled as CI systems do it: SIGINT, SIGTERM 7.5 s later, SIGKILL 2.5 s after that. However far the run
//! comes, a report can be read and nothing goes on.

use crate::binary::{Background, Bench, check, checks, judge, signal_process};
use crate::engine::{Process, containers, with_engine, workers};
use reports::result::Verdict;
use rustix::process::Signal;
use std::path::Path;
use std::time::{Duration, Instant};

/// Generous: a test must not fail because the machine is busy.
const LIMIT: Duration = Duration::from_secs(60);
const LOOKED_AT_EVERY: Duration = Duration::from_millis(50);

/// Long, with a cut in force when it is cancelled, and a drain that would take its time.
const SCENARIO: &str = r#"
title = "Cancelled"

[workload]
rate       = { constant = { per-second = 500 } }
producers  = 2
consumers  = 2
partitions = 2

[phases]
warmup = "500ms"
load   = "100s"
drain  = "100s"

[[systems]]
name = "redis"
redis-streams = {}

[[faults]]
at   = "1s"
for  = "90s"
down = {}
"#;

const KAFKA: &str = "\n[[systems]]\nname = \"kafka\"\nkafka = {}\n";

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(LOOKED_AT_EVERY);
    }
}

fn is_readable(folder: &Path) {
    let page = std::fs::read_to_string(folder.join("report.html")).expect("a report");
    assert!(page.contains("</html>") && folder.join("result.json").is_file() && folder.join("junit.xml").is_file());
}

fn cancel(run: &mut Background) {
    for (signal, patience) in [(Signal::INT, 7_500), (Signal::TERM, 2_500), (Signal::KILL, 10_000)] {
        if run.has_ended() {
            return;
        }
        run.signal(signal);
        let deadline = Instant::now() + Duration::from_millis(patience);
        while !run.has_ended() && Instant::now() < deadline {
            std::thread::sleep(LOOKED_AT_EVERY);
        }
    }
}

fn is_cancelled_in_order(system: &str, scenario: &str) {
    let bench = Bench::new(scenario);
    let mut run = bench.start(&["--system", system]);
    run.wait_for("down-1 injected at");
    let crew = workers(run.pid());
    assert_eq!((crew.len(), containers(&bench).len()), (4, 2));
    let asked = Instant::now();
    cancel(&mut run);
    println!("{system}: {:?} from the first signal to the end", asked.elapsed());
    assert!(run.stderr().contains("interrupted: healing"), "{}", run.stderr());
    let run = run.finish();
    is_readable(&run.folder);
    let trial = run.trial();
    assert_eq!(checks(&trial, Verdict::Pass), [""; 0], "{:#?}", trial.checks);
    until("workers go on", || !crew.iter().any(Process::runs));
    until("containers are left", || containers(&bench).is_empty());
}

#[test]
fn a_run_on_redis_that_is_cancelled_leaves_a_report_and_nothing_running() {
    with_engine("cancelled redis", || {
        is_cancelled_in_order("redis", SCENARIO);
    });
}

#[test]
fn a_run_on_kafka_that_is_cancelled_leaves_a_report_and_nothing_running() {
    with_engine("cancelled kafka", || {
        is_cancelled_in_order("kafka", &(SCENARIO.to_owned() + KAFKA));
    });
}

/// As when a terminal is closed.
#[test]
fn a_hangup_ends_a_run_as_an_interrupt_does() {
    with_engine("hangup", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("down-1 injected at");
        run.signal(Signal::HUP);
        let run = run.finish();
        assert_eq!(run.code(), 130, "{}", run.said());
        is_readable(&run.folder);
        assert!(run.history("redis-1").facts().end.as_ref().is_some_and(|end| end.interrupted));
        assert_eq!(containers(&bench), []);
    });
}

/// Nobody is left to tidy up but the process that waits for this.
#[test]
fn a_killed_run_leaves_nothing_running_and_can_be_judged() {
    with_engine("killed outright", || {
        let bench = Bench::new(SCENARIO);
        let mut run = bench.start(&[]);
        run.wait_for("down-1 injected at");
        let crew = workers(run.pid());
        run.signal(Signal::KILL);
        let run = run.finish();
        until("workers go on", || !crew.iter().any(Process::runs));
        until("containers are left", || containers(&bench).is_empty());
        assert_eq!(judge(&run.folder).code(), 3);
        is_readable(&run.folder);
    });
}

/// The first thing that is told of a broker that dies, long before the load would have been over.
#[test]
fn a_broker_that_is_killed_by_hand_is_named_and_ends_the_trial() {
    with_engine("killed broker", || {
        let bench = Bench::new(&SCENARIO.replace("at   = \"1s\"", "at   = \"50s\"").replace("90s", "10s"));
        let mut run = bench.start(&[]);
        run.wait_for("driving the load");
        signal_process(crate::engine::process(&bench, "redis-0"), Signal::KILL);
        run.wait_for("redis-0 HAS ENDED");
        let run = run.finish();
        assert_ne!(run.code(), 0, "{}", run.said());
        assert!(run.stderr().contains("signal 9 (SIGKILL)"), "{}", run.said());
        // The first that is told after the title, and what the reports begin with.
        let (first, page, summary) = (run.stdout(), run.folder.join("report.html"), run.folder.join("summary.md"));
        let first = first.lines().skip(1).take(2).collect::<Vec<_>>().join(" ");
        for text in
            [first, std::fs::read_to_string(page).expect("a page"), std::fs::read_to_string(summary).expect("one")]
        {
            assert!(text.contains("redis-0 ended by itself at +"), "{text}");
            assert!(text.contains("exit code 137: signal 9"), "{text}");
        }
        // What the run itself withdrew, nobody refused.
        assert_ne!(check(&run.trial(), "failed").verdict, Verdict::Fail, "{}", run.said());
        let nodes = run.history("redis-1").nodes().expect("read");
        let ended: Vec<_> = nodes.iter().filter(|row| row.exit.is_some()).collect();
        assert_eq!(ended.len(), 1, "{nodes:#?}");
        assert_eq!((ended[0].node.as_str(), ended[0].exit, ended[0].asked_for), ("redis-0", Some(137), false));
        let words = ended[0].words.as_deref().unwrap_or_default();
        assert!(words.contains("SIGKILL") && words.contains("Ready to accept connections"), "{words}");
        let end = run.history("redis-1").facts().end.clone().expect("an end");
        assert!(!end.drained && !end.interrupted, "{end:?}");
        assert_eq!(containers(&bench), []);
    });
}
