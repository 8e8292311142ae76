//! Sending: XADD on one pipelined connection, driven by a thread of its own.
//!
//! Messages that wait together leave together, as one pipeline; several pipelines may be under way. When the connection
//! is lost, what was under way is indeterminate and is not sent again; what has not left waits for the next connection.
//! Where replicas are waited for, a pipeline ends with WAIT; what too few of them have is indeterminate too.

use super::primary::Primary;
use super::settings::{MaxLen, Wait};
use crate::broker::redis_streams::connection::{connect_timeout, describe};
use crate::broker::redis_streams::entry::{EntryId, Epoch};
use crate::broker::redis_streams::stream;
use crate::model::BrokerError;
use crate::worker::client::{Producer, ProducerContext};
use crate::worker::protocol::Policy;
use crate::worker::{Complaints, ConnectionLog, SendLedger, Ticket, Waits};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisResult, Value};
use reports::history::{ConnectionEvent, Outcome, WITHDRAWN};
use reports::units::Partition;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};
use tokio::task::{JoinSet, LocalSet, unconstrained};

const PEER: &str = "main";
/// Messages in one pipeline at most: enough to amortise a system call, few enough that the first answers come early.
const PIPELINE_AT_MOST: usize = 128;

/// The longest sleep in one piece, so that an order is heard.
const LONGEST_NAP: Duration = Duration::from_millis(50);

struct Outgoing {
    ticket: Ticket,
    partition: Partition,
    payload: Vec<u8>,
}

/// The sending client.
pub(super) struct RedisProducer {
    queue: UnboundedSender<Outgoing>,
    thread: JoinHandle<()>,
}

impl Producer for RedisProducer {
    fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
        // Unbounded, because the ledger already bounds what is under way.
        let (queue, outgoing) = unbounded_channel();
        let (ready, connected) = oneshot::channel();
        let thread = std::thread::spawn(move || drive(context, outgoing, ready));
        match connected.blocking_recv() {
            Ok(Ok(())) => Ok(Self { queue, thread }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(BrokerError("the sending thread ended before it was connected".to_owned())),
        }
    }

    fn send(&mut self, ticket: Ticket, partition: Partition, payload: &[u8]) {
        // The thread outlives the queue, so this cannot fail.
        let _ = self.queue.send(Outgoing { ticket, partition, payload: payload.to_vec() });
    }

    fn close(self) {
        drop(self.queue);
        let _ = self.thread.join();
    }
}

fn drive(
    context: ProducerContext,
    outgoing: UnboundedReceiver<Outgoing>,
    ready: oneshot::Sender<Result<(), BrokerError>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(BrokerError(format!("no runtime for the sending thread: {error}"))));
            return;
        }
    };
    LocalSet::new().block_on(&runtime, async move {
        match CurrentConnection::open(context).await {
            Ok(link) => {
                let _ = ready.send(Ok(()));
                link.send_all(outgoing).await;
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    });
}

/// The connection of the moment, and how to get the next.
struct CurrentConnection {
    primary: Primary,
    address: String,
    policy: Policy,
    streams: Rc<Vec<String>>,
    max_len: Option<MaxLen>,
    wait: Option<Wait>,
    in_flight: usize,
    epoch: Epoch,
    ledger: Arc<SendLedger>,
    log: ConnectionLog,
    complaints: Complaints,
    control: Arc<crate::worker::Control>,
    backoff: RefCell<Waits>,
    connection: RefCell<Option<MultiplexedConnection>>,
    generation: Cell<u64>,
    lost: Notify,
    /// Why the last connection was given up.
    loss: RefCell<String>,
}

/// Messages that wait for their answers. When they are dropped because their connection has been given up, nobody knows what
/// became of those that have none.
struct UnderWay {
    link: Rc<CurrentConnection>,
    generation: u64,
    batch: Vec<Outgoing>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.link.is_given_up(self.generation) {
            let why = format!("connection given up: {}", self.link.loss.borrow());
            self.link.settle_all(&self.batch, &why);
        }
    }
}

impl CurrentConnection {
    async fn open(context: ProducerContext) -> Result<Self, BrokerError> {
        let spec = &context.connection;
        let link = Self {
            primary: Primary::of(spec)?,
            address: spec.address.clone(),
            backoff: RefCell::new(Waits::new(&spec.policy, context.connections.client())),
            policy: spec.policy.clone(),
            streams: Rc::new((0..spec.partitions).map(|partition| stream::name(&spec.topic, partition)).collect()),
            max_len: MaxLen::from_settings(&spec.settings)?,
            wait: Wait::from_settings(&spec.settings)?,
            epoch: Epoch::from_settings(&spec.settings)?,
            in_flight: context.in_flight.max(1),
            ledger: context.ledger,
            log: context.connections,
            complaints: context.complaints,
            control: context.control,
            connection: RefCell::new(None),
            generation: Cell::new(0),
            lost: Notify::new(),
            loss: RefCell::default(),
        };
        link.attempt().await.map_err(|error| {
            BrokerError(format!("{} could not be reached: {error}; is the broker up?", link.address))
        })?;
        Ok(link)
    }

