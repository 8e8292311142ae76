//! Warming up: all workers are connected, and the consumers share out all that there is, so that the load does not meet the
//! group's beginning; then the schedule begins.

use super::crew::Crew;
use super::error::TrialError;
use super::event::{Event, Events};
use super::order::Order;
use super::pinned;
use super::record::Record;
use super::stage::Stage;
use super::times::Times;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long workers may take until they are connected.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long a group may take to be complete, and in how many heartbeats: a consumer learns of a rebalance by its next one.
const GROUP_WITHIN: Duration = Duration::from_secs(60);
const GROUP_WITHIN_HEARTBEATS: u32 = 5;
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Waits until the load may begin.
///
/// # Errors
/// A worker said that it cannot, died, or was not ready in time; the group was not complete in time.
pub(super) async fn gather(
    order: &Order<'_>,
    stage: &Stage,
    crew: &mut Crew,
    events: &Events,
) -> Result<(), TrialError> {
    crew.await_ready(READY_WITHIN).await.map_err(TrialError::Workers)?;
    let workload = &order.scenario.workload;
    if workload.consumers == 0 {
        return Ok(());
    }
    let heartbeats = order.scenario.client.heartbeat.every.saturating_mul(GROUP_WITHIN_HEARTBEATS);
    let patience = GROUP_WITHIN.max(heartbeats);
    let deadline = Instant::now() + patience;
    let mut told = false;
    while let Some(lacks) = stage.group_lacks(workload.consumers).await? {
        crew.catch_up();
        if let Some(trouble) = crew.first_trouble() {
            return Err(TrialError::Workers(trouble.to_owned()));
        }
        if Instant::now() > deadline {
            return Err(TrialError::Workers(format!("the group is not complete after {patience:?}: {lacks}")));
        }
        if !told {
            events.tell(Event::Step("waiting until the consumer group is complete"));
            told = true;
        }
        tokio::time::sleep(ASKED_EVERY).await;
    }
    Ok(())
}

/// Writes down what the trial is about, begins to sample, and lets the schedule begin. The returned task samples until it is
/// aborted.
///
/// # Errors
/// The disk refused what was to be written.
pub(super) fn warm_up(
    order: &Order<'_>,
    stage: &Stage,
    record: &mut Record,
    crew: &mut Crew,
    events: &Events,
) -> Result<(Times, JoinHandle<()>), TrialError> {
    let times = Times::from_now(&order.scenario.phases);
    let mut started = stage.started(times.load, &order.scenario.workload);
    started.in_force.extend(pinned::in_force(order, stage.place(), crew));
    record.begin(order, started, &times)?;
    let roster = stage.roster();
    for (name, pid) in crew.processes() {
        roster.enter("generator", &name, pid);
    }
    let sampling = record.observer().sample(stage.administrator(), roster);
    crew.start(times.origin);
    let idle = !order.scenario.phases.idle.is_zero();
    events.tell(Event::Step(if idle { "idling, then warming up" } else { "warming up" }));
    Ok((times, sampling))
}
