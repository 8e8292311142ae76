//! Whether a producer's sends were due when its schedule says, whoever wrote the worker.
//!
//! Response times count from the intended instant. A worker that records when it came to send instead, and not when it should
//! have sent, hides every wait before it: its latencies look best where the broker is worst.

use crate::model::{Misplaced, Partitioner, Schedule, Spacing};
use crate::worker::Begun;
use crate::worker::protocol::{Assignment, ProduceTask, Task};
use reports::history::Send;
use reports::units::{MessageId, Nanos, ProducerId};
use std::sync::{Arc, OnceLock};

/// Other languages round their logarithms otherwise, by some nanoseconds.
const TOLERANCE: Nanos = Nanos(10_000);

/// For how far a message that a worker names is looked for in its schedule: one that it made up is not in there at all.
const MOST_PASSED_OVER: u64 = 10_000_000;

/// What a producer's schedule says of its next message.
pub(in crate::trial) struct DueTimes {
    worker: String,
    partitioner: Partitioner,
    /// When the schedule began, as the worker was told.
    began: Arc<OnceLock<Nanos>>,
    /// `None`: there is none, and a message is due when there is a place for it.
    schedule: Option<Schedule>,
    tell: Option<Box<dyn FnOnce(String) + std::marker::Send>>,
}

impl DueTimes {
    /// Of a worker that sends; `None` of another. `tell` is called once, when something was not due when it says.
    pub(in crate::trial) fn of(
        assignment: &Assignment,
        began: Arc<OnceLock<Nanos>>,
        tell: impl FnOnce(String) + std::marker::Send + 'static,
    ) -> Option<Self> {
        let Task::Produce(task) = &assignment.task else { return None };
        let producer = ProducerId(task.producer);
        Some(Self {
            worker: assignment.worker.clone(),
            partitioner: Partitioner::new(producer, assignment.connection.partitions, task.keys, task.seed)
                .skipping(task.first),
            began,
            schedule: (task.schedule.arrivals != Spacing::Unlimited).then(|| schedule(task, producer)),
            tell: Some(Box::new(tell)),
        })
    }

    /// A send has begun. Each producer begins its messages in the order of its schedule, and each once.
    #[inline]
    pub(super) fn begun(&mut self, begun: &Begun) {
        if self.tell.is_some()
            && let Some(wrong) = self.wrong(begun)
        {
            self.say(&wrong);
        }
    }

    /// A send has ended, which began so. What is counted from is what its last row says. (When it was handed over may be told more
    /// exactly at the end.)
    #[inline]
    pub(super) fn ended(&mut self, sent: &Send, begun: Option<&Begun>) {
        let same = begun.is_some_and(|begun| begun.intended == sent.intended);
        if self.tell.is_some() && !same {
            let message = named(sent.message);
            let wrong = match begun {
                None => format!("{message} has ended, and no row says that it had begun"),
                Some(_) => format!("{message} was due at another time by the row of its end than by that of its begin"),
            };
            self.say(&wrong);
        }
    }

    fn say(&mut self, wrong: &str) {
        if let Some(tell) = self.tell.take() {
            tell(format!("{} does not keep its schedule, by which response times are counted: {wrong}", self.worker));
        }
    }

    fn wrong(&mut self, begun: &Begun) -> Option<String> {
        let message = named(begun.message);
        let due = match self.due(begun) {
            Ok(Some(due)) => due,
            Ok(None) => return None,
            Err(why) => return Some(format!("{message} {why}")),
        };
        let said = begun.intended.0.checked_sub(self.began.get()?.0).map(Nanos);
        if said.is_some_and(|said| said.0.abs_diff(due.0) <= TOLERANCE.0) {
            return None;
        }
        let said = said.map_or_else(|| "before it began".to_owned(), |said| format!("at {said}"));
        Some(format!("{message} was due {said}, it says, and the schedule says {due}"))
    }

    /// When the schedule wants a message sent (`None`: at any time), or why it does not.
    fn due(&mut self, begun: &Begun) -> Result<Option<Nanos>, &'static str> {
        const NEVER: &str = "is not in the schedule";
        let passed_over = self.partitioner.pass_to(begun.message, MOST_PASSED_OVER).map_err(|wrong| match wrong {
            Misplaced::Past => "was begun after a later one of its producer, or twice",
            Misplaced::Never => NEVER,
        })?;
        let Some(schedule) = &mut self.schedule else { return Ok(None) };
        schedule.nth(usize::try_from(passed_over).map_err(|_| NEVER)?).ok_or(NEVER).map(Some)
    }
}

/// From a producer's first message on: a successor's is the one after all that its predecessors had begun.
fn schedule(task: &ProduceTask, producer: ProducerId) -> Schedule {
    let mut schedule = Schedule::along(&task.schedule, task.producers, producer, task.seed);
    let passed_over = usize::try_from(task.first).unwrap_or(usize::MAX);
    if let Some(last) = passed_over.checked_sub(1) {
        schedule.nth(last);
    }
    schedule
}

