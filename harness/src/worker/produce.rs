//! The producing worker: the schedule on a thread of its own, open loop.
//!
//! Intended times come from the schedule and never move. What is late is sent at once, with whatever else is late, and stays charged.

use super::client::{Letter, Producer, ProducerContext};
use super::control::Control;
use super::error::WorkerError;
use super::ledger::{Rested, SendLedger, Ticket};
use super::lull::Lull;
use super::outbox::Outbox;
use super::payload::Encoder;
use super::protocol::{Assignment, FromWorker, ProduceTask, Progress, RecordFileTask};
use super::retries::Due;
use crate::clock;
use crate::model::{KeyedMessage, Partitioner, Schedule, Spacing, records};
use reports::history::Outcome;
use reports::units::{Nanos, ProducerId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The longest wait in one piece, so that a stop is heard.
const LONGEST_NAP: Nanos = Nanos::from_millis(50);
/// The same, where a message may have to be tried again meanwhile, and before the start and after the last message.
const SHORT_NAP: Nanos = Nanos::from_millis(5);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// A due send comes before other work on its core (`docs/decisions/0009-producers-first.md`).
const NICENESS: i32 = -10;

/// Connects, says that it is ready, sends on schedule, waits for every outcome, and returns when told to finish.
///
/// # Errors
/// The first connection did not succeed, or the file of records is not what it was.
pub fn run<P: Producer>(
    assignment: &Assignment,
    task: &ProduceTask,
    context: ProducerContext,
    outbox: &Outbox,
) -> Result<(), WorkerError> {
    // Before anybody is told that it is ready: the weights of many keys, and the messages that a successor passes over, take a while.
    let encoder = encoder(assignment.trial, task)?;
    let partitioner = Partitioner::new(ProducerId(task.producer), context.connection.partitions, task.keys, task.seed);
    let partitioner = partitioner.skipping(task.first);
    let (ledger, control) = (Arc::clone(&context.ledger), Arc::clone(&context.control));
    let gauges = Arc::clone(&context.gauges);
    // Threads that are started after it inherit it.
    if P::WAITS_ASLEEP {
        come_first();
    }
    let mut client = P::connect(context)?;
    if !P::WAITS_ASLEEP {
        come_first();
    }
    outbox.send(&FromWorker::Ready);
    let through = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let finished = control.wait_for_finish(PROGRESS_EVERY);
                outbox.send(&FromWorker::Progress(Progress {
                    sent: ledger.begun(),
                    acknowledged: ledger.settled(Outcome::Ok),
                    failed: ledger.settled(Outcome::Failed),
                    indeterminate: ledger.settled(Outcome::Indeterminate),
                    settled: through.load(Relaxed) && ledger.is_idle(),
                    delivered: 0,
                }));
                let values = gauges.take();
                if !values.is_empty() {
                    outbox.send(&FromWorker::Gauges { at_ns: clock::now(), values });
                }
                if finished {
                    break;
                }
            }
        });
        let mut sender = Sender::new(assignment, task, (encoder, partitioner), &mut client, (&ledger, &control));
        if let Some(origin) = sender.wait_for_start() {
            // The kernel may otherwise wake a sleeper up to 50 µs late.
            let _ = rustix::thread::set_current_timer_slack(Some(std::num::NonZeroU64::MIN));
            sender.send_all(origin);
            // What was kept back leaves, even if the end has come.
            sender.wait_until(clock::now());
        }
        through.store(true, Relaxed);
        sender.try_again_until_the_end();
    });
    client.close();
    ledger.abandon("not settled when the trial ended");
    Ok(())
}

