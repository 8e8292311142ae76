//! Gathering: all workers are connected, and the consumers share out all that there is, so that the load does not meet the
//! group's beginning.

use super::crew::Crew;
use super::event::{Event, Events};
use super::stage::Stage;
use super::{Order, TrialError};
use std::time::{Duration, Instant};

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
