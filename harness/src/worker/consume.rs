//! The consuming worker: receive, record, process, settle, until told to finish.

use super::client::{Consumer, ConsumerContext, ConsumerDiary, Processed, Received};
use super::control::Control;
use super::error::WorkerError;
use super::failing::{Failing, Unworkable};
use super::outbox::Outbox;
use super::payload;
use super::protocol::{Assignment, ConsumeTask, FromWorker, Progress};
use super::row::Row;
use crate::clock;
use crate::model::AckMode;
use reports::history::{Delivery, Outcome, SettlementKind};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_millis(200);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// How long a consumer that is told to end goes on with what it has settled already.
const FINISHES_WITHIN: Duration = Duration::from_secs(7);

/// Connects, says that it is ready, and consumes until told to finish.
///
/// # Errors
/// The first connection did not succeed.
pub fn run<C: Consumer>(
    assignment: &Assignment,
    task: &ConsumeTask,
    context: ConsumerContext,
    outbox: &Outbox,
) -> Result<(), WorkerError> {
    let control = Arc::clone(&context.control);
    let diary = context.diary.clone();
    let mut client = C::connect(context)?;
    outbox.send(&FromWorker::Ready);
    let delivered = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                let finished = control.wait_for_finish(PROGRESS_EVERY);
                outbox.send(&FromWorker::Progress(Progress {
                    delivered: delivered.load(Relaxed),
                    ..Progress::default()
                }));
                if finished {
                    break;
                }
            }
        });
        let mut batch = Batch::default();
        let mut failing = Failing::new(&assignment.connection.policy, assignment.trial);
        while !control.is_finished() {
            batch.messages.clear();
            batch.poisoned.clear();
            client.receive(PATIENCE, |received| {
                batch.take(assignment, &diary, &received);
                delivered.fetch_add(1, Relaxed);
            });
            for part in batch.parts() {
                match part {
                    Part::Sound(messages) => process(task, &mut client, &diary, messages, &control),
                    Part::Poisoned(message, poisoned) if !control.wait_for_finish(work_of(task, &control)) => {
                        failing.fail(&mut client, &diary, message, poisoned);
                    }
                    Part::Poisoned(..) => {}
                }
            }
        }
    });
    let told = control.parting();
    let deleted = client.leave(told.unwrap_or_default());
    if told.is_some() {
        outbox.send(&FromWorker::Left { deleted });
    }
    Ok(())
}

/// What one look for messages brought.
#[derive(Default)]
struct Batch {
    messages: Vec<Processed>,
    /// Those that nobody can process, by their place in the batch.
    poisoned: BTreeMap<usize, Unworkable>,
}

/// A part of a batch, in order.
enum Part<'a> {
    /// Messages that can be processed.
    Sound(&'a [Processed]),
    /// One that cannot.
    Poisoned(&'a Processed, &'a Unworkable),
}

impl Batch {
    fn take(&mut self, assignment: &Assignment, diary: &ConsumerDiary, received: &Received<'_>) {
        let (processed, poisoned) = record(assignment, diary, received);
        if poisoned {
            let poisoned = Unworkable { payload: received.payload.to_vec(), delivery_count: received.delivery_count };
            self.poisoned.insert(self.messages.len(), poisoned);
        }
        self.messages.push(processed);
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::with_capacity(2 * self.poisoned.len() + 1);
        let mut from = 0;
        for (&place, poisoned) in &self.poisoned {
            if from < place {
                parts.push(Part::Sound(&self.messages[from..place]));
            }
            parts.push(Part::Poisoned(&self.messages[place], poisoned));
            from = place + 1;
        }
        if from < self.messages.len() {
            parts.push(Part::Sound(&self.messages[from..]));
        }
        parts
    }
}

/// The message as it is to be settled, and whether it can not be processed.
fn record(assignment: &Assignment, diary: &ConsumerDiary, received: &Received<'_>) -> (Processed, bool) {
    let decoded = payload::decode(received.payload, assignment.trial, received.partition);
    diary.records.push(Row::Delivery(Delivery {
        consumer: diary.consumer,
        message: decoded.message,
        intended: decoded.intended,
        asked: received.asked,
        received: received.received,
        delivery_count: received.delivery_count,
        position: received.position,
        payload_ok: decoded.intact,
    }));
    let message = decoded.intact.then_some(decoded.message);
    (Processed { message, partition: received.partition, position: received.position }, decoded.poisoned)
}

