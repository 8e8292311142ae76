//! The load in words.

use super::number;
use crate::facts::WorkloadFacts;

/// How many messages of which size: `66,000 messages of 1 KiB`, `66,000 messages of 100 B to 1 KiB, with 10 keys, uniform`.
pub(super) fn messages(load: &WorkloadFacts) -> String {
    let largest = number::bytes(load.message_bytes);
    let size = match load.smallest_bytes {
        Some(smallest) => format!("{} to {largest}", number::bytes(smallest)),
        None => largest,
    };
    let messages = match load.closed_loop {
        true => format!("as many messages of {size} as the broker takes"),
        false => format!("{} of {size}", number::of_many(load.offered, "message")),
    };
    let records = load.records.as_ref().map(|records| format!("records of {}", records.file));
    let keys = load.keys.as_ref().map(|keys| format!("with {keys}"));
    [Some(messages), records, keys].into_iter().flatten().collect::<Vec<_>>().join(", ")
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
        load.keys = Some("10 keys, uniform".to_owned());
        assert!(messages(&load).ends_with("takes, with 10 keys, uniform"));
    }
}
