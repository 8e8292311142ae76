//! Asynchronous work on the thread of a caller that has other work, too: it goes on while the caller waits.
//! From here tokio and the clock may be touched; no broker's library.
//!
//! A thread of its own for the connection would have to be woken for each pipeline, and to wake the schedule's for each answer.

use crate::clock::Alarm;
use crate::worker::Lull;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::unix::AsyncFd;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, LocalSet};

/// In the first turn the tasks hand over to those of the library, which write; in the second these read what has come, and in the
/// third the tasks take it.
const TURNS: usize = 3;

/// Tasks that go on as long as somebody works on them.
pub(super) struct EventLoop {
    tasks: LocalSet,
    /// tokio's own timers tell whole milliseconds.
    alarm: AsyncFd<Alarm>,
    runtime: Runtime,
}

impl EventLoop {
    /// One without tasks.
    ///
    /// # Errors
    /// The kernel gives no files for it.
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let alarm = {
            let _inside = runtime.enter();
            // SAFETY: an alarm owns its file, which is the same as long as the alarm is there.
            unsafe { AsyncFd::register(Alarm::new()?) }?
        };
        Ok(Self { tasks: LocalSet::new(), alarm, runtime })
    }

    /// Adds a task, which begins when somebody works.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
        self.tasks.spawn_local(task)
    }

    /// Works until this is done.
    pub(super) fn finish<F: Future>(&self, future: F) -> F::Output {
        self.tasks.block_on(&self.runtime, future)
    }

    /// Works until the lull is over. Each task has at least one turn.
    #[expect(clippy::expect_used, reason = "an alarm that is there can be set to any instant")]
    pub(super) fn work_through(&mut self, lull: Lull<'_>) {
        self.alarm.get_ref().set(lull.until).expect("an alarm that can be set");
        self.take_turns_until(|_, alarm, context| lull.is_over() || rung(alarm, context).is_ready());
    }

    /// Works on what there is to do right now.
    pub(super) fn take_turns(&mut self) {
        self.take_turns_until(|turns, _, context| {
            context.waker().wake_by_ref();
            turns >= TURNS
        });
    }

    /// At least one. Who says that it is over is asked after a turn, and before the next, for which it is to wake the context.
    ///
    /// It never ends in a turn. What a task puts off until others had theirs, the runtime wakes when it has looked at
    /// its files after that, and forgets when it is left before.
    fn take_turns_until(&mut self, mut is_over: impl FnMut(usize, &AsyncFd<Alarm>, &mut Context<'_>) -> bool) {
        let Self { tasks, alarm, runtime } = self;
        let mut turns = 0;
        runtime.block_on(poll_fn(|context| {
            if turns > 0 && is_over(turns, alarm, context) {
                return Poll::Ready(());
            }
            turns += 1;
            let _ = Pin::new(&mut *tasks).poll(context);
            if is_over(turns, alarm, context) {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        }));
    }
}

/// Whether the alarm has rung since it was set; else wakes the context when it does.
fn rung(alarm: &AsyncFd<Alarm>, context: &mut Context<'_>) -> Poll<()> {
    while let Poll::Ready(Ok(mut ready)) = alarm.poll_read_ready(context) {
        let has_rung = alarm.get_ref().has_rung();
        ready.clear_ready();
        if has_rung {
            return Poll::Ready(());
        }
    }
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::model::KeyedMessage;
    use crate::worker::SendLedger;
    use crate::worker::record::tests::kept;
    use reports::history::Outcome;
    use reports::units::{MessageId, Nanos, Partition, ProducerId, Sequence};
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::mpsc::unbounded_channel;
    use tokio::task::yield_now;

    const SOON: Duration = Duration::from_millis(2);
    const HOUR: Duration = Duration::from_secs(3600);
    /// A lull that is over before it begins.
    const NONE: Lull<'_> = Lull::until(Nanos::ZERO);

    /// Both ways to work, for as short a time as can be.
    const WORKS: [fn(&mut EventLoop); 2] = [EventLoop::take_turns, |event_loop| event_loop.work_through(NONE)];

    fn within(time: Duration) -> Nanos {
        clock::now().plus(time.into())
    }

    fn event_loop() -> EventLoop {
        EventLoop::new().expect("an event loop")
    }

    /// How often a task has gone on that waits for something each time.
    fn count_turns<W: Future<Output = ()>>(event_loop: &EventLoop, wait: impl Fn() -> W + 'static) -> Rc<Cell<u32>> {
        let turns = Rc::new(Cell::new(0));
        let turned = Rc::clone(&turns);
        event_loop.spawn(async move {
            loop {
                turned.set(turned.get() + 1);
                wait().await;
            }
        });
        turns
    }

    #[test]
    fn tasks_go_on_during_a_lull_which_lasts_until_its_instant() {
        let mut event_loop = event_loop();
        let turns = count_turns(&event_loop, || tokio::time::sleep(SOON));
        assert_eq!(turns.get(), 0);
        // An alarm of the lull before, which nobody heard, does not end the next one.
        event_loop.work_through(NONE);
        for _ in 0..3 {
            let (before, until) = (turns.get(), within(10 * SOON));
            event_loop.work_through(Lull::until(until));
            assert!(clock::now() >= until && turns.get() > before, "{before}");
        }
    }

    #[test]
    fn a_lull_until_there_is_a_place_is_over_when_a_task_has_made_one() {
        let ledger = Arc::new(SendLedger::new(1, kept()));
        let message = MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(0) };
        let ticket = ledger.begin(KeyedMessage { message, key: None }, Nanos::ZERO).expect("a place");
        let mut event_loop = event_loop();
        let until = within(SOON);
        event_loop.work_through(Lull::for_place(&ledger, until));
        assert!(!ledger.has_place() && clock::now() >= until);
        let settling = Arc::clone(&ledger);
        event_loop.spawn(async move {
            tokio::time::sleep(SOON).await;
            settling.settle(ticket, Outcome::Ok, None, None);
        });
        event_loop.work_through(Lull::for_place(&ledger, within(HOUR)));
        assert!(ledger.has_place());
    }

    #[test]
    fn what_is_there_reaches_the_tasks_of_a_library_and_comes_back_however_short_the_time() {
        for work in WORKS {
            let mut event_loop = event_loop();
            let (hand_over, mut handed_over) = unbounded_channel();
            let (pass_on, mut passed_on) = unbounded_channel();
            let (arrive, mut arrived) = unbounded_channel();
            event_loop.finish(async {
                // As a library does, which knows nothing of this loop.
                tokio::spawn(async move {
                    while let Some(number) = passed_on.recv().await {
                        let _ = arrive.send(number);
                    }
                });
            });
            event_loop.spawn(async move {
                while let Some(number) = handed_over.recv().await {
                    let _ = pass_on.send(number);
                }
            });
            event_loop.spawn(async { tokio::time::sleep(HOUR).await });
            for number in 0..10 {
                hand_over.send(number).expect("open");
                assert!(arrived.try_recv().is_err());
                work(&mut event_loop);
                assert_eq!(arrived.try_recv(), Ok(number));
            }
        }
    }

    #[test]
    fn a_task_that_lets_others_go_first_goes_on_however_often_work_ends_meanwhile() {
        for work in WORKS {
            let mut event_loop = event_loop();
            let turns = count_turns(&event_loop, yield_now);
            for _ in 0..100 {
                let before = turns.get();
                work(&mut event_loop);
                assert!(turns.get() > before);
            }
        }
    }
}