/// Works on a batch and settles it. When the worker is to come to its end, what is not settled is left as it is and stays the
/// group's; what was settled before, nobody else will be given, so it is worked on for a while longer.
fn process<C: Consumer>(
    task: &ConsumeTask,
    client: &mut C,
    diary: &ConsumerDiary,
    batch: &[Processed],
    control: &Control,
) {
    let work = work_of(task, control);
    match task.ack {
        AckMode::AfterProcessing if work.is_zero() => client.settle(batch),
        AckMode::AfterProcessing => {
            for processed in batch {
                // It may have been told otherwise meanwhile.
                if control.wait_for_finish(work_of(task, control)) {
                    return;
                }
                client.settle(std::slice::from_ref(processed));
            }
        }
        AckMode::BeforeProcessing => {
            client.settle(batch);
            work_off(task, diary, batch, control);
        }
        AckMode::Never => {
            control.wait_for_finish(all(work, batch));
        }
    }
}

/// Works on messages that are settled, and records the end of each.
fn work_off(task: &ConsumeTask, diary: &ConsumerDiary, batch: &[Processed], control: &Control) {
    let mut left_at = None;
    for processed in batch {
        let (begun, work) = (clock::now(), work_of(task, control));
        if left_at.is_none() && control.wait_for_finish(work) {
            left_at = Some(Instant::now() + FINISHES_WITHIN);
        }
        let until = Instant::now() + work.saturating_sub(Duration::from(clock::now().since(begun)));
        let outcome = match left_at {
            Some(left_at) if until > left_at => Outcome::Indeterminate,
            Some(_) => {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
                Outcome::Ok
            }
            None => Outcome::Ok,
        };
        diary.message_settled(processed, SettlementKind::Processed, begun, clock::now(), outcome);
    }
}

/// How long it works on a message now.
fn work_of(task: &ConsumeTask, control: &Control) -> Duration {
    control.processing().unwrap_or_else(|| task.processing_ns.into())
}

