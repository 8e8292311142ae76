//! The faults of a trial while it goes on: each a task of its own, so that one that hangs delays no other's healing. Only
//! the injection of one that follows another on the same target waits until that one is healed. One whose turn comes after
//! another's does not begin at all where that one's healing could not be confirmed.

use super::event::{Event, Events};
use super::observer::Sample;
use super::times::Times;
use super::trigger::Trigger;
use crate::clock;
use crate::fault::FaultDriver;
use reports::history::Fault;
use reports::units::Nanos;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long a fault that did not heal in time may take to let go.
const LET_GO_WITHIN: Duration = Duration::from_secs(1);

/// All faults, each on its way from injection to healing. Dropping it leaves them where they are.
pub(super) struct Faults {
    tasks: JoinSet<(usize, FaultDriver)>,
    asked: Asked<watch::Sender<bool>>,
}

/// What is asked of all faults together, once each.
#[derive(Clone, Debug)]
struct Asked<T> {
    /// To heal at once, and not to begin any more.
    end: T,
    /// To leave what does not heal as it is, and to say what is known of it.
    give_up: T,
}

/// What came of all faults.
#[derive(Debug, Default)]
pub(super) struct EndedFaults {
    /// Of those that were asked for and came to their end, in the order of the plan.
    pub(super) rows: Vec<Fault>,
    /// Those whose condition never came true, and why.
    pub(super) untriggered: BTreeMap<String, String>,
}

impl Faults {
    /// Lets each begin at its time, or when its condition comes true in the samples of gauges.
    pub(super) fn start(
        drivers: Vec<FaultDriver>,
        times: &Times,
        samples: &watch::Receiver<Sample>,
        events: &Events,
    ) -> Self {
        let ((end, is_asked_to_end), (give_up, is_given_up)) = (watch::channel(false), watch::channel(false));
        let is_asked = Asked { end: is_asked_to_end, give_up: is_given_up };
        let mut tasks = JoinSet::new();
        let healed: Vec<watch::Sender<bool>> = drivers.iter().map(|_| watch::channel(false).0).collect();
        let awaited: Vec<Vec<watch::Receiver<bool>>> =
            drivers.iter().map(|next| before(next, &drivers, &healed)).collect();
        for (index, ((driver, healed), awaited)) in drivers.into_iter().zip(healed).zip(awaited).enumerate() {
            let (events, is_asked, times) = (events.clone(), is_asked.clone(), *times);
            let condition = driver.planned().when.clone();
            let trigger = condition.map(|condition| Trigger::new(condition, samples.clone(), times.load));
            tasks.spawn(async move {
                let driver = live((driver, trigger), times, &events, awaited, is_asked).await;
                if driver.is_healed() {
                    healed.send_replace(true);
                }
                drop(healed);
                (index, driver)
            });
        }
        Self { tasks, asked: Asked { end, give_up } }
    }

    /// Heals at once whatever still lasts, as far as it can be healed in time. One that cannot keeps its row.
    pub(super) async fn end(mut self, patience: Duration) -> EndedFaults {
        let _ = self.asked.end.send(true);
        let mut ended = self.join_until(Instant::now() + patience).await;
        let _ = self.asked.give_up.send(true);
        ended.extend(self.join_until(Instant::now() + LET_GO_WITHIN).await);
        // What a fault still holds must be let go before it can be torn down.
        let _ = tokio::time::timeout(LET_GO_WITHIN, self.tasks.shutdown()).await;
        ended.sort_by_key(|(index, _)| *index);
        let untriggered =
            |driver: &FaultDriver| Some((driver.planned().name.clone(), driver.untriggered()?.to_owned()));
        EndedFaults {
            rows: ended.iter().filter_map(|(_, driver)| driver.row()).collect(),
            untriggered: ended.iter().filter_map(|(_, driver)| untriggered(driver)).collect(),
        }
    }

    async fn join_until(&mut self, deadline: Instant) -> Vec<(usize, FaultDriver)> {
        let mut joined = Vec::new();
        while let Ok(Some(task)) = tokio::time::timeout_at(deadline, self.tasks.join_next()).await {
            joined.extend(task);
        }
        joined
    }
}

