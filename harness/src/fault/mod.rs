//! Faults: each a file that says how to inject, confirm and heal it.
//! From here only the proxy's client (and later nodes and workers) may be touched; never a history or a verdict.
//! To add one: copy `latency.rs`, and add its row to `FAULTS`.

mod change;
mod down;
mod driver;
mod latency;
pub mod options;
mod planned;
mod reset_peer;
mod timeout;

pub use driver::{FaultDriver, target};
pub use planned::PlannedFault;

use crate::model::Direction;
use change::Change;
use options::FaultSpec;
use reports::facts::{Cut, Effect};
use reports::units::Nanos;
use std::time::Duration;

/// What a fault does, with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The proxy stops listening and closes every connection.
    Down,
    /// Every packet is late.
    Latency {
        /// By how much.
        delay: Duration,
        /// Give or take.
        jitter: Duration,
    },
    /// Nothing passes any more; connections stay open (`after` zero), or are closed after a while.
    Timeout {
        /// When to close; zero: never while the fault lasts.
        after: Duration,
    },
    /// Connections are reset.
    ResetPeer {
        /// After how long.
        after: Duration,
    },
}

/// Every fault that a scenario can ask for.
pub const FAULTS: &[FaultSpec] = &[down::SPEC, latency::SPEC, timeout::SPEC, reset_peer::SPEC];

impl FaultKind {
    /// Its key in scenario files: `reset-peer`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Down => down::SPEC.name,
            Self::Latency { .. } => latency::SPEC.name,
            Self::Timeout { .. } => timeout::SPEC.name,
            Self::ResetPeer { .. } => reset_peer::SPEC.name,
        }
    }

    /// Its parameters in words, for reports: `delay 200 ms ± 20 ms, downstream`. `Down` knows no direction.
    pub fn detail(&self, direction: Direction) -> String {
        let what = match *self {
            Self::Down => return down::detail(),
            Self::Latency { delay, jitter } => latency::detail(delay, jitter),
            Self::Timeout { after } => timeout::detail(after),
            Self::ResetPeer { after } => reset_peer::detail(after),
        };
        format!("{what}, {}", direction.name())
    }

    /// What it must visibly do to clients for its injection to be believed.
    pub fn effect(&self, direction: Direction) -> Effect {
        match *self {
            Self::Down => down::effect(),
            Self::Latency { delay, jitter } => latency::effect(delay, jitter, direction),
            Self::Timeout { .. } => timeout::effect(),
            Self::ResetPeer { .. } => reset_peer::effect(),
        }
    }

    /// How it keeps clients from the broker, if it does.
    pub fn cut(&self) -> Option<Cut> {
        match *self {
            Self::Down => Some(Cut::Refused),
            Self::Latency { .. } => None,
            Self::Timeout { after } if after.is_zero() => Some(Cut::Silent),
            Self::Timeout { .. } | Self::ResetPeer { .. } => Some(Cut::Closed),
        }
    }

    /// What it changes at each proxy of the link. Toxics are named after the fault, so that several may work at once.
    fn change(&self, fault: &str, direction: Direction) -> Change {
        match *self {
            Self::Down => down::change(),
            Self::Latency { delay, jitter } => latency::change(fault, delay, jitter, direction),
            Self::Timeout { after } => timeout::change(fault, after, direction),
            Self::ResetPeer { after } => reset_peer::change(fault, after, direction),
        }
    }
}

/// Whole milliseconds, which is what the proxy counts in: rounded, but never down to nothing.
fn whole_millis(time: Duration) -> i64 {
    let rounded = (time + Duration::from_micros(500)).as_millis();
    let least = u128::from(!time.is_zero());
    i64::try_from(rounded.max(least)).unwrap_or(i64::MAX)
}

/// A length of time that the proxy keeps, in words.
fn words(time: Duration) -> String {
    let millis = u64::try_from(whole_millis(time)).unwrap_or(0);
    Nanos::from(Duration::from_millis(millis)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<FaultKind> {
        vec![
            FaultKind::Down,
            FaultKind::Latency { delay: Duration::from_millis(200), jitter: Duration::ZERO },
            FaultKind::Timeout { after: Duration::ZERO },
            FaultKind::ResetPeer { after: Duration::ZERO },
        ]
    }

    #[test]
    fn every_kind_is_listed_once_under_its_name() {
        let names: Vec<&str> = one_of_each().iter().map(FaultKind::name).collect();
        let listed: Vec<&str> = FAULTS.iter().map(|spec| spec.name).collect();
        assert_eq!(names, listed);
        assert!(FAULTS.iter().all(|spec| !spec.about.is_empty()));
    }

    #[test]
    fn details_name_the_direction_where_there_is_one() {
        let details: Vec<String> = one_of_each().iter().map(|kind| kind.detail(Direction::Both)).collect();
        assert_eq!(
            details,
            [
                "not listening, every connection closed",
                "delay 200 ms, both ways",
                "nothing passes, connections stay open, both ways",
                "connections are reset at their first data, both ways",
            ]
        );
    }

    #[test]
    fn times_are_rounded_to_what_the_proxy_counts_but_never_to_nothing() {
        assert_eq!(whole_millis(Duration::from_micros(1_499)), 1);
        assert_eq!(whole_millis(Duration::from_micros(1_500)), 2);
        assert_eq!(whole_millis(Duration::from_nanos(1)), 1);
        assert_eq!(whole_millis(Duration::ZERO), 0);
    }

    #[test]
    fn every_row_builds_the_kind_of_its_name() {
        for spec in FAULTS {
            assert_eq!((spec.build)(&crate::model::Options::new()).name(), spec.name);
        }
    }
}
