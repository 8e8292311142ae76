//! Sends that their producers tried more than once, and those that they gave up to the dead-letter queue.

use super::source::{Reply, Sent};
use crate::history::Outcome;
use crate::result::RetryResult;

/// Counts them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Retries(RetryResult);

impl Retries {
    /// A send.
    #[inline]
    pub(super) fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        if reply.attempts > 1 || reply.dead_letter.is_some() {
            self.count(sent, reply);
        }
    }

    fn count(&mut self, sent: &Sent, reply: Reply<'_>) {
        let found = &mut self.0;
        found.messages += u64::from(reply.attempts > 1);
        found.attempts += u64::from(reply.attempts.saturating_sub(1));
        found.most_attempts = found.most_attempts.max(reply.attempts);
        found.acknowledged += u64::from(reply.attempts > 1 && sent.outcome == Outcome::Ok);
        found.given_up += u64::from(reply.dead_letter.is_some());
        found.dead_lettered += u64::from(reply.dead_letter == Some(true));
    }

    /// What was counted; none where no send was tried again or given up.
    pub(super) fn found(self) -> Option<RetryResult> {
        (self.0 != RetryResult::default()).then_some(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{MessageId, Nanos, Partition, ProducerId, Sequence};

    fn found(sends: &[(Outcome, u8, Option<bool>)]) -> Option<RetryResult> {
        let mut retries = Retries::default();
        for &(outcome, attempts, dead_letter) in sends {
            let message = MessageId { producer: ProducerId(0), partition: Partition(0), seq: Sequence(0) };
            let sent = Sent { message, intended: Nanos(0), started: Nanos(0), settled: Nanos(0), outcome };
            retries.send(&sent, Reply { attempts, dead_letter, ..Reply::default() });
        }
        retries.found()
    }

    #[test]
    fn a_send_that_was_tried_once_says_nothing() {
        assert_eq!(found(&[(Outcome::Ok, 1, None), (Outcome::Failed, 1, None)]), None);
    }

    #[test]
    fn what_was_tried_again_is_acknowledged_or_given_up_and_then_the_queue_has_it_or_not() {
        let sends = [
            (Outcome::Ok, 1, None),
            (Outcome::Ok, 3, None),
            (Outcome::Failed, 5, Some(true)),
            (Outcome::Indeterminate, 5, Some(false)),
            (Outcome::Indeterminate, 2, None),
        ];
        let expected =
            RetryResult { messages: 4, attempts: 11, most_attempts: 5, acknowledged: 1, given_up: 2, dead_lettered: 1 };
        assert_eq!(found(&sends), Some(expected));
    }
}