/// The ends of the faults that must be healed before this one may begin.
fn before(next: &FaultDriver, drivers: &[FaultDriver], healed: &[watch::Sender<bool>]) -> Vec<watch::Receiver<bool>> {
    let each = drivers.iter().zip(healed);
    let followed = each.filter(|(other, _)| next.planned().follows(other.planned()));
    followed.map(|(_, healed)| healed.subscribe()).collect()
}

/// One fault's life: to its time, until those before it are healed and its condition is true; injected, to its end or the
/// trial's, healed.
async fn live(
    (mut driver, mut trigger): (FaultDriver, Option<Trigger>),
    times: Times,
    events: &Events,
    mut awaited: Vec<watch::Receiver<bool>>,
    mut is_asked: Asked<watch::Receiver<bool>>,
) -> FaultDriver {
    let fault = driver.planned().name.clone();
    let planned = driver.planned();
    let (lasts, has_turn): (Nanos, bool) = (planned.lasts.into(), planned.after.is_some());
    let begin = times.load.plus(planned.at.into());
    let since_load = |at: Nanos| at.since(times.load);
    let its_turn = async {
        sleep_until(begin).await;
        let mut all_healed = true;
        for healed in &mut awaited {
            all_healed &= until(healed).await;
        }
        if has_turn && !all_healed {
            return None;
        }
        match trigger.as_mut() {
            None => Some(None),
            // Later it would not end with the load.
            Some(trigger) => trigger.comes_true(begin, Nanos(times.end.0.saturating_sub(lasts.0))).await.map(Some),
        }
    };
    let turn = tokio::select! {
        turn = its_turn => turn,
        _ = until(&mut is_asked.end) => None,
    };
    let end = match turn {
        None => {
            driver.never(trigger.map(|trigger| trigger.never()));
            return driver;
        }
        Some(None) if has_turn => clock::now().plus(lasts),
        Some(None) => begin.plus(lasts),
        Some(Some(words)) => {
            driver.triggered(words);
            clock::now().plus(lasts)
        }
    };
    tokio::select! {
        at = driver.inject() => events.tell(Event::Injected { fault: fault.clone(), at: at.map(since_load) }),
        _ = until(&mut is_asked.end) => {}
    }
    tokio::select! {
        () = sleep_until(end) => {}
        _ = until(&mut is_asked.end) => {}
    }
    let healed = tokio::select! {
        at = driver.heal() => at,
        _ = until(&mut is_asked.give_up) => None,
    };
    let at = healed.map(since_load);
    events.tell(Event::Healed { fault, at });
    driver
}

/// Waits until something is over; also where nobody is left to say so, which is not true then.
async fn until(is_over: &mut watch::Receiver<bool>) -> bool {
    is_over.wait_for(|over| *over).await.is_ok()
}

