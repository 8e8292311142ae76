//! The faults of a trial while it goes on: each a task of its own, so that one that hangs delays no other's healing.

use super::event::{Event, Events};
use crate::clock;
use crate::fault::FaultDriver;
use reports::history::Fault;
use reports::units::Nanos;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long a fault that did not heal in time may take to let go.
const LET_GO_WITHIN: Duration = Duration::from_secs(1);

/// All faults, each on its way from injection to healing. Dropping it leaves them where they are.
pub(super) struct Faults {
    tasks: JoinSet<(usize, FaultDriver)>,
    over: watch::Sender<bool>,
}

impl Faults {
    /// Lets each begin at its time, counted from `load`.
    pub(super) fn start(drivers: Vec<FaultDriver>, load: Nanos, events: &Events) -> Self {
        let (over, is_over) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for (index, driver) in drivers.into_iter().enumerate() {
            let (events, is_over) = (events.clone(), is_over.clone());
            tasks.spawn(async move { (index, live(driver, load, &events, is_over).await) });
        }
        Self { tasks, over }
    }

    /// Heals at once whatever still lasts, as far as it can be healed in time. Returns the rows of all that were asked for
    /// and came to their end, in the order of the plan.
    pub(super) async fn end(mut self, patience: Duration) -> Vec<Fault> {
        let _ = self.over.send(true);
        let deadline = Instant::now() + patience;
        let mut ended = Vec::new();
        while let Ok(Some(task)) = tokio::time::timeout_at(deadline, self.tasks.join_next()).await {
            ended.extend(task);
        }
        // What a fault still holds must be let go before it can be torn down.
        let _ = tokio::time::timeout(LET_GO_WITHIN, self.tasks.shutdown()).await;
        ended.sort_by_key(|(index, _)| *index);
        ended.iter().filter_map(|(_, driver)| driver.row()).collect()
    }
}

/// One fault's life: to its time, injected, to its end or the trial's, healed.
async fn live(
    mut driver: FaultDriver,
    load: Nanos,
    events: &Events,
    mut is_over: watch::Receiver<bool>,
) -> FaultDriver {
    let fault = driver.planned().name.clone();
    let (begin, end) = (driver.planned().at.into(), driver.planned().until().into());
    let since_load = |at: Nanos| at.since(load);
    tokio::select! {
        () = sleep_until(load.plus(begin)) => {}
        () = until(&mut is_over) => return driver,
    }
    tokio::select! {
        at = driver.inject() => events.tell(Event::Injected { fault: fault.clone(), at: at.map(since_load) }),
        () = until(&mut is_over) => {}
    }
    tokio::select! {
        () = sleep_until(load.plus(end)) => {}
        () = until(&mut is_over) => {}
    }
    let at = driver.heal().await.map(since_load);
    events.tell(Event::Healed { fault, at });
    driver
}

/// Waits until the trial's load is over; also where nobody is left to say so.
async fn until(is_over: &mut watch::Receiver<bool>) {
    let _ = is_over.wait_for(|over| *over).await;
}

async fn sleep_until(at: Nanos) {
    tokio::time::sleep(at.since(clock::now()).into()).await;
}
