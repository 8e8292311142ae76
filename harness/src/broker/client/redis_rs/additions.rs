//! XADDs, one for each message.

use super::settings::MaxLen;
use crate::broker::redis_streams::stream::{self, KEY_FIELD, PAYLOAD_FIELD};
use crate::model::{BrokerError, KeyedMessage};
use crate::worker::client::ProducerContext;
use redis::Cmd;

/// Room for what surrounds a payload: the command's name, the stream's, a limit and a key.
const AROUND: usize = 112;

/// Makes them for the streams of a topic.
pub(super) struct Additions {
    streams: Vec<String>,
    /// Each entry's fields after the payload's.
    headers: Vec<(String, String)>,
    max_len: Option<MaxLen>,
    /// How many arguments each has, and how many bytes they take beside the payload.
    arguments: usize,
    around: usize,
}

impl Additions {
    /// As the assignment says.
    ///
    /// # Errors
    /// A setting is wrong.
    pub(super) fn of(context: &ProducerContext) -> Result<Self, BrokerError> {
        let spec = &context.connection;
        let streams: Vec<String> = (0..spec.partitions).map(|partition| stream::name(&spec.topic, partition)).collect();
        let headers: Vec<(String, String)> = context.headers.clone().into_iter().collect();
        let names = streams.iter().map(String::len).max().unwrap_or(0);
        let fields: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        Ok(Self {
            max_len: MaxLen::from_settings(&spec.settings)?,
            arguments: 10 + 2 * headers.len(),
            around: AROUND + names + fields,
            streams,
            headers,
        })
    }

    /// A message's, to its partition's stream.
    pub(super) fn of_message(&self, keyed: KeyedMessage, payload: &[u8]) -> Cmd {
        let mut xadd = Cmd::with_capacity(self.arguments, self.around + payload.len());
        xadd.arg("XADD").arg(&self.streams[usize::from(keyed.message.partition.0)]);
        if let Some(limit) = &self.max_len {
            xadd.arg("MAXLEN").arg(limit.operator()).arg(limit.entries);
        }
        xadd.arg("*").arg(PAYLOAD_FIELD).arg(payload);
        if let Some(key) = keyed.key {
            xadd.arg(KEY_FIELD).arg(key.to_string());
        }
        for (name, value) in &self.headers {
            xadd.arg(name).arg(value);
        }
        xadd
    }
}
