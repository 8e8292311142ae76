//! Faults that consumers do to themselves because they are told to: they slow down, leave their group, or join it.
//!
//! What a consumer was told counts only when it has said that it does it: one that does not know how stays silent.

use super::handles::Handles;
use super::kind::{Actuator, Phase, Reading};
use super::process::KnownProcess;
use super::target::Target;
use super::told::ToldConsumers;
use super::workers::{WorkerState, Workers};
use crate::environment::EnvironmentError;
use crate::model::Parting;
use crate::model::duration::show;
use futures_util::future::{BoxFuture, join_all};
use std::sync::Arc;
use std::time::Duration;

/// The same told to each of some consumers.
#[derive(Debug)]
pub(super) struct AtConsumers {
    told: ToldConsumers,
    fault: String,
    workers: Option<Arc<dyn Workers>>,
    each: Vec<AtConsumer>,
}

/// One of them.
#[derive(Debug)]
struct AtConsumer {
    name: String,
    began: bool,
    /// Its process before the fault began, where there was one.
    before: Option<KnownProcess>,
}

impl AtConsumers {
    /// The actuator of what is told to the consumers that a target names.
    pub(super) fn boxed(told: ToldConsumers, fault: &str, on: &Target, handles: &Handles) -> Box<dyn Actuator> {
        let names = on.clients().names().to_vec();
        let each = names.into_iter().map(|name| AtConsumer { name, began: false, before: None }).collect();
        Box::new(Self { told, fault: fault.to_owned(), workers: handles.workers.clone(), each })
    }

    fn workers(&self) -> Result<Arc<dyn Workers>, EnvironmentError> {
        self.workers.clone().ok_or_else(|| {
            EnvironmentError::step(
                format!("{} is aimed at workers that are no processes", self.fault),
                "workers of the memory broker are threads of the harness: try it on another broker",
            )
        })
    }

    /// It was told to some consumer, or that was at least tried.
    fn began(&self) -> bool {
        self.each.iter().any(|consumer| consumer.began)
    }
}

impl AtConsumer {
    async fn act(&mut self, told: ToldConsumers, workers: &dyn Workers) -> Result<(), EnvironmentError> {
        if !std::mem::replace(&mut self.began, true) && !matches!(told, ToldConsumers::Work(_)) {
            // Who is to join is not known yet.
            self.before = workers.state(&self.name).await.ok().and_then(|state| process(&state));
        }
        match told {
            ToldConsumers::Work(processing) => workers.work(&self.name, Some(processing)).await,
            ToldConsumers::Leave(parting) => workers.leave(&self.name, parting).await,
            ToldConsumers::Join | ToldConsumers::JoinForGood => workers.succeed(&self.name).await,
        }
    }

    async fn rest(&self, told: ToldConsumers, workers: &dyn Workers) -> Result<(), EnvironmentError> {
        match told {
            _ if !self.began => Ok(()),
            ToldConsumers::Work(_) => workers.work(&self.name, None).await,
            ToldConsumers::Leave(_) => workers.succeed(&self.name).await,
            ToldConsumers::Join => workers.leave(&self.name, Parting::KeepName).await,
            ToldConsumers::JoinForGood => Ok(()),
        }
    }

    async fn read(
        &self,
        told: ToldConsumers,
        phase: Phase,
        workers: &dyn Workers,
    ) -> Result<Reading, EnvironmentError> {
        if !self.began {
            return Ok(Reading { shows: phase == Phase::Resting, words: format!("{}: nothing was done", self.name) });
        }
        let (shows, words) = match (told, phase) {
            (ToldConsumers::Work(processing), _) => {
                let pace = workers.pace(&self.name).await?;
                let wanted = if phase == Phase::Acting { processing } else { pace.assigned };
                paced(pace.said, wanted)
            }
            (ToldConsumers::Leave(parting), Phase::Acting) => away(&workers.state(&self.name).await?, parting),
            (ToldConsumers::Join, Phase::Resting) => away(&workers.state(&self.name).await?, Parting::KeepName),
            (ToldConsumers::Leave(_), Phase::Resting) => self.there(&workers.state(&self.name).await?),
            (ToldConsumers::Join, Phase::Acting) | (ToldConsumers::JoinForGood, _) => {
                self.there(&workers.state(&self.name).await?)
            }
        };
        Ok(Reading { shows, words: format!("{}: {words}", self.name) })
    }

