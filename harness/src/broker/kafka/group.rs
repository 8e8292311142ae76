//! Whether the consumer group is complete: a load that begins before would measure the rebalances of the beginning.
//! With the cooperative assignor these take a heartbeat each, in which some partitions are nobody's.

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use std::collections::BTreeSet;
use std::time::Duration;

const STABLE: &str = "Stable";

/// What the group still lacks until this many consumers are members and every partition of the topic is one's; `None`: nothing.
///
/// # Errors
/// The brokers did not answer within `patience`.
pub(super) fn lacks(
    reader: &BaseConsumer,
    (group, topic): (&str, &str),
    (consumers, partitions): (u16, u16),
    patience: Duration,
) -> KafkaResult<Option<String>> {
    let list = reader.fetch_group_list(Some(group), patience)?;
    let Some(group) = list.groups().iter().find(|found| found.name() == group) else {
        return Ok(Some("no consumer is a member yet".to_owned()));
    };
    let members = group.members();
    let assigned: BTreeSet<i32> =
        members.iter().filter_map(|member| partitions_of(member.assignment()?, topic)).flatten().collect();
    Ok(missing(group.state(), (members.len(), assigned.len()), (consumers, partitions)))
}

fn missing(state: &str, (members, assigned): (usize, usize), (consumers, partitions): (u16, u16)) -> Option<String> {
    let complete = state == STABLE && members == usize::from(consumers) && assigned == usize::from(partitions);
    (!complete).then(|| {
        format!(
            "it is {state:?}, with {members} of {consumers} members, who have {assigned} of {partitions} partitions"
        )
    })
}

/// The partitions of `topic` in a member's assignment: Kafka's `ConsumerProtocolAssignment`, of which all versions begin with
/// version i16, then topics: name, partitions i32 each. `None` where the bytes end too soon.
fn partitions_of(assignment: &[u8], topic: &str) -> Option<Vec<i32>> {
    let mut rest = assignment;
    let _version = i16::from_be_bytes(take(&mut rest)?);
    let topics = i32::from_be_bytes(take(&mut rest)?);
    let mut found = Vec::new();
    for _ in 0..topics {
        let length = usize::try_from(i16::from_be_bytes(take(&mut rest)?)).ok()?;
        let name = rest.get(..length)?;
        rest = rest.get(length..)?;
        for _ in 0..i32::from_be_bytes(take(&mut rest)?) {
            let partition = i32::from_be_bytes(take(&mut rest)?);
            if name == topic.as_bytes() {
                found.push(partition);
            }
        }
    }
    Some(found)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(topics: &[(&str, &[i32])]) -> Vec<u8> {
        let mut bytes = 3_i16.to_be_bytes().to_vec();
        bytes.extend((topics.len() as i32).to_be_bytes());
        for (name, partitions) in topics {
            bytes.extend((name.len() as i16).to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend((partitions.len() as i32).to_be_bytes());
            bytes.extend(partitions.iter().flat_map(|partition| partition.to_be_bytes()));
        }
        // User data, which nobody reads here.
        bytes.extend((-1_i32).to_be_bytes());
        bytes
    }

    #[test]
    fn the_partitions_of_the_topic_are_read_and_those_of_others_are_not() {
        let bytes = assignment(&[("other", &[7]), ("mine", &[0, 3])]);
        assert_eq!(partitions_of(&bytes, "mine"), Some(vec![0, 3]));
        assert_eq!(partitions_of(&bytes, "nobodys"), Some(vec![]));
        assert_eq!(partitions_of(&assignment(&[]), "mine"), Some(vec![]));
    }

    #[test]
    fn bytes_that_end_too_soon_are_no_assignment() {
        let bytes = assignment(&[("mine", &[0, 3])]);
        for length in 0..bytes.len() - 4 {
            assert_eq!(partitions_of(&bytes[..length], "mine"), None, "{length} bytes");
        }
    }

    #[test]
    fn a_group_is_complete_when_it_is_stable_and_lacks_neither_members_nor_partitions() {
        assert_eq!(missing(STABLE, (3, 4), (3, 4)), None);
        for (state, found) in [("PreparingRebalance", (3, 4)), (STABLE, (2, 4)), (STABLE, (3, 3)), ("Empty", (0, 0))] {
            assert!(missing(state, found, (3, 4)).is_some(), "{state} {found:?}");
        }
    }
}