/// Writes the payloads of a task.
fn encoder(trial: u64, task: &ProduceTask) -> Result<Encoder, WorkerError> {
    let Some(RecordFileTask { file, crc32c: sum }) = &task.records else {
        let sizes = task.smallest_bytes.unwrap_or(task.message_bytes)..=task.message_bytes;
        return Ok(Encoder::new(trial, sizes, task.compressibility, task.seed));
    };
    let wrong = |why: String| WorkerError::RecordFile { file: file.clone(), why };
    let content = std::fs::read(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if crc32c::crc32c(&content) != *sum {
        return Err(wrong("has changed since the run began".to_owned()));
    }
    Ok(Encoder::of_records(trial, records(&content).map(<[u8]>::to_vec).collect(), task.seed))
}

/// From now on this thread comes before others. Who may not goes without: the lag is measured anyway.
fn come_first() {
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, niceness = NICENESS, "sending goes without priority");
    }
}

struct Sender<'a, P> {
    trial: u64,
    task: &'a ProduceTask,
    /// Where the messages that were not begun yet go.
    partitioner: Partitioner,
    client: &'a mut P,
    encoder: Encoder,
    ledger: &'a SendLedger,
    control: &'a Control,
    /// The longest wait in one piece: short where a message may have to be tried again meanwhile.
    nap: Nanos,
}

impl<'a, P: Producer> Sender<'a, P> {
    fn new(
        assignment: &Assignment,
        task: &'a ProduceTask,
        (encoder, partitioner): (Encoder, Partitioner),
        client: &'a mut P,
        (ledger, control): (&'a SendLedger, &'a Control),
    ) -> Self {
        let trial = assignment.trial;
        let nap = assignment.connection.policy.producer_retry.map_or(LONGEST_NAP, |_| SHORT_NAP);
        Self { trial, task, partitioner, client, encoder, ledger, control, nap }
    }

    /// `None`: it was stopped before.
    fn wait_for_start(&mut self) -> Option<Nanos> {
        loop {
            let beginning = self.control.beginning();
            if beginning.is_some() || self.control.is_stopped() {
                return beginning;
            }
            self.wait_until(clock::now().plus(SHORT_NAP));
        }
    }

    fn send_all(&mut self, origin: Nanos) {
        let task = self.task;
        self.encoder.poison(task.poison.iter().map(|span| span.rule(origin, task.seed)).collect());
        let producer = ProducerId(task.producer);
        if task.schedule.arrivals == Spacing::Unlimited {
            return self.send_as_places_come(origin);
        }
        let schedule = Schedule::along(&task.schedule, task.producers, producer, task.seed);
        for offset in schedule.skip(usize::try_from(task.first).unwrap_or(usize::MAX)) {
            let intended = origin.plus(offset);
            self.try_again();
            while clock::now() < intended {
                if self.control.is_stopped() {
                    return;
                }
                self.wait_until(intended);
                self.try_again();
            }
            if !self.send_one(intended) {
                return;
            }
        }
    }

    /// One message after the other, each as soon as there is a place for it: that is when it was due.
    fn send_as_places_come(&mut self, origin: Nanos) {
        let end = origin.plus(self.task.schedule.end_ns);
        while clock::now() < origin && !self.control.is_stopped() {
            self.wait_until(origin);
        }
        loop {
            self.try_again();
            while !self.ledger.has_place() && !self.control.is_stopped() && clock::now() < end {
                self.wait_for_place();
                self.try_again();
            }
            let intended = clock::now();
            if intended >= end || self.control.is_stopped() {
                return;
            }
            if !self.send_one(intended) {
                return;
            }
        }
    }

    /// Hands over this producer's next message. `false`: it was told to stop before there was room for it.
    fn send_one(&mut self, intended: Nanos) -> bool {
        let keyed = self.partitioner.advance();
        let Some(ticket) = self.begin(keyed, intended) else { return false };
        self.client.send(ticket, keyed, self.encoder.encode(keyed.message, intended));
        true
    }

    fn begin(&mut self, keyed: KeyedMessage, intended: Nanos) -> Option<Ticket> {
        while !self.control.is_stopped() {
            if let Some(ticket) = self.ledger.begin(keyed, intended) {
                return Some(ticket);
            }
            // What is to be tried again has some of the places that it waits for.
            self.wait_for_place();
            self.try_again();
        }
        None
    }