    /// Whether a process of it is a member that reads, and not one from before the fault.
    fn there(&self, state: &WorkerState) -> (bool, String) {
        match state {
            WorkerState::Ready(pid) if self.before.is_some() && KnownProcess::of(*pid) == self.before => {
                (false, format!("process {pid} was there before"))
            }
            WorkerState::Ready(pid) => (true, format!("process {pid} has joined the group, and is ready")),
            WorkerState::Starting(pid) => (false, format!("process {pid} is not ready yet")),
            WorkerState::Ended(how) => (false, format!("its process has ended by {how}, and no other runs")),
            WorkerState::Left(_) => (false, "it has left the group".to_owned()),
        }
    }
}

fn process(state: &WorkerState) -> Option<KnownProcess> {
    match state {
        WorkerState::Ready(pid) | WorkerState::Starting(pid) => KnownProcess::of(*pid),
        WorkerState::Ended(_) | WorkerState::Left(_) => None,
    }
}

fn paced(said: Option<Duration>, wanted: Duration) -> (bool, String) {
    match said {
        Some(said) => (said == wanted, format!("it says that it works {} on each message", show(said))),
        None => (false, "it did not say that it works for another time on each message".to_owned()),
    }
}

/// Whether it has left its group, and its name is kept or deleted there as asked.
fn away(state: &WorkerState, parting: Parting) -> (bool, String) {
    match state {
        WorkerState::Left(None) => {
            let kept = parting == Parting::KeepName;
            (kept, "it says that it left the group, and its process has ended; its name was not deleted".to_owned())
        }
        WorkerState::Left(Some(pending)) => (
            parting == Parting::DeleteConsumer,
            format!(
                "it says that it left the group, and its process has ended; its name was deleted with {pending} pending entries"
            ),
        ),
        WorkerState::Ready(pid) | WorkerState::Starting(pid) => {
            (false, format!("process {pid} did not say that it left, and runs"))
        }
        WorkerState::Ended(how) => (false, format!("its process has ended by {how}, and did not say that it left")),
    }
}

