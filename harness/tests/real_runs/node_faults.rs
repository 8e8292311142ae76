//! Faults on nodes, on real brokers: the process really ends or stands still, is there again, and what it kept is known.

use crate::binary::{Bench, Finished, at_once, check, checks};
use crate::engine::{containers, id_of, process, with_engine};
use crate::faulted::{self, KAFKA, REDIS};
use procfs::process::Process;
use reports::history::{NodeChange, NodeEvent};
use reports::result::{FaultResult, TrialResult, Verdict};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::TcpStream;

fn scenario(load: &str, systems: &str, fault: &str) -> String {
    faulted::scenario(load, "1s", &[systems], &format!("[[faults]]\nat   = \"4s\"\nnode = \"leader\"\n{fault}"))
}

const FORGETFUL: &str = "[[systems]]\nname = \"forgetful\"\nredis-streams = { durability = \"memory\" }";

/// The only fault, which was read back and showed what it does.
fn believed(trial: &TrialResult) -> &FaultResult {
    let fault = trial.faults.first().expect("a fault");
    assert!(fault.confirmed && fault.effect_seen, "{}: {fault:#?}", trial.system);
    fault
}

/// What happened to the broker's node: each event, and whether somebody asked for it.
fn life(run: &Finished, trial: &TrialResult) -> Vec<(NodeEvent, bool)> {
    let nodes = run.history(&trial.folder).nodes().expect("read");
    let of_broker = |change: &&NodeChange| change.node != "toxiproxy";
    nodes.iter().filter(of_broker).map(|change| (change.event, change.asked_for)).collect()
}

const KILLED_AND_BACK: [(NodeEvent, bool); 5] = [
    (NodeEvent::Started, false),
    (NodeEvent::Ready, false),
    (NodeEvent::Ended, true),
    (NodeEvent::Restarted, true),
    (NodeEvent::Ready, false),
];

