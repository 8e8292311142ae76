//! Workers killed at random instants under load: what the broker's own log knows of them, their histories know too.
//!
//! `HARNESS_KILLS=500 cargo test --workspace --test killed_workers` kills more of them.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::clock;
use harness::trial::scribe::{Scribe, Tables};
use harness::worker::journal::Reader;
use harness::worker::payload;
use real::{require_engine, start_redis};
use redis::Commands;
use redis::streams::{StreamInfoGroupsReply, StreamPendingCountReply, StreamRangeReply};
use reports::facts::{TrialFacts, WriterEnd};
use reports::history::{Outcome, SettlementKind, Trial};
use reports::units::{Nanos, Partition, Position};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PER_SECOND: f64 = 20_000.0;
const PARTITIONS: u16 = 4;
const TRIAL: u64 = 7;
const KILLS: u32 = 50;
/// A kill comes at some instant within this time.
const WITHIN: Duration = Duration::from_millis(400);

/// A message of the only producer: its partition and its sequence number.
type Message = (u16, u64);

/// A worker with a journal and a scribe, as a run has them.
struct Victim {
    child: Child,
    scribe: Scribe,
}

impl Victim {
    fn spawn(trial: &Path, (name, tables): (&str, Tables), connection: &Value, task: &Value) -> Self {
        let reader = Reader::create(name).expect("memory");
        let assignment = json!({
            "type": "assign", "protocol": harness::worker::protocol::PROTOCOL, "worker": name, "trial": TRIAL,
            "journal": reader.path(), "connection": connection, "task": task,
        });
        let complain = |error: &_| panic!("the history cannot be written: {error}");
        let scribe = Scribe::start(reader, trial, name, tables, complain).expect("created");
        let mut child = Command::new(env!("CARGO_BIN_EXE_harness"))
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let input = child.stdin.as_mut().expect("piped");
        writeln!(input, "{assignment}").expect("assigned");
        let mut lines = BufReader::new(child.stdout.as_mut().expect("piped")).lines();
        let first = lines.next().expect("a line").expect("text");
        assert!(first.contains("ready"), "{first}");
        Self { child, scribe }
    }

    fn start(&mut self, at: Nanos) {
        writeln!(self.child.stdin.as_mut().expect("piped"), "{}", json!({"type": "start", "at_ns": at})).expect("told");
    }

    fn kill(mut self) -> Vec<reports::facts::FileFacts> {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        self.scribe.worker_ended();
        self.scribe.finish()
    }
}

fn connection(port: u16, topic: &str) -> Value {
    let second = 1_000_000_000_u64;
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    json!({
        "broker": "redis-streams", "client": "redis-rs", "address": format!("127.0.0.1:{port}"), "topic": topic,
        "group": topic, "partitions": PARTITIONS,
        "policy": {
            "connect_timeout_ns": second, "request_timeout_ns": second, "backoff_first_ns": second,
            "backoff_factor": 2.0, "backoff_max_ns": second, "backoff_jitter": 0.0,
            "heartbeat_every_ns": 10 * second, "heartbeat_timeout_ns": second, "heartbeat_misses": 3,
        },
        "settings": {
            "count": "100", "block-ms": "100", "claim-every-ms": "100000", "claim-idle-ms": "100000",
            "position-epoch-ms": (wall.as_millis() - (1 << 31)).to_string(),
        },
    })
}

fn produce() -> Value {
    let hour = 3_600_000_000_000_u64;
    json!({ "produce": {
        "producer": 0, "producers": 1, "seed": 1, "message_bytes": 64, "compressibility": 0.0, "in_flight": 1024,
        "schedule": {
            "arrivals": "even", "end_ns": hour, "segments": [{"lasts_ns": hour, "from": PER_SECOND, "to": PER_SECOND}],
        },
    }})
}

fn consume() -> Value {
    json!({ "consume": { "consumer": 0, "ack": "after-processing", "processing_ns": 0 } })
}

/// What the broker itself says.
#[derive(Default)]
struct Log {
    /// The messages, in the order of their entries in each partition.
    entries: Vec<Message>,
    /// Those that were handed out.
    delivered: BTreeSet<Message>,
    /// Those that were handed out and not acknowledged.
    pending: BTreeSet<Message>,
}

fn log(redis: &mut redis::Connection, topic: &str) -> Log {
    let mut log = Log::default();
    for partition in 0..PARTITIONS {
        let stream = format!("{topic}:{partition}");
        let entries: StreamRangeReply = redis.xrange_all(&stream).expect("read");
        let message = |entry: &redis::streams::StreamId| {
            let bytes: Vec<u8> = entry.get("p").expect("a payload");
            let decoded = payload::decode(&bytes, TRIAL, Partition(partition));
            assert!(decoded.intact);
            (entry.id.clone(), (partition, decoded.message.seq.0))
        };
        let entries: Vec<(String, Message)> = entries.ids.iter().map(message).collect();
        let groups: StreamInfoGroupsReply = redis.xinfo_groups(&stream).expect("told");
        let last = entries.iter().position(|(id, _)| *id == groups.groups[0].last_delivered_id);
        log.delivered.extend(entries.iter().take(last.map_or(0, |last| last + 1)).map(|(_, message)| *message));
        let pending: StreamPendingCountReply = redis.xpending_count(&stream, topic, "-", "+", 1_000_000).expect("told");
        let pending: BTreeSet<String> = pending.ids.into_iter().map(|entry| entry.id).collect();
        log.pending.extend(entries.iter().filter(|(id, _)| pending.contains(id)).map(|(_, message)| *message));
        log.entries.extend(entries.into_iter().map(|(_, message)| message));
    }
    log
}

