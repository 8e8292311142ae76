//! The load in words.

use super::number;
use crate::facts::WorkloadFacts;

/// How many messages of which size: `66,000 messages of 1 KiB`, `66,000 messages of 100 B to 1 KiB`.
pub(super) fn messages(load: &WorkloadFacts) -> String {
    let largest = number::bytes(load.message_bytes);
    let size = match load.smallest_bytes {
        Some(smallest) => format!("{} to {largest}", number::bytes(smallest)),
        None => largest,
    };
    if load.closed_loop {
        return format!("as many messages of {size} as the broker takes");
    }
    format!("{} of {size}", number::of_many(load.offered, "message"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::sample;

    #[test]
    fn sizes_that_vary_are_told_with_both_bounds_and_a_closed_loop_has_no_number() {
        let mut load = sample::healthy().facts.workload;
        load.offered = 66_000;
        assert_eq!(messages(&load), "66,000 messages of 1.00 KiB");
        load.smallest_bytes = Some(100);
        assert_eq!(messages(&load), "66,000 messages of 100 B to 1.00 KiB");
        load.closed_loop = true;
        assert_eq!(messages(&load), "as many messages of 100 B to 1.00 KiB as the broker takes");
    }
}
