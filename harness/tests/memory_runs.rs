//! Whole runs on the memory broker: a healthy one passes, and each misbehaviour fails exactly the checks that are about it.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::{Bench, Finished, checks};
use harness::model::{Keys, Partitioner};
use reports::result::{TrialResult, Verdict};
use reports::units::{MessageId, ProducerId};

/// What the schedule holds: 500 a second for two seconds.
const MESSAGES: u64 = 1000;
/// The last of the 1000 is not the 99th of anything, so that what is held back has a successor.
const EVERY: u64 = 99;
/// How often the 99th comes round.
const TIMES: u64 = MESSAGES / EVERY;

fn scenario(memory: &str) -> String {
    format!(
        r#"
# Does the memory broker keep its word?
title = "Memory"

[workload]
rate       = {{ constant = {{ per-second = 500 }} }}
message    = {{ size = "128B" }}
producers  = 1
consumers  = 1
partitions = 2

[phases]
warmup = "500ms"
load   = "1500ms"
drain  = "2s"

[[systems]]
name   = "memory"
memory = {{ {memory} }}
"#
    )
}

/// Runs on a broker that does this wrong; exactly these checks fail, and all others pass or are unknown.
fn fails(memory: &str, expected: &[&str]) -> TrialResult {
    let bench = Bench::new(&scenario(memory));
    let run = bench.run(&[]);
    assert_eq!(run.code(), 1, "{}", run.said());
    let trial = run.trial();
    assert_eq!(checks(&trial, Verdict::Fail), expected, "{:#?}", trial.checks);
    assert_eq!((trial.counts.offered, trial.counts.acknowledged), (MESSAGES, MESSAGES));
    assert_eq!((trial.verdict, run.result().verdict), (Verdict::Fail, Verdict::Fail));
    for name in expected {
        assert!(run.stdout().contains(name), "{name} is not told:\n{}", run.stdout());
    }
    trial
}

#[test]
fn a_run_names_the_commit_that_the_program_names() {
    let version = binary::harness().arg("--version").output().expect("run");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let run = Bench::new(&scenario("")).run(&[]).result().run;
    let (harness, commit) = (&run.versions["harness"], &run.versions["harness commit"]);
    let words = if commit == "unknown" { "unknown commit".to_owned() } else { format!("commit {commit}") };
    assert_eq!(version, format!("harness {harness} ({words})\n"));
    let digits = commit.strip_suffix(", with changes").unwrap_or(commit);
    let is_commit = digits.len() == 12 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    assert!(commit == "unknown" || is_commit, "{commit}");
}

