//! The producing worker: the schedule on a thread of its own, open loop.
//!
//! Intended times come from the schedule and never move. What is late is sent at once and stays charged.

use super::WorkerError;
use super::client::{Producer, ProducerContext};
use super::ledger::Ticket;
use super::payload::Encoder;
use super::protocol::{Assignment, FromWorker, ProduceTask, Progress};
use super::serve::Outbox;
use crate::clock;
use crate::plan::{Schedule, place};
use crate::scenario::model::Phases;
use reports::history::Outcome;
use reports::units::{MessageId, Nanos, ProducerId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The longest sleep in one piece, so that a stop is heard.
const LONGEST_NAP: Nanos = Nanos::from_millis(50);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

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
    let partitions = context.connection.partitions;
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
    fn send_all(&mut self, origin: Nanos, ledger: &super::ledger::Ledger, control: &super::control::Control) {
        let task = self.task;
        let mut encoder = Encoder::new(self.assignment.trial, task.message_bytes, task.compressibility, task.seed);
        let producer = ProducerId(task.producer);
        let phases = Phases { warmup: task.warmup_ns.into(), load: task.load_ns.into(), drain: Duration::ZERO };
        let schedule = Schedule::new(&task.rate, &phases, task.producers, producer, task.seed);
        for (nth, offset) in (0_u64..).zip(schedule) {
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
    ledger: &super::ledger::Ledger,
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
