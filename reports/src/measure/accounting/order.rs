//! Order: whether first deliveries come in the sequence of their sends, as far as the system promises it.
//!
//! Only of acknowledged sends: one that was given up may have reached the broker at any time since, so it is concurrent
//! with all that follow.

use super::example::{EXAMPLES, Example};
use crate::facts::Ordering;
use crate::history::Delivery;
use crate::units::{ConsumerId, Partition, ProducerId, Sequence};
use std::collections::BTreeMap;

/// How the send of a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendEnd {
    Acknowledged,
    Indeterminate,
    /// There is no such send, or it certainly failed: it has no place in the order of what was sent.
    None,
}

/// The furthest sequence number so far, in each scope within which the system promises order.
#[derive(Clone, Debug)]
pub(super) struct SequenceOrder {
    ordering: Ordering,
    furthest: BTreeMap<(Option<ConsumerId>, ProducerId, Partition), Sequence>,
    pub(super) behind: u64,
    /// Behind a later one, and their sends were not acknowledged.
    pub(super) concurrent: u64,
    pub(super) examples: Vec<Example>,
}

impl SequenceOrder {
    pub(super) const fn new(ordering: Ordering) -> Self {
        Self { ordering, furthest: BTreeMap::new(), behind: 0, concurrent: 0, examples: Vec::new() }
    }

    /// A message's first delivery, in order of receipt.
    pub(super) fn first_delivery(&mut self, delivery: &Delivery, end: SendEnd) {
        let message = delivery.message;
        let scope = match self.ordering {
            Ordering::None => return,
            Ordering::Partition => None,
            // What a departed consumer left is handed on late, and nobody promised otherwise.
            Ordering::Consumer if delivery.delivery_count > 1 => return,
            Ordering::Consumer => Some(delivery.consumer),
        };
        let scope = (scope, message.producer, message.partition);
        if end == SendEnd::None {
            self.concurrent += u64::from(self.furthest.get(&scope).is_some_and(|furthest| message.seq < *furthest));
            return;
        }
        let furthest = self.furthest.entry(scope).or_insert(message.seq);
        if message.seq >= *furthest {
            *furthest = message.seq;
            return;
        }
        if end == SendEnd::Indeterminate {
            self.concurrent += 1;
            return;
        }
        self.behind += 1;
        if self.examples.len() < EXAMPLES {
            let note = format!("after seq {}", furthest.0);
            self.examples.push(Example { note: Some(note), ..Example::of_delivery(delivery) });
        }
    }
}
