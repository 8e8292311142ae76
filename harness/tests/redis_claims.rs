//! A consuming worker takes over what another consumer of a real Redis was given and never acknowledged.

#![allow(clippy::expect_used, reason = "what a test needs and does not get is a failure")]

mod real;

use harness::worker::payload::Encoder;
use real::{LIMIT, require_engine, start_redis};
use redis::aio::MultiplexedConnection;
use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const TRIAL: u64 = 1;
const PARTITIONS: u16 = 2;
/// Pending for a moment only, and in front: more than one XAUTOCLAIM of `COUNT` entries looks at, which is ten times as many.
const FRESH: u64 = 30;
const COUNT: u64 = 2;
const STALE: u64 = 20;
const CLAIM_IDLE_MS: u64 = 60_000;

/// A consumer `ghost` has been given everything; of each stream the last entries have been idle for long.
async fn abandon(redis: &mut MultiplexedConnection) {
    let mut encoder = Encoder::new(TRIAL, 64, 0.0, 1);
    for partition in (0..PARTITIONS).map(Partition) {
        let stream = stream(partition);
        command(redis, &["XGROUP", "CREATE", &stream, "group", "0", "MKSTREAM"]).await;
        let mut stale = Vec::new();
        for seq in 0..FRESH + STALE {
            let message = MessageId { producer: ProducerId(0), partition, seq: Sequence(seq) };
            let payload = encoder.encode(message, Nanos(seq));
            let mut add = redis::cmd("XADD");
            let id: String = add.arg(&stream).arg("*").arg("p").arg(payload).query_async(redis).await.expect("added");
            if seq >= FRESH {
                stale.push(id);
            }
        }
        command(redis, &["XREADGROUP", "GROUP", "group", "ghost", "COUNT", "1000", "STREAMS", &stream, ">"]).await;
        let idle = (2 * CLAIM_IDLE_MS).to_string();
        let mut claim = vec!["XCLAIM", &stream, "group", "ghost", "0"];
        claim.extend(stale.iter().map(String::as_str));
        claim.extend(["IDLE", &idle, "JUSTID"]);
        command(redis, &claim).await;
    }
}

fn stream(partition: Partition) -> String {
    format!("topic:{}", partition.0)
}

async fn command(redis: &mut MultiplexedConnection, words: &[&str]) -> redis::Value {
    let mut command = redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(word);
    }
    command.query_async(redis).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

/// How many entries of the stream this consumer holds unacknowledged.
async fn pending(redis: &mut MultiplexedConnection, partition: Partition, consumer: &str) -> usize {
    let stream = stream(partition);
    let listed = command(redis, &["XPENDING", &stream, "group", "-", "+", "1000", consumer]).await;
    listed.as_sequence().map_or(0, <[redis::Value]>::len)
}

fn worker(port: u16, trial: &Path) -> Child {
    let second = 1_000_000_000_u64;
    let assignment = json!({
        "type": "assign", "protocol": 1, "worker": "consumer-0", "trial": TRIAL, "trial_folder": trial,
        "connection": {
            "broker": "redis-streams", "address": format!("127.0.0.1:{port}"), "topic": "topic", "group": "group",
            "partitions": PARTITIONS,
            "policy": {
                "connect_timeout_ns": second, "request_timeout_ns": second, "backoff_first_ns": second,
                "backoff_factor": 2.0, "backoff_max_ns": second, "backoff_jitter": 0.0,
                "heartbeat_every_ns": second, "heartbeat_timeout_ns": second, "heartbeat_misses": 3,
            },
            "settings": {
                "count": COUNT.to_string(), "block-ms": "100", "claim-every-ms": "100",
                "claim-idle-ms": CLAIM_IDLE_MS.to_string(),
            },
        },
        "task": { "consume": { "consumer": 0, "ack": "after-processing", "processing_ns": 0 } },
    });
    let mut child = Command::new(env!("CARGO_BIN_EXE_harness"))
        .arg("worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    writeln!(child.stdin.as_mut().expect("piped"), "{assignment}").expect("said");
    child
}

/// Follows what the worker says until it has delivered this many, or time is up; returns how many it had.
fn delivered(worker: &mut Child, wanted: u64) -> u64 {
    let deadline = Instant::now() + LIMIT;
    let mut count = 0;
    for line in BufReader::new(worker.stdout.as_mut().expect("piped")).lines() {
        let message: Value = serde_json::from_str(&line.expect("read")).expect("a message");
        assert_ne!(message["type"], "error", "{message}");
        count = message["delivered"].as_u64().unwrap_or(count);
        if count >= wanted || Instant::now() > deadline {
            break;
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_been_idle_for_long_is_taken_over_however_far_behind_and_what_has_not_is_left() {
    let Some(environment) = require_engine("claims").await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (_node, port) = start_redis(&environment, folder.path()).await;
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("an address");
    let mut redis = client.get_multiplexed_async_connection().await.expect("connected");
    abandon(&mut redis).await;

    let mut worker = worker(port, folder.path());
    let stale = STALE * u64::from(PARTITIONS);
    assert_eq!(delivered(&mut worker, stale), stale);
    // It writes what it has and leaves when nobody speaks to it any more.
    drop(worker.stdin.take());
    assert!(worker.wait().expect("ended").success());
    for partition in (0..PARTITIONS).map(Partition) {
        let left = (pending(&mut redis, partition, "ghost").await, pending(&mut redis, partition, "consumer-0").await);
        assert_eq!(left, (FRESH as usize, 0), "{partition:?}");
    }
}
