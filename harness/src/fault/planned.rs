//! A fault of a scenario: what is done, to what, when.

use super::FaultKind;
use crate::model::{Direction, Link};
use std::time::Duration;

/// A fault with its times. Times count from the start of the load phase.
#[derive(Clone, Debug)]
pub struct PlannedFault {
    /// `down-1`, or as the scenario names it; distinct.
    pub name: String,
    /// When to inject.
    pub at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// On which link.
    pub link: Link,
    /// Which way.
    pub direction: Direction,
    /// What it does.
    pub kind: FaultKind,
    /// The systems that it is for; empty means all.
    pub systems: Vec<String>,
}
