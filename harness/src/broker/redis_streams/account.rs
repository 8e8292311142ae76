//! What the server says of one stream and its group. A stream that does not exist, or that has no such group, is an answer
//! too: FLUSHALL, DEL and eviction leave that behind.

use super::connection::{describe, is_answer};
use super::entry::{EntryId, Epoch};
use redis::streams::StreamInfoConsumersReply;
use redis::{FromRedisValue, Pipeline, RedisError, RedisResult, Value, from_redis_value_ref};
use reports::history::Inspection;
use reports::units::{Nanos, Partition};
use std::collections::HashMap;

/// How the server says that there is no such stream, and no such group.
const ABSENT: [&str; 2] = ["ERR no such key", "NOGROUP"];
/// A stream to which nothing was ever added.
const NOTHING: &str = "0-0";

/// One stream as the server describes it.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) partition: Partition,
    /// Entries in it now.
    pub(super) length: u64,
    /// Entries ever added to it. `None`: there is no stream, or the server is too old to say.
    appended: Option<u64>,
    first: Option<EntryId>,
    last: Option<EntryId>,
    /// `None`: there is no such group.
    pub(super) group: Option<GroupAccount>,
    pub(super) consumers: Vec<ConsumerAccount>,
}

/// The group as the server describes it.
#[derive(Debug)]
pub(super) struct GroupAccount {
    read: Option<EntryId>,
    pub(super) pending: u64,
    /// Not yet handed out. `None`: the server does not know.
    pub(super) lag: Option<u64>,
}

/// One consumer of the group.
#[derive(Debug)]
pub(super) struct ConsumerAccount {
    pub(super) name: String,
    pub(super) pending: u64,
    pub(super) idle_ms: u64,
}

/// The questions about these streams, three for each in turn; [`Account::read`] takes the three answers.
pub(super) fn questions(streams: &[String], group: &str) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(3 * streams.len());
    pipeline.ignore_errors();
    for stream in streams {
        pipeline.cmd("XINFO").arg("STREAM").arg(stream);
        pipeline.cmd("XINFO").arg("GROUPS").arg(stream);
        pipeline.cmd("XINFO").arg("CONSUMERS").arg(stream).arg(group);
    }
    pipeline
}

type Fields = HashMap<String, Value>;

impl Account {
    /// From the answers about one stream.
    ///
    /// # Errors
    /// The server refused for another reason than that something is not there, or answered what nobody understands.
    pub(super) fn read(partition: u16, answers: &[RedisResult<Value>], group: &str) -> RedisResult<Self> {
        let [about, groups, consumers] = answers else {
            return Err(std::io::Error::other("as many answers as questions are needed").into());
        };
        let absent = Self {
            partition: Partition(partition),
            length: 0,
            appended: None,
            first: None,
            last: None,
            group: None,
            consumers: Vec::new(),
        };
        let Some(about) = present::<Fields>(about)? else { return Ok(absent) };
        let last = id(&about, "last-generated-id");
        let groups: Vec<Fields> = present(groups)?.unwrap_or_default();
        let found = groups.iter().find(|fields| field::<String>(fields, "name").as_deref() == Some(group));
        let consumers: Option<StreamInfoConsumersReply> = present(consumers)?;
        let consumers = consumers.into_iter().flat_map(|reply| reply.consumers).map(|consumer| ConsumerAccount {
            name: consumer.name,
            pending: consumer.pending as u64,
            idle_ms: consumer.idle as u64,
        });
        Ok(Self {
            length: field(&about, "length").unwrap_or(0),
            appended: field(&about, "entries-added"),
            first: about.get("first-entry").and_then(entry_id),
            last,
            group: found.map(|fields| GroupAccount::read(fields, last)),
            consumers: consumers.collect(),
            ..absent
        })
    }

    /// As a row of the history. Where there is no group, nothing is pending, and how much nobody read, nobody knows.
    pub(super) fn inspection(&self, epoch: Epoch, at: Nanos) -> Inspection {
        let position = |id: EntryId| epoch.nearest(id);
        Inspection {
            at,
            partition: self.partition,
            length: self.length,
            appended: self.appended,
            first: self.first.map(position),
            end: self.last.map(position),
            committed: self.group.as_ref().and_then(|group| group.read).map(position),
            pending: self.group.as_ref().map_or(0, |group| group.pending),
            lag: self.group.as_ref().and_then(|group| group.lag),
            group: self.group.is_some(),
        }
    }
}

impl GroupAccount {
    fn read(fields: &Fields, last: Option<EntryId>) -> Self {
        let read = id(fields, "last-delivered-id");
        Self {
            read,
            pending: field(fields, "pending").unwrap_or(0),
            // The server's lag is nil after some deletions; having read the last entry says zero all the same.
            lag: field(fields, "lag").or_else(|| (last <= read).then_some(0)),
        }
    }
}

/// What the server says, or `None` where it says that there is none.
fn present<T: FromRedisValue>(answer: &RedisResult<Value>) -> RedisResult<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(from_redis_value_ref(value)?)),
        Err(error) if is_absence(error) => Ok(None),
        Err(error) => Err(error.clone()),
    }
}

