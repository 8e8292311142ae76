//! The hosts of a machine.

use super::containers::Containers;
use super::error::EnvironmentError;
use super::host::Host;
use super::processes::Processes;
use std::sync::Arc;

/// The hosts of this machine on which a run may have left something. Without an engine there are no containers of ours.
pub(super) async fn hosts() -> Result<Vec<Arc<dyn Host>>, EnvironmentError> {
    let mut hosts: Vec<Arc<dyn Host>> = vec![Arc::new(Processes::new()?)];
    match Containers::find().await {
        Ok(containers) => hosts.push(Arc::new(containers)),
        Err(error) => tracing::debug!("no containers are looked at: {error}"),
    }
    Ok(hosts)
}