    /// At most until that instant.
    fn wait_until(&mut self, instant: Nanos) {
        self.client.wait_out(Lull::until(instant.min(clock::now().plus(self.nap))));
    }

    fn wait_for_place(&mut self) {
        self.client.wait_out(Lull::for_place(self.ledger, clock::now().plus(self.nap)));
    }

    /// Tries again what has rested long enough.
    fn try_again(&mut self) {
        if self.ledger.next_due() == Nanos(u64::MAX) {
            return;
        }
        while let Some(Rested { ticket, keyed, intended, due }) = self.ledger.rested(clock::now()) {
            let message = keyed.message;
            let payload = self.encoder.encode(message, intended);
            match due {
                Due::Attempt => self.client.send(ticket, keyed, payload),
                Due::DeadLetter { attempts } => {
                    let letter = Letter {
                        partition: message.partition,
                        message_id: message.to_string(),
                        trace_id: message.trace(self.trial),
                        retries: u16::from(attempts.saturating_sub(1)),
                        payload,
                    };
                    self.client.bury(ticket, &letter);
                }
            }
        }
    }

    fn try_again_until_the_end(&mut self) {
        while !self.control.is_finished() {
            self.wait_until(clock::now().plus(SHORT_NAP));
            self.try_again();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::ProducerContext;
    use super::super::connections::ConnectionLog;
    use super::super::payload::decode;
    use super::super::protocol::tests::{connection, produce_task};
    use super::super::protocol::{PROTOCOL, Task};
    use super::super::record::tests::{kept, rows};
    use super::super::row::Row;
    use super::*;
    use crate::model::BrokerError;
    use crate::worker::protocol::RetryPolicy;
    use reports::history::Send;
    use reports::units::{MessageId, Partition};
    use std::collections::{BTreeSet, HashMap};
    use std::path::PathBuf;

    /// Settles each send at once, if the payload is what the ticket is about.
    struct Echo(Arc<SendLedger>);

    impl Producer for Echo {
        fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
            Ok(Self(context.ledger))
        }

        fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
            let outcome =
                if decode(payload, 9, keyed.message.partition).intact { Outcome::Ok } else { Outcome::Failed };
            self.0.settle(ticket, outcome, None, None);
        }

        fn bury(&mut self, _: Ticket, _: &Letter<'_>) {}

        fn close(self) {}
    }

    /// Settles nothing.
    struct Mute;

    impl Producer for Mute {
        fn connect(_context: ProducerContext) -> Result<Self, BrokerError> {
            Ok(Self)
        }

        fn send(&mut self, _ticket: Ticket, _keyed: KeyedMessage, _payload: &[u8]) {}

        fn bury(&mut self, _: Ticket, _: &Letter<'_>) {}

        fn close(self) {}
    }

    /// Settles nothing until it is told that nothing more comes. Refuses the first attempt at each message, where there are others.
    struct KeepsBack {
        ledger: Arc<SendLedger>,
        kept_back: Vec<(Ticket, MessageId)>,
        refused: BTreeSet<MessageId>,
        refuses: bool,
    }

    impl Producer for KeepsBack {
        fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
            let refuses = context.connection.policy.producer_retry.is_some();
            Ok(Self { ledger: context.ledger, kept_back: Vec::new(), refused: BTreeSet::new(), refuses })
        }

        fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, _: &[u8]) {
            self.kept_back.push((ticket, keyed.message));
        }

        fn bury(&mut self, _: Ticket, _: &Letter<'_>) {}

        fn wait_out(&mut self, lull: Lull<'_>) {
            for (ticket, message) in self.kept_back.drain(..) {
                let outcome = if self.refuses && self.refused.insert(message) { Outcome::Failed } else { Outcome::Ok };
                self.ledger.settle(ticket, outcome, None, None);
            }
            lull.asleep();
        }

        fn close(self) {}
    }

    /// Takes at the third attempt what is second of its partition, never what is third; and of what is fourth the first attempt's
    /// answer is lost. Acknowledges letters, but for the partition 2.
    struct Moody {
        ledger: Arc<SendLedger>,
        attempts: HashMap<(Partition, u64), u32>,
    }

    impl Producer for Moody {
        fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
            Ok(Self { ledger: context.ledger, attempts: HashMap::new() })
        }

        fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
            let partition = keyed.message.partition;
            let decoded = decode(payload, 9, partition);
            assert!(decoded.intact, "the same message, attempt by attempt");
            let attempts = self.attempts.entry((partition, decoded.message.seq.0)).or_insert(0);
            *attempts += 1;
            let outcome = match (decoded.message.seq.0, *attempts) {
                (1, 1 | 2) | (2, _) => Outcome::Failed,
                (3, 1) => Outcome::Indeterminate,
                _ => Outcome::Ok,
            };
            let error = (outcome != Outcome::Ok).then(|| "not in the mood".to_owned());
            self.ledger.settle(ticket, outcome, None, error);
            self.ledger.settle(ticket, Outcome::Ok, None, None);
        }