fn is_absence(error: &RedisError) -> bool {
    is_answer(error) && ABSENT.iter().any(|words| describe(error).starts_with(words))
}

fn field<T: FromRedisValue>(fields: &Fields, name: &str) -> Option<T> {
    fields.get(name).filter(|value| **value != Value::Nil).and_then(|value| from_redis_value_ref(value).ok())
}

fn id(fields: &Fields, name: &str) -> Option<EntryId> {
    field::<String>(fields, name).filter(|text| text != NOTHING).and_then(|text| EntryId::parse(&text))
}

/// Of an entry, `[id, fields]`.
fn entry_id(entry: &Value) -> Option<EntryId> {
    let parts: Vec<Value> = from_redis_value_ref(entry).ok()?;
    let text: String = from_redis_value_ref(parts.first()?).ok()?;
    EntryId::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_361_466_358;

    fn text(word: &str) -> Value {
        Value::BulkString(word.as_bytes().to_vec())
    }

    fn fields(pairs: &[(&str, Value)]) -> Value {
        Value::Array(pairs.iter().flat_map(|(name, value)| [text(name), value.clone()]).collect())
    }

    fn refusal(line: &str) -> RedisResult<Value> {
        match redis::parse_redis_value(format!("-{line}\r\n").as_bytes()) {
            Ok(Value::ServerError(error)) => Err(error.into()),
            other => panic!("{other:?}"),
        }
    }

    fn a_stream(length: i64, first: Value) -> RedisResult<Value> {
        Ok(fields(&[
            ("length", Value::Int(length)),
            ("last-generated-id", text(&format!("{NOW}-9"))),
            ("entries-added", Value::Int(10)),
            ("first-entry", first),
        ]))
    }

    fn a_group(lag: Value) -> RedisResult<Value> {
        Ok(Value::Array(vec![fields(&[
            ("name", text("group")),
            ("pending", Value::Int(3)),
            ("last-delivered-id", text(&format!("{NOW}-4"))),
            ("lag", lag),
        ])]))
    }

    fn inspect(answers: &[RedisResult<Value>; 3]) -> Inspection {
        Account::read(2, answers, "group").expect("read").inspection(Epoch::for_clock(NOW), Nanos(7))
    }

    fn position(seq: u64) -> Option<reports::units::Position> {
        EntryId::parse(&format!("{NOW}-{seq}")).map(|id| Epoch::for_clock(NOW).nearest(id))
    }

    #[test]
    fn a_trimmed_stream_tells_what_was_ever_added_and_from_where_on_it_is_left() {
        let first = Value::Array(vec![text(&format!("{NOW}-6")), Value::Array(vec![text("p"), text("x")])]);
        let row = inspect(&[a_stream(4, first), a_group(Value::Int(5)), Ok(Value::Array(vec![]))]);
        assert_eq!((row.length, row.appended, row.first, row.end), (4, Some(10), position(6), position(9)));
        assert_eq!((row.group, row.pending, row.lag, row.committed), (true, 3, Some(5), position(4)));
    }

    #[test]
    fn a_lag_that_the_server_does_not_know_is_unknown_unless_all_has_been_read() {
        let unknown = inspect(&[a_stream(4, Value::Nil), a_group(Value::Nil), Ok(Value::Array(vec![]))]);
        assert_eq!((unknown.lag, unknown.first), (None, None));
        let read = fields(&[("name", text("group")), ("last-delivered-id", text(&format!("{NOW}-9")))]);
        let all = inspect(&[a_stream(4, Value::Nil), Ok(Value::Array(vec![read])), Ok(Value::Array(vec![]))]);
        assert_eq!(all.lag, Some(0));
    }

    #[test]
    fn a_stream_that_is_gone_and_a_group_that_is_gone_are_accounts_and_no_errors() {
        let gone = || refusal("ERR no such key");
        let row = inspect(&[gone(), gone(), gone()]);
        assert_eq!((row.group, row.length, row.appended, row.end, row.lag), (false, 0, None, None, None));
        let no_group = refusal("NOGROUP No such consumer group 'group' for key name 'topic:2'");
        let row = inspect(&[a_stream(10, Value::Nil), Ok(Value::Array(vec![])), no_group]);
        assert_eq!((row.group, row.length, row.appended, row.pending, row.lag), (false, 10, Some(10), 0, None));
    }

    #[test]
    fn a_stream_to_which_nothing_was_added_has_no_end() {
        let empty = Ok(fields(&[("length", Value::Int(0)), ("last-generated-id", text(NOTHING))]));
        let group = Ok(Value::Array(vec![fields(&[("name", text("group")), ("last-delivered-id", text(NOTHING))])]));
        let row = inspect(&[empty, group, Ok(Value::Array(vec![]))]);
        assert_eq!((row.end, row.committed, row.lag, row.group), (None, None, Some(0), true));
    }

    #[test]
    fn any_other_refusal_is_an_error() {
        let answers = [refusal("LOADING Redis is loading the dataset in memory"), Ok(Value::Nil), Ok(Value::Nil)];
        let error = Account::read(0, &answers, "group").expect_err("refused");
        assert!(describe(&error).starts_with("LOADING"), "{error}");
    }
}
