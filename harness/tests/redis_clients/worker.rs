//! A worker process on a real Redis, the streams that it works on, and commands beside it.

use harness::model::Endpoints;
use harness::worker::Row;
use harness::worker::journal::{Reader, Writing};
use harness::worker::payload::Encoder;
use redis::aio::MultiplexedConnection;
use reports::history::Send;
use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::real::LIMIT;

pub(crate) const TRIAL: u64 = 1;
pub(crate) const PARTITIONS: u16 = 2;
/// Entries in one read of a consumer.
pub(crate) const COUNT: u64 = 2;
pub(crate) const CLAIM_IDLE_MS: u64 = 60_000;
const SECOND_NS: u64 = 1_000_000_000;

pub(crate) async fn client(port: u16) -> MultiplexedConnection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("an address");
    client.get_multiplexed_async_connection().await.expect("connected")
}

pub(crate) async fn command(redis: &mut MultiplexedConnection, words: &[&str]) -> redis::Value {
    let mut command = redis::cmd(words[0]);
    for word in &words[1..] {
        command.arg(word);
    }
    command.query_async(redis).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

pub(crate) async fn text(redis: &mut MultiplexedConnection, words: &[&str]) -> String {
    redis::from_redis_value(command(redis, words).await).expect("text")
}

pub(crate) fn stream(partition: u16) -> String {
    format!("topic:{partition}")
}

pub(crate) fn partitions() -> impl Iterator<Item = String> {
    (0..PARTITIONS).map(stream)
}

/// Empty streams with the group, as a trial provides them.
pub(crate) async fn create_streams(redis: &mut MultiplexedConnection) {
    for stream in partitions() {
        command(redis, &["XGROUP", "CREATE", &stream, "group", "0", "MKSTREAM"]).await;
    }
}

/// How many entries all streams hold together.
pub(crate) async fn entries(redis: &mut MultiplexedConnection) -> u64 {
    let mut entries = 0;
    for stream in partitions() {
        let length: u64 = redis::from_redis_value(command(redis, &["XLEN", &stream]).await).expect("a number");
        entries += length;
    }
    entries
}

/// Adds a message under this ID (`*`: the server's own), and returns the ID.
pub(crate) async fn add(redis: &mut MultiplexedConnection, partition: u16, seq: u64, id: &str) -> String {
    let message = MessageId { producer: ProducerId(0), partition: Partition(partition), seq: Sequence(seq) };
    let mut encoder = Encoder::new(TRIAL, 64..=64, 0.0, 1);
    let mut add = redis::cmd("XADD");
    add.arg(stream(partition)).arg(id).arg("p").arg(encoder.encode(message, Nanos(seq)));
    add.query_async(redis).await.expect("added")
}

/// How many entries of the stream are unacknowledged; of this consumer alone, where one is named.
pub(crate) async fn pending(redis: &mut MultiplexedConnection, partition: u16, consumer: Option<&str>) -> usize {
    let stream = stream(partition);
    let mut words = vec!["XPENDING", &stream, "group", "-", "+", "1000"];
    words.extend(consumer);
    command(redis, &words).await.as_sequence().map_or(0, <[redis::Value]>::len)
}

/// Waits until something holds; panics when it does not come to that.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within {LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A single server.
fn at(port: u16) -> Endpoints {
    Endpoints::at(&format!("127.0.0.1:{port}"))
}

/// A worker process, and what it says.
pub(crate) struct Worker {
    child: Child,
    said: Receiver<Value>,
    complaints: Vec<String>,
    /// Has room for all that these tests make it record.
    journal: Reader,
}

impl Worker {
    /// A consumer that works for this long on each message.
    pub(crate) fn consumer(port: u16, processing: Duration) -> Self {
        let settings = json!({
            "count": COUNT.to_string(), "block-ms": "100", "claim-every-ms": "100",
            "claim-idle-ms": CLAIM_IDLE_MS.to_string(),
        });
        let processing_ns = u64::try_from(processing.as_nanos()).expect("short");
        let task = json!({ "consume": { "consumer": 0, "ack": "after-processing", "processing_ns": processing_ns } });
        Self::start("consumer-0", &at(port), settings, &task)
    }

    /// A worker of a system with Sentinels: a producer that sends 200 a second from now on, or a consumer.
    pub(crate) fn following(name: &str, at: &Endpoints) -> Self {
        let mut settings = json!({ "sentinel-master": "harness" });
        if name.starts_with("producer") {
            return Self::sending(name, at, settings, 200.0);
        }
        for (setting, value) in [("count", 100), ("block-ms", 100), ("claim-every-ms", 100), ("claim-idle-ms", 60_000)]
        {
            settings[setting] = json!(value.to_string());
        }
        let task = json!({ "consume": { "consumer": 0, "ack": "after-processing", "processing_ns": 0 } });
        Self::start(name, at, settings, &task)
    }

    /// A producer that sends this many of 1,000 bytes a second for an hour, beginning now.
    pub(crate) fn producer(port: u16, per_second: f64) -> Self {
        Self::sending("producer-0", &at(port), json!({}), per_second)
    }

    /// The same over a pool of so many connections, for one of which a message waits so long.
    pub(crate) fn pooled_producer(port: u16, per_second: f64, connections: usize, wait_ms: u64) -> Self {
        let settings = json!({
            "pool-max-total": connections.to_string(), "pool-max-idle": connections.to_string(),
            "pool-min-idle": connections.to_string(), "pool-max-wait-ms": wait_ms.to_string(),
        });
        Self::sending("producer-0", &at(port), settings, per_second)
    }

    fn sending(name: &str, at: &Endpoints, settings: Value, per_second: f64) -> Self {
        let task = json!({ "produce": {
            "producer": 0, "producers": 1, "seed": 1, "message_bytes": 1000, "compressibility": 0.0, "in_flight": 8192,
            "schedule": {
                "arrivals": "even", "end_ns": 3600 * SECOND_NS,
                "segments": [{ "lasts_ns": 3600 * SECOND_NS, "from": per_second, "to": per_second }],
            },
        }});
        let mut worker = Self::start(name, at, settings, &task);
        worker.wait_for(|message| message["type"] == "ready");
        worker.say(&json!({ "type": "start", "at_ns": harness::clock::now() }));
        worker
    }

    fn start(name: &str, at: &Endpoints, mut settings: Value, task: &Value) -> Self {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        settings["position-epoch-ms"] = json!((wall.as_millis() - (1 << 31)).to_string());
        let journal = Reader::create(name).expect("memory");
        let assignment = json!({
            "type": "assign", "protocol": harness::worker::protocol::PROTOCOL, "worker": name, "trial": TRIAL,
            "journal": journal.path(),
            "connection": {
                "broker": "redis-streams", "client": "redis-rs", "address": at.contact, "nodes": at.nodes, "topic": "topic",
                "group": "group", "partitions": PARTITIONS,
                "policy": {
                    "connect_timeout_ns": SECOND_NS, "request_timeout_ns": SECOND_NS, "backoff_first_ns": SECOND_NS / 10,
                    "backoff_factor": 2.0, "backoff_max_ns": SECOND_NS, "backoff_jitter": 0.0,
                    "heartbeat_every_ns": SECOND_NS, "heartbeat_timeout_ns": SECOND_NS, "heartbeat_misses": 3,
                },
                "settings": settings,
            },
            "task": task,
        });
        let mut child = Command::new(env!("CARGO_BIN_EXE_harness"))
            .arg("worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let output = child.stdout.take().expect("piped");
        let (tell, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let message = serde_json::from_str(&line.expect("read")).expect("a message");
                if tell.send(message).is_err() {
                    break;
                }
            }
        });
        let mut worker = Self { child, said, complaints: Vec::new(), journal };
        worker.say(&assignment);
        worker
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.child.stdin.as_mut().expect("piped"), "{message}").expect("said");
    }

    /// Follows what it says until it says this.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + LIMIT;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let message = self.said.recv_timeout(rest).expect("it says something else, or nothing");
            if message["type"] == "error" {
                self.complaints.push(message["message"].as_str().unwrap_or_default().to_owned());
            }
            if wanted(&message) {
                return message;
            }
        }
    }

    /// Waits until it has delivered this many.
    pub(crate) fn wait_for_deliveries(&mut self, count: u64) {
        self.wait_for(|message| message["delivered"].as_u64().is_some_and(|delivered| delivered >= count));
    }

    /// Lets it come to its end, in order; returns all that it complained of.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.finish();
        std::mem::take(&mut self.complaints)
    }

    /// Lets it come to its end, in order; returns its sends.
    pub(crate) fn sends(mut self) -> Vec<Send> {
        self.finish();
        let rows = std::iter::from_fn(|| self.journal.next(Writing::HasEnded).expect("a row"));
        let sends = rows.filter_map(|row| match row {
            Row::Send(send) => Some(send),
            _ => None,
        });
        sends.collect()
    }

    fn finish(&mut self) {
        drop(self.child.stdin.take());
        self.wait_for(|message| message["type"] == "done");
        assert!(self.child.wait().expect("ended").success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
