//! Arrival processes: how often messages are due.

use super::duration::show;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// An arrival process. Rates are messages per second of all producers together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Rate {
    /// Evenly spaced.
    Constant {
        /// The rate.
        per_second: f64,
    },
    /// Exponential gaps with this mean rate.
    Poisson {
        /// The mean rate.
        per_second: f64,
    },
    /// One constant rate after the other, each for `each`; the last goes on.
    Steps {
        /// The rates.
        per_second: Vec<f64>,
        /// How long each lasts.
        each: Duration,
    },
    /// From one rate to another, linearly over the load phase.
    Ramp {
        /// At the beginning (and through the warm-up).
        from: f64,
        /// At the end.
        to: f64,
    },
    /// A base rate with bursts of a higher one.
    Burst {
        /// Between bursts.
        base: f64,
        /// In a burst.
        peak: f64,
        /// From one burst's begin to the next one's.
        every: Duration,
        /// How long a burst lasts.
        lasts: Duration,
    },
    /// As much as the broker takes: each producer sends whenever it has less than `in-flight` under way. Nothing is due at any
    /// time, so nothing is late: the load waits for the broker (a closed loop).
    Unlimited,
}

impl Rate {
    /// Whether sends wait for answers, and not for a schedule.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Unlimited)
    }

    /// Whether every second of it is meant to be like every other.
    pub fn is_even(&self) -> bool {
        matches!(self, Self::Constant { .. } | Self::Poisson { .. } | Self::Unlimited)
    }

    /// Whether nothing is ever sent.
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Constant { per_second } | Self::Poisson { per_second } => *per_second <= 0.0,
            Self::Steps { per_second, .. } => per_second.iter().all(|rate| *rate <= 0.0),
            Self::Ramp { from, to } => from.max(*to) <= 0.0,
            Self::Burst { base, peak, .. } => base.max(*peak) <= 0.0,
            Self::Unlimited => false,
        }
    }
}

/// In words, as results show it: `constant 2000/s`.
impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant { per_second } => write!(out, "constant {per_second}/s"),
            Self::Poisson { per_second } => write!(out, "poisson {per_second}/s"),
            Self::Steps { per_second, each } => {
                let rates: Vec<String> = per_second.iter().map(f64::to_string).collect();
                write!(out, "steps {}/s, {} each", rates.join(", "), show(*each))
            }
            Self::Ramp { from, to } => write!(out, "ramp {from}/s to {to}/s"),
            Self::Burst { base, peak, every, lasts } => {
                write!(out, "{base}/s with bursts of {peak}/s every {} for {}", show(*every), show(*lasts))
            }
            Self::Unlimited => out.write_str("unlimited"),
        }
    }
}