        fn bury(&mut self, ticket: Ticket, letter: &Letter<'_>) {
            assert!(
                letter.retries == 3
                    && letter.message_id.ends_with("/2")
                    && decode(letter.payload, 9, letter.partition).intact
            );
            let outcome = if letter.partition == Partition(2) { Outcome::Indeterminate } else { Outcome::Ok };
            self.ledger.settle(ticket, outcome, None, None);
        }

        fn close(self) {}
    }

    /// 1000 a second of two producers for 100 ms; this is the second one.
    fn task() -> ProduceTask {
        produce_task(1, 2)
    }

    /// Runs until `end` lets it finish; returns what was recorded.
    fn run_with<P: Producer>(end: impl FnOnce(&Control, &SendLedger) + std::marker::Send) -> Vec<Send> {
        run_task::<P>(&task(), end)
    }

    fn run_task<P: Producer>(
        task: &ProduceTask,
        end: impl FnOnce(&Control, &SendLedger) + std::marker::Send,
    ) -> Vec<Send> {
        run_trying::<P>(task, None, end)
    }

    fn run_trying<P: Producer>(
        task: &ProduceTask,
        retry: Option<RetryPolicy>,
        end: impl FnOnce(&Control, &SendLedger) + std::marker::Send,
    ) -> Vec<Send> {
        let (records, control) = (kept(), Arc::new(Control::default()));
        let ledger = Arc::new(SendLedger::new(task.in_flight, records.clone()).trying_again(retry, 1));
        let mut connection = connection("memory", "in-process");
        connection.policy.producer_retry = retry;
        let context = ProducerContext {
            gauges: Arc::default(),
            connection: connection.clone(),
            ledger: Arc::clone(&ledger),
            connections: ConnectionLog::new("producer-1", records.clone()),
            complaints: crate::worker::Complaints::new(&Outbox::new(std::io::sink())),
            control: Arc::clone(&control),
            in_flight: task.in_flight,
            headers: task.headers.clone(),
        };
        let assignment = Assignment {
            protocol: PROTOCOL,
            worker: "producer-1".to_owned(),
            trial: 9,
            journal: PathBuf::new(),
            connection,
            task: Task::Produce(task.clone()),
        };
        std::thread::scope(|scope| {
            scope.spawn(|| end(&control, &ledger));
            run::<P>(&assignment, task, context, &Outbox::new(std::io::sink())).expect("connected");
        });
        let send = |row| if let Row::Send(send) = row { send } else { panic!("another table's: {row:?}") };
        rows(&records).into_iter().map(send).collect()
    }

    /// Waits until it is so, for a minute at most: the producer is then told to finish, and the test fails by what was recorded.
    fn wait_for(is_so: impl Fn() -> bool) {
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        while !is_so() && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn wait_until(ledger: &SendLedger, begun: u64) {
        wait_for(|| ledger.begun() >= begun);
    }

    fn wait_until_idle(ledger: &SendLedger) {
        wait_for(|| ledger.is_idle());
    }

    #[test]
    fn every_message_is_sent_at_its_time_and_not_before() {
        let origin = clock::now().plus(Nanos::from_millis(20));
        let sends = run_with::<Echo>(|control, ledger| {
            control.start(origin);
            wait_until(ledger, 50);
            control.finish();
        });
        // Every other millisecond, beginning with the second one.
        let intended: Vec<_> = sends.iter().map(|send| send.intended.since(origin)).collect();
        assert_eq!(intended, (0..50).map(|nth| Nanos::from_millis(2 * nth + 1)).collect::<Vec<_>>());
        assert!(sends.iter().all(|send| send.started >= send.intended && send.outcome == Outcome::Ok), "{sends:?}");
        // Three partitions in turn, beginning with its own; each counts by itself.
        let places: Vec<_> = sends.iter().take(4).map(|send| (send.message.partition.0, send.message.seq.0)).collect();
        assert_eq!(places, [(1, 0), (2, 0), (0, 0), (1, 1)]);
    }

    #[test]
    fn what_is_late_is_sent_all_the_same_and_stays_charged_from_when_it_was_due() {
        let origin = clock::now();
        std::thread::sleep(Duration::from_millis(110));
        let sends = run_with::<Echo>(|control, ledger| {
            control.start(origin);
            wait_until(ledger, 50);
            control.finish();
        });
        assert_eq!(sends.len(), 50);
        // The whole schedule had passed when it began.
        let first = &sends[0];
        assert_eq!(first.intended, origin.plus(Nanos::from_millis(1)));
        assert!(first.settled.since(first.intended) >= Nanos::from_millis(100), "{first:?}");
    }

    #[test]
    fn a_successor_goes_on_with_the_first_message_that_was_never_begun_however_late() {
        let origin = clock::now();
        std::thread::sleep(Duration::from_millis(60));
        let sends = run_task::<Echo>(&ProduceTask { first: 20, ..task() }, |control, ledger| {
            control.start(origin);
            wait_until(ledger, 30);
            control.finish();
        });
        assert_eq!(sends.len(), 30);
        assert_eq!(sends[0].intended, origin.plus(Nanos::from_millis(41)));
        assert!(sends[0].started >= origin.plus(Nanos::from_millis(60)), "{:?}", sends[0]);
        // The twenty-first of three partitions in turn: the seventh of its own.
        assert_eq!((sends[0].message.partition.0, sends[0].message.seq.0), (0, 6));
    }

    #[test]
    fn without_answers_no_more_is_sent_than_may_be_under_way_and_the_rest_is_indeterminate() {
        let sends = run_with::<Mute>(|control, ledger| {
            control.start(clock::now());
            wait_until(ledger, 8);
            std::thread::sleep(Duration::from_millis(120));
            assert_eq!(ledger.begun(), 8);
            control.finish();
        });
        assert_eq!(sends.len(), 8);
        assert!(sends.iter().all(|send| send.outcome == Outcome::Indeterminate), "{sends:?}");
    }

    /// Two attempts a millisecond or two apart, then four.
    const FOUR_ATTEMPTS: RetryPolicy = RetryPolicy {
        attempts: 4,
        first_ns: Nanos::from_millis(1),
        factor: 2.0,
        max_ns: Nanos::from_millis(4),
        jitter: 0.0,
        dead_letters: true,
    };

    #[test]
    fn what_was_not_acknowledged_is_tried_again_and_given_up_to_the_dead_letter_queue_in_the_end() {
        let task = ProduceTask { in_flight: 2, ..task() };
        let sends = run_trying::<Moody>(&task, Some(FOUR_ATTEMPTS), |control, ledger| {
            control.start(clock::now());
            wait_until(ledger, 50);
            wait_until_idle(ledger);
            control.finish();
        });
        assert_eq!(sends.len(), 50);
        for send in &sends {
            let told = (send.outcome, send.attempts, send.dead_letter, send.error.as_deref());
            let acknowledged = send.message.partition != Partition(2);
            let expected = match send.message.seq.0 {
                1 => (Outcome::Ok, 3, None, None),
                2 => (Outcome::Failed, 4, Some(acknowledged), Some("not in the mood")),
                3 => (Outcome::Ok, 2, None, None),
                _ => (Outcome::Ok, 1, None, None),
            };
            assert_eq!(told, expected, "{send:?}");
            let rested = Duration::from(send.settled.since(send.started));
            let least = [0, 3, 7, 1].get(send.message.seq.0 as usize).copied().unwrap_or(0);
            assert!(rested >= Duration::from_millis(least), "{send:?}");
        }
    }

    #[test]
    fn what_rests_when_the_trial_ends_is_not_tried_again_and_keeps_what_is_known_of_it() {
        let hour = RetryPolicy { first_ns: Nanos::from_secs(3600), max_ns: Nanos::from_secs(3600), ..FOUR_ATTEMPTS };
        let sends = run_trying::<Moody>(&task(), Some(hour), |control, ledger| {
            control.start(clock::now());
            // Eight may be under way: three are acknowledged, and the rest rests.
            wait_until(ledger, 11);
            control.stop();
            control.finish();
        });
        let open: BTreeSet<_> = sends
            .iter()
            .filter(|send| send.outcome != Outcome::Ok)
            .map(|send| (send.message.seq.0, send.outcome as u8, send.attempts, send.dead_letter))
            .collect();
        let (failed, unknown) = (Outcome::Failed as u8, Outcome::Indeterminate as u8);
        assert!(open.is_superset(&[(1, failed, 1, None), (2, failed, 1, None)].into()), "{open:?}");
        assert!(open.iter().all(|(seq, outcome, ..)| *outcome == if *seq == 3 { unknown } else { failed }), "{open:?}");
    }

    #[test]
    fn what_a_client_keeps_back_leaves_when_no_message_is_due_or_no_place_is_free() {
        for (late, in_flight) in [(Duration::ZERO, 64), (Duration::from_millis(110), 8)] {
            let origin = clock::now().plus(Nanos::from_millis(20));
            std::thread::sleep(late);
            let sends = run_task::<KeepsBack>(&ProduceTask { in_flight, ..task() }, |control, ledger| {
                control.start(origin);
                wait_until(ledger, 50);
                wait_until_idle(ledger);
                control.finish();
            });
            assert_eq!(sends.len(), 50);
            assert!(sends[0].settled < sends[49].started, "{late:?}: nothing left before the end");
            assert!(sends.iter().all(|send| send.outcome == Outcome::Ok), "{late:?}");
        }
    }

    #[test]
    fn what_is_tried_again_after_the_last_message_is_not_kept_back() {
        let task = ProduceTask { in_flight: 64, ..task() };
        let sends = run_trying::<KeepsBack>(&task, Some(FOUR_ATTEMPTS), |control, ledger| {
            control.start(clock::now());
            wait_until(ledger, 50);
            wait_until_idle(ledger);
            control.finish();
        });
        assert_eq!(sends.len(), 50);
        assert!(sends.iter().all(|send| (send.outcome, send.attempts) == (Outcome::Ok, 2)), "{sends:?}");
    }

    #[test]
    fn an_unlimited_load_goes_on_past_what_a_client_keeps_back() {
        let mut task = task();
        task.schedule.arrivals = Spacing::Unlimited;
        let sends = run_task::<KeepsBack>(&task, |control, ledger| {
            control.start(clock::now());
            wait_until(ledger, 100);
            control.stop();
            control.finish();
        });
        assert!(sends.len() >= 100 && sends.iter().all(|send| send.outcome == Outcome::Ok), "{}", sends.len());
    }

    #[test]
    fn who_is_stopped_before_the_start_ends_without_a_message() {
        assert!(run_with::<Echo>(|control, _| control.finish()).is_empty());
    }

    #[test]
    fn nothing_new_is_sent_after_a_stop() {
        let sends = run_with::<Echo>(|control, _| {
            control.start(clock::now().plus(Nanos::from_secs(3600)));
            control.stop();
            control.finish();
        });
        assert!(sends.is_empty(), "{sends:?}");
    }
}