async fn sleep_until(at: Nanos) {
    tokio::time::sleep(at.since(clock::now()).into()).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::EnvironmentError;
    use crate::fault::{Actuator, Fault, Handles, Phase, PlannedFault, Reading, Target};
    use crate::model::{Direction, Link, Selection, Workload};
    use futures_util::future::BoxFuture;
    use reports::facts::Effect;
    use std::sync::{Arc, Mutex};
    use tokio::sync::mpsc::unbounded_channel;

    /// A switch that is slow to come to rest, and what was done to it.
    #[derive(Clone, Debug, Default)]
    struct Switch {
        done: Arc<Mutex<Vec<(String, Phase)>>>,
        never_rests: bool,
        hangs: bool,
    }

    #[derive(Debug)]
    struct Hand {
        fault: String,
        switch: Switch,
    }

    impl Actuator for Hand {
        fn bring(&mut self, phase: Phase) -> BoxFuture<'_, Result<(), EnvironmentError>> {
            Box::pin(async move {
                if phase == Phase::Resting && self.switch.hangs {
                    std::future::pending::<()>().await;
                }
                if phase == Phase::Resting {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                self.switch.done.lock().expect("whole").push((self.fault.clone(), phase));
                Ok(())
            })
        }

        fn read(&mut self, phase: Phase) -> BoxFuture<'_, Result<Reading, EnvironmentError>> {
            let shows = phase == Phase::Acting || !self.switch.never_rests;
            Box::pin(async move { Ok(Reading { shows, words: String::new() }) })
        }
    }

    impl Fault for Switch {
        fn name(&self) -> &'static str {
            "switch"
        }
        fn summary(&self) -> String {
            String::new()
        }
        fn detail(&self) -> String {
            String::new()
        }
        fn effect(&self, _: &Target, _: &Workload) -> Effect {
            Effect::Nothing
        }
        fn actuator(&self, fault: &str, _: &Target, _: &Handles) -> Box<dyn Actuator> {
            Box::new(Hand { fault: fault.to_owned(), switch: self.clone() })
        }
    }

    fn planned(switch: &Switch, name: &str, at: u64, after: Option<&str>) -> FaultDriver {
        let (clients, nodes) = (Selection::All, Selection::All);
        let planned = PlannedFault {
            name: name.to_owned(),
            at: Duration::from_millis(at),
            when: None,
            lasts: Duration::from_millis(20),
            target: Target::Link { link: Link::Client, direction: Direction::Both, clients, nodes },
            fault: Arc::new(switch.clone()),
            systems: Vec::new(),
            after: after.map(str::to_owned),
        };
        FaultDriver::new(&planned, &Handles::default())
    }

    /// What was done to a switch by the faults of this name and predecessor, of which so many are healed.
    async fn done_by(switch: &Switch, drivers: Vec<FaultDriver>, heals: usize) -> Vec<(String, Phase)> {
        let (sender, mut told) = unbounded_channel();
        let load = clock::now();
        let times = Times { idle: load, origin: load, settle: load, load, end: load, drain_limit: load };
        let samples = watch::channel(Sample::default()).1;
        let faults = Faults::start(drivers, &times, &samples, &Events::new(sender));
        let mut healed = 0;
        while healed < heals {
            healed += usize::from(matches!(told.recv().await, Some(Event::Healed { .. })));
        }
        assert_eq!(faults.end(Duration::from_secs(60)).await.rows.len(), heals);
        switch.done.lock().expect("whole").clone()
    }

    fn in_order(names: &[&str]) -> Vec<(String, Phase)> {
        let each = |name: &&str| [Phase::Acting, Phase::Resting].map(|phase| ((*name).to_owned(), phase));
        names.iter().flat_map(each).collect()
    }

    /// One that begins when the one before it ends would be undone by that one's healing.
    #[tokio::test]
    async fn a_fault_begins_only_when_those_that_it_follows_are_healed() {
        let switch = Switch::default();
        let drivers = vec![planned(&switch, "second", 20, None), planned(&switch, "first", 0, None)];
        assert_eq!(done_by(&switch, drivers, 2).await, in_order(&["first", "second"]));
    }

    #[tokio::test]
    async fn turns_come_one_after_another_though_all_are_due_at_once_and_each_lasts_its_time() {
        let switch = Switch::default();
        let turn = |name: &str, after| planned(&switch, name, 0, after);
        let drivers = vec![turn("third", Some("second")), turn("second", Some("first")), turn("first", None)];
        assert_eq!(done_by(&switch, drivers, 3).await, in_order(&["first", "second", "third"]));
    }

    #[tokio::test]
    async fn after_one_whose_healing_is_not_confirmed_no_turn_comes() {
        let switch = Switch { never_rests: true, ..Switch::default() };
        let drivers = vec![planned(&switch, "second", 0, Some("first")), planned(&switch, "first", 0, None)];
        let done = done_by(&switch, drivers, 1).await;
        assert!(!done.is_empty() && done.iter().all(|(fault, _)| fault == "first"), "{done:?}");
    }

    #[tokio::test]
    async fn one_that_does_not_heal_in_time_was_there_all_the_same() {
        let switch = Switch { hangs: true, ..Switch::default() };
        let (sender, mut told) = unbounded_channel();
        let load = clock::now();
        let times = Times { idle: load, origin: load, settle: load, load, end: load, drain_limit: load };
        let drivers = vec![planned(&switch, "first", 0, None), planned(&switch, "second", 0, Some("first"))];
        let faults = Faults::start(drivers, &times, &watch::channel(Sample::default()).1, &Events::new(sender));
        while !matches!(told.recv().await, Some(Event::Injected { .. }) | None) {}
        let rows = faults.end(Duration::from_millis(50)).await.rows;
        let first = rows.first().unwrap_or_else(|| panic!("its row is missing"));
        assert_eq!((rows.len(), first.name.as_str()), (1, "first"), "{rows:#?}");
        assert!(first.injected.is_some() && first.heal_requested.is_some() && first.healed.is_none(), "{first:#?}");
    }
}
