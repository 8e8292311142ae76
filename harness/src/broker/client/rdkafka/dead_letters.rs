//! The consumer's way to the topic of dead letters: a producer of its own, connected when the first one is to be written. Its
//! connections are not among those that the history records.

use crate::broker::kafka::letter;
use crate::worker::client::Letter;
use crate::worker::protocol::ConnectionSpec;
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::error::KafkaResult;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext, PurgeConfig};
use reports::history::Outcome;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const POLLED_EVERY: Duration = Duration::from_millis(20);
/// Beside the payload: headers, and what the protocol adds.
const ROOM_FOR_HEADERS: usize = 64 * 1024;

/// Writes dead letters, one at a time.
pub(super) struct DeadLetterWriter {
    config: ClientConfig,
    topic: String,
    patience: Duration,
    producer: Option<BaseProducer<Answer>>,
}

/// How the one that is under way ended.
#[derive(Default)]
struct Answer(Mutex<Option<Outcome>>);

impl ClientContext for Answer {}

impl ProducerContext for Answer {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let outcome = if result.is_ok() { Outcome::Ok } else { Outcome::Indeterminate };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}

impl DeadLetterWriter {
    /// To the topic and over the path of an assignment.
    pub(super) fn new(connection: &ConnectionSpec, client: &str) -> Self {
        let patience = Duration::from(connection.policy.request_timeout_ns).max(Duration::from_secs(1));
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &connection.address).set("client.id", format!("{client}-dead-letters"));
        config.set("broker.address.family", "v4").set("acks", "all").set("enable.idempotence", "true");
        config.set("linger.ms", "0").set("message.timeout.ms", patience.as_millis().to_string());
        Self { config, topic: connection.dead_letters.clone(), patience, producer: None }
    }

    /// Writes one and waits for the answer. What was not answered may have been written all the same.
    pub(super) fn write(&mut self, letter: &Letter<'_>) -> Outcome {
        match self.connected(letter.payload.len()) {
            Ok(()) => self.send(letter),
            Err(error) => {
                tracing::warn!(%error, "librdkafka refuses the settings of the producer of dead letters");
                Outcome::Failed
            }
        }
    }

    fn connected(&mut self, bytes: usize) -> KafkaResult<()> {
        if self.producer.is_none() {
            let largest = (bytes + ROOM_FOR_HEADERS).max(1_000_000);
            self.config.set("message.max.bytes", largest.to_string());
            self.producer = Some(self.config.create_with_context(Answer::default())?);
        }
        Ok(())
    }

    fn send(&self, letter: &Letter<'_>) -> Outcome {
        let Some(producer) = &self.producer else { return Outcome::Failed };
        let answer = &producer.context().0;
        *answer.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let record: BaseRecord<'_, (), [u8], ()> =
            BaseRecord::to(&self.topic).partition(letter::PARTITION).payload(letter.payload);
        if producer.send(record.headers(letter::headers(letter))).is_err() {
            return Outcome::Failed;
        }
        let deadline = Instant::now() + self.patience + POLLED_EVERY;
        while Instant::now() < deadline {
            producer.poll(POLLED_EVERY);
            if let Some(outcome) = answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return outcome;
            }
        }
        producer.purge(PurgeConfig::default().queue().inflight());
        producer.poll(POLLED_EVERY);
        Outcome::Indeterminate
    }
}
