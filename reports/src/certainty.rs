//! How sure every interval is: it is to hold the truth in 95 of 100 trials.

/// So many standard deviations of a normal distribution to either side hold 95 % of it.
pub(crate) const CERTAINTY: f64 = 1.96;