    async fn send_all(self, mut outgoing: UnboundedReceiver<Outgoing>) {
        let link = Rc::new(self);
        let watch = tokio::task::spawn_local(Rc::clone(&link).keep_alive());
        let mut waiting = Vec::with_capacity(PIPELINE_AT_MOST);
        let mut under_way = JoinSet::new();
        loop {
            let taken = tokio::select! {
                taken = outgoing.recv_many(&mut waiting, PIPELINE_AT_MOST) => taken,
                // Reconnect although nothing waits to be sent.
                () = link.lost.notified() => {
                    // Those that have an answer take it.
                    tokio::task::yield_now().await;
                    link.give_up(&mut under_way);
                    link.usable().await;
                    continue;
                }
            };
            if taken == 0 {
                break;
            }
            link.give_up(&mut under_way);
            let Some((connection, generation)) = link.usable().await else {
                for message in waiting.drain(..) {
                    link.ledger.settle(message.ticket, Outcome::Failed, None, Some(WITHDRAWN.to_owned()));
                }
                continue;
            };
            let batch = std::mem::replace(&mut waiting, Vec::with_capacity(PIPELINE_AT_MOST));
            // Handed to the connection here and now: tasks do not begin in the order in which they are spawned, and then
            // neither would the messages of a partition. Only the wait for the answers is a task's.
            let mut exchange = Box::pin(unconstrained(Rc::clone(&link).exchange(connection, generation, batch)));
            if poll_fn(|context| Poll::Ready(exchange.as_mut().poll(context).is_pending())).await {
                under_way.spawn_local(exchange);
            }
            while under_way.try_join_next().is_some() {}
        }
        watch.abort();
    }

    /// Gives up all that is under way, where there is no connection. Where there is one, a loss that is told of has been met
    /// already, on the way to a pipeline, and what is under way is the next connection's.
    fn give_up(&self, under_way: &mut JoinSet<()>) {
        if self.connection.borrow().is_none() {
            under_way.abort_all();
        }
    }

    /// The connection, reconnecting by the policy if need be. `None`: the worker has been told to finish.
    async fn usable(&self) -> Option<(MultiplexedConnection, u64)> {
        loop {
            if let Some(connection) = self.connection.borrow().as_ref() {
                return Some((connection.clone(), self.generation.get()));
            }
            if self.control.is_finished() {
                return None;
            }
            self.reconnect().await;
        }
    }

    async fn reconnect(&self) {
        let until = tokio::time::Instant::now() + self.backoff.borrow_mut().next_wait();
        while tokio::time::Instant::now() < until && !self.control.is_finished() {
            tokio::time::sleep_until(until.min(tokio::time::Instant::now() + LONGEST_NAP)).await;
        }
        if !self.control.is_finished() {
            let _ = self.attempt().await;
        }
    }

    async fn attempt(&self) -> Result<(), String> {
        self.log.note(PEER, ConnectionEvent::Connecting, None);
        let timeout = connect_timeout(&self.policy);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            // Room for all that may be under way, so that handing a pipeline over never waits.
            .set_pipeline_buffer_size(self.in_flight)
            .set_response_timeout(Some(self.policy.request_timeout_ns.into()));
        let opened = async {
            let client = self.primary.found(timeout).await?;
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            let answer: Value = self.primary.greeting().query_async(&mut connection).await?;
            self.primary.welcomed(&answer)?;
            Ok::<_, redis::RedisError>(connection)
        };
        let error = match tokio::time::timeout(timeout, opened).await {
            Ok(Ok(connection)) => {
                self.log.note(PEER, ConnectionEvent::Connected, None);
                self.connection.replace(Some(connection));
                self.generation.set(self.generation.get() + 1);
                self.backoff.borrow_mut().reset();
                return Ok(());
            }
            Ok(Err(error)) => describe(&error),
            Err(_) => "timed out".to_owned(),
        };
        self.log.note(PEER, ConnectionEvent::AttemptFailed, Some(error.clone()));
        Err(error)
    }

