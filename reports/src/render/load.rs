//! The load in words.

use super::number;
use crate::facts::WorkloadFacts;

/// How many messages of which size: `66,000 messages of 1 KiB`.
pub(super) fn messages(load: &WorkloadFacts) -> String {
    let size = number::bytes(load.message_bytes);
    if load.closed_loop {
        return format!("as many messages of {size} as the broker takes");
    }
    format!("{} of {size}", number::of_many(load.offered, "message"))
}
