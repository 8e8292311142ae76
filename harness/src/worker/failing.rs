//! What a consumer does with a message that nobody can process: it refuses it, so that it comes again, and gives it up to the
//! dead-letter queue when it has been delivered as often as the policy allows.

use super::client::{Consumer, ConsumerDiary, Letter, Processed};
use super::protocol::Policy;
use crate::clock;
use reports::history::{Outcome, SettlementKind};
use reports::units::{Partition, Position};
use std::collections::HashMap;

/// A message in hand that cannot be processed.
#[derive(Clone, Debug)]
pub(super) struct Unworkable {
    /// Its bytes.
    pub(super) payload: Vec<u8>,
    /// Which delivery of it this is by the broker's account; 0 where it keeps none.
    pub(super) delivery_count: u16,
}

/// Counts deliveries where the broker does not.
#[derive(Debug)]
pub(super) struct Failing {
    trial: u64,
    limit: u16,
    counted: HashMap<(Partition, Position), u16>,
}

impl Failing {
    /// By a policy, in a trial.
    pub(super) fn new(policy: &Policy, trial: u64) -> Self {
        Self { trial, limit: policy.delivery_limit, counted: HashMap::new() }
    }

    /// The processing of a message has failed.
    pub(super) fn fail<C: Consumer>(
        &mut self,
        client: &mut C,
        diary: &ConsumerDiary,
        processed: &Processed,
        poisoned: &Unworkable,
    ) {
        let place = (processed.partition, processed.position);
        let deliveries = match poisoned.delivery_count {
            0 => *self.counted.entry(place).and_modify(|count| *count = count.saturating_add(1)).or_insert(1),
            counted => counted,
        };
        // What cannot be believed is not marked, so a message without a name does not come here.
        let Some(message) = processed.message else { return };
        if deliveries < self.limit {
            let now = clock::now();
            diary.message_settled(processed, SettlementKind::Nack, now, now, Outcome::Ok);
            client.refuse(processed, &poisoned.payload);
            return;
        }
        let letter = Letter {
            partition: processed.partition,
            message_id: message.to_string(),
            trace_id: message.trace(self.trial),
            retries: deliveries.saturating_sub(1),
            payload: &poisoned.payload,
        };
        if client.bury(processed, &letter) == Outcome::Ok {
            self.counted.remove(&place);
        }
    }
}