/// `its message partition-1 seq 17`.
fn named(message: MessageId) -> String {
    format!("its message partition-{} seq {}", message.partition.0, message.seq.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Phases, Rate, Segments};
    use crate::worker::protocol::PROTOCOL;
    use crate::worker::protocol::tests::{connection, produce_task};
    use reports::history::Outcome;
    use reports::units::{Partition, Sequence};
    use std::sync::Mutex;
    use std::time::Duration;

    const BEGAN: Nanos = Nanos(5_000_000_000);

    /// A constant rate for so many seconds.
    fn segments(per_second: f64, load_s: u64) -> Segments {
        let (none, load) = (Duration::ZERO, Duration::from_secs(load_s));
        Segments::of(
            &Rate::Constant { per_second },
            &Phases { idle: none, warmup: none, ramp_up: false, settle: none, load, drain: none },
        )
    }

    /// Of producer 1 of two, three partitions, a hundred a second in all.
    fn watching() -> (DueTimes, Arc<Mutex<Vec<String>>>) {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let segments = segments(100.0, 10);
        let began = Arc::new(OnceLock::new());
        began.set(BEGAN).expect("once");
        let due = DueTimes {
            worker: "producer-1".to_owned(),
            partitioner: Partitioner::new(ProducerId(1), 3, None, 7),
            began,
            schedule: Some(Schedule::along(&segments, 2, ProducerId(1), 7)),
            tell: Some(Box::new(move |wrong| heard.lock().expect("whole").push(wrong))),
        };
        (due, told)
    }

    /// The producer's nth message, said to be due then.
    fn begun(nth: u64, intended: Nanos) -> Begun {
        let message = Partitioner::new(ProducerId(1), 3, None, 7).skipping(nth).advance().message;
        Begun { message, intended, started: intended }
    }

    fn scheduled(nth: u64) -> Nanos {
        BEGAN.plus(Nanos::from_millis(10 + 20 * nth))
    }

    /// However many messages its predecessors had begun.
    #[test]
    fn a_successors_messages_are_looked_for_from_where_it_begins() {
        const FIRST: u64 = MOST_PASSED_OVER + 1_000;
        let task = ProduceTask { schedule: segments(1e7, 2), first: FIRST, seed: 7, ..produce_task(0, 1) };
        let assignment = Assignment {
            protocol: PROTOCOL,
            worker: "producer-0".to_owned(),
            trial: 1,
            journal: Default::default(),
            connection: connection("memory", "in-process"),
            task: Task::Produce(task),
        };
        let (told, began) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(OnceLock::new()));
        began.set(BEGAN).expect("once");
        let heard = Arc::clone(&told);
        let tell = move |wrong| heard.lock().expect("whole").push(wrong);
        let mut due = DueTimes::of(&assignment, began, tell).expect("a producer");
        let message = Partitioner::new(ProducerId(0), 3, None, 7).skipping(FIRST).advance().message;
        let intended = BEGAN.plus(Nanos(100 * FIRST));
        due.begun(&Begun { message, intended, started: intended });
        assert!(told.lock().expect("whole").is_empty(), "{told:?}");
        due.begun(&Begun { message, intended, started: intended });
        assert!(told.lock().expect("whole")[0].contains("or twice"), "{told:?}");
    }

    #[test]
    fn a_producer_that_keeps_its_schedule_is_not_spoken_of_though_it_passes_messages_over() {
        let (mut due, told) = watching();
        for nth in (0..100).chain(200..500) {
            due.begun(&begun(nth, scheduled(nth).plus(Nanos(nth % 3))));
        }
        assert!(told.lock().expect("whole").is_empty());
    }

    #[test]
    fn who_counts_from_when_it_came_to_send_is_told_of_once() {
        let (mut due, told) = watching();
        (0..10).for_each(|nth| due.begun(&begun(nth, scheduled(nth))));
        (10..50).for_each(|nth| due.begun(&begun(nth, scheduled(nth).plus(Nanos::from_millis(3)))));
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
        for (nth, why) in [(2, "after a later one"), (3, "or twice"), (600, "is not in the schedule")] {
            let (mut due, told) = watching();
            due.begun(&begun(3, scheduled(3)));
            due.begun(&begun(nth, scheduled(nth)));
            assert!(told.lock().expect("whole")[0].contains(why), "{told:?}");
        }
        let (mut due, told) = watching();
        let far = MessageId { producer: ProducerId(1), partition: Partition(0), seq: Sequence(u64::MAX) };
        due.begun(&Begun { message: far, intended: BEGAN, started: BEGAN });
        assert_eq!(told.lock().expect("whole").len(), 1);
    }

    #[test]
    fn the_row_of_an_end_says_what_the_row_of_the_begin_said() {
        let begun = begun(4, scheduled(4));
        let sent = |later: u64| Send {
            message: begun.message,
            intended: begun.intended.plus(Nanos(later)),
            started: begun.started,
            settled: begun.started.plus(Nanos(later)),
            outcome: Outcome::Ok,
            attempts: 1,
            dead_letter: None,
            error: None,
            position: None,
        };
        for (sent, begun, why) in [
            (sent(0), Some(&begun), None),
            (sent(1), Some(&begun), Some("at another time by the row of its end")),
            (sent(0), None, Some("no row says that it had begun")),
        ] {
            let (mut due, told) = watching();
            due.ended(&sent, begun);
            let told = told.lock().expect("whole");
            assert_eq!(told.len(), usize::from(why.is_some()), "{told:?}");
            assert!(told.iter().zip(why).all(|(told, why)| told.contains(why)), "{told:?}");
        }
    }
}
