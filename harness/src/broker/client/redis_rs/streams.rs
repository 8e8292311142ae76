//! A topic's streams, and whether the consumer group still exists in each.
//!
//! A stream that is deleted, flushed or evicted takes its group with it, and the next XADD makes a stream without one. Then
//! every question to all streams together fails. So the streams without the group are told apart, named once, left out, and
//! looked at again now and then. The group is created again only where the scenario says so: that hides what is lost, and where
//! it is created at the stream's end, it skips what has come since.

use crate::broker::redis_streams::connection::{describe, is_answer};
use crate::broker::redis_streams::stream;
use crate::worker::Complaints;
use redis::{Connection, RedisResult, Value};
use reports::units::Partition;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How the server names what is missing.
pub(super) const NO_GROUP: &str = "NOGROUP";
/// Between two looks at streams without a group, and between two tries of what the server refuses.
pub(super) const CALM: Duration = Duration::from_secs(1);

/// The streams of a topic and their group.
#[derive(Debug)]
pub(super) struct Streams {
    names: Vec<String>,
    group: String,
    without_group: BTreeSet<Partition>,
    next_look: Instant,
    /// The ID at which the group is created again; it is not, where there is none.
    recreate_at: Option<&'static str>,
}

impl Streams {
    pub(super) fn new(topic: &str, partitions: u16, group: String, recreate_at: Option<&'static str>) -> Self {
        let names = (0..partitions).map(|partition| stream::name(topic, partition)).collect();
        Self { names, group, without_group: BTreeSet::new(), next_look: Instant::now(), recreate_at }
    }

    /// The group's name, the same in all.
    pub(super) fn group(&self) -> &str {
        &self.group
    }

    /// All partitions.
    pub(super) fn all(&self) -> impl Iterator<Item = Partition> + use<> {
        (0..u16::try_from(self.names.len()).unwrap_or(u16::MAX)).map(Partition)
    }

    /// Those that can be read, with their streams' names.
    pub(super) fn readable(&self) -> impl Iterator<Item = (Partition, &str)> {
        self.all()
            .filter(|partition| !self.without_group.contains(partition))
            .map(|partition| (partition, self.name(partition)))
    }

    pub(super) fn is_readable(&self, partition: Partition) -> bool {
        !self.without_group.contains(&partition)
    }

    /// A partition's stream.
    pub(super) fn name(&self, partition: Partition) -> &str {
        self.names.get(usize::from(partition.0)).map_or("", String::as_str)
    }

    /// A stream's partition.
    pub(super) fn partition(&self, name: &str) -> Option<Partition> {
        let known = name.rsplit_once(':').and_then(|(_, index)| index.parse().ok()).map(Partition);
        known.filter(|partition| self.name(*partition) == name)
    }

    /// It is time to look whether the group is back where it was missing.
    pub(super) fn wants_look(&self) -> bool {
        !self.without_group.is_empty() && Instant::now() >= self.next_look
    }

    /// Finds out which streams lack the group, and tells of those that it had not known of. Returns those that have it again.
    pub(super) fn look(
        &mut self,
        connection: &mut Connection,
        complaints: &Complaints,
    ) -> RedisResult<BTreeSet<Partition>> {
        let mut pipeline = redis::Pipeline::with_capacity(self.names.len());
        pipeline.ignore_errors();
        for name in &self.names {
            pipeline.cmd("XPENDING").arg(name).arg(&self.group);
        }
        let answers: Vec<RedisResult<Value>> = pipeline.query(connection)?;
        let lacks = |answer: &RedisResult<Value>| {
            answer.as_ref().is_err_and(|error| is_answer(error) && describe(error).starts_with(NO_GROUP))
        };
        let missing: BTreeSet<Partition> =
            self.all().zip(&answers).filter(|(_, answer)| lacks(answer)).map(|(partition, _)| partition).collect();
        if missing.difference(&self.without_group).next().is_some() {
            complaints.tell(&words(&missing, self.names.len(), self.recreate_at));
        }
        let missing = self.recreate(connection, missing)?;
        let back = self.without_group.difference(&missing).copied().collect();
        self.without_group = missing;
        self.next_look = Instant::now() + CALM;
        Ok(back)
    }

    /// Creates the group again where that is wished for; returns the streams that still have none.
    fn recreate(
        &self,
        connection: &mut Connection,
        mut missing: BTreeSet<Partition>,
    ) -> RedisResult<BTreeSet<Partition>> {
        let Some(at) = self.recreate_at else { return Ok(missing) };
        for partition in std::mem::take(&mut missing) {
            let create = redis::Cmd::xgroup_create_mkstream(self.name(partition), &self.group, at);
            match create.query::<Value>(connection) {
                Ok(_) => {}
                // Another consumer was faster.
                Err(error) if is_answer(&error) && describe(&error).starts_with("BUSYGROUP") => {}
                Err(error) if is_answer(&error) => {
                    missing.insert(partition);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(missing)
    }
}

fn words(missing: &BTreeSet<Partition>, of: usize, recreate_at: Option<&str>) -> String {
    let numbers: Vec<String> = missing.iter().map(|partition| partition.0.to_string()).collect();
    let which =
        if missing.len() == of { "any stream".to_owned() } else { format!("partitions {}", numbers.join(", ")) };
    let then = match recreate_at {
        None => "what is sent to it from now on is not received".to_owned(),
        Some("$") => "the group is created again at its end, so that what has come into it since is skipped".to_owned(),
        Some(at) => format!("the group is created again at {at}"),
    };
    format!(
        "{NO_GROUP}: the consumer group no longer exists in {which}: the stream was deleted, flushed or evicted, and the \
         group with it. What was in it is gone, and {then}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams() -> Streams {
        Streams::new("topic:a", 12, "group".to_owned(), None)
    }

    #[test]
    fn a_stream_is_its_partitions_and_no_other_name_is_any() {
        let streams = streams();
        for partition in streams.all() {
            assert_eq!(streams.partition(streams.name(partition)), Some(partition));
        }
        for name in ["topic:a:12", "topic:1", "topic:a:01", "topic:a:", "topic:a:-1", "1", ""] {
            assert_eq!(streams.partition(name), None, "{name}");
        }
    }

    #[test]
    fn streams_without_the_group_are_not_read_and_are_looked_at_again() {
        let mut streams = streams();
        assert!(!streams.wants_look(), "nothing is missing");
        streams.without_group = [Partition(0), Partition(7)].into();
        let readable: Vec<_> = streams.readable().map(|(partition, _)| partition.0).collect();
        assert_eq!(readable, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
        assert!(streams.wants_look() && !streams.is_readable(Partition(7)));
    }

    #[test]
    fn what_is_missing_is_named() {
        let some = words(&[Partition(1), Partition(3)].into(), 4, None);
        assert!(some.starts_with("NOGROUP") && some.contains("partitions 1, 3"), "{some}");
        assert!(words(&[Partition(0)].into(), 1, None).contains("any stream"));
        assert!(words(&[Partition(0)].into(), 1, Some("$")).contains("skipped"));
    }
}
