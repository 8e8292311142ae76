//! Streams: what they are called, and where an entry stands in one.

use reports::units::Position;

/// The name of a partition's stream.
pub(in crate::broker) fn name(topic: &str, partition: u16) -> String {
    format!("{topic}:{partition}")
}

/// `1700000000000-3` as one number.
pub(in crate::broker) fn entry_position(id: &str) -> Option<Position> {
    let (ms, seq) = id.split_once('-')?;
    Some(Position::from_redis(ms.parse().ok()?, seq.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_are_in_the_order_of_entry_ids(
            ms in 1_600_000_000_000_u64..1_800_000_000_000, seq in 0_u64..(1 << 20), later in 0_u64..1000, other in 0_u64..(1 << 20)
        ) {
            let (one, two) = ((ms, seq), (ms + later, other));
            let position = |(ms, seq): (u64, u64)| entry_position(&format!("{ms}-{seq}")).expect("an entry ID");
            prop_assert_eq!(one.cmp(&two), position(one).cmp(&position(two)));
            prop_assert_eq!(position(one).to_redis(), one);
        }
    }

    #[test]
    fn what_is_no_entry_id_has_no_position() {
        for text in ["", "-", "1700000000000", "a-1", "1-b", "1--1", "$", ">"] {
            assert_eq!(entry_position(text), None, "{text}");
        }
    }

    #[test]
    fn each_partition_has_a_stream_of_its_own() {
        assert_ne!(name("topic", 1), name("topic", 11));
    }
}