#[test]
fn a_healthy_broker_passes_every_check() {
    let bench = Bench::new(&scenario(""));
    let run = bench.run(&[]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert!(checks(&trial, Verdict::Fail).is_empty() && checks(&trial, Verdict::Unknown).is_empty(), "{trial:#?}");
    let counts = &trial.counts;
    let all = [counts.offered, counts.acknowledged, counts.delivered, counts.distinct];
    assert_eq!(all, [MESSAGES; 4]);
    let none = [counts.failed, counts.indeterminate, counts.lost, counts.phantom, counts.corrupted, counts.duplicated];
    assert_eq!(none, [0; 6]);
    assert_eq!((counts.redelivered, counts.out_of_order, counts.resurrected), (0, 0, 0));
    assert_eq!(counts.pending_at_end, Some(0));
    let log = trial.log.as_ref().expect("the log was read");
    assert_eq!((log.complete, log.entries, log.distinct), (true, MESSAGES, MESSAGES), "{log:?}");
    assert_eq!((log.missing, log.gone, log.undelivered, log.unsent), (0, 0, 0, 0), "{log:?}");
    // 500 a second over the 1.5 s that are judged.
    assert_eq!(trial.latency_ns.response.count, 750);
    assert_eq!(
        std::fs::read_to_string(bench.scenario()).ok(),
        std::fs::read_to_string(run.folder.join("scenario.toml")).ok()
    );
    for file in ["result.json", "report.html", "summary.md", "junit.xml", "memory-1/trial.json"] {
        assert!(run.folder.join(file).is_file(), "{file} is missing");
    }
}

/// What was acknowledged and dropped is not in the log either, which the broker's account shows.
#[test]
fn a_broker_that_loses_is_caught() {
    let trial = fails(&format!("lose-every = {EVERY}"), &["lost", "unrecovered"]);
    assert_eq!((trial.counts.lost, trial.counts.delivered), (TIMES, MESSAGES - TIMES));
    let log = trial.log.expect("the log was read");
    assert_eq!((log.missing, log.gone, log.entries), (TIMES, 0, MESSAGES - TIMES));
}

/// Nobody reads: what was acknowledged is looked for in the log.
#[test]
fn without_consumers_the_log_decides_what_is_lost() {
    let wrong = [(String::new(), &[][..], 0), (format!("lose-every = {EVERY}"), &["lost"], TIMES)];
    for (memory, expected, lost) in wrong {
        let bench = Bench::new(&scenario(&memory).replace("consumers  = 1", "consumers = 0"));
        let run = bench.run(&[]);
        assert_eq!(run.code(), i32::from(!expected.is_empty()), "{}", run.said());
        let trial = run.trial();
        assert_eq!(checks(&trial, Verdict::Fail), expected, "{:#?}", trial.checks);
        assert_eq!(checks(&trial, Verdict::Unknown), [""; 0], "{:#?}", trial.checks);
        assert_eq!((trial.counts.lost, trial.counts.delivered), (lost, 0), "{:#?}", trial.counts);
        let lost = trial.checks.iter().find(|check| check.name == "lost").expect("judged");
        assert!(lost.why.contains("missing"), "{}", lost.why);
        assert!(trial.checks.iter().all(|check| check.name != "unrecovered"), "{:#?}", trial.checks);
    }
}

/// The group had all of it: only who reads the log itself finds that it is not there any more.
#[test]
fn a_broker_that_drops_from_its_log_what_was_delivered_is_caught() {
    let trial = fails(&format!("erase-every = {EVERY}"), &["unrecovered"]);
    assert_eq!((trial.counts.lost, trial.counts.distinct, trial.counts.pending_at_end), (0, MESSAGES, Some(0)));
    let log = trial.log.expect("the log was read");
    assert_eq!((log.missing, log.gone, log.entries), (TIMES, TIMES, MESSAGES - TIMES));
}

/// The broker says that it holds nothing for the group: only who reads the log itself finds that it stands there.
#[test]
fn a_broker_that_never_hands_out_what_it_keeps_is_caught() {
    let trial = fails(&format!("skip-every = {EVERY}"), &["lost"]);
    assert_eq!((trial.counts.lost, trial.counts.pending_at_end), (TIMES, Some(0)));
    let log = trial.log.expect("the log was read");
    assert_eq!((log.missing, log.undelivered, log.entries), (0, TIMES, MESSAGES));
    let lost = trial.checks.iter().find(|check| check.name == "lost").expect("judged");
    assert!(lost.why.contains(&format!("{TIMES} standing in it")), "{}", lost.why);
}

#[test]
fn a_broker_that_stores_twice_is_caught() {
    let trial = fails(&format!("repeat-every = {EVERY}"), &["duplicated"]);
    assert_eq!((trial.counts.duplicated, trial.counts.redelivered), (TIMES, TIMES));
    assert_eq!((trial.counts.delivered, trial.counts.distinct), (MESSAGES + TIMES, MESSAGES));
}

#[test]
fn a_broker_that_reorders_is_caught() {
    let trial = fails(&format!("reorder-every = {EVERY}"), &["out-of-order"]);
    assert_eq!((trial.counts.out_of_order, trial.counts.distinct), (TIMES, MESSAGES));
}

/// A message that never came whole never came.
#[test]
fn a_broker_that_corrupts_is_caught() {
    let trial = fails(&format!("corrupt-every = {EVERY}"), &["lost", "corrupted"]);
    assert_eq!((trial.counts.corrupted, trial.counts.lost), (TIMES, TIMES));
    assert_eq!((trial.counts.delivered, trial.counts.phantom), (MESSAGES - TIMES, 0));
}

/// Of 1000 acknowledgements and three more for what comes again, the 300th, the 600th and the 900th.
#[test]
fn a_broker_that_delivers_again_after_the_acknowledgement_is_caught() {
    let trial = fails("resurrect-every = 300", &["resurrected"]);
    assert_eq!((trial.counts.resurrected, trial.counts.redelivered), (3, 3));
    assert_eq!((trial.counts.delivered, trial.counts.duplicated), (MESSAGES + 3, 0));
}

#[test]
fn a_broker_that_forgets_acknowledgements_is_caught() {
    let trial = fails(&format!("forget-every = {EVERY}"), &["unrecovered"]);
    assert_eq!((trial.counts.pending_at_end, trial.counts.lost), (Some(TIMES), 0));
    // It never came to rest, so that nobody can say that nothing more was to come.
    assert!(checks(&trial, Verdict::Unknown).contains(&"duplicated"), "{:#?}", trial.checks);
}

const POISON: &str = r#"
[[faults]]
at     = "200ms"
for    = "1s"
poison = { share = 0.05 }
"#;

#[test]
fn poisoned_messages_end_in_the_dead_letter_queue_and_nowhere_else() {
    let bench = Bench::new(&(scenario("") + POISON));
    let run = bench.run(&["--set", "client.delivery-limit=3"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert_eq!(checks(&trial, Verdict::Fail), [""; 0]);
    assert!(checks(&trial, Verdict::Pass).contains(&"dead-lettered"), "{:#?}", trial.checks);
    let history = run.history(&trial.folder);
    let letters = history.dead_letters().expect("read");
    assert!(!letters.is_empty() && letters.iter().all(|letter| letter.retries == Some(2)), "{letters:#?}");
    let again = 2 * letters.len() as u64;
    assert_eq!((trial.counts.redelivered, trial.counts.lost), (again, 0));
    assert_eq!(trial.recovery.redelivered_by_cause, [("nack".to_owned(), again)].into());
}

#[test]
fn a_broker_that_mislays_dead_letters_is_caught() {
    let bench = Bench::new(&(scenario("mislay-every = 5") + POISON));
    let run = bench.run(&[]);
    assert_eq!(run.code(), 1, "{}", run.said());
    assert_eq!(checks(&run.trial(), Verdict::Fail), ["dead-lettered"]);
}

#[test]
fn damage_that_is_expected_and_found_passes_and_damage_that_does_not_show_fails() {
    for (expected, code) in
        [("lost = { at-least = 10 }\nunrecovered = { at-least = 1 }", 0), ("lost = { at-least = 11 }", 1)]
    {
        let expect = format!("\n[expect]\n{expected}\n");
        let bench = Bench::new(&(scenario(&format!("lose-every = {EVERY}")) + &expect));
        let run = bench.run(&[]);
        assert_eq!(run.code(), code, "{expected}: {}", run.said());
    }
}

#[test]
fn several_systems_and_repeats_are_interleaved_and_the_worst_decides() {
    let second = "\n[[systems]]\nname = \"careless\"\nmemory = { lose-every = 100 }\n";
    let bench = Bench::new(&(scenario("") + second));
    let run = bench.run(&["--repeats", "2", "--set", "phases.load=\"500ms\"", "--set", "phases.warmup=\"0s\""]);
    assert_eq!(run.code(), 1, "{}", run.said());
    let result = run.result();
    let order: Vec<_> = result.trials.iter().map(|trial| (trial.folder.as_str(), trial.verdict)).collect();
    let expected = [
        ("memory-1", Verdict::Pass),
        ("careless-1", Verdict::Fail),
        ("memory-2", Verdict::Pass),
        ("careless-2", Verdict::Fail),
    ];
    assert_eq!(order, expected);
    // 500 a second for half a second: the 100th and the 200th are lost.
    assert_eq!(result.trials.iter().map(|trial| trial.counts.lost).collect::<Vec<_>>(), [0, 2, 0, 2]);
    assert_eq!(result.verdict, Verdict::Fail);
}

/// The same failing run, with a known failure of this text: its exit and what it printed.
fn with_known(known: &str) -> (i32, String) {
    let bench = Bench::new(&format!("{}\n[[known]]\n{known}\n", scenario("lose-every = 99")));
    let run = bench.run(&["--quiet"]);
    let verdict = run.result().verdict;
    let judged = binary::judge(&run.folder);
    assert_eq!((run.code(), verdict), (judged.code(), judged.result().verdict), "{}", judged.said());
    assert_eq!(checks(&run.trial(), Verdict::Fail), ["lost", "unrecovered"], "a known failure is still told as one");
    let files = ["report.html", "junit.xml", "summary.md"].map(|file| std::fs::read_to_string(run.folder.join(file)));
    assert!(files.iter().all(|text| text.as_ref().is_ok_and(|text| text.contains("tracked-at-17"))));
    assert_eq!(run.code() == 0, verdict == Verdict::Pass, "{}", run.said());
    (run.code(), run.stdout())
}

#[test]
fn a_known_failure_is_shown_and_only_what_is_known_does_not_count() {
    let lost = "check = \"lost\"\nissue = \"tracked-at-17\"";
    let (code, said) = with_known(&format!("{lost}\n[[known]]\ncheck = \"unrecovered\"\nissue = \"tracked-at-18\""));
    assert!(code == 0 && said.contains("tracked-at-17") && said.contains("tracked-at-18"), "{said}");
    let (code, said) = with_known(lost);
    assert!(code == 1 && said.contains("tracked-at-17"), "{said}");
    let (code, said) = with_known(&format!("{lost}\nuntil = 2020-01-01"));
    assert!(code == 1 && said.contains("until 2020-01-01 only"), "{said}");
}

#[test]
fn a_known_failure_that_passes_is_told() {
    let bench = Bench::new(&format!("{}\n[[known]]\ncheck = \"lost\"\nissue = \"tracked-at-17\"\n", scenario("")));
    let run = bench.run(&["--quiet"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert!(run.stdout().contains("known failure lost passed: remove the entry"), "{}", run.said());
}

#[test]
fn what_creeps_is_not_told_of_a_load_that_is_too_short() {
    let bench = Bench::new(&format!("{}\n[expect.soak]\nbroker-memory = \"8GiB\"\nslowdown = 0.5\n", scenario("")));
    let run = bench.run(&[]);
    assert_eq!(run.code(), 3, "{}", run.said());
    let trial = run.trial();
    let soak: Vec<_> = trial.checks.iter().filter(|check| check.name == "soak").collect();
    assert_eq!(soak.len(), 2, "{:?}", trial.checks);
    assert!(soak[0].why.contains("no process of a broker was watched"), "{}", soak[0].why);
    assert!(soak[1].why.contains("too short to tell a slope from"), "{}", soak[1].why);
}

/// A closed loop has no schedule, so that nothing is late in it and no number of messages is missing.
#[test]
fn an_unlimited_load_is_what_the_broker_takes_and_every_message_is_accounted_for() {
    let bench = Bench::new(&scenario(""));
    let run = bench.run(&["--set", "workload.rate={ unlimited = {} }", "--set", "workload.in-flight=16"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert!(trial.counts.offered > MESSAGES, "{:#?}", trial.counts);
    assert_eq!(trial.counts.distinct, trial.counts.acknowledged, "{:#?}", trial.counts);
    assert_eq!(trial.generator.saturated, Some(false));
    // What is due in the last instant of the load is sent in the next.
    assert!((trial.rates.offered.msg_per_s - trial.rates.sent.msg_per_s).abs() < 100.0, "{:#?}", trial.rates);
    let facts = run.result().scenario.workload;
    assert!(facts.closed_loop && facts.offered == 0, "{facts:#?}");
    assert!(run.stdout().contains("The load is unlimited"), "{}", run.said());
}

#[test]
fn nothing_is_due_while_the_rate_is_zero() {
    let bench = Bench::new(&scenario(""));
    let steps = "workload.rate={ steps = { per-second = [400, 0, 200], each = \"500ms\" } }";
    let run = bench.run(&["--set", steps]);
    assert_eq!(run.code(), 0, "{}", run.said());
    // Half a second of warm-up at the first rate, then half a second of each.
    assert_eq!(run.trial().counts.acknowledged, 200 + 200 + 100);
}

#[test]
fn messages_go_to_the_partition_of_their_key() {
    let bench = Bench::new(&scenario(""));
    let run = bench.run(&[
        "--set",
        "workload.keys={ zipf = { count = 20, exponent = 1.2 } }",
        "--set",
        "workload.partitions=3",
    ]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert_eq!((trial.counts.acknowledged, trial.counts.out_of_order), (MESSAGES, 0));
    let history = run.history(&trial.folder);
    let facts = history.facts();
    let mut partitioner =
        Partitioner::new(ProducerId(0), 3, Some(Keys::Zipf { count: 20, exponent: 1.2 }), facts.workload.seed);
    let mut expected: Vec<MessageId> = (0..MESSAGES).map(|_| partitioner.advance().message).collect();
    let sends = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let mut sent: Vec<MessageId> = sends.map(|sent| sent.message).collect();
    expected.sort();
    sent.sort();
    assert_eq!(sent, expected);
    // The first key alone has more than a third.
    let told = facts.workload.keys.clone().expect("keys");
    assert!(
        told.starts_with("20 keys, Zipf with exponent 1.2; partition-")
            && told.ends_with("% of the messages, the most"),
        "{told}"
    );
    let summary = std::fs::read_to_string(run.folder.join("summary.md")).expect("read");
    assert!(summary.contains(&told), "{summary}");
}

#[test]
fn messages_carry_the_lines_of_a_file_and_their_sizes_are_counted() {
    let bench = Bench::new(&scenario("").replace("size = \"128B\"", "file = \"lines.txt\""));
    std::fs::write(bench.path("lines.txt"), "one\n\nanother line\r\n").expect("written");
    let run = bench.run(&[]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert_eq!((trial.counts.corrupted, trial.counts.acknowledged), (0, MESSAGES));
    let facts = run.result().scenario.workload;
    let records = facts.records.clone().expect("records");
    assert_eq!((records.file.as_str(), &records.bytes[..]), ("lines.txt", &[47, 56][..]));
    // Two runs with other lines are not of one scenario, and one that is run again has the lines that it had.
    let given = &run.result().run.scenario.given["workload.message.file"];
    assert_eq!(*given, format!("\"lines.txt (crc32c:{:08x})\"", records.crc32c));
    assert!(run.folder.join("lines.txt").is_file());
    assert_bytes(&run, &trial);
}

#[test]
fn a_file_of_records_is_not_called_like_what_a_run_writes() {
    let bench = Bench::new(&scenario(""));
    let run = bench.run(&[]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial().folder;
    for entry in std::fs::read_dir(&run.folder).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        if name == trial {
            continue;
        }
        let named = Bench::new(&scenario("").replace("size = \"128B\"", &format!("file = \"{name}\"")));
        let refused = named.run(&[]);
        assert_eq!(refused.code(), 2, "{name}: {}", refused.said());
        assert!(refused.said().contains("a name of its own"), "{name}: {}", refused.said());
    }
}

#[test]
fn where_sizes_vary_every_payload_is_whole_and_the_bytes_are_those_that_were_sent() {
    let bench = Bench::new(&scenario(""));
    let run = bench.run(&["--set", "workload.message.up-to=\"1KiB\""]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let trial = run.trial();
    assert_eq!((trial.counts.corrupted, trial.counts.acknowledged), (0, MESSAGES));
    let facts = run.result().scenario.workload;
    assert_eq!((facts.smallest_bytes, facts.message_bytes), (Some(128), 1024));
    assert_bytes(&run, &trial);
}

/// The bytes that were acknowledged in the load are those of the messages that were.
fn assert_bytes(run: &Finished, trial: &TrialResult) {
    let sizes = reports::facts::SizeRule::of(&run.result().scenario.workload);
    let history = run.history(&trial.folder);
    let load = history.facts().phases.iter().find(|phase| phase.name == "load").cloned().expect("a load");
    let sends = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
    let acknowledged = sends.filter(|sent| (load.from..load.to).contains(&sent.settled));
    let bytes: u64 = acknowledged.map(|sent| sizes.bytes(sent.message)).sum();
    let told = trial.rates.acknowledged.mib_per_s * trial.rates.seconds * f64::from(1 << 20);
    assert!((told - bytes as f64).abs() < 1.0, "{told} of {bytes}");
}
