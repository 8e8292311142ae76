//! Batches of messages from a producer, and from there to a consumer.

use crate::grid::MessageSize;
use crate::system::{StartedSystem, Topic};
use crate::tally::Tally;
use harness::broker::client::Run;
use harness::clock;
use harness::model::{KeyedMessage, Role};
use harness::worker::client::{ConsumerContext, ConsumerDiary, ProducerContext};
use harness::worker::payload::Encoder;
use harness::worker::protocol::{Assignment, ConsumeTask, PROTOCOL, Task};
use harness::worker::{
    Clients, Complaints, ConnectionLog, Control, HeldProducer, Lull, Outbox, SendLedger, Ticket, WorkerError,
};
use reports::history::Outcome;
use reports::units::{ConsumerId, MessageId, Nanos, Partition, ProducerId, Sequence};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TRIAL: u64 = 1;
/// Whoever waits longer, for the end of a batch or for a place in it, waits in vain.
const STUCK_AFTER: Duration = Duration::from_secs(60);
/// How long the sender waits for a place until it looks whether something is wrong.
const ROOM_WITHIN: Nanos = Nanos::from_millis(100);
/// How often the end of a batch is looked for.
const LOOKED_AT_EVERY: Nanos = Nanos(50_000);

/// When a batch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All sends are acknowledged. Nobody consumes.
    Acknowledged,
    /// All settlements of the consumer are acknowledged, too.
    Settled,
}

impl End {
    /// Its word in the names of benchmarks.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "send-acknowledged",
            Self::Settled => "send-received-acknowledged",
        }
    }
}

/// Connected clients on a topic of their own, through which a batch has gone.
pub(crate) struct Traffic {
    sending: Option<Sending>,
    receiving: Option<Receiving>,
    /// After the clients.
    _topic: Topic,
}

struct Sending {
    client: Box<dyn HeldProducer>,
    ledger: Arc<SendLedger>,
    encoder: Encoder,
    control: Arc<Control>,
    batch: u64,
    sent: u64,
    tally: Tally,
}

struct Receiving {
    worker: Option<JoinHandle<Result<(), WorkerError>>>,
    control: Arc<Control>,
    tally: Tally,
}

impl Traffic {
    pub(crate) fn open(started: &StartedSystem, size: MessageSize, end: End) -> Self {
        let Run::Native(clients) = started.system().client.run() else { panic!("a client that is a program") };
        let topic = started.topic();
        let receiving = (end == End::Settled).then(|| Receiving::start(started, &topic, &clients));
        let sending = Some(Sending::connect(started, &topic, &clients, size));
        let mut traffic = Self { sending, receiving, _topic: topic };
        traffic.batch();
        traffic
    }

    /// Sends a batch, and tells how long it took until it was over.
    pub(crate) fn batch(&mut self) -> Duration {
        let sending = self.sending.as_mut().expect("not closed");
        let begun = Instant::now();
        sending.batch();
        sending.wait_until(|sending| sending.ledger.settled(Outcome::Ok) == sending.sent, Sending::trouble);
        if let Some(receiving) = &self.receiving {
            sending.wait_until(|sending| receiving.tally.settled() >= sending.sent, |_| receiving.trouble());
        }
        begun.elapsed()
    }
}

fn must_go_on(trouble: Option<String>, deadline: Instant) {
    if let Some(trouble) = trouble {
        panic!("{trouble}");
    }
    assert!(Instant::now() < deadline, "nothing went on for {STUCK_AFTER:?}");
}

