//! What a fault can tell consumers to do.

use crate::model::Parting;
use std::time::Duration;

/// What consumers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldConsumers {
    /// To work for so long on each message, and then as before.
    Work(Duration),
    /// To leave, and then to join again.
    Leave(Parting),
    /// To join, and then to leave.
    Join,
    /// To join, and to stay.
    JoinForGood,
}
