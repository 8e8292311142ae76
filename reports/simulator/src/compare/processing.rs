//! `unprocessed`: a message reached a consumer, and none processed it to its end. Asked where they settle what they receive.

use super::doubts::{self, undrained};
use super::expected::{Bad, Expected};
use super::known::Known;
use crate::plan::AckMode;
use crate::truth::Entry;
use reports::units::MessageId;
use std::collections::HashSet;

/// Messages that nobody processed to their end, and those that somebody was at when the trial ended. None: not asked.
pub(super) fn unprocessed(known: &Known<'_>) -> Option<(u64, u64)> {
    if known.plan.policy.reading.ack != AckMode::OnReceipt {
        return None;
    }
    let of = |wanted: fn(&Entry) -> bool| -> HashSet<MessageId> {
        let valid = known.truth.entries.iter().filter(|entry| entry.valid && wanted(entry));
        valid.map(|entry| entry.id).collect()
    };
    let (had, done) = (of(|entry| !entry.receipts.is_empty()), of(|entry| entry.processed));
    let left: HashSet<MessageId> = &of(|entry| entry.left_at_the_end) - &done;
    Some(((&(&had - &done) - &left).len() as u64, left.len() as u64))
}

pub(super) fn expected(known: &Known<'_>) -> Option<Expected> {
    let ((never, left), limit) = (unprocessed(known)?, known.limits.unprocessed?);
    let bad = if never > limit { Bad::Yes } else { Bad::No };
    let mut expected = doubts::expected(known, bad, format!("{never} processed by nobody, {left} left at the end"));
    expected.doubts.extend(undrained(known));
    if left > 0 {
        expected.doubts.push("somebody was at a message when the trial ended".to_owned());
    }
    if never > 0 && !known.truth.entries.iter().any(|entry| entry.processed || entry.left_at_the_end) {
        expected.doubts.push("nobody recorded any processing".to_owned());
    }
    Some(expected)
}
