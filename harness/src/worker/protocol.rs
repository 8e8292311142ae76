//! What the run and its workers say to each other: one JSON object a line. `docs/worker-protocol.md` describes it.

use crate::model::{AckMode, ClientPolicy, Endpoint, Keys, Parting, ProducerRetry, Recovery, Segments};
use reports::facts::{Poison, PoisonRule};
use reports::units::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The version of this protocol. A worker refuses another.
pub const PROTOCOL: u32 = 4;

/// From the run to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToWorker {
    /// What to do; the first line.
    Assign(Box<Assignment>),
    /// Begin at this instant (producers only).
    Start {
        /// The schedule's origin.
        at_ns: Nanos,
    },
    /// From now on work for so long on each message (consumers only); answered by `working`.
    Work {
        /// How long.
        processing_ns: Nanos,
    },
    /// Leave the group in the midst of the load and come to the end, as when told to finish (consumers only); answered by `left`.
    Leave {
        /// What is to become of its name in the group.
        #[serde(default)]
        parting: Parting,
    },
    /// Send nothing new; what is under way may settle.
    Stop,
    /// Settle what can be settled, record everything, say `done` and exit.
    Finish,
}

/// From a worker to the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum FromWorker {
    /// Connected, and for consumers a member that reads.
    Ready,
    /// How far it is; a few times a second.
    Progress(Progress),
    /// Its client's own numbers; a few times a second, where it has some.
    Gauges {
        /// When they were read.
        at_ns: Nanos,
        /// The most that each was since the last time.
        values: BTreeMap<String, f64>,
    },
    /// It works for so long on each message, as it was told.
    Working {
        /// How long.
        processing_ns: Nanos,
    },
    /// It has left its group, as it was told.
    Left {
        /// Its name was deleted there, with so many pending entries.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deleted: Option<u64>,
    },
    /// Something is wrong, in words; the worker goes on if it can.
    Error {
        /// What.
        message: String,
        /// What it is about.
        #[serde(default)]
        cause: Cause,
    },
    /// Everything is recorded; the worker exits.
    Done,
}

/// What an error is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Its work: the broker, the assignment.
    #[default]
    Work,
    /// What it sees cannot be recorded, or not be written into the history: nothing that it does from now on counts.
    History,
}

/// How far a worker is. Counts are totals since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Producers: sends begun.
    pub sent: u64,
    /// Producers: sends acknowledged.
    pub acknowledged: u64,
    /// Producers: sends that certainly did not happen.
    pub failed: u64,
    /// Producers: sends of which nobody knows.
    pub indeterminate: u64,
    /// Producers: the schedule is through and every send has settled.
    pub settled: bool,
    /// Consumers: deliveries.
    pub delivered: u64,
}

/// A worker's task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Its name: `producer-0`.
    pub worker: String,
    /// The identity that payloads carry.
    pub trial: u64,
    /// Where it records what it sees: a journal that the run has made and reads.
    pub journal: PathBuf,
    /// Where and how to connect.
    pub connection: ConnectionSpec,
    /// What to do there.
    pub task: Task,
}

/// What a worker does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Send on schedule.
    Produce(ProduceTask),
    /// Receive and settle.
    Consume(ConsumeTask),
}

/// Sending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProduceTask {
    /// Its index, from 0.
    pub producer: u16,
    /// Producers in all.
    pub producers: u16,
    /// When all producers together send.
    pub schedule: Segments,
    /// The seed of everything random.
    pub seed: u64,
    /// Size of a payload; of the largest, where sizes vary.
    pub message_bytes: usize,
    /// Size of the smallest payload, where sizes vary: `reports::facts::SizeRule` says which message has which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_bytes: Option<usize>,
    /// Where payloads carry records of a file: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordFileTask>,
    /// What each message carries beside its payload.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Which key each message has, and so which partition; absent: none, and partitions take turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    /// Share of the filler that compresses away.
    pub compressibility: f64,
    /// Unsettled sends at most.
    pub in_flight: usize,
    /// Of its schedule, which message to begin with, from 0: a successor passes over what its predecessor had begun. All that
    /// is due already is sent at once.
    #[serde(default)]
    pub first: u64,
    /// Which messages to mark as such that nobody can process.
    #[serde(default)]
    pub poison: Vec<PoisonSpan>,
}

