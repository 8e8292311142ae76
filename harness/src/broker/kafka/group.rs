//! Whether the consumer group is complete: a load that begins before would measure the rebalances of the beginning.
//! Until then some partitions are nobody's, for a heartbeat or more.
//!
//! The group is described by librdkafka's own call, which knows both protocols of groups; the crate rdkafka 0.39 has only the
//! older one, for which a group of KIP-848 does not exist.

use rdkafka::bindings::*;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char};
use std::ptr::null_mut;
use std::time::Duration;

/// What the group still lacks until this many consumers are members and every partition of the topic is one's; `None`: nothing.
///
/// # Errors
/// The brokers did not answer within `patience`; in words.
pub(super) fn lacks<C: ConsumerContext>(
    reader: &BaseConsumer<C>,
    (group, topic): (&str, &str),
    (consumers, partitions): (u16, u16),
    patience: Duration,
) -> Result<Option<String>, String> {
    let description = describe(reader, group, topic, patience)?;
    Ok(description.missing(consumers, partitions))
}

/// A group as its coordinator describes it.
#[derive(Debug, Default)]
struct Description {
    stable: bool,
    members: usize,
    /// Partitions of the topic that are some member's.
    assigned: BTreeSet<i32>,
}

impl Description {
    fn missing(&self, consumers: u16, partitions: u16) -> Option<String> {
        let (members, assigned) = (self.members, self.assigned.len());
        let complete = self.stable && members == usize::from(consumers) && assigned == usize::from(partitions);
        let state = if self.stable { "stable" } else { "not stable yet" };
        (!complete).then(|| {
            format!(
                "it is {state}, with {members} of {consumers} members, who have {assigned} of {partitions} partitions"
            )
        })
    }
}

/// Frees what librdkafka has made.
struct Owned<T>(*mut T, unsafe extern "C" fn(*mut T));

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the pointer came from the constructor to which this destructor belongs, and is dropped once.
            unsafe { (self.1)(self.0) }
        }
    }
}

fn describe<C: ConsumerContext>(
    reader: &BaseConsumer<C>,
    group: &str,
    topic: &str,
    patience: Duration,
) -> Result<Description, String> {
    let client = reader.client().native_ptr();
    let name = CString::new(group).map_err(|error| error.to_string())?;
    let millis = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the client lives as long as `reader`; queue, options and event are freed by their own destructors, the event
    // last read before; librdkafka copies the group's name, and null is taken as "no error text wanted".
    unsafe {
        let queue = Owned(rd_kafka_queue_new(client), rd_kafka_queue_destroy);
        let operation = rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
        let options = Owned(rd_kafka_AdminOptions_new(client, operation), rd_kafka_AdminOptions_destroy);
        rd_kafka_AdminOptions_set_request_timeout(options.0, millis, null_mut(), 0);
        let mut names: [*const c_char; 1] = [name.as_ptr()];
        rd_kafka_DescribeConsumerGroups(client, names.as_mut_ptr(), names.len(), options.0, queue.0);
        let event = Owned(rd_kafka_queue_poll(queue.0, millis), rd_kafka_event_destroy);
        if event.0.is_null() {
            return Err(format!("no answer within {patience:?}"));
        }
        let result = rd_kafka_event_DescribeConsumerGroups_result(event.0);
        if result.is_null() || rd_kafka_event_error(event.0) != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(text(rd_kafka_event_error_string(event.0)));
        }
        let mut count = 0;
        let groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
        if count == 0 {
            return Ok(Description::default());
        }
        read(*groups, topic)
    }
}

/// # Safety
/// `group` points to a description that belongs to a result that is alive.
unsafe fn read(group: *const rd_kafka_ConsumerGroupDescription_t, topic: &str) -> Result<Description, String> {
    // SAFETY: all that is read here belongs to the description, as its own calls hand it out; what may be null is looked at.
    unsafe {
        let error = rd_kafka_ConsumerGroupDescription_error(group);
        if !error.is_null() {
            return match rd_kafka_error_code(error) {
                // Nobody has joined it yet.
                rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND => Ok(Description::default()),
                _ => Err(text(rd_kafka_error_string(error))),
            };
        }
        let state = rd_kafka_ConsumerGroupDescription_state(group);
        let members = rd_kafka_ConsumerGroupDescription_member_count(group);
        let mut assigned = BTreeSet::new();
        for index in 0..members {
            let member = rd_kafka_ConsumerGroupDescription_member(group, index);
            let assignment = rd_kafka_MemberDescription_assignment(member);
            if assignment.is_null() {
                continue;
            }
            let list = rd_kafka_MemberAssignment_partitions(assignment);
            if list.is_null() || (*list).elems.is_null() {
                continue;
            }
            let elements = std::slice::from_raw_parts((*list).elems, usize::try_from((*list).cnt).unwrap_or(0));
            let of_topic = elements.iter().filter(|element| text(element.topic) == topic);
            assigned.extend(of_topic.map(|element| element.partition));
        }
        let stable = state == rd_kafka_consumer_group_state_t::RD_KAFKA_CONSUMER_GROUP_STATE_STABLE;
        Ok(Description { stable, members, assigned })
    }
}

/// # Safety
/// `words` is null, or points to a text of librdkafka's that is alive.
unsafe fn text(words: *const c_char) -> String {
    if words.is_null() {
        return String::new();
    }
    // SAFETY: as above; librdkafka's texts end with a zero.
    unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::ClientConfig;

    #[test]
    fn a_group_is_complete_when_it_is_stable_and_lacks_neither_members_nor_partitions() {
        let description =
            |stable, members, assigned: i32| Description { stable, members, assigned: (0..assigned).collect() };
        assert_eq!(description(true, 3, 4).missing(3, 4), None);
        for (stable, members, assigned) in [(false, 3, 4), (true, 2, 4), (true, 3, 3), (true, 0, 0)] {
            assert!(description(stable, members, assigned).missing(3, 4).is_some(), "{stable} {members} {assigned}");
        }
    }

    #[test]
    fn brokers_that_do_not_answer_are_an_error_and_no_complete_group() {
        let reader: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", "127.0.0.1:1")
            .set("group.id", "group")
            .create()
            .expect("a client");
        let error = lacks(&reader, ("group", "topic"), (1, 1), Duration::from_millis(200)).expect_err("nobody answers");
        assert!(!error.is_empty());
    }
}
