//! The consuming worker: receive, record, process, settle, until told to finish.

use super::client::{Consumer, ConsumerContext, Processed, Received};
use super::control::Control;
use super::error::WorkerError;
use super::failing::{Failing, Unworkable};
use super::outbox::Outbox;
use super::payload;
use super::protocol::{Assignment, ConsumeTask, FromWorker, Progress};
use super::row::Row;
use crate::model::AckMode;
use reports::history::Delivery;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(200);
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

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
                    Part::Sound(messages) => process(task, &mut client, messages, &control),
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
    fn take(&mut self, assignment: &Assignment, diary: &super::client::ConsumerDiary, received: &Received<'_>) {
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
fn record(assignment: &Assignment, diary: &super::client::ConsumerDiary, received: &Received<'_>) -> (Processed, bool) {
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

/// Works on a batch and settles it. When the worker is to come to its end, the rest is left as it is: neither worked on nor
/// settled, it stays the group's.
fn process<C: Consumer>(task: &ConsumeTask, client: &mut C, batch: &[Processed], control: &Control) {
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
            control.wait_for_finish(all(work, batch));
        }
        AckMode::Never => {
            control.wait_for_finish(all(work, batch));
        }
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
    use reports::history::Outcome;
    use reports::units::{Nanos, Partition, Position};
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

    /// What is settled of three messages, and how long after the begin of their processing.
    fn settled(ack: AckMode, processing: Duration) -> (Vec<usize>, Vec<Duration>, Duration) {
        let task = ConsumeTask { consumer: 0, ack, processing_ns: processing.into() };
        let processed = |position| Processed { message: None, partition: Partition(0), position: Position(position) };
        let (mut notes, began) = (Notes::default(), Instant::now());
        process(&task, &mut notes, &[0, 1, 2].map(processed), &Control::default());
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
        process(&task, &mut notes, &[message; 3], &control);
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
                process(&task, &mut notes, &[0, 1, 2].map(processed), &control);
            });
            assert_eq!(notes.0.iter().map(|(size, _)| *size).collect::<Vec<_>>(), settled, "{ack:?}");
        }
    }
}