#[test]
fn a_killed_broker_that_wrote_to_the_kernel_loses_nothing_and_one_that_did_not_loses_all_by_count() {
    with_engine("broker kill", || {
        let systems = [REDIS, KAFKA, FORGETFUL].join("\n\n");
        let scenario = scenario("25s", &systems, "for = \"1s\"\nkill = {}");
        let runs = at_once(&scenario, &["redis", "kafka", "forgetful"], &[]);
        let trials: Vec<TrialResult> = runs.iter().map(|(_, run)| run.trial()).collect();
        for ((bench, run), trial) in runs.iter().zip(&trials) {
            let evidence = &believed(trial).evidence;
            assert!(evidence.contains("is gone, ended by signal 9 (SIGKILL)"), "{evidence}");
            assert!(evidence.contains("answers in the broker's protocol"), "{evidence}");
            assert_eq!(life(run, trial), KILLED_AND_BACK, "{}", trial.system);
            assert_eq!(containers(bench), []);
            let end = run.history(&trial.folder).facts().end.clone().expect("an end");
            assert!(!end.troubles.iter().any(|trouble| trouble.contains("a node had ended")), "{end:#?}");
        }
        for trial in &trials[..2] {
            assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{}: {:#?}", trial.system, trial.counts);
            assert_eq!(check(trial, "lost").verdict, Verdict::Pass, "{}: {:#?}", trial.system, trial.checks);
            assert_eq!(check(trial, "unrecovered").verdict, Verdict::Pass, "{}: {:#?}", trial.system, trial.checks);
            for client in &trial.clients {
                let back = client.reconnects.first().expect("one for the fault");
                assert!(back.affected && !back.never_returned, "{}: {client:#?}", trial.system);
            }
        }
        all_is_lost(&trials[2]);
    });
}

/// Of what had been acknowledged before the kill consumers had received their part; with the group gone, nothing came after it.
fn all_is_lost(trial: &TrialResult) {
    let counts = &trial.counts;
    assert_eq!(check(trial, "lost").verdict, Verdict::Fail, "{:#?}", trial.checks);
    assert!(counts.lost > counts.acknowledged / 2, "{counts:#?}");
    assert_eq!(counts.lost, counts.acknowledged - acknowledged_and_seen(trial), "{counts:#?}");
}

/// What was delivered was acknowledged, but for sends of which nobody knows.
fn acknowledged_and_seen(trial: &TrialResult) -> u64 {
    let (seen, unknown) = (trial.counts.distinct, trial.counts.indeterminate);
    let lost = trial.counts.acknowledged - trial.counts.lost;
    assert!(lost <= seen && seen <= lost + unknown, "{:#?}", trial.counts);
    lost
}

#[test]
fn a_paused_broker_falls_silent_for_all_and_goes_on_with_what_waited() {
    with_engine("broker pause", || {
        let systems = [REDIS, KAFKA].join("\n\n");
        let runs = at_once(&scenario("18s", &systems, "for = \"3s\"\npause = {}"), &["redis", "kafka"], &[]);
        for (bench, run) in &runs {
            let trial = &run.trial();
            assert_eq!(containers(bench), []);
            let fault = believed(trial);
            assert!(fault.evidence.contains("is stopped (state T)"), "{fault:#?}");
            assert!(fault.effect.contains("no send acknowledged for"), "{fault:#?}");
            assert_eq!((trial.counts.lost, trial.counts.phantom), (0, 0), "{}: {:#?}", trial.system, trial.counts);
            assert_eq!(life(run, trial).len(), 2, "{}: it neither ended nor was started again", trial.system);
            assert_eq!(check(trial, "lost").verdict, Verdict::Pass, "{}: {:#?}", trial.system, trial.checks);
        }
    });
}

#[test]
fn a_broker_that_is_told_to_restart_ends_in_order_and_is_there_again() {
    with_engine("broker restart", || {
        let bench = Bench::new(&scenario("12s", REDIS, "restart = {}"));
        let run = bench.start(&[]).finish();
        let trial = run.trial();
        let evidence = &believed(&trial).evidence;
        assert!(evidence.contains("ended by exit code 0"), "{evidence}");
        assert_eq!(life(&run, &trial), KILLED_AND_BACK);
        assert_eq!(checks(&trial, Verdict::Fail), [""; 0], "{:#?}", trial.checks);
        assert_eq!(trial.counts.lost, 0, "{:#?}", trial.counts);
    });
}

#[test]
fn a_node_that_ends_by_itself_after_its_restart_is_still_found() {
    with_engine("an end after a restart", || {
        let bench = Bench::new(&scenario("60s", REDIS, "for = \"500ms\"\nkill = {}"));
        let mut run = bench.start(&[]);
        run.wait_for("kill-1 healed at");
        crate::binary::signal_process(process(&bench, "redis-0"), Signal::KILL);
        run.wait_for("redis-0 HAS ENDED");
        let run = run.finish();
        let trial = run.trial();
        let mut expected = KILLED_AND_BACK.to_vec();
        expected.push((NodeEvent::Ended, false));
        assert_eq!(life(&run, &trial), expected);
        assert_eq!(trial.nodes.iter().filter(|node| node.ended_by_itself()).count(), 1, "{:#?}", trial.nodes);
        assert_eq!(containers(&bench), []);
    });
}

/// What is told of a node that is left running leads to it: the address answers, and the container has this name.
fn leads_to_redis(bench: &Bench, said: &str) {
    let line = said.lines().find(|line| line.contains("docker exec -it ")).unwrap_or_else(|| panic!("{said}"));
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["docker", "exec", "-it", name, "redis-cli", "-p", port] = words[..] else { panic!("{line}") };
    assert!(containers(bench).contains(&("redis-0".to_owned(), id_of(name))), "{said}");
    assert!(said.contains(&format!("redis-0 at 127.0.0.1:{port}, through the proxy at 127.0.0.1:")), "{said}");
    let mut redis = TcpStream::connect(format!("127.0.0.1:{port}")).expect("connected");
    redis.write_all(b"PING\r\n").expect("asked");
    let mut answer = [0; 7];
    redis.read_exact(&mut answer).expect("answered");
    assert_eq!(&answer, b"+PONG\r\n");
}

#[test]
fn an_interrupt_leaves_no_node_standing_still_and_what_is_kept_can_be_reached() {
    with_engine("interrupt of a pause", || {
        let bench = Bench::new(&scenario("60s", REDIS, "for = \"50s\"\npause = {}"));
        let mut run = bench.start(&["--keep"]);
        run.wait_for("pause-1 injected at");
        let pid = process(&bench, "redis-0");
        let state = || {
            Process::new(i32::try_from(pid).expect("small")).and_then(|process| process.stat()).map(|stat| stat.state)
        };
        assert!(matches!(state(), Ok('T')), "{:?}", state());
        run.signal(Signal::INT);
        let run = run.finish();
        assert!(matches!(state(), Ok(state) if state != 'T'), "{:?}", state());
        leads_to_redis(&bench, &run.stderr());
        crate::binary::harness().arg("clean").output().expect("cleaned");
        assert_eq!(containers(&bench), []);
    });
}
