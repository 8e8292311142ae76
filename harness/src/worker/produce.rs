//! The producing worker: the schedule on a thread of its own, open loop.
//!
//! Intended times come from the schedule and never move. What is late is sent at once and stays charged.

use super::client::{Producer, ProducerContext};
use super::error::WorkerError;
use super::ledger::Ticket;
use super::outbox::Outbox;
use super::payload::Encoder;
use super::protocol::{Assignment, FromWorker, ProduceTask, Progress};
use crate::clock;
use crate::model::{Schedule, place};
use reports::history::Outcome;
use reports::units::{MessageId, Nanos, ProducerId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The longest sleep in one piece, so that a stop is heard.
const LONGEST_NAP: Nanos = Nanos::from_millis(50);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// A due send comes before other work on its core (`docs/decisions/0009-producers-first.md`).
const NICENESS: i32 = -10;

/// Connects, says that it is ready, sends on schedule, waits for every outcome, and returns when told to finish.
///
/// # Errors
/// The first connection did not succeed.
pub fn run<P: Producer>(
    assignment: &Assignment,
    task: &ProduceTask,
    context: ProducerContext,
    outbox: &Outbox,
) -> Result<(), WorkerError> {
    let (ledger, control) = (Arc::clone(&context.ledger), Arc::clone(&context.control));
    let (partitions, gauges) = (context.connection.partitions, Arc::clone(&context.gauges));
    // Threads that are started from here on inherit it. Who may not have it goes without: the lag is measured anyway.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, niceness = NICENESS, "sending goes without priority");
    }
    let mut client = P::connect(context)?;
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
        if let Some(origin) = control.wait_for_start() {
            // The kernel may otherwise wake a sleeper up to 50 µs late.
            let _ = rustix::thread::set_current_timer_slack(Some(std::num::NonZeroU64::MIN));
            let mut sender = Sender { assignment, task, partitions, client: &mut client };
            sender.send_all(origin, &ledger, &control);
        }
        through.store(true, Relaxed);
        while !control.wait_for_finish(Duration::from_secs(3600)) {}
    });
    client.close();
    ledger.abandon("not settled when the trial ended");
    Ok(())
}

struct Sender<'a, P> {
    assignment: &'a Assignment,
    task: &'a ProduceTask,
    partitions: u16,
    client: &'a mut P,
}

impl<P: Producer> Sender<'_, P> {
    fn send_all(&mut self, origin: Nanos, ledger: &super::ledger::SendLedger, control: &super::control::Control) {
        let task = self.task;
        let mut encoder = Encoder::new(self.assignment.trial, task.message_bytes, task.compressibility, task.seed)
            .poisoning(task.poison.iter().map(|span| span.rule(origin, task.seed)).collect());
        let producer = ProducerId(task.producer);
        let schedule = Schedule::along(&task.schedule, task.producers, producer, task.seed);
        for (nth, offset) in (0_u64..).zip(schedule).skip(usize::try_from(task.first).unwrap_or(usize::MAX)) {
            let intended = origin.plus(offset);
            while clock::now() < intended {
                if control.is_stopped() {
                    return;
                }
                clock::sleep_until(intended.min(clock::now().plus(LONGEST_NAP)));
            }
            let (partition, seq) = place(producer, nth, self.partitions);
            let message = MessageId { producer, partition, seq };
            let Some(ticket) = begin(ledger, control, message, intended) else { return };
            self.client.send(ticket, partition, encoder.encode(message, intended));
        }
    }
}

fn begin(
    ledger: &super::ledger::SendLedger,
    control: &super::control::Control,
    message: MessageId,
    intended: Nanos,
) -> Option<Ticket> {
    while !control.is_stopped() {
        if let Some(ticket) = ledger.begin(message, intended, LONGEST_NAP.into()) {
            return Some(ticket);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::client::ProducerContext;
    use super::super::connections::ConnectionLog;
    use super::super::control::Control;
    use super::super::ledger::SendLedger;
    use super::super::payload::decode;
    use super::super::protocol::tests::connection;
    use super::super::protocol::{PROTOCOL, Task};
    use super::super::record::tests::{kept, rows};
    use super::super::row::Row;
    use super::*;
    use crate::model::{BrokerError, Segment, Segments, Spacing};
    use reports::history::Send;
    use reports::units::Partition;
    use std::path::PathBuf;

    /// Settles each send at once, if the payload is what the ticket is about.
    struct Echo(Arc<SendLedger>);

    impl Producer for Echo {
        fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
            Ok(Self(context.ledger))
        }

        fn send(&mut self, ticket: Ticket, partition: Partition, payload: &[u8]) {
            let outcome = if decode(payload, 9, partition).intact { Outcome::Ok } else { Outcome::Failed };
            self.0.settle(ticket, outcome, None, None);
        }

        fn close(self) {}
    }

    /// Settles nothing.
    struct Mute;

    impl Producer for Mute {
        fn connect(_context: ProducerContext) -> Result<Self, BrokerError> {
            Ok(Self)
        }

        fn send(&mut self, _ticket: Ticket, _partition: Partition, _payload: &[u8]) {}

        fn close(self) {}
    }

    /// 1000 a second of two producers for 100 ms; this is the second one.
    fn task() -> ProduceTask {
        ProduceTask {
            producer: 1,
            producers: 2,
            schedule: Segments {
                arrivals: Spacing::Even,
                segments: vec![Segment { lasts_ns: Nanos::from_millis(100), from: 1000.0, to: 1000.0 }],
                repeat_from: None,
                end_ns: Nanos::from_millis(100),
            },
            seed: 1,
            message_bytes: 64,
            compressibility: 0.0,
            in_flight: 8,
            first: 0,
            poison: Vec::new(),
        }
    }

    /// Runs until `end` lets it finish; returns what was recorded.
    fn run_with<P: Producer>(end: impl FnOnce(&Control, &SendLedger) + std::marker::Send) -> Vec<Send> {
        run_task::<P>(&task(), end)
    }

    fn run_task<P: Producer>(
        task: &ProduceTask,
        end: impl FnOnce(&Control, &SendLedger) + std::marker::Send,
    ) -> Vec<Send> {
        let (records, control) = (kept(), Arc::new(Control::default()));
        let ledger = Arc::new(SendLedger::new(task.in_flight, records.clone()));
        let context = ProducerContext {
            gauges: Arc::default(),
            connection: connection("memory", "in-process"),
            ledger: Arc::clone(&ledger),
            connections: ConnectionLog::new("producer-1", records.clone()),
            complaints: crate::worker::Complaints::new(&Outbox::new(std::io::sink())),
            control: Arc::clone(&control),
            in_flight: task.in_flight,
        };
        let assignment = Assignment {
            protocol: PROTOCOL,
            worker: "producer-1".to_owned(),
            trial: 9,
            journal: PathBuf::new(),
            connection: connection("memory", "in-process"),
            task: Task::Produce(task.clone()),
        };
        std::thread::scope(|scope| {
            scope.spawn(|| end(&control, &ledger));
            run::<P>(&assignment, task, context, &Outbox::new(std::io::sink())).expect("connected");
        });
        let send = |row| if let Row::Send(send) = row { send } else { panic!("another table's: {row:?}") };
        rows(&records).into_iter().map(send).collect()
    }

    fn wait_until(ledger: &SendLedger, begun: u64) {
        while ledger.begun() < begun {
            std::thread::sleep(Duration::from_millis(1));
        }
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