fn all(work: Duration, batch: &[Processed]) -> Duration {
    work.saturating_mul(u32::try_from(batch.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BrokerError, Parting};
    use crate::worker::client::Letter;
    use crate::worker::record::Records;
    use crate::worker::record::tests::{kept, rows};
    use reports::history::Settlement;
    use reports::units::{ConsumerId, MessageId, Nanos, Partition, Position, ProducerId, Sequence};
    use std::time::Instant;

    /// Only notes what it is asked to settle, and when.
    #[derive(Default)]
    struct Notes(Vec<(usize, Instant)>);

    impl Consumer for Notes {
        fn connect(_context: ConsumerContext) -> Result<Self, BrokerError> {
            Ok(Self::default())
        }

        fn receive(&mut self, _patience: Duration, _deliver: impl FnMut(Received<'_>)) {}

        fn settle(&mut self, processed: &[Processed]) {
            self.0.push((processed.len(), Instant::now()));
        }

        fn refuse(&mut self, _: &Processed, _: &[u8]) {}

        fn bury(&mut self, _: &Processed, _: &Letter<'_>) -> Outcome {
            Outcome::Failed
        }

        fn leave(self, _: Parting) -> Option<u64> {
            None
        }
    }

    fn diary() -> (ConsumerDiary, Records) {
        let records = kept();
        (ConsumerDiary { consumer: ConsumerId(0), records: records.clone() }, records)
    }

    /// What is settled of three messages, and how long after the begin of their processing.
    fn settled(ack: AckMode, processing: Duration) -> (Vec<usize>, Vec<Duration>, Duration) {
        let task = ConsumeTask { consumer: 0, ack, processing_ns: processing.into() };
        let processed = |position| Processed { message: None, partition: Partition(0), position: Position(position) };
        let (mut notes, began) = (Notes::default(), Instant::now());
        process(&task, &mut notes, &diary().0, &[0, 1, 2].map(processed), &Control::default());
        let took = began.elapsed();
        let (sizes, times): (Vec<_>, Vec<_>) = notes.0.into_iter().map(|(size, at)| (size, at - began)).unzip();
        (sizes, times, took)
    }

    const WORK: Duration = Duration::from_millis(5);

    #[test]
    fn after_processing_each_message_is_settled_when_its_own_work_is_done() {
        let (sizes, times, _) = settled(AckMode::AfterProcessing, WORK);
        assert_eq!(sizes, [1, 1, 1]);
        assert!((1..).zip(&times).all(|(nth, at)| *at >= WORK * nth), "{times:?}");
    }

    #[test]
    fn who_is_told_to_work_longer_does_so_from_the_next_message_on() {
        let task = ConsumeTask { consumer: 0, ack: AckMode::AfterProcessing, processing_ns: Nanos::ZERO };
        let message = Processed { message: None, partition: Partition(0), position: Position(0) };
        let (mut notes, control, began) = (Notes::default(), Control::default(), Instant::now());
        control.work(WORK);
        process(&task, &mut notes, &diary().0, &[message; 3], &control);
        let (sizes, times): (Vec<_>, Vec<_>) = notes.0.into_iter().map(|(size, at)| (size, at - began)).unzip();
        assert_eq!(sizes, [1, 1, 1]);
        assert!((1..).zip(&times).all(|(nth, at)| *at >= WORK * nth), "{times:?}");
    }

    #[test]
    fn without_work_a_batch_is_settled_at_once() {
        assert_eq!(settled(AckMode::AfterProcessing, Duration::ZERO).0, [3]);
    }

    #[test]
    fn before_processing_all_is_settled_first_and_the_work_is_done_all_the_same() {
        let (sizes, times, took) = settled(AckMode::BeforeProcessing, WORK);
        assert_eq!(sizes, [3]);
        assert!(took - times[0] >= WORK * 3, "{times:?} of {took:?}");
    }

    /// What is recorded of two messages that were settled first, of which the consumer is told to end when it is at one.
    fn worked_off(work: Duration) -> Vec<Settlement> {
        let ((diary, records), control) = (diary(), Control::default());
        let task = ConsumeTask { consumer: 0, ack: AckMode::BeforeProcessing, processing_ns: work.into() };
        let message = |seq| Processed {
            message: Some(MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(seq) }),
            partition: Partition(0),
            position: Position(seq),
        };
        control.finish();
        work_off(&task, &diary, &[0, 1].map(message), &control);
        let settlement = |row| if let Row::Settlement(row) = row { row } else { panic!("another table's: {row:?}") };
        rows(&records).into_iter().map(settlement).collect()
    }

    #[test]
    fn what_is_settled_is_still_worked_off_at_the_end_and_what_takes_too_long_is_left() {
        for (work, outcome) in [(WORK, Outcome::Ok), (FINISHES_WITHIN * 2, Outcome::Indeterminate)] {
            let rows = worked_off(work);
            let told: Vec<_> = rows.iter().map(|row| (row.kind, row.position, row.outcome)).collect();
            let each = |seq| (SettlementKind::Processed, Some(Position(seq)), outcome);
            assert_eq!(told, [each(0), each(1)]);
            assert!(
                outcome != Outcome::Ok
                    || rows.iter().all(|row| Duration::from(row.settled.since(row.requested)) >= WORK)
            );
        }
    }

    #[test]
    fn never_is_never() {
        let (sizes, _, took) = settled(AckMode::Never, WORK);
        assert!(sizes.is_empty() && took >= WORK * 3);
    }

    #[test]
    fn whoever_is_told_to_finish_leaves_the_rest_of_a_batch_as_it_is() {
        let hour = Duration::from_secs(3600);
        for (ack, settled) in
            [(AckMode::AfterProcessing, vec![]), (AckMode::BeforeProcessing, vec![3]), (AckMode::Never, vec![])]
        {
            let task = ConsumeTask { consumer: 0, ack, processing_ns: hour.into() };
            let processed =
                |position| Processed { message: None, partition: Partition(0), position: Position(position) };
            let (mut notes, control) = (Notes::default(), Control::default());
            std::thread::scope(|scope| {
                scope.spawn(|| control.finish());
                process(&task, &mut notes, &diary().0, &[0, 1, 2].map(processed), &control);
            });
            assert_eq!(notes.0.iter().map(|(size, _)| *size).collect::<Vec<_>>(), settled, "{ack:?}");
        }
    }
}
