//! Times as the proxy keeps them.

use reports::units::Nanos;
use std::time::Duration;

/// Whole milliseconds, which is what the proxy counts in: rounded, but never down to nothing.
pub(super) fn whole_millis(time: Duration) -> i64 {
    let rounded = (time + Duration::from_micros(500)).as_millis();
    let least = u128::from(!time.is_zero());
    i64::try_from(rounded.max(least)).unwrap_or(i64::MAX)
}

/// A length of time that the proxy keeps, in words.
pub(super) fn words(time: Duration) -> String {
    let millis = u64::try_from(whole_millis(time)).unwrap_or(0);
    Nanos::from(Duration::from_millis(millis)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_what_the_proxy_counts_but_never_to_nothing() {
        assert_eq!(whole_millis(Duration::from_micros(1_499)), 1);
        assert_eq!(whole_millis(Duration::from_micros(1_500)), 2);
        assert_eq!(whole_millis(Duration::from_nanos(1)), 1);
        assert_eq!(whole_millis(Duration::ZERO), 0);
    }
}
