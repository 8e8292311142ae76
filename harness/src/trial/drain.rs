//! Draining: until everything that was sent is accounted for, or the limit passes.

use super::crew::{Consuming, Crew};
use super::event::Events;
use super::halt::Halt;
use super::observer::Sample;
use super::order::Order;
use super::stage::Stage;
use super::times::Times;
use super::totals::{self, TOLD_EVERY};
use crate::clock;
use crate::model::AckMode;
use reports::units::Nanos;
use std::time::Duration;
use tokio::sync::watch;

const LOOK_EVERY: Duration = Duration::from_millis(100);
/// After an interrupt a drain takes no longer than this: who cancels a run in a nightly job kills it seconds later.
const SHORT_DRAIN: Nanos = Nanos::from_secs(2);
/// Where nothing is ever settled, silence for this long counts as drained.
const SILENCE: Nanos = Nanos::from_secs(1);

/// Waits until every send has settled and the broker itself holds nothing more for the group; tells whether it came to that.
/// Where a node is lost there is nothing to wait for, and where nobody consumes, for the sends alone.
pub(super) async fn drain(
    order: &Order<'_>,
    crew: &mut Crew,
    stage: &Stage,
    times: &Times,
    halt: Option<Halt>,
    (samples, events): (&watch::Receiver<Sample>, &Events),
) -> bool {
    let limit = match halt {
        None => times.drain_limit,
        Some(Halt::Interrupted) => times.drain_limit.min(clock::now().plus(SHORT_DRAIN)),
        Some(Halt::NodeLost) => return false,
    };
    let mut lost = stage.watch();
    let looking = async {
        let mut quiet_since = (0, clock::now());
        let mut told = clock::now();
        while crew.unwritten().is_none() {
            crew.catch_up();
            if clock::now().since(told) >= TOLD_EVERY.into() {
                told = clock::now();
                totals::tell(crew, times, Some(limit.since(told)), (samples, events));
            }
            let progress = crew.progress();
            if progress.delivered != quiet_since.0 {
                quiet_since = (progress.delivered, clock::now());
            }
            if progress.settled {
                match crew.consuming() {
                    Consuming::Nobody => return true,
                    Consuming::NobodyMore => return stage.outstanding().await == Some(0),
                    Consuming::Somebody if is_accounted_for(order, stage, quiet_since.1).await => return true,
                    Consuming::Somebody => {}
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        false
    };
    tokio::select! {
        drained = looking => drained,
        () = tokio::time::sleep(limit.since(clock::now()).into()) => false,
        Ok(_) = lost.wait_for(|lost| *lost) => false,
    }
}

async fn is_accounted_for(order: &Order<'_>, stage: &Stage, quiet_since: Nanos) -> bool {
    match order.scenario.workload.ack {
        AckMode::Never => clock::now().since(quiet_since) > SILENCE,
        AckMode::AfterProcessing | AckMode::BeforeProcessing => stage.outstanding().await == Some(0),
    }
}