impl Actuator for AtConsumers {
    fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
        Box::pin(async move {
            if phase == Phase::Resting && !self.began() {
                return Ok(());
            }
            let (told, workers) = (self.told, self.workers()?);
            let asked: Vec<Result<(), EnvironmentError>> = match phase {
                Phase::Acting => join_all(self.each.iter_mut().map(|consumer| consumer.act(told, &*workers))).await,
                Phase::Resting => join_all(self.each.iter().map(|consumer| consumer.rest(told, &*workers))).await,
            };
            asked.into_iter().collect()
        })
    }

    fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
        Box::pin(async move {
            if !self.began() {
                return Ok(Reading { shows: phase == Phase::Resting, words: "nothing was done".to_owned() });
            }
            let (told, workers) = (self.told, self.workers()?);
            let read = join_all(self.each.iter().map(|consumer| consumer.read(told, phase, &*workers))).await;
            let read = read.into_iter().collect::<Result<Vec<Reading>, EnvironmentError>>()?;
            let words: Vec<&str> = read.iter().map(|reading| reading.words.as_str()).collect();
            Ok(Reading { shows: read.iter().all(|reading| reading.shows), words: words.join("; ") })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::workers::Pace;
    use rustix::process::Signal;
    use std::sync::Mutex;

    /// A consumer that does what it is told and says so, or one that does not know how.
    #[derive(Debug)]
    struct OneConsumer {
        knows_how: bool,
        state: Mutex<WorkerState>,
        said: Mutex<Option<Duration>>,
    }

    const ASSIGNED: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_millis(50);
    /// No process has this id.
    const NOBODY: u32 = u32::MAX;

    impl Workers for OneConsumer {
        fn state<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<WorkerState, EnvironmentError>> {
            Box::pin(async { Ok(self.state.lock().expect("whole").clone()) })
        }

        fn signal<'a>(&'a self, _: &'a str, _: Signal) -> BoxFuture<'a, Result<(), EnvironmentError>> {
            Box::pin(async { Ok(()) })
        }

        fn kill<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
            Box::pin(async { Ok(()) })
        }

        fn pace<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Pace, EnvironmentError>> {
            Box::pin(async { Ok(Pace { assigned: ASSIGNED, said: *self.said.lock().expect("whole") }) })
        }

        fn work<'a>(&'a self, _: &'a str, processing: Option<Duration>) -> BoxFuture<'a, Result<(), EnvironmentError>> {
            *self.said.lock().expect("whole") = self.knows_how.then_some(processing.unwrap_or(ASSIGNED));
            Box::pin(async { Ok(()) })
        }

        fn leave<'a>(&'a self, _: &'a str, parting: Parting) -> BoxFuture<'a, Result<(), EnvironmentError>> {
            if self.knows_how {
                let deleted = (parting == Parting::DeleteConsumer).then_some(7);
                *self.state.lock().expect("whole") = WorkerState::Left(deleted);
            }
            Box::pin(async { Ok(()) })
        }

        fn succeed<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), EnvironmentError>> {
            *self.state.lock().expect("whole") = WorkerState::Ready(NOBODY);
            Box::pin(async { Ok(()) })
        }
    }

    /// What is read when it was told, and when it was told to go back.
    async fn told(told: ToldConsumers, knows_how: bool) -> [Reading; 2] {
        let joins = matches!(told, ToldConsumers::Join | ToldConsumers::JoinForGood);
        let before = if joins { WorkerState::Left(None) } else { WorkerState::Ready(std::process::id()) };
        let state = Mutex::new(before);
        let workers = Arc::new(OneConsumer { knows_how, state, said: Mutex::default() });
        let handles = Handles { workers: Some(workers), ..Handles::default() };
        let on = Target::Worker(vec!["consumer-0".to_owned()]);
        let mut actuator = AtConsumers::boxed(told, "fault-1", &on, &handles);
        actuator.bring(Phase::Resting).await.expect("nothing to do");
        assert!(actuator.read(Phase::Resting).await.expect("read").shows);
        actuator.bring(Phase::Acting).await.expect("told");
        let acting = actuator.read(Phase::Acting).await.expect("read");
        actuator.bring(Phase::Resting).await.expect("told");
        [acting, actuator.read(Phase::Resting).await.expect("read")]
    }

    #[tokio::test]
    async fn who_does_what_it_is_told_says_so_and_goes_back() {
        for (what, words) in [
            (ToldConsumers::Work(LONG), "works 50ms on each message"),
            (ToldConsumers::Leave(Parting::KeepName), "its name was not deleted"),
            (ToldConsumers::Leave(Parting::DeleteConsumer), "deleted with 7 pending entries"),
            (ToldConsumers::Join, "has joined the group"),
            (ToldConsumers::JoinForGood, "has joined the group"),
        ] {
            let [acting, resting] = told(what, true).await;
            assert!(acting.shows && resting.shows, "{what:?}: {acting:?} {resting:?}");
            assert!(acting.words.contains(words), "{what:?}: {}", acting.words);
        }
    }

    #[tokio::test]
    async fn who_does_not_know_how_shows_nothing() {
        for what in [ToldConsumers::Work(LONG), ToldConsumers::Leave(Parting::KeepName)] {
            assert!(!told(what, false).await[0].shows, "{what:?}");
        }
        // It has joined, but does not leave.
        let [joined, left] = told(ToldConsumers::Join, false).await;
        assert!(joined.shows && !left.shows && left.words.contains("did not say that it left"), "{left:?}");
    }

    #[tokio::test]
    async fn who_is_there_already_has_not_joined() {
        let state = Mutex::new(WorkerState::Ready(std::process::id()));
        let workers = OneConsumer { knows_how: true, state, said: Mutex::default() };
        let mut consumer = AtConsumer { name: "consumer-3".to_owned(), began: false, before: None };
        consumer.act(ToldConsumers::Join, &workers).await.expect("told");
        let me = WorkerState::Ready(std::process::id());
        assert_eq!(consumer.there(&me), (false, format!("process {} was there before", std::process::id())));
        assert!(consumer.there(&WorkerState::Ready(NOBODY)).0);
    }

    #[test]
    fn a_name_must_be_deleted_where_that_was_asked_and_only_there() {
        for (deleted, parting, shows) in [
            (None, Parting::DeleteConsumer, false),
            (Some(3), Parting::KeepName, false),
            (Some(0), Parting::DeleteConsumer, true),
        ] {
            assert_eq!(away(&WorkerState::Left(deleted), parting).0, shows, "{deleted:?} {parting:?}");
        }
    }
}
