//! Sending: librdkafka's queue, batches and retries; outcomes come back through its delivery reports.

use super::configuration::configure;
use super::context::ConnectionWatch;
use super::metadata::await_metadata;
use super::outcome::{outcome, persistence, reason};
use crate::broker::kafka::letter;
use crate::model::{BrokerError, KeyedMessage};
use crate::worker::client::{Letter, Producer, ProducerContext};
use crate::worker::{SendLedger, Ticket};
use rdkafka::client::ClientContext;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext as RdKafkaContext, PurgeConfig, ThreadedProducer};
use reports::history::Outcome;
use reports::units::Position;
use std::sync::Arc;
use std::time::Duration;

const FIRST_CONNECTION: Duration = Duration::from_secs(15);

/// The sending client.
pub(super) struct KafkaProducer {
    producer: ThreadedProducer<Reports>,
    ledger: Arc<SendLedger>,
    topic: String,
    dead_letters: String,
    /// `None`: there are none.
    headers: Option<OwnedHeaders>,
}

struct Reports {
    ledger: Arc<SendLedger>,
    watch: ConnectionWatch,
}

impl ClientContext for Reports {
    fn stats_raw(&self, statistics: &[u8]) {
        self.watch.sample(statistics);
    }

    fn error(&self, _error: KafkaError, reason: &str) {
        self.watch.error(reason);
    }

    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, fac: &str, message: &str) {
        tracing::debug!(?level, fac, message, "librdkafka");
    }
}

impl RdKafkaContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: usize) {
        let ticket = Ticket::from_word(ticket);
        match result {
            Ok(message) => {
                let position = u64::try_from(message.offset()).ok().map(Position);
                self.ledger.settle(ticket, Outcome::Ok, position, None);
            }
            Err((error, message)) => {
                let outcome = outcome(error, persistence(message));
                self.ledger.settle(ticket, outcome, None, Some(reason(error)));
            }
        }
    }
}

impl KafkaProducer {
    fn hand_over(&self, ticket: Ticket, record: BaseRecord<'_, str, [u8], usize>) {
        if let Err((error, _)) = self.producer.send(record) {
            // It did not even enter the queue.
            self.ledger.settle(ticket, Outcome::Failed, None, Some(reason(&error)));
        }
    }
}

impl Producer for KafkaProducer {
    /// An idempotent producer with as many requests under way as it may have polls for the answer without a pause.
    const WAITS_ASLEEP: bool = false;

    fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
        let config = configure(&context.connection, context.connections.client());
        let reports = Reports { ledger: Arc::clone(&context.ledger), watch: ConnectionWatch::new(context.connections) };
        let producer: ThreadedProducer<Reports> = config
            .create_with_context(reports)
            .map_err(|error| BrokerError(format!("librdkafka refuses the producer's settings: {error}")))?;
        let (topic, dead_letters) = (context.connection.topic, context.connection.dead_letters);
        await_metadata(producer.client(), &topic, context.connection.partitions, FIRST_CONNECTION)?;
        let headers = context
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let headers = (!context.headers.is_empty()).then_some(headers);
        Ok(Self { producer, ledger: context.ledger, topic, dead_letters, headers })
    }

    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
        let key = keyed.key.map(|key| key.to_string());
        let mut record: BaseRecord<'_, str, [u8], usize> = BaseRecord::with_opaque_to(&self.topic, ticket.to_word())
            .partition(i32::from(keyed.message.partition.0))
            .payload(payload);
        record.key = key.as_deref();
        self.hand_over(
            ticket,
            match &self.headers {
                Some(headers) => record.headers(headers.clone()),
                None => record,
            },
        );
    }

    fn bury(&mut self, ticket: Ticket, letter: &Letter<'_>) {
        let record: BaseRecord<'_, str, [u8], usize> = BaseRecord::with_opaque_to(&self.dead_letters, ticket.to_word())
            .partition(letter::PARTITION)
            .payload(letter.payload);
        self.hand_over(ticket, record.headers(letter::headers(letter)));
    }

    fn close(self) {
        self.producer.context().watch.close();
        self.producer.purge(PurgeConfig::default().queue().inflight());
        let _ = self.producer.flush(Duration::from_millis(500));
    }
}
