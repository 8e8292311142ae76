//! A worker as a process of its own, spoken to by hand: what it says, where it says it, and how it exits.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod binary;

use binary::harness;
use harness::worker::Row;
use harness::worker::journal::{Reader, Writing};
use harness::worker::protocol::PROTOCOL;
use reports::history::ConnectionEvent;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

/// Gives a worker these lines, then nothing any more.
fn worker(lines: &str) -> Output {
    let mut child = harness()
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    // One that has left already has said why.
    let _ = child.stdin.take().expect("piped").write_all(lines.as_bytes());
    child.wait_with_output().expect("ended")
}

/// The only line on stdout.
fn only_line(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    assert_eq!(text.lines().count(), 1, "{output:?}");
    serde_json::from_str(&text).expect("an object")
}

/// An assignment to consume from a Redis at an address where nobody listens.
fn assignment(journal: &Path) -> Value {
    let second = 1_000_000_000_u64;
    json!({
        "type": "assign", "protocol": PROTOCOL, "worker": "consumer-0", "trial": 1, "journal": journal,
        "connection": {
            "broker": "redis-streams", "client": "redis-rs", "address": "127.0.0.1:1", "topic": "t", "group": "g", "partitions": 1,
            "policy": {
                "connect_timeout_ns": second, "request_timeout_ns": second, "backoff_first_ns": second,
                "backoff_factor": 2.0, "backoff_max_ns": second, "backoff_jitter": 0.0,
                "heartbeat_every_ns": second, "heartbeat_timeout_ns": second, "heartbeat_misses": 3,
            },
            "settings": { "count": "10", "block-ms": "100", "claim-every-ms": "1000", "claim-idle-ms": "1000",
            "position-epoch-ms": "0" },
        },
        "task": { "consume": { "consumer": 0, "ack": "after-processing", "processing_ns": 0 } },
    })
}

#[test]
fn a_worker_that_nobody_speaks_to_leaves() {
    let output = worker("");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert_eq!(only_line(&output)["type"], "error");
}

#[test]
fn what_it_does_not_understand_is_told_on_both_streams() {
    let output = worker("good morning\n");
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let line = only_line(&output);
    assert_eq!((&line["type"], &line["cause"]), (&json!("error"), &json!("work")));
    let message = line["message"].as_str().expect("words");
    assert!(message.contains("not an assignment"), "{message}");
    // What the run keeps as the worker's log.
    assert!(String::from_utf8_lossy(&output.stderr).contains(message), "{output:?}");
}

#[test]
fn a_broker_that_does_not_answer_is_named_and_the_attempt_is_told() {
    let mut journal = Reader::create("consumer-0").expect("memory");
    let output = worker(&format!("{}\n", assignment(&journal.path())));
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let line = only_line(&output);
    let message = line["message"].as_str().expect("words");
    for words in ["127.0.0.1:1", "connection refused", "is the broker up?"] {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(line["cause"], "work");
    let rows: Vec<Row> = std::iter::from_fn(|| journal.next(Writing::HasEnded).expect("understood")).collect();
    let events: Vec<_> = rows
        .iter()
        .map(|row| if let Row::Connection(row) = row { (row.event, row.error.as_deref()) } else { panic!("{row:?}") })
        .collect();
    let refused = Some("connection refused");
    assert_eq!(events, [(ConnectionEvent::Connecting, None), (ConnectionEvent::AttemptFailed, refused)]);
    assert_eq!(journal.finished(), None, "it did not come to its end");
}

#[test]
fn an_assignment_of_a_later_protocol_is_refused() {
    let mut later = assignment(Path::new("nowhere"));
    later["protocol"] = json!(PROTOCOL + 1);
    let message = only_line(&worker(&format!("{later}\n")))["message"].to_string();
    let both = [PROTOCOL, PROTOCOL + 1].map(|protocol| format!("protocol {protocol}"));
    assert!(both.iter().all(|words| message.contains(words)), "{message}");
}
