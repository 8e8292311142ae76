//! Reading the dead-letter queue into the history, once the trial is over.

use super::account::SharedAdministrator;
use super::halt::Halt;
use super::order::Order;
use super::record::Record;
use crate::broker::DeadEntry;
use crate::clock;
use crate::worker::payload;
use reports::history::DeadLetter;
use reports::units::Partition;
use std::time::Duration;

/// How long the broker may take to hand the queue out, and how long where there is little time.
const READ_WITHIN: Duration = Duration::from_secs(30);
const READ_SOON: Duration = Duration::from_secs(1);

/// Writes what the queue holds into the history; returns how many entries were read. `None`: the trial has no such queue, or
/// it could not be read, which is a trouble.
pub(super) async fn read(
    order: &Order<'_>,
    administrator: &SharedAdministrator,
    record: &Record,
    halt: Option<Halt>,
    troubles: &mut Vec<String>,
) -> Option<u64> {
    order.dead_letters()?;
    let patience = if halt.is_some() { READ_SOON } else { READ_WITHIN };
    let asked = async { administrator.lock().await.dead_letters().await };
    let letters = match tokio::time::timeout(patience, asked).await {
        Ok(Ok(letters)) => letters?,
        Ok(Err(error)) => {
            troubles.push(format!("the dead-letter queue could not be read: {error}"));
            return None;
        }
        Err(_) => {
            troubles.push(format!("the dead-letter queue could not be read within {patience:?}"));
            return None;
        }
    };
    let rows: Vec<DeadLetter> = letters.into_iter().map(|letter| row(letter, order.trial_id)).collect();
    record.observer().dead_letters(&rows);
    Some(rows.len() as u64)
}

fn row(letter: DeadEntry, trial: u64) -> DeadLetter {
    // An entry that does not say where its message came from cannot be believed.
    let decoded = payload::decode(&letter.payload, trial, letter.partition.unwrap_or(Partition(0)));
    DeadLetter {
        at: clock::now(),
        position: letter.position,
        message: decoded.message,
        intended: decoded.intended,
        payload_ok: decoded.intact && letter.partition.is_some(),
        message_id: letter.message_id,
        trace_id: letter.trace_id,
        retries: letter.retries,
    }
}