impl Sending {
    fn connect(started: &StartedSystem, topic: &Topic, clients: &Clients, size: MessageSize) -> Self {
        let name = Role::Producer.named(0);
        let (workload, seed) = (&started.scenario().workload, started.scenario().seed);
        let (tally, records) = Tally::start(&name);
        let ledger = Arc::new(SendLedger::new(workload.in_flight, records.clone()));
        let control = Arc::new(Control::default());
        let context = ProducerContext {
            connection: topic.connection(Role::Producer, &name),
            ledger: Arc::clone(&ledger),
            connections: ConnectionLog::new(&name, records),
            complaints: Complaints::new(&Outbox::new(std::io::sink())),
            control: Arc::clone(&control),
            gauges: Arc::default(),
            in_flight: workload.in_flight,
            headers: workload.headers.clone(),
        };
        let client = (clients.hold)(context).expect("a producer that is connected");
        let encoder = Encoder::new(TRIAL, size.bytes..=size.bytes, workload.compressibility, seed);
        Self { client, ledger, encoder, control, batch: size.batch, sent: 0, tally }
    }

    fn batch(&mut self) {
        let (producer, partition) = (ProducerId(0), Partition(0));
        for _ in 0..self.batch {
            let message = MessageId { producer, partition, seq: Sequence(self.sent) };
            let keyed = KeyedMessage { message, key: None };
            let due = clock::now();
            let ticket = self.begin(keyed, due);
            self.client.send(ticket, keyed, self.encoder.encode(message, due));
            self.sent += 1;
        }
    }

    fn wait_until(&mut self, is_over: impl Fn(&Self) -> bool, trouble: impl Fn(&Self) -> Option<String>) {
        let deadline = Instant::now() + STUCK_AFTER;
        while !is_over(self) {
            must_go_on(trouble(self), deadline);
            self.client.wait_out(Lull::until(clock::now().plus(LOOKED_AT_EVERY)));
        }
    }

    fn begin(&mut self, keyed: KeyedMessage, due: Nanos) -> Ticket {
        let deadline = Instant::now() + STUCK_AFTER;
        loop {
            if let Some(ticket) = self.ledger.begin(keyed, due) {
                return ticket;
            }
            must_go_on(self.trouble(), deadline);
            self.client.wait_out(Lull::for_place(&self.ledger, clock::now().plus(ROOM_WITHIN)));
        }
    }

    fn trouble(&self) -> Option<String> {
        self.tally.wrong().map(|row| format!("a message was not acknowledged: {row}"))
    }
}

impl Receiving {
    /// Starts the loop of a worker.
    fn start(started: &StartedSystem, topic: &Topic, clients: &Clients) -> Self {
        let name = Role::Consumer.named(0);
        let (tally, records) = Tally::start(&name);
        let control = Arc::new(Control::default());
        let outbox = Outbox::new(std::io::sink());
        let connection = topic.connection(Role::Consumer, &name);
        let context = ConsumerContext {
            connection: connection.clone(),
            diary: ConsumerDiary { consumer: ConsumerId(0), records: records.clone() },
            connections: ConnectionLog::new(&name, records),
            complaints: Complaints::new(&outbox),
            control: Arc::clone(&control),
        };
        let workload = &started.scenario().workload;
        let task = ConsumeTask { consumer: 0, ack: workload.ack, processing_ns: workload.processing.into() };
        let assignment = Assignment {
            protocol: PROTOCOL,
            worker: name,
            trial: TRIAL,
            journal: PathBuf::new(),
            connection,
            task: Task::Consume(task.clone()),
        };
        let consume = clients.consume;
        let worker = std::thread::spawn(move || consume(&assignment, &task, context, &outbox));
        Self { worker: Some(worker), control, tally }
    }

    fn trouble(&self) -> Option<String> {
        let has_ended = self.worker.as_ref().is_none_or(JoinHandle::is_finished);
        let wrong = self.tally.wrong().map(|row| format!("a message was not received or settled: {row}"));
        wrong.or_else(|| has_ended.then(|| "the consumer has ended: is its broker up?".to_owned()))
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        if let Some(sending) = self.sending.take() {
            sending.control.finish();
            sending.client.close();
        }
        if let Some(mut receiving) = self.receiving.take() {
            receiving.control.finish();
            receiving.worker.take().map(JoinHandle::join);
        }
    }
}
