//! A fault that comes and goes: an actuator whose phases alternate by themselves, from injection to healing.

use super::kind::{Actuator, Phase, Reading};
use crate::clock;
use crate::environment::EnvironmentError;
use futures_util::future::BoxFuture;
use reports::units::Nanos;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// Lets another actuator act and rest in turns, in a task of its own. Dropping it ends the task where it is.
#[derive(Debug)]
pub(super) struct Cycling {
    /// `None` while the task has it, or after a task that broke.
    inner: Option<Box<dyn Actuator>>,
    task: Option<Task>,
    acts: Duration,
    rests: Duration,
    /// No turn of acting begins after this long.
    lasts: Duration,
    log: Arc<Mutex<Log>>,
}

#[derive(Debug)]
struct Task {
    handle: JoinHandle<Box<dyn Actuator>>,
    over: watch::Sender<bool>,
}

/// What came about, when, and what did not.
#[derive(Clone, Debug, Default)]
struct Log {
    began: Nanos,
    /// When each time of acting was confirmed, and each time of rest between two.
    acting: Vec<Nanos>,
    resting: Vec<Nanos>,
    /// What was not as it should be.
    trouble: Vec<String>,
}

impl Cycling {
    /// Acts for one time, rests for the other, and so on.
    pub(super) fn new(inner: Box<dyn Actuator>, acts: Duration, rests: Duration) -> Self {
        Self { inner: Some(inner), task: None, acts, rests, lasts: Duration::MAX, log: Arc::default() }
    }

    /// Starts the turns; returns when the first change was made, whatever came of it.
    async fn start(&mut self) -> Result<(), EnvironmentError> {
        // Asked for again: from the begin.
        self.stop().await;
        let Some(inner) = self.inner.take() else { return Err(broken()) };
        *log(&self.log) = Log { began: clock::now(), ..Log::default() };
        let (over, is_over) = watch::channel(false);
        let (first, made) = oneshot::channel();
        let (acts, rests, lasts) = (self.acts, self.rests, self.lasts);
        let turns = Turns { inner, acts, rests, lasts, log: Arc::clone(&self.log), is_over };
        self.task = Some(Task { handle: tokio::spawn(turns.run(first)), over });
        made.await.map_err(|_| broken())?
    }

    /// Ends the turns after the change that is under way.
    async fn stop(&mut self) {
        if let Some(Task { handle, over }) = &mut self.task {
            let _ = over.send(true);
            // Kept until it has ended: who gives up waiting may ask again.
            self.inner = handle.await.ok();
            self.task = None;
        }
    }
}

impl Drop for Cycling {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.handle.abort();
        }
    }
}

impl Actuator for Cycling {
    fn is_to_act_for(&mut self, lasts: Duration) {
        self.lasts = lasts;
    }

    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            match phase {
                Phase::Acting => self.start().await,
                Phase::Resting => {
                    self.stop().await;
                    self.inner.as_mut().ok_or_else(broken)?.bring(Phase::Resting).await
                }
            }
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            let so_far = log(&self.log).clone();
            match phase {
                Phase::Acting => {
                    let goes_on = self.task.as_ref().is_some_and(|task| !task.handle.is_finished());
                    let shows = goes_on && so_far.trouble.is_empty() && !so_far.acting.is_empty();
                    Ok(Reading { shows, words: so_far.words() })
                }
                Phase::Resting => {
                    let read = self.inner.as_mut().ok_or_else(broken)?.read(Phase::Resting).await?;
                    let words = match so_far.acting.is_empty() {
                        true => read.words,
                        false => format!("{}; {}", read.words, so_far.words()),
                    };
                    Ok(Reading { shows: read.shows, words })
                }
            }
        })
    }

    fn renew(&mut self) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            self.stop().await;
            self.inner.as_mut().ok_or_else(broken)?.renew().await
        })
    }
}

/// The task's side.
struct Turns {
    inner: Box<dyn Actuator>,
    acts: Duration,
    rests: Duration,
    lasts: Duration,
    log: Arc<Mutex<Log>>,
    is_over: watch::Receiver<bool>,
}

impl Turns {
    /// Changes are due at fixed times from the begin, so that nothing drifts. A turn that would begin when all is to be at rest
    /// does not, however late it is brought to rest.
    async fn run(mut self, first: oneshot::Sender<Result<(), EnvironmentError>>) -> Box<dyn Actuator> {
        let began = log(&self.log).began;
        let mut due = began;
        let mut first = Some(first);
        loop {
            if Duration::from(due.since(began)) >= self.lasts {
                let _ = self.is_over.wait_for(|over| *over).await;
                return self.inner;
            }
            for (phase, lasts) in [(Phase::Acting, self.acts), (Phase::Resting, self.rests)] {
                let made = self.change(phase).await;
                if let Some(first) = first.take() {
                    let _ = first.send(made);
                }
                due = due.plus(lasts.into());
                tokio::select! {
                    () = tokio::time::sleep(due.since(clock::now()).into()) => {}
                    _ = self.is_over.wait_for(|over| *over) => return self.inner,
                }
                self.must_still_show(phase).await;
            }
        }
    }

