//! Examples: evidence for what was found.

use crate::history::Delivery;
use crate::units::{ConsumerId, MessageId, Nanos, Position};

/// How many examples a finding keeps.
pub(super) const EXAMPLES: usize = 3;

/// One piece of evidence. Times are the history's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// Which message, where its identity can be believed.
    pub message: Option<MessageId>,
    /// When it was sent or received.
    pub at: Option<Nanos>,
    /// Who received it.
    pub consumer: Option<ConsumerId>,
    /// Where it stood.
    pub position: Option<Position>,
    /// When what it contradicts had happened.
    pub earlier: Option<Nanos>,
    /// What else there is to say.
    pub note: Option<String>,
}

impl Example {
    /// A message that was delivered.
    pub fn of_delivery(delivery: &Delivery) -> Self {
        Self { message: Some(delivery.message), ..Self::of_position(delivery) }
    }

    /// A delivery whose payload does not say what it is.
    pub fn of_position(delivery: &Delivery) -> Self {
        Self {
            at: Some(delivery.received),
            consumer: Some(delivery.consumer),
            position: Some(delivery.position),
            ..Self::default()
        }
    }
}
