//! Sending: in pipelines over one connection, or message by message over a pool (`pooled.rs`), while nothing is due (`event_loop.rs`).
//!
//! Messages that wait together leave together, as one pipeline; several pipelines may be under way. When the connection
//! is lost, what was under way is indeterminate and is not sent again; what has not left waits for the next connection.
//! Where replicas are waited for, a pipeline ends with WAIT; what too few of them have is indeterminate too.

use super::additions::Additions;
use super::appending::{Appending, Batch, Outgoing};
use super::event_loop::EventLoop;
use super::opener::Opener;
use super::pooled::Pooled;
use super::primary::Primary;
use super::settings::PoolSize;
use crate::broker::redis_streams::connection::{describe, is_answer, sign_of_life};
use crate::broker::redis_streams::letter;
use crate::model::{BrokerError, KeyedMessage};
use crate::worker::client::{Letter, Producer, ProducerContext};
use crate::worker::protocol::Policy;
use crate::worker::{ConnectionLog, Lull, Ticket, Waits};
use redis::aio::MultiplexedConnection;
use reports::history::{ConnectionEvent, Outcome, WITHDRAWN};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet, unconstrained};

const PEER: &str = "main";
/// Messages in one pipeline at most: enough to amortise a system call, few enough that the first answers come early.
const PIPELINE_AT_MOST: usize = 128;

/// Messages in one pipeline of a producer that may have so many under way. Measured with 128 of them: a third of them in a pipeline make
/// more messages a second than half of them, and cost less CPU than a quarter.
pub(super) fn pipeline_at_most(in_flight: usize) -> usize {
    in_flight.div_ceil(3).min(PIPELINE_AT_MOST)
}

/// The longest sleep in one piece, so that an order is heard.
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// No more payload than that is kept back: large messages leave one by one.
const BYTES_AT_MOST: usize = 64 << 10;

/// The sending client.
pub(super) struct RedisProducer {
    event_loop: EventLoop,
    /// Unbounded, because the ledger already bounds what is under way.
    departures: UnboundedSender<Outgoing>,
    sending: JoinHandle<()>,
    additions: Additions,
    /// The stream of dead letters.
    dead_letters: String,
    kept_back: KeptBack,
}

/// What was handed over since the connection last had its turn.
struct KeptBack {
    messages: usize,
    /// Of their payloads.
    bytes: usize,
    /// So many messages may be.
    at_most: usize,
}

impl KeptBack {
    const fn limited_to(at_most: usize) -> Self {
        Self { messages: 0, bytes: 0, at_most }
    }

    /// Adds a message of so many bytes, and tells whether that is enough for a turn.
    const fn add(&mut self, bytes: usize) -> bool {
        self.messages += 1;
        self.bytes += bytes;
        self.messages >= self.at_most || self.bytes >= BYTES_AT_MOST
    }

    const fn clear(&mut self) {
        *self = Self::limited_to(self.at_most);
    }
}

impl Producer for RedisProducer {
    fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
        let additions = Additions::of(&context)?;
        let (dead_letters, in_flight) = (context.connection.dead_letters.clone(), context.in_flight);
        let event_loop = EventLoop::new().map_err(|error| BrokerError(format!("nothing to send with: {error}")))?;
        let sending = event_loop.finish(Sending::open(context))?;
        let (departures, arrivals) = unbounded_channel();
        let sending = event_loop.spawn(sending.send_all(arrivals));
        let kept_back = KeptBack::limited_to(pipeline_at_most(in_flight));
        Ok(Self { event_loop, departures, sending, additions, dead_letters, kept_back })
    }

    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
        let addition = self.additions.of_message(keyed, payload);
        self.add(Outgoing { ticket, addition }, payload.len());
    }

    fn bury(&mut self, ticket: Ticket, letter: &Letter<'_>) {
        let addition = letter::addition(&self.dead_letters, letter);
        self.add(Outgoing { ticket, addition }, letter.payload.len());
    }

    fn wait_out(&mut self, lull: Lull<'_>) {
        self.kept_back.clear();
        self.event_loop.work_through(lull);
    }

    /// What was handed over still leaves, where there is a connection. Nobody waits for its answers.
    fn close(mut self) {
        self.event_loop.take_turns();
        drop(self.departures);
        let _ = self.event_loop.finish(self.sending);
    }
}

impl RedisProducer {
    fn add(&mut self, outgoing: Outgoing, bytes: usize) {
        // The other end outlives this one.
        let _ = self.departures.send(outgoing);
        if self.kept_back.add(bytes) {
            self.kept_back.clear();
            self.event_loop.take_turns();
        }
    }
}

/// How it sends.
enum Sending {
    /// In pipelines, over one connection.
    OnOne(Box<CurrentConnection>),
    /// Each message by itself, over a connection of a pool.
    OnMany(Box<Pooled>),
}

