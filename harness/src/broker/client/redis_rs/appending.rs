//! Appending: the XADDs of some messages, and what their answers say about each.

use super::primary::Primary;
use super::settings::{MaxLen, Wait};
use crate::broker::redis_streams::connection::describe;
use crate::broker::redis_streams::entry::{EntryId, Epoch};
use crate::broker::redis_streams::stream;
use crate::model::BrokerError;
use crate::worker::client::ProducerContext;
use crate::worker::{Complaints, SendLedger, Ticket};
use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisError, RedisResult, Value};
use reports::history::Outcome;
use reports::units::Partition;
use std::sync::Arc;

/// Something to append.
pub(super) struct Outgoing {
    pub(super) ticket: Ticket,
    pub(super) what: Append,
}

/// What is appended.
pub(super) enum Append {
    /// A message, to its partition's stream.
    Message(Partition, Vec<u8>),
    /// A dead letter, by this command.
    Letter(Cmd),
}

/// Appends messages to the streams of a topic, and settles each by the answer.
pub(super) struct Appending {
    streams: Vec<String>,
    /// Each entry's fields after the payload's.
    headers: Vec<(String, String)>,
    max_len: Option<MaxLen>,
    wait: Option<Wait>,
    epoch: Epoch,
    primary: Primary,
    pub(super) ledger: Arc<SendLedger>,
    complaints: Complaints,
}

impl Appending {
    /// As the assignment says.
    ///
    /// # Errors
    /// A setting is wrong.
    pub(super) fn of(context: &ProducerContext, primary: Primary) -> Result<Self, BrokerError> {
        let spec = &context.connection;
        Ok(Self {
            streams: (0..spec.partitions).map(|partition| stream::name(&spec.topic, partition)).collect(),
            headers: context.headers.clone().into_iter().collect(),
            max_len: MaxLen::from_settings(&spec.settings)?,
            wait: Wait::from_settings(&spec.settings)?,
            epoch: Epoch::from_settings(&spec.settings)?,
            primary,
            ledger: Arc::clone(&context.ledger),
            complaints: context.complaints.clone(),
        })
    }

    /// Sends all of a batch as one pipeline, and settles those of its messages that were answered.
    ///
    /// # Errors
    /// The connection is of no more use, and why. What was not answered is left for the caller to settle.
    pub(super) async fn exchange(
        &self,
        connection: &mut MultiplexedConnection,
        batch: &[Outgoing],
    ) -> Result<(), String> {
        self.ledger.handed_over(batch.iter().map(|message| message.ticket));
        let asked = batch.len() + usize::from(self.wait.is_some());
        let answer: RedisResult<Vec<RedisResult<Value>>> = self.pipeline(batch).query_async(connection).await;
        let error = match answer {
            Ok(answers) if answers.len() == asked => return self.settle_answered(batch, answers),
            Ok(answers) => format!("{} answers to {asked} commands", answers.len()),
            Err(error) => describe(&error),
        };
        Err(error)
    }

    fn pipeline(&self, batch: &[Outgoing]) -> redis::Pipeline {
        let mut pipeline = redis::Pipeline::with_capacity(batch.len());
        pipeline.ignore_errors();
        for message in batch {
            match &message.what {
                Append::Letter(command) => {
                    pipeline.add_command(command.clone());
                }
                Append::Message(partition, payload) => {
                    let command = pipeline.cmd("XADD").arg(&self.streams[usize::from(partition.0)]);
                    if let Some(limit) = &self.max_len {
                        command.arg("MAXLEN").arg(limit.operator()).arg(limit.entries);
                    }
                    command.arg("*").arg("p").arg(&payload[..]);
                    for (name, value) in &self.headers {
                        command.arg(name).arg(value);
                    }
                }
            }
        }
        if let Some(wait) = &self.wait {
            pipeline.cmd("WAIT").arg(wait.replicas).arg(wait.patience_ms);
        }
        pipeline
    }

    fn settle_answered(&self, batch: &[Outgoing], mut answers: Vec<RedisResult<Value>>) -> Result<(), String> {
        let shortage = self.wait.and_then(|wait| shortage(wait, answers.pop()));
        let is_demotion = |error: &&RedisError| self.primary.is_demotion(error);
        let demoted = answers.iter().filter_map(|answer| answer.as_ref().err()).find(is_demotion).map(describe);
        for (message, answer) in batch.iter().zip(answers) {
            self.settle(message.ticket, answer, shortage.as_deref());
        }
        demoted.map_or(Ok(()), Err)
    }

    /// `shortage`: too few replicas have what the primary has taken.
    fn settle(&self, ticket: Ticket, answer: RedisResult<Value>, shortage: Option<&str>) {
        match (answer, shortage) {
            (Ok(_), Some(shortage)) => {
                self.ledger.settle(ticket, Outcome::Indeterminate, None, Some(shortage.to_owned()));
            }
            (Ok(value), None) => match entry_id(&value) {
                Some(id) => {
                    let position = self.epoch.position(id);
                    if position.is_none() {
                        self.complaints
                            .tell("XADD made an entry that has no exact position: was the server's clock set?");
                    }
                    self.ledger.settle(ticket, Outcome::Ok, position, None);
                }
                None => self.ledger.settle(
                    ticket,
                    Outcome::Indeterminate,
                    None,
                    Some("XADD answered without an entry ID".to_owned()),
                ),
            },
            // The server itself said no, and it says so before it appends anything.
            (Err(error), _) => self.ledger.settle(ticket, Outcome::Failed, None, Some(describe(&error))),
        }
    }

    /// Nobody knows what became of these, and why.
    pub(super) fn settle_all(&self, batch: &[Outgoing], error: &str) {
        for message in batch {
            self.ledger.settle(message.ticket, Outcome::Indeterminate, None, Some(error.to_owned()));
        }
    }
}

/// Why an entry that the primary has is not acknowledged yet; `None`: as many replicas as asked for have it.
fn shortage(wait: Wait, answer: Option<RedisResult<Value>>) -> Option<String> {
    match answer {
        Some(Ok(Value::Int(replicas))) if u64::try_from(replicas).is_ok_and(|replicas| replicas >= wait.replicas) => {
            None
        }
        Some(Err(error)) => Some(format!("WAIT: {}", describe(&error))),
        _ => Some(format!("WAIT: fewer than {} replicas have it", wait.replicas)),
    }
}

fn entry_id(value: &Value) -> Option<EntryId> {
    let text = match value {
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        _ => return None,
    };
    EntryId::parse(text)
}