fn opened(trial: &Path, files: Vec<reports::facts::FileFacts>) -> Trial {
    assert!(files.iter().all(|file| matches!(file.end.as_ref().expect("an end").how, WriterEnd::Killed { .. })));
    let mut facts: TrialFacts = serde_json::from_str(include_str!("killed_workers/trial.json")).expect("facts");
    facts.files = files;
    facts.save(trial).expect("saved");
    let history = Trial::open(trial).expect("opened");
    assert!(history.truncations().is_empty(), "{:?}", history.truncations());
    history
}

/// Every entry is a send that ended well or of which nobody knows, and what ended well is an entry, in its place.
fn sends_are_what_the_log_says(history: &Trial, log: &Log) {
    let mut rows: BTreeMap<Message, (Outcome, Option<Position>)> = BTreeMap::new();
    for batch in history.sends() {
        for send in batch.expect("read").rows() {
            let message = (send.message.partition.0, send.message.seq.0);
            assert_eq!(rows.insert(message, (send.outcome, send.position)), None, "two rows of {message:?}");
        }
    }
    for message in &log.entries {
        let row = rows.get(message);
        let known = matches!(row, Some((Outcome::Ok, Some(_)) | (Outcome::Indeterminate, None)));
        assert!(known, "{message:?} is in the stream, and its row is {row:?}");
    }
    let entries: BTreeSet<Message> = log.entries.iter().copied().collect();
    for (message, (outcome, _)) in &rows {
        assert_ne!(*outcome, Outcome::Failed, "nothing was refused");
        assert!(
            *outcome != Outcome::Ok || entries.contains(message),
            "{message:?} is acknowledged and not in the stream"
        );
    }
    for partition in 0..PARTITIONS {
        let seqs: Vec<u64> = rows.range((partition, 0)..=(partition, u64::MAX)).map(|(message, _)| message.1).collect();
        assert!(seqs.iter().copied().eq(0..seqs.len() as u64), "partition {partition} lacks rows");
        let in_log = log.entries.iter().filter(|message| message.0 == partition);
        let positions: Vec<Position> = in_log.filter_map(|message| rows[message].1).collect();
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "positions are not in the order of the stream");
    }
}

/// What is acknowledged was recorded before it was acknowledged, what is recorded was handed out, and what is recorded as
/// acknowledged is. Returns how many are acknowledged.
fn deliveries_are_what_the_log_says(history: &Trial, log: &Log) -> usize {
    let mut seen = BTreeSet::new();
    for batch in history.deliveries() {
        let batch = batch.expect("read");
        seen.extend(batch.partition.iter().copied().zip(batch.seq.iter().copied()));
    }
    let acknowledged: Vec<Message> = log.delivered.difference(&log.pending).copied().collect();
    let unseen: Vec<&Message> = acknowledged.iter().filter(|message| !seen.contains(message)).collect();
    assert!(unseen.is_empty(), "acknowledged, but never recorded: {unseen:?}");
    let invented: Vec<&Message> = seen.difference(&log.delivered).collect();
    assert!(invented.is_empty(), "recorded, but never handed out: {invented:?}");
    for batch in history.settlements() {
        for row in batch.expect("read").rows() {
            assert_eq!((row.kind, row.outcome), (SettlementKind::Ack, Outcome::Ok));
            let (_, seq) = row.message.expect("a message");
            let message = (row.partition.0, seq.0);
            assert!(!log.pending.contains(&message), "{message:?} is recorded as acknowledged and is pending");
        }
    }
    acknowledged.len()
}

/// Sleeps for some part of the time, another each time.
async fn sleep_somewhat() {
    let part = clock::now().0.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    tokio::time::sleep(WITHIN.mul_f64(part as f64 / f64::from(1 << 24))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_instant_of_a_kill_no_recorded_row_is_missing() {
    let Some(environment) = require_engine("killed-workers").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (node, port) = start_redis(&environment, folder.path()).await;
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("an address");
    let mut redis = client.get_connection().expect("connected");
    let kills = std::env::var("HARNESS_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let (mut sent, mut acknowledged, mut open) = (0, 0, 0);
    for round in 0..kills.div_ceil(2) {
        let topic = format!("kills-{round}");
        for partition in 0..PARTITIONS {
            let _: () = redis.xgroup_create_mkstream(format!("{topic}:{partition}"), &topic, "0").expect("created");
        }
        let trial = folder.path().join(&topic);
        let spawn = |who, task| Victim::spawn(&trial, who, &connection(port, &topic), &task);
        let consumer = spawn(("consumer-0", Tables::Consumer), consume());
        let mut producer = spawn(("producer-0", Tables::Producer), produce());
        producer.start(clock::now());
        sleep_somewhat().await;
        let (first, second) = if round % 2 == 0 { (producer, consumer) } else { (consumer, producer) };
        let mut files = first.kill();
        sleep_somewhat().await;
        files.extend(second.kill());
        let (history, told) = (opened(&trial, files), log(&mut redis, &topic));
        sends_are_what_the_log_says(&history, &told);
        sent += told.entries.len();
        acknowledged += deliveries_are_what_the_log_says(&history, &told);
        let rows = history.sends().flat_map(|batch| batch.expect("read").rows().collect::<Vec<_>>());
        open += rows.filter(|row| row.outcome == Outcome::Indeterminate).count();
        let _: () = redis.del((0..PARTITIONS).map(|nth| format!("{topic}:{nth}")).collect::<Vec<_>>()).expect("gone");
    }
    // A test that never kills anybody at work would prove nothing.
    println!("{kills} kills: {sent} entries, {acknowledged} acknowledged, {open} sends open when their producer died");
    assert!(sent > 0 && acknowledged > 0 && open > 0);
    node.stop().await.expect("stopped");
}