impl Sending {
    async fn open(context: ProducerContext) -> Result<Self, BrokerError> {
        let spec = &context.connection;
        let primary = Primary::of(spec)?;
        let opener = Opener::new(primary.clone(), &spec.policy, Duration::ZERO);
        let appending = Appending::of(&context, primary)?;
        let address = spec.address.clone();
        let unreachable = |error| BrokerError(format!("{address} could not be reached: {error}; is the broker up?"));
        match PoolSize::from_settings(&spec.settings)? {
            None => {
                let link = CurrentConnection::of(context, opener, appending);
                link.attempt().await.map_err(unreachable)?;
                Ok(Self::OnOne(Box::new(link)))
            }
            Some(size) => {
                let pooled = Pooled::open(&context, opener, appending, size).await;
                Ok(Self::OnMany(Box::new(pooled.map_err(unreachable)?)))
            }
        }
    }

    /// Sends all that comes, until no more can come.
    async fn send_all(self, arrivals: UnboundedReceiver<Outgoing>) {
        match self {
            Self::OnOne(link) => link.send_all(arrivals).await,
            Self::OnMany(pooled) => pooled.send_all(arrivals).await,
        }
    }
}

/// The connection of the moment, and how to get the next.
struct CurrentConnection {
    opener: Opener,
    appending: Appending,
    policy: Policy,
    in_flight: usize,
    log: ConnectionLog,
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
    batch: Batch,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.link.is_given_up(self.generation) {
            let why = format!("connection given up: {}", self.link.loss.borrow());
            self.link.appending.settle_all(&self.batch, &why);
        }
    }
}

impl CurrentConnection {
    fn of(context: ProducerContext, opener: Opener, appending: Appending) -> Self {
        let policy = context.connection.policy;
        Self {
            opener,
            appending,
            backoff: RefCell::new(Waits::new(&policy, context.connections.client())),
            policy,
            in_flight: context.in_flight.max(1),
            log: context.connections,
            control: context.control,
            connection: RefCell::new(None),
            generation: Cell::new(0),
            lost: Notify::new(),
            loss: RefCell::default(),
        }
    }

    async fn send_all(self, mut arrivals: UnboundedReceiver<Outgoing>) {
        let at_most = pipeline_at_most(self.in_flight);
        let link = Rc::new(self);
        let watch = tokio::task::spawn_local(Rc::clone(&link).keep_alive());
        let mut under_way = JoinSet::new();
        let mut waiting = Vec::with_capacity(at_most);
        loop {
            let taken = tokio::select! {
                taken = arrivals.recv_many(&mut waiting, at_most) => taken,
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
                    link.appending.ledger.settle(message.ticket, Outcome::Failed, None, Some(WITHDRAWN.to_owned()));
                }
                continue;
            };
            let batch = link.appending.batch(waiting.drain(..));
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
        let error = match self.opener.open_shared(self.in_flight).await {
            Ok(connection) => {
                self.log.note(PEER, ConnectionEvent::Connected, None);
                self.connection.replace(Some(connection));
                self.generation.set(self.generation.get() + 1);
                self.backoff.borrow_mut().reset();
                return Ok(());
            }
            Err(error) => error,
        };
        self.log.note(PEER, ConnectionEvent::AttemptFailed, Some(error.clone()));
        Err(error)
    }

    /// A connection that is given up is given up with all that is under way on it, whose task is then aborted: an answer that
    /// came over it later would be for a message that the broker may have put behind those of the next connection.
    async fn exchange(self: Rc<Self>, mut connection: MultiplexedConnection, generation: u64, batch: Batch) {
        let batch = UnderWay { link: Rc::clone(&self), generation, batch };
        if let Err(error) = self.appending.exchange(&mut connection, &batch.batch).await {
            self.lose(generation, &error);
            self.appending.settle_all(&batch.batch, &error);
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
            let ask = sign_of_life();
            match tokio::time::timeout(timeout, ask.query_async::<()>(&mut connection)).await {
                Ok(Ok(())) => missed = 0,
                Ok(Err(error)) if is_answer(&error) => missed = 0,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_what_may_be_under_way_fills_a_pipeline() {
        assert_eq!([1, 2, 7, 128, 8192].map(pipeline_at_most), [1, 1, 3, 43, PIPELINE_AT_MOST]);
    }

    #[test]
    fn a_connection_has_its_turn_when_messages_are_many_or_large() {
        let mut kept_back = KeptBack::limited_to(3);
        assert!(!kept_back.add(7) && !kept_back.add(BYTES_AT_MOST - 8) && kept_back.add(0));
        kept_back.clear();
        assert!(!kept_back.add(BYTES_AT_MOST - 1) && kept_back.add(1));
        kept_back.clear();
        assert!(kept_back.add(BYTES_AT_MOST));
    }
}