    async fn change(&mut self, phase: Phase) -> Result<(), EnvironmentError> {
        let asked = self.inner.bring(phase).await;
        let read = self.inner.read(phase).await;
        let mut log = log(&self.log);
        match &read {
            Ok(read) if read.shows => {
                let at = clock::now();
                match phase {
                    Phase::Acting => log.acting.push(at),
                    Phase::Resting => log.resting.push(at),
                }
            }
            Ok(read) => log.troubled(&format!("read back otherwise: {}", read.words)),
            Err(error) => log.troubled(&format!("not read back: {error}")),
        }
        asked
    }

    async fn must_still_show(&mut self, phase: Phase) {
        match self.inner.read(phase).await {
            Ok(read) if read.shows => {}
            Ok(read) => log(&self.log).troubled(&format!("changed by somebody else: {}", read.words)),
            Err(error) => log(&self.log).troubled(&format!("not read again: {error}")),
        }
    }
}

impl Log {
    fn troubled(&mut self, what: &str) {
        let at = clock::now().since(self.began);
        self.trouble.push(format!("after {at} {what}"));
    }

    fn words(&self) -> String {
        let times = |times: &[Nanos]| {
            let each: Vec<String> = times.iter().map(|at| at.since(self.began).to_string()).collect();
            each.join(", ")
        };
        let mut words = format!("{} times down, confirmed after {}", self.acting.len(), times(&self.acting));
        if !self.resting.is_empty() {
            words += &format!("; {} times up between, confirmed after {}", self.resting.len(), times(&self.resting));
        }
        if !self.trouble.is_empty() {
            words += &format!("; but {}", self.trouble.join("; "));
        }
        words
    }
}

fn log(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken() -> EnvironmentError {
    EnvironmentError::step(
        "the task that makes a link flap broke off",
        "run it again; if it happens again, it is a bug",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a link was brought to, in order; and whether somebody meddles.
    type Brought = Arc<Mutex<Vec<Phase>>>;
    type Meddled = Arc<Mutex<bool>>;

    /// Notes what it is brought to; reads back so until somebody meddles.
    #[derive(Debug, Default)]
    struct Link {
        brought: Brought,
        meddled: Meddled,
    }

    impl Actuator for Link {
        fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
            self.brought.lock().expect("whole").push(phase);
            Box::pin(async { Ok(()) })
        }

        fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
            let is = self.brought.lock().expect("whole").last() == Some(&phase);
            let shows = is && !*self.meddled.lock().expect("whole");
            Box::pin(async move { Ok(Reading { shows, words: format!("{phase:?}: {shows}") }) })
        }
    }

    fn cycling() -> (Cycling, Brought, Meddled) {
        let link = Link::default();
        let (brought, meddled) = (Arc::clone(&link.brought), Arc::clone(&link.meddled));
        let time = Duration::from_millis(2);
        (Cycling::new(Box::new(link), time, time), brought, meddled)
    }

    async fn changes(brought: &Brought, at_least: usize) {
        while brought.lock().expect("whole").len() < at_least {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn it_acts_and_rests_in_turns_until_it_is_brought_to_rest() {
        let (mut cycling, brought, _) = cycling();
        cycling.bring(Phase::Acting).await.expect("begun");
        assert!(cycling.read(Phase::Acting).await.expect("read").shows, "the first change was made");
        changes(&brought, 6).await;
        assert!(cycling.read(Phase::Acting).await.expect("read").shows);
        cycling.bring(Phase::Resting).await.expect("at rest");
        let ended = brought.lock().expect("whole").clone();
        for pair in ended[..ended.len() - 1].windows(2) {
            assert_ne!(pair[0], pair[1], "{ended:?}");
        }
        let read = cycling.read(Phase::Resting).await.expect("read");
        let downs = ended.iter().filter(|phase| **phase == Phase::Acting).count();
        assert!(read.shows && read.words.contains(&format!("{downs} times down, confirmed after ")), "{read:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(brought.lock().expect("whole").len(), ended.len(), "no change is made any more");
        assert!(!cycling.read(Phase::Acting).await.expect("read").shows);
    }

    #[tokio::test]
    async fn no_turn_begins_when_its_time_is_over_however_late_it_is_brought_to_rest() {
        let (mut cycling, brought, _) = cycling();
        cycling.is_to_act_for(Duration::from_millis(8));
        cycling.bring(Phase::Acting).await.expect("begun");
        changes(&brought, 4).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(*brought.lock().expect("whole"), [Phase::Acting, Phase::Resting, Phase::Acting, Phase::Resting]);
        cycling.bring(Phase::Resting).await.expect("at rest");
        assert!(cycling.read(Phase::Resting).await.expect("read").words.contains("2 times down"));
    }

    #[tokio::test]
    async fn a_time_that_was_not_as_it_should_be_is_not_forgotten() {
        let (mut cycling, brought, meddled) = cycling();
        cycling.bring(Phase::Acting).await.expect("begun");
        *meddled.lock().expect("whole") = true;
        changes(&brought, 3).await;
        *meddled.lock().expect("whole") = false;
        changes(&brought, 5).await;
        let read = cycling.read(Phase::Acting).await.expect("read");
        assert!(!read.shows && read.words.contains("changed by somebody else"), "{read:?}");
        cycling.bring(Phase::Resting).await.expect("at rest");
    }

    #[tokio::test]
    async fn before_it_acts_it_rests_and_says_nothing_of_times() {
        let (mut cycling, ..) = cycling();
        cycling.bring(Phase::Resting).await.expect("at rest");
        let read = cycling.read(Phase::Resting).await.expect("read");
        assert_eq!(read, Reading { shows: true, words: "Resting: true".to_owned() });
    }
}