    /// A connection that is given up is given up with all that is under way on it, whose task is then aborted: an answer that
    /// came over it later would be for a message that the broker may have put behind those of the next connection.
    async fn exchange(self: Rc<Self>, mut connection: MultiplexedConnection, generation: u64, batch: Vec<Outgoing>) {
        let batch = UnderWay { link: Rc::clone(&self), generation, batch };
        let batch = &batch.batch;
        self.ledger.handed_over(batch.iter().map(|message| message.ticket));
        let mut pipeline = redis::Pipeline::with_capacity(batch.len());
        pipeline.ignore_errors();
        for message in batch {
            let command = pipeline.cmd("XADD").arg(&self.streams[usize::from(message.partition.0)]);
            if let Some(limit) = &self.max_len {
                command.arg("MAXLEN").arg(limit.operator()).arg(limit.entries);
            }
            command.arg("*").arg("p").arg(&message.payload[..]);
        }
        if let Some(wait) = &self.wait {
            pipeline.cmd("WAIT").arg(wait.replicas).arg(wait.patience_ms);
        }
        let asked = batch.len() + usize::from(self.wait.is_some());
        let answer: RedisResult<Vec<RedisResult<Value>>> = pipeline.query_async(&mut connection).await;
        match answer {
            Ok(mut answers) if answers.len() == asked => {
                let shortage = self.wait.and_then(|wait| shortage(wait, answers.pop()));
                let demoted = answers.iter().filter_map(|answer| answer.as_ref().err());
                let demoted = demoted.filter(|error| self.primary.is_demotion(error)).map(describe).next();
                for (message, answer) in batch.iter().zip(answers) {
                    self.settle(message.ticket, answer, shortage.as_deref());
                }
                if let Some(error) = demoted {
                    self.lose(generation, &error);
                }
            }
            Ok(answers) => {
                let error = format!("{} answers to {asked} commands", answers.len());
                self.lose(generation, &error);
                self.settle_all(batch, &error);
            }
            Err(error) => {
                let error = describe(&error);
                self.lose(generation, &error);
                self.settle_all(batch, &error);
            }
        }
    }

    /// `shortage`: too few replicas have what the primary has taken.
    fn settle(&self, ticket: Ticket, answer: RedisResult<Value>, shortage: Option<&str>) {
        match (answer, shortage) {
            (Ok(_), Some(shortage)) => {
                self.ledger.settle(ticket, Outcome::Indeterminate, None, Some(shortage.to_owned()));
            }
            (Ok(value), None) => match entry_id(&value) {
                Some(id) => {
                    let position = self.epoch.position(id);
                    if position.is_none() {
                        self.complaints
                            .tell("XADD made an entry that has no exact position: was the server's clock set?");
                    }
                    self.ledger.settle(ticket, Outcome::Ok, position, None);
                }
                None => self.ledger.settle(
                    ticket,
                    Outcome::Indeterminate,
                    None,
                    Some("XADD answered without an entry ID".to_owned()),
                ),
            },
            // The server itself said no, and it says so before it appends anything.
            (Err(error), _) => self.ledger.settle(ticket, Outcome::Failed, None, Some(describe(&error))),
        }
    }

    fn settle_all(&self, batch: &[Outgoing], error: &str) {
        for message in batch {
            self.ledger.settle(message.ticket, Outcome::Indeterminate, None, Some(error.to_owned()));
        }
    }

    /// Gives the connection up, once. A connection on which an answer is overdue is given up too: it may never come.
    fn lose(&self, generation: u64, error: &str) {
        if self.generation.get() == generation && self.connection.take().is_some() {
            self.log.note(PEER, ConnectionEvent::Lost, Some(error.to_owned()));
            self.loss.replace(error.to_owned());
            self.lost.notify_one();
        }
    }

    fn is_given_up(&self, generation: u64) -> bool {
        self.generation.get() != generation || self.connection.borrow().is_none()
    }

    /// Notices a dead connection on which nothing is sent, and reconnects it.
    async fn keep_alive(self: Rc<Self>) {
        let (every, timeout) = (self.policy.heartbeat_every_ns.into(), self.policy.heartbeat_timeout_ns.into());
        let mut missed = 0;
        loop {
            tokio::time::sleep(every).await;
            let Some(mut connection) = self.connection.borrow().clone() else { continue };
            let generation = self.generation.get();
            let ping = redis::cmd("PING");
            match tokio::time::timeout(timeout, ping.query_async::<()>(&mut connection)).await {
                Ok(Ok(())) => missed = 0,
                Ok(Err(error)) if !error.is_timeout() => self.lose(generation, &describe(&error)),
                Ok(Err(_)) | Err(_) => missed += 1,
            }
            if missed >= self.policy.heartbeat_misses.max(1) {
                missed = 0;
                self.lose(generation, "heartbeats unanswered");
            }
        }
    }
}

/// Why an entry that the primary has is not acknowledged yet; `None`: as many replicas as asked for have it.
fn shortage(wait: Wait, answer: Option<RedisResult<Value>>) -> Option<String> {
    match answer {
        Some(Ok(Value::Int(replicas))) if u64::try_from(replicas).is_ok_and(|replicas| replicas >= wait.replicas) => {
            None
        }
        Some(Err(error)) => Some(format!("WAIT: {}", describe(&error))),
        _ => Some(format!("WAIT: fewer than {} replicas have it", wait.replicas)),
    }
}

fn entry_id(value: &Value) -> Option<EntryId> {
    let text = match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        _ => return None,
    };
    EntryId::parse(text)
}