/// A file of records: `reports::facts::RecordRule` says which message carries which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordFileTask {
    /// Where it is.
    pub file: PathBuf,
    /// The CRC-32C of all of it: a worker refuses another.
    pub crc32c: u32,
}

/// Messages that a fault poisons: `reports::facts::PoisonRule` says which, of those due within its times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoisonSpan {
    /// The fault's name.
    pub fault: String,
    /// The share of messages.
    pub share: f64,
    /// From when on, from the schedule's origin.
    pub from_ns: Nanos,
    /// Until when.
    pub until_ns: Nanos,
}

impl PoisonSpan {
    /// Its rule, for a schedule that began at this instant.
    pub fn rule(&self, origin: Nanos, seed: u64) -> PoisonRule {
        let times = (origin.plus(self.from_ns), origin.plus(self.until_ns));
        PoisonRule::new(&self.fault, Poison { share: self.share }, seed, times)
    }
}

/// Receiving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsumeTask {
    /// Its index, from 0.
    pub consumer: u16,
    /// When to settle.
    pub ack: AckMode,
    /// How long to work on one message.
    pub processing_ns: Nanos,
}

/// Where and how to connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionSpec {
    /// The broker's kind.
    pub broker: String,
    /// The client's name: which library speaks to it.
    pub client: String,
    /// Where to connect first: `host:port`, or several with commas between them where any will do.
    pub address: String,
    /// Every node of the system, as this client reaches it; none where somebody else runs it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Endpoint>,
    /// The topic, or the stem of the streams' names.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// The topic, or the stream, of dead letters; empty where the trial has none.
    #[serde(default)]
    pub dead_letters: String,
    /// How many partitions.
    pub partitions: u16,
    /// The scenario's client policy.
    pub policy: Policy,
    /// The client's own settings for this role, as the fairness table shows them.
    pub settings: BTreeMap<String, String>,
}

/// The scenario's client policy, on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// For one connection attempt.
    pub connect_timeout_ns: Nanos,
    /// For one request's answer.
    pub request_timeout_ns: Nanos,
    /// The first wait between attempts.
    pub backoff_first_ns: Nanos,
    /// What each wait is multiplied by.
    pub backoff_factor: f64,
    /// The longest wait.
    pub backoff_max_ns: Nanos,
    /// By which share each wait varies.
    pub backoff_jitter: f64,
    /// How often an idle connection must show a sign of life.
    pub heartbeat_every_ns: Nanos,
    /// How long to wait for it.
    pub heartbeat_timeout_ns: Nanos,
    /// After how many missed ones the peer is dead.
    pub heartbeat_misses: u32,
    /// How a consumer comes back to what was handed out and not settled, where the broker leaves that to it.
    #[serde(default)]
    pub recovery: Recovery,
    /// After how many deliveries a message that cannot be processed goes to the dead-letter queue.
    #[serde(default = "delivery_limit")]
    pub delivery_limit: u16,
    /// How long such a message waits until it is tried again.
    #[serde(default = "retry_after")]
    pub retry_after_ns: Nanos,
    /// How a producer tries a message again that was not acknowledged; absent: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer_retry: Option<RetryPolicy>,
}

/// How a producer tries a message again, on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts at one message in all, the first one included.
    pub attempts: u8,
    /// The first wait between two of them.
    pub first_ns: Nanos,
    /// What each wait is multiplied by.
    pub factor: f64,
    /// The longest wait.
    pub max_ns: Nanos,
    /// By which share each wait varies.
    pub jitter: f64,
    /// Whether a message of which the last attempt has failed goes to the dead-letter queue.
    pub dead_letters: bool,
}

