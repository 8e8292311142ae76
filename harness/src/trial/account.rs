//! The broker's own account, asked of the administrator that a trial's steps share.

use crate::broker::Administrator;
use crate::model::BrokerError;
use reports::history::Inspection;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

const LOADED_WITHIN: Duration = Duration::from_secs(5);
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// The administrator, shared between sampling, draining and inspecting. It connects again by itself after a node's restart.
pub(super) type SharedAdministrator = Arc<Mutex<Box<dyn Administrator>>>;

/// Asks again for a while: a node that was started again may still be loading what it had.
///
/// # Errors
/// What was said last.
pub(super) async fn patiently(administrator: &SharedAdministrator) -> Result<Vec<Inspection>, BrokerError> {
    let deadline = Instant::now() + LOADED_WITHIN;
    loop {
        let account = administrator.lock().await.inspect().await;
        if account.is_ok() || Instant::now() > deadline {
            return account;
        }
        tokio::time::sleep(ASKED_AGAIN_AFTER).await;
    }
}
