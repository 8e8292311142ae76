//! Appending: the XADDs of some messages, and what their answers say about each.

use super::primary::Primary;
use super::settings::Wait;
use crate::broker::redis_streams::connection::describe;
use crate::broker::redis_streams::entry::{EntryId, Epoch};
use crate::model::BrokerError;
use crate::worker::client::ProducerContext;
use crate::worker::{Complaints, Receipt, SendLedger, Ticket};
use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisError, RedisResult, Value};
use reports::history::Outcome;
use reports::units::Position;
use std::sync::Arc;

/// Something to append: a message or a dead letter.
pub(super) struct Outgoing {
    pub(super) ticket: Ticket,
    pub(super) addition: Cmd,
}

/// Some of them, which leave together.
pub(super) struct Batch {
    pub(super) tickets: Vec<Ticket>,
    pipeline: redis::Pipeline,
}

/// Appends messages to the streams of a topic, and settles each by the answer.
pub(super) struct Appending {
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
            wait: Wait::from_settings(&spec.settings)?,
            epoch: Epoch::from_settings(&spec.settings)?,
            primary,
            ledger: Arc::clone(&context.ledger),
            complaints: context.complaints.clone(),
        })
    }

    /// Makes one pipeline of what leaves together.
    pub(super) fn batch(&self, outgoing: impl ExactSizeIterator<Item = Outgoing>) -> Batch {
        let mut pipeline = redis::Pipeline::with_capacity(outgoing.len() + usize::from(self.wait.is_some()));
        pipeline.ignore_errors();
        let mut tickets = Vec::with_capacity(outgoing.len());
        for Outgoing { ticket, addition } in outgoing {
            tickets.push(ticket);
            pipeline.add_command(addition);
        }
        if let Some(wait) = &self.wait {
            pipeline.cmd("WAIT").arg(wait.replicas).arg(wait.patience_ms);
        }
        Batch { tickets, pipeline }
    }

    /// Sends a batch, and settles those of its messages that were answered.
    ///
    /// # Errors
    /// The connection is of no more use, and why. What was not answered is left for the caller to settle.
    pub(super) async fn exchange(&self, connection: &mut MultiplexedConnection, batch: &Batch) -> Result<(), String> {
        self.ledger.handed_over(batch.tickets.iter().copied());
        let asked = batch.tickets.len() + usize::from(self.wait.is_some());
        let answer: RedisResult<Vec<RedisResult<Value>>> = batch.pipeline.query_async(connection).await;
        let error = match answer {
            Ok(answers) if answers.len() == asked => return self.settle_answered(&batch.tickets, answers),
            Ok(answers) => format!("{} answers to {asked} commands", answers.len()),
            Err(error) => describe(&error),
        };
        Err(error)
    }

    fn settle_answered(&self, tickets: &[Ticket], mut answers: Vec<RedisResult<Value>>) -> Result<(), String> {
        let shortage = self.wait.and_then(|wait| shortage(wait, answers.pop()));
        let is_demotion = |error: &&RedisError| self.primary.is_demotion(error);
        let demoted = answers.iter().filter_map(|answer| answer.as_ref().err()).find(is_demotion).map(describe);
        let told = tickets.iter().zip(answers).map(|(ticket, answer)| self.told(*ticket, answer, shortage.as_deref()));
        self.ledger.settle_all(told);
        demoted.map_or(Ok(()), Err)
    }

    /// What an answer says. `shortage`: too few replicas have what the primary has taken.
    fn told(&self, ticket: Ticket, answer: RedisResult<Value>, shortage: Option<&str>) -> Receipt {
        let open = |why: &str| (Outcome::Indeterminate, None, Some(why.to_owned()));
        let (outcome, position, error) = match (answer, shortage) {
            (Ok(_), Some(shortage)) => open(shortage),
            (Ok(value), None) => match entry_id(&value) {
                Some(id) => (Outcome::Ok, self.position(id), None),
                None => open("XADD answered without an entry ID"),
            },
            // The server itself said no, and it says so before it appends anything.
            (Err(error), _) => (Outcome::Failed, None, Some(describe(&error))),
        };
        Receipt { ticket, outcome, position, error }
    }

    fn position(&self, id: EntryId) -> Option<Position> {
        let position = self.epoch.position(id);
        if position.is_none() {
            self.complaints.tell("XADD made an entry that has no exact position: was the server's clock set?");
        }
        position
    }

    /// Nobody knows what became of these, and why.
    pub(super) fn settle_all(&self, batch: &Batch, error: &str) {
        for ticket in &batch.tickets {
            self.ledger.settle(*ticket, Outcome::Indeterminate, None, Some(error.to_owned()));
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