impl From<&ProducerRetry> for RetryPolicy {
    fn from(retry: &ProducerRetry) -> Self {
        let ProducerRetry { attempts, backoff, dead_letters } = retry;
        Self {
            attempts: *attempts,
            first_ns: backoff.first.into(),
            factor: backoff.factor,
            max_ns: backoff.max.into(),
            jitter: backoff.jitter,
            dead_letters: *dead_letters,
        }
    }
}

/// As scenarios that set none: whoever wrote an assignment of this protocol before there were dead letters left it out.
const fn delivery_limit() -> u16 {
    ClientPolicy::DELIVERY_LIMIT
}

/// See [`delivery_limit`].
fn retry_after() -> Nanos {
    ClientPolicy::RETRY_AFTER.into()
}

impl From<&ClientPolicy> for Policy {
    fn from(policy: &ClientPolicy) -> Self {
        Self {
            connect_timeout_ns: policy.connect_timeout.into(),
            request_timeout_ns: policy.request_timeout.into(),
            backoff_first_ns: policy.backoff.first.into(),
            backoff_factor: policy.backoff.factor,
            backoff_max_ns: policy.backoff.max.into(),
            backoff_jitter: policy.backoff.jitter,
            heartbeat_every_ns: policy.heartbeat.every.into(),
            heartbeat_timeout_ns: policy.heartbeat.timeout.into(),
            heartbeat_misses: policy.heartbeat.misses,
            recovery: policy.recovery,
            delivery_limit: policy.delivery_limit,
            retry_after_ns: policy.retry_after.into(),
            producer_retry: policy.producer_retry.as_ref().map(RetryPolicy::from),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{Segment, Spacing};
    use std::fmt::Debug;

    /// 1000 messages a second of all producers for 100 ms, by one producer of so many.
    pub(crate) fn produce_task(producer: u16, producers: u16) -> ProduceTask {
        ProduceTask {
            producer,
            producers,
            schedule: Segments {
                arrivals: Spacing::Even,
                segments: vec![Segment { lasts_ns: Nanos::from_millis(100), from: 1000.0, to: 1000.0 }],
                repeat_from: None,
                end_ns: Nanos::from_millis(100),
            },
            seed: 1,
            message_bytes: 64,
            smallest_bytes: None,
            records: None,
            headers: BTreeMap::new(),
            keys: None,
            compressibility: 0.0,
            in_flight: 8,
            first: 0,
            poison: Vec::new(),
        }
    }

    /// A connection to this broker with this client, of three partitions.
    pub(crate) fn connection(broker: &str, client: &str) -> ConnectionSpec {
        let policy = Policy {
            connect_timeout_ns: Nanos(1),
            request_timeout_ns: Nanos(2),
            backoff_first_ns: Nanos(3),
            backoff_factor: 1.5,
            backoff_max_ns: Nanos(4),
            backoff_jitter: 0.25,
            heartbeat_every_ns: Nanos(5),
            heartbeat_timeout_ns: Nanos(6),
            heartbeat_misses: 7,
            recovery: Recovery::OwnPending,
            delivery_limit: 3,
            retry_after_ns: Nanos::from_millis(8),
            producer_retry: Some(RetryPolicy {
                attempts: 5,
                first_ns: Nanos::from_millis(9),
                factor: 2.0,
                max_ns: Nanos::from_millis(10),
                jitter: 0.1,
                dead_letters: true,
            }),
        };
        ConnectionSpec {
            broker: broker.to_owned(),
            client: client.to_owned(),
            address: "127.0.0.1:1".to_owned(),
            nodes: Vec::new(),
            topic: "t".to_owned(),
            group: "g".to_owned(),
            dead_letters: "d".to_owned(),
            partitions: 3,
            policy,
            settings: BTreeMap::from([("acks".to_owned(), "all".to_owned())]),
        }
    }

    /// It is written as this line, and the line is read as it.
    fn is_on_the_wire<T: Serialize + for<'a> Deserialize<'a> + PartialEq + Debug>(message: &T, line: &str) {
        assert_eq!(serde_json::to_string(message).expect("written"), line);
        assert_eq!(&serde_json::from_str::<T>(line).expect("read"), message);
    }

    #[test]
    fn what_the_run_says_is_one_object_a_line() {
        is_on_the_wire(&ToWorker::Start { at_ns: Nanos(5) }, r#"{"type":"start","at_ns":5}"#);
        is_on_the_wire(&ToWorker::Work { processing_ns: Nanos(7) }, r#"{"type":"work","processing_ns":7}"#);
        let leave = ToWorker::Leave { parting: Parting::DeleteConsumer };
        is_on_the_wire(&leave, r#"{"type":"leave","parting":"delete-consumer"}"#);
        is_on_the_wire(&ToWorker::Stop, r#"{"type":"stop"}"#);
        is_on_the_wire(&ToWorker::Finish, r#"{"type":"finish"}"#);
    }

    #[test]
    fn what_a_worker_says_is_one_object_a_line() {
        is_on_the_wire(&FromWorker::Ready, r#"{"type":"ready"}"#);
        is_on_the_wire(&FromWorker::Working { processing_ns: Nanos(7) }, r#"{"type":"working","processing_ns":7}"#);
        is_on_the_wire(&FromWorker::Left { deleted: None }, r#"{"type":"left"}"#);
        is_on_the_wire(&FromWorker::Left { deleted: Some(3) }, r#"{"type":"left","deleted":3}"#);
        is_on_the_wire(&FromWorker::Done, r#"{"type":"done"}"#);
        let progress = Progress { sent: 5, acknowledged: 1, failed: 1, indeterminate: 2, settled: false, delivered: 0 };
        let line = r#"{"type":"progress","sent":5,"acknowledged":1,"failed":1,"indeterminate":2,"settled":false,"delivered":0}"#;
        is_on_the_wire(&FromWorker::Progress(progress), line);
        let error = FromWorker::Error { message: "no room".to_owned(), cause: Cause::History };
        is_on_the_wire(&error, r#"{"type":"error","message":"no room","cause":"history"}"#);
    }

    #[test]
    fn an_error_without_a_cause_is_about_the_work() {
        let error = FromWorker::Error { message: "no room".to_owned(), cause: Cause::Work };
        assert_eq!(serde_json::from_str::<FromWorker>(r#"{"type":"error","message":"no room"}"#).expect("read"), error);
    }

    #[test]
    fn an_assignment_survives_the_way() {
        let produce = ProduceTask {
            producer: 1,
            producers: 2,
            schedule: Segments {
                arrivals: Spacing::Even,
                segments: vec![Segment { lasts_ns: Nanos(u64::MAX), from: 0.1, to: 1e6 }],
                repeat_from: Some(0),
                end_ns: Nanos(1),
            },
            seed: u64::MAX,
            message_bytes: 44,
            smallest_bytes: None,
            records: None,
            headers: BTreeMap::new(),
            keys: Some(Keys::Zipf { count: 9, exponent: 1.1 }),
            compressibility: 0.3,
            in_flight: 9,
            first: 77,
            poison: vec![PoisonSpan {
                fault: "poison-1".to_owned(),
                share: 0.1,
                from_ns: Nanos(1),
                until_ns: Nanos(2),
            }],
        };
        let consume = ConsumeTask { consumer: 1, ack: AckMode::BeforeProcessing, processing_ns: Nanos(3) };
        for task in [Task::Produce(produce), Task::Consume(consume)] {
            let assignment = Assignment {
                protocol: PROTOCOL,
                worker: "producer-1".to_owned(),
                trial: u64::MAX,
                journal: PathBuf::from("/runs/a b/ü"),
                connection: connection("kafka", "rdkafka"),
                task,
            };
            let line = serde_json::to_string(&ToWorker::Assign(Box::new(assignment.clone()))).expect("written");
            assert!(line.starts_with(r#"{"type":"assign","protocol":4,"#) && !line.contains('\n'), "{line}");
            assert_eq!(serde_json::from_str::<ToWorker>(&line).expect("read"), ToWorker::Assign(Box::new(assignment)));
        }
    }
}
