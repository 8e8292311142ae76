//! Whether a producer's sends were due when its schedule says, whoever wrote the worker.
//!
//! Response times count from the intended instant. A worker that records when it came to send instead, and not when it should
//! have sent, hides every wait before it: its latencies look best where the broker is worst.

use crate::model::{Schedule, place};
use crate::worker::Begun;
use crate::worker::protocol::{Assignment, Task};
use reports::units::{Nanos, ProducerId};
use std::sync::{Arc, OnceLock};

/// Other languages round their logarithms otherwise, by some nanoseconds.
const TOLERANCE: Nanos = Nanos(10_000);

/// What a producer's schedule says of its next message.
pub(in crate::trial) struct DueTimes {
    worker: String,
    producer: ProducerId,
    partitions: u16,
    /// When the schedule began, as the worker was told.
    began: Arc<OnceLock<Nanos>>,
    schedule: Schedule,
    /// How many messages the schedule has given.
    given: u64,
    tell: Option<Box<dyn FnOnce(String) + Send>>,
}

impl DueTimes {
    /// Of a worker that sends; `None` of another. `tell` is called once, when something was not due when it says.
    pub(in crate::trial) fn of(
        assignment: &Assignment,
        began: Arc<OnceLock<Nanos>>,
        tell: impl FnOnce(String) + Send + 'static,
    ) -> Option<Self> {
        let Task::Produce(task) = &assignment.task else { return None };
        let producer = ProducerId(task.producer);
        Some(Self {
            worker: assignment.worker.clone(),
            producer,
            partitions: assignment.connection.partitions,
            began,
            schedule: Schedule::along(&task.schedule, task.producers, producer, task.seed),
            given: 0,
            tell: Some(Box::new(tell)),
        })
    }

    /// A send has begun. Each producer begins its messages in the order of its schedule.
    #[inline]
    pub(super) fn see(&mut self, begun: &Begun) {
        if self.tell.is_some()
            && let Some(wrong) = self.wrong(begun)
            && let Some(tell) = self.tell.take()
        {
            tell(wrong);
        }
    }

    fn wrong(&mut self, begun: &Begun) -> Option<String> {
        let due = self.due(begun);
        let said = begun.intended.since(*self.began.get()?);
        if due.is_some_and(|due| said.0.abs_diff(due.0) <= TOLERANCE.0) {
            return None;
        }
        let message = begun.message;
        let schedule = due.map_or_else(|| "does not hold it then".to_owned(), |due| format!("says {due}"));
        Some(format!(
            "{} does not keep its schedule: its message partition-{} seq {} was due at {said}, it says, and the schedule \
             {schedule}; response times are counted from there",
            self.worker, message.partition.0, message.seq.0
        ))
    }

    /// When the schedule wants a message sent. `None`: it has no such message, or had it before.
    fn due(&mut self, begun: &Begun) -> Option<Nanos> {
        let partitions = u64::from(self.partitions.max(1));
        let first = place(self.producer, 0, self.partitions).0;
        let partition = u64::from(begun.message.partition.0);
        let nth =
            begun.message.seq.0.checked_mul(partitions)? + (partition + partitions - u64::from(first.0)) % partitions;
        let passed_over = usize::try_from(nth.checked_sub(self.given)?).ok()?;
        self.given = nth + 1;
        self.schedule.nth(passed_over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Phases, Rate, Segments};
    use reports::units::{MessageId, Partition, Sequence};
    use std::sync::Mutex;
    use std::time::Duration;

    const BEGAN: Nanos = Nanos(5_000_000_000);

    /// Of producer 1 of two, three partitions, a hundred a second in all.
    fn watching() -> (DueTimes, Arc<Mutex<Vec<String>>>) {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let phases = Phases { warmup: Duration::ZERO, load: Duration::from_secs(10), drain: Duration::ZERO };
        let segments = Segments::of(&Rate::Constant { per_second: 100.0 }, &phases);
        let began = Arc::new(OnceLock::new());
        began.set(BEGAN).expect("once");
        let due = DueTimes {
            worker: "producer-1".to_owned(),
            producer: ProducerId(1),
            partitions: 3,
            began,
            schedule: Schedule::along(&segments, 2, ProducerId(1), 7),
            given: 0,
            tell: Some(Box::new(move |wrong| heard.lock().expect("whole").push(wrong))),
        };
        (due, told)
    }

    /// The producer's nth message, said to be due then.
    fn begun(nth: u64, intended: Nanos) -> Begun {
        let (partition, seq) = place(ProducerId(1), nth, 3);
        Begun { message: MessageId { producer: ProducerId(1), partition, seq }, intended, started: intended }
    }

    fn scheduled(nth: u64) -> Nanos {
        BEGAN.plus(Nanos::from_millis(10 + 20 * nth))
    }

    #[test]
    fn a_producer_that_keeps_its_schedule_is_not_spoken_of_though_it_passes_messages_over() {
        let (mut due, told) = watching();
        for nth in (0..100).chain(200..500) {
            due.see(&begun(nth, scheduled(nth).plus(Nanos(nth % 3))));
        }
        assert!(told.lock().expect("whole").is_empty());
    }

    #[test]
    fn who_counts_from_when_it_came_to_send_is_told_of_once() {
        let (mut due, told) = watching();
        (0..10).for_each(|nth| due.see(&begun(nth, scheduled(nth))));
        (10..50).for_each(|nth| due.see(&begun(nth, scheduled(nth).plus(Nanos::from_millis(3)))));
        let told = told.lock().expect("whole");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("producer-1 does not keep its schedule") && told[0].contains("partition-2 seq 3"),
            "{}",
            told[0]
        );
        assert!(told[0].contains("was due at 213 ms, it says, and the schedule says 210 ms"), "{}", told[0]);
    }

    #[test]
    fn a_message_that_the_schedule_does_not_hold_or_has_had_is_told() {
        for (before, nth) in [(3, 2), (3, 600)] {
            let (mut due, told) = watching();
            due.see(&begun(before, scheduled(before)));
            due.see(&begun(nth, scheduled(nth)));
            assert!(told.lock().expect("whole")[0].contains("does not hold it then"));
        }
        let (mut due, told) = watching();
        let far = MessageId { producer: ProducerId(1), partition: Partition(0), seq: Sequence(u64::MAX) };
        due.see(&Begun { message: far, intended: BEGAN, started: BEGAN });
        assert_eq!(told.lock().expect("whole").len(), 1);
    }
}
