//! The memory broker's client: it calls the log of its own process.

use super::delay_line::DelayLine;
use super::kind::{ClientKind, Consumed, Run};
use crate::broker::memory::delays::DelayRule;
use crate::broker::memory::log::Log;
use crate::broker::memory::{no_settings, topic};
use crate::broker::refusal::Refusal;
use crate::clock;
use crate::model::{BrokerError, ClientPolicy, KeyedMessage, Parting, Role, SystemSpec, Workload};
use crate::worker::client::{
    Consumer, ConsumerContext, ConsumerDiary, Letter, Processed, Producer, ProducerContext, Received,
};
use crate::worker::{Clients, SendLedger, Ticket};
use reports::facts::Setting;
use reports::history::{GroupEvent, Outcome, SettlementKind};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The registry's row.
#[derive(Debug)]
pub(super) struct InProcess;

impl ClientKind for InProcess {
    fn name(&self) -> &'static str {
        "in-process"
    }

    fn version(&self) -> String {
        "in-process".to_owned()
    }

    fn brokers(&self) -> &'static [&'static str] {
        &["memory"]
    }

    fn settings(&self, _system: &SystemSpec, _policy: &ClientPolicy, _role: Role) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn fairness(
        &self,
        _system: &SystemSpec,
        _policy: &ClientPolicy,
        _workload: &Workload,
        _: Consumed,
    ) -> Vec<Setting> {
        Vec::new()
    }

    fn refusal(&self, name: &str, _value: &str) -> Option<Refusal> {
        Some(no_settings(name))
    }

    fn run(&self) -> Run {
        Run::Native(Clients::of::<MemoryProducer, MemoryConsumer>())
    }
}

struct MemoryProducer {
    log: Arc<Log>,
    ledger: Arc<SendLedger>,
    /// The way to the broker, where that takes time.
    way: Option<(DelayRule, DelayLine)>,
}

/// Hands a message to the broker, and settles what became of it.
fn append(log: &Log, ledger: &SendLedger, ticket: Ticket, partition: Partition, payload: &[u8]) {
    match log.append(partition, payload) {
        Some(position) => ledger.settle(ticket, Outcome::Ok, Some(Position(position)), None),
        None => ledger.settle(ticket, Outcome::Failed, None, Some("no such partition".to_owned())),
    }
}

impl Producer for MemoryProducer {
    fn connect(context: ProducerContext) -> Result<Self, BrokerError> {
        let (log, ledger) = (topic(&context.connection.topic)?, context.ledger);
        let way = log.delays().map(|rule| {
            let (log, ledger) = (Arc::clone(&log), Arc::clone(&ledger));
            let arrive = move |ticket, partition, payload: &[u8]| append(&log, &ledger, ticket, partition, payload);
            (rule, DelayLine::new(arrive))
        });
        Ok(Self { log, ledger, way })
    }

    fn send(&mut self, ticket: Ticket, keyed: KeyedMessage, payload: &[u8]) {
        let (message, partition) = (keyed.message, keyed.message.partition);
        let Some((rule, line)) = &self.way else {
            return append(&self.log, &self.ledger, ticket, partition, payload);
        };
        line.send(ticket, partition, payload, clock::now().plus(rule.of_message(message)));
    }

    fn bury(&mut self, ticket: Ticket, letter: &Letter<'_>) {
        self.log.bury(letter);
        self.ledger.settle(ticket, Outcome::Ok, None, None);
    }

    fn close(self) {}
}

struct MemoryConsumer {
    log: Arc<Log>,
    diary: ConsumerDiary,
}

impl Consumer for MemoryConsumer {
    fn connect(context: ConsumerContext) -> Result<Self, BrokerError> {
        context.diary.group(GroupEvent::Joined, (0..context.connection.partitions).map(Partition).collect());
        Ok(Self { log: topic(&context.connection.topic)?, diary: context.diary })
    }

    fn receive(&mut self, patience: Duration, mut deliver: impl FnMut(Received<'_>)) {
        let asked = clock::now();
        for (partition, entry) in self.log.take(500, patience) {
            deliver(Received {
                partition,
                position: Position(entry.position),
                delivery_count: entry.delivery_count,
                asked: Some(asked),
                received: clock::now(),
                payload: &entry.payload,
            });
        }
    }

    fn settle(&mut self, processed: &[Processed]) {
        for message in processed {
            let requested = clock::now();
            self.log.acknowledge(message.partition, message.position.0);
            self.diary.message_settled(message, SettlementKind::Ack, requested, clock::now(), Outcome::Ok);
        }
    }

    fn refuse(&mut self, processed: &Processed, _: &[u8]) {
        self.log.requeue(processed.partition, processed.position.0);
    }

    fn bury(&mut self, processed: &Processed, letter: &Letter<'_>) -> Outcome {
        let requested = clock::now();
        self.log.bury(letter);
        self.log.acknowledge(processed.partition, processed.position.0);
        self.diary.message_settled(processed, SettlementKind::DeadLetter, requested, clock::now(), Outcome::Ok);
        Outcome::Ok
    }

    fn leave(self, _: Parting) -> Option<u64> {
        self.diary.group(GroupEvent::Left, Vec::new());
        None
    }
}
