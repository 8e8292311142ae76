//! What dead runs left behind: found by its labels on every host and in the packet filter, and removed. Nothing else is touched.

use super::EnvironmentError;
use super::host::Host;
use super::leftover::Leftover;
use super::owner::OwnerState;
use super::packets;
use std::sync::Arc;

/// Everything that any run started on these hosts and that is still there, whether its owner lives or not.
pub(super) async fn of_all(hosts: &[Arc<dyn Host>]) -> Result<Vec<Leftover>, EnvironmentError> {
    let mut all = Vec::new();
    for host in hosts {
        all.extend(host.leftovers().await?);
    }
    all.extend(packets::leftovers().await?);
    Ok(all)
}

/// Removes what dead runs left on these hosts, and says what that was. Logs are saved if their folder still exists.
pub(super) async fn sweep(hosts: &[Arc<dyn Host>]) -> Result<Vec<Leftover>, EnvironmentError> {
    remove_where(hosts, |leftover| leftover.owner == OwnerState::Dead).await
}

/// Removes what a process started for a run, whether the process lives or not.
pub(super) async fn remove_run(hosts: &[Arc<dyn Host>], run: &str, owner: i32) -> Result<(), EnvironmentError> {
    let of_run = |leftover: &Leftover| leftover.run == run && leftover.process == Some(owner);
    let visible = |leftover: &Leftover| leftover.owner != OwnerState::Elsewhere;
    remove_where(hosts, |leftover| of_run(leftover) && visible(leftover)).await.map(drop)
}

/// All at once: each may take a second to end.
async fn remove_where(
    hosts: &[Arc<dyn Host>],
    chosen: impl Fn(&Leftover) -> bool,
) -> Result<Vec<Leftover>, EnvironmentError> {
    // First: while a rule works, others are harmed.
    let mut removed = packets::leftovers().await?;
    removed.retain(&chosen);
    for table in &removed {
        packets::remove(table).await?;
    }
    for host in hosts {
        let mut found = host.leftovers().await?;
        found.retain(&chosen);
        for result in futures_util::future::join_all(found.iter().map(|leftover| host.remove(leftover))).await {
            result?;
        }
        removed.extend(found);
    }
    Ok(removed)
}
