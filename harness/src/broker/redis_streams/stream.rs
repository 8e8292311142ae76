//! What streams are called, and the fields of their entries.

/// Holds a message's payload.
pub(in crate::broker) const PAYLOAD_FIELD: &str = "p";
/// Holds a message's key, where it has one.
pub(in crate::broker) const KEY_FIELD: &str = "k";

/// The name of a partition's stream.
pub(in crate::broker) fn name(topic: &str, partition: u16) -> String {
    format!("{topic}:{partition}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_a_stream_of_its_own() {
        assert_ne!(name("topic", 1), name("topic", 11));
    }
}
