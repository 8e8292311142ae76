//! The quantiles that are compared.

use crate::result::Distribution;

/// One of a distribution's quantiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quantile {
    P50,
    P99,
    P999,
}

impl Quantile {
    pub(crate) const ALL: [Self; 3] = [Self::P50, Self::P99, Self::P999];

    /// As figures and thresholds name it.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::P999 => "p99-9",
        }
    }

    /// As people read it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
        }
    }

    pub(crate) const fn of(self, distribution: &Distribution) -> u64 {
        match self {
            Self::P50 => distribution.p50,
            Self::P99 => distribution.p99,
            Self::P999 => distribution.p99_9,
        }
    }

    /// Whether so many values show it: ten of them lie beyond it.
    pub(crate) const fn is_shown_by(self, count: u64) -> bool {
        count
            >= match self {
                Self::P50 => 20,
                Self::P99 => 1_000,
                Self::P999 => 10_000,
            }
    }

    /// The rank, from 1, of its value among so many.
    pub(crate) fn rank(self, count: u64) -> u64 {
        let share = match self {
            Self::P50 => 0.5,
            Self::P99 => 0.99,
            Self::P999 => 0.999,
        };
        ((count as f64 * share).ceil() as u64).max(1)
    }
}
