//! Receiving: a consumer group member that commits after processing, and once more before it gives partitions up.

use super::configuration::{configure, harness_duration};
use super::context::ConnectionWatch;
use super::dead_letters::DeadLetterWriter;
use super::metadata::await_metadata;
use super::retries::Commitments;
use crate::clock;
use crate::model::{BrokerError, Parting};
use crate::worker::client::{Consumer, ConsumerContext, ConsumerDiary, Letter, Processed, Received};
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext as RdKafkaContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use reports::history::{GroupEvent, Outcome, SettlementKind};
use reports::units::{Partition, Position};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const FIRST_ASSIGNMENT: Duration = Duration::from_secs(30);
pub(super) const MESSAGES_AT_ONCE: usize = 500;

/// The receiving client, and the thread that commits for it.
///
/// The thread commits synchronously, because librdkafka tells of an asynchronous commit only through a callback that the
/// crate rdkafka 0.39, which reads events instead, never installs.
pub(super) struct KafkaConsumer {
    consumer: Arc<BaseConsumer<Member>>,
    patience: Duration,
    retry_after: Duration,
    dead_letters: DeadLetterWriter,
    committer: JoinHandle<()>,
    leaving: Arc<Leaving>,
}

/// Tells the committing thread to end.
#[derive(Default)]
struct Leaving {
    begun: Mutex<bool>,
    told: Condvar,
}

/// What the callbacks share with the client.
struct Member {
    topic: String,
    diary: ConsumerDiary,
    watch: ConnectionWatch,
    assigned: AtomicBool,
    progress: Mutex<Commitments>,
}

impl Member {
    fn progress(&self) -> MutexGuard<'_, Commitments> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offsets(&self, processed: &BTreeMap<i32, i64>) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        for (&partition, &offset) in processed {
            list.add_partition_offset(&self.topic, partition, Offset::Offset(offset))?;
        }
        Ok(list)
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<Partition> {
        list.elements().iter().filter_map(|element| u16::try_from(element.partition()).ok()).map(Partition).collect()
    }
}

impl ClientContext for Member {
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

impl RdKafkaContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(revoked) = rebalance {
            let leaving: BTreeMap<i32, i64> = {
                let revoked: Vec<i32> = revoked.elements().iter().map(|element| element.partition()).collect();
                self.progress().give_up(&revoked)
            };
            if !leaving.is_empty() && !consumer.assignment_lost() {
                commit_now(consumer, self, &leaving);
            }
            self.diary.group(GroupEvent::Revoked, self.partitions(revoked));
        }
    }

    fn post_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(assigned) = rebalance {
            self.progress().owned.extend(assigned.elements().iter().map(|element| element.partition()));
            self.diary.group(GroupEvent::Assigned, self.partitions(assigned));
            self.assigned.store(true, Relaxed);
        }
    }
}

impl Consumer for KafkaConsumer {
    fn connect(context: ConsumerContext) -> Result<Self, BrokerError> {
        let config = configure(&context.connection, context.connections.client());
        let dead_letters = DeadLetterWriter::new(&context.connection, context.connections.client());
        let retry_after = context.connection.policy.retry_after_ns.into();
        let topic = context.connection.topic.clone();
        let member = Member {
            topic: topic.clone(),
            diary: context.diary,
            watch: ConnectionWatch::new(context.connections),
            assigned: AtomicBool::new(false),
            progress: Mutex::default(),
        };
        let commit_every = harness_duration(&context.connection.settings, super::configuration::COMMIT_EVERY)?;
        let consumer: BaseConsumer<Member> = config
            .create_with_context(member)
            .map_err(|error| BrokerError(format!("librdkafka refuses the consumer's settings: {error}")))?;
        await_metadata(consumer.client(), &topic, context.connection.partitions, FIRST_ASSIGNMENT)?;
        consumer.subscribe(&[&topic]).map_err(|error| BrokerError(format!("subscribing to {topic}: {error}")))?;
        let deadline = Instant::now() + FIRST_ASSIGNMENT;
        while !consumer.context().assigned.load(Relaxed) {
            if Instant::now() > deadline || context.control.is_finished() {
                return Err(BrokerError(format!("no assignment of {topic} came within {FIRST_ASSIGNMENT:?}")));
            }
            // Nothing has been sent yet, so nothing can be received here but events.
            if let Some(Err(error)) = consumer.poll(Duration::from_millis(50)) {
                tracing::debug!(%error, "while joining the group");
            }
        }
        consumer.context().diary.group(GroupEvent::Joined, Vec::new());
        let (consumer, leaving) = (Arc::new(consumer), Arc::new(Leaving::default()));
        let (committing, told) = (Arc::clone(&consumer), Arc::clone(&leaving));
        let committer = std::thread::spawn(move || commit_until_leaving(&committing, &told, commit_every));
        Ok(Self { consumer, patience: commit_every, retry_after, dead_letters, committer, leaving })
    }

    fn receive(&mut self, patience: Duration, mut deliver: impl FnMut(Received<'_>)) {
        self.hand_out_again(&mut deliver);
        let mut wait = self.consumer.context().progress().until_due(patience.min(self.patience));
        for _ in 0..MESSAGES_AT_ONCE {
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    let payload = message.payload().unwrap_or_default();
                    received(message.partition(), message.offset(), payload).into_iter().for_each(&mut deliver);
                }
                // The watch has it from the statistics; librdkafka goes on by itself.
                Some(Err(error)) => tracing::debug!(%error, "while receiving"),
                None => break,
            }
            wait = Duration::ZERO;
        }
    }

    fn settle(&mut self, processed: &[Processed]) {
        let mut progress = self.consumer.context().progress();
        processed.iter().for_each(|message| progress.settle(message));
    }

    fn refuse(&mut self, processed: &Processed, payload: &[u8]) {
        self.consumer.context().progress().refuse(processed, payload, self.retry_after);
    }

    fn bury(&mut self, processed: &Processed, letter: &Letter<'_>) -> Outcome {
        let requested = clock::now();
        let outcome = self.dead_letters.write(letter);
        let member = self.consumer.context();
        member.diary.message_settled(processed, SettlementKind::DeadLetter, requested, clock::now(), outcome);
        match outcome {
            Outcome::Ok => member.progress().settle(processed),
            Outcome::Failed | Outcome::Indeterminate => {
                member.progress().refuse(processed, letter.payload, self.retry_after);
            }
        }
        outcome
    }

    fn leave(self, _: Parting) -> Option<u64> {
        *self.leaving.begun.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.leaving.told.notify_all();
        // It commits once more before it ends.
        let _ = self.committer.join();
        let member = self.consumer.context();
        member.watch.close();
        member.diary.group(GroupEvent::Left, Vec::new());
        // Dropping closes the consumer, which leaves the group; no name of it is kept there.
        None
    }
}

impl KafkaConsumer {
    /// Hands out what was refused and is due again.
    fn hand_out_again(&self, deliver: &mut impl FnMut(Received<'_>)) {
        loop {
            let due = self.consumer.context().progress().due();
            let Some(kept) = due else { return };
            received(kept.partition, kept.offset, &kept.payload).into_iter().for_each(&mut *deliver);
        }
    }
}

/// A record as it is handed out now. `None`: no partition or offset of a log has this number.
fn received(partition: i32, offset: i64, payload: &[u8]) -> Option<Received<'_>> {
    Some(Received {
        partition: Partition(u16::try_from(partition).ok()?),
        position: Position(u64::try_from(offset).ok()?),
        delivery_count: 0,
        asked: None,
        received: clock::now(),
        payload,
    })
}

fn commit_until_leaving(consumer: &BaseConsumer<Member>, leaving: &Leaving, every: Duration) {
    loop {
        let begun = leaving.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, _) =
            leaving.told.wait_timeout_while(begun, every, |begun| !*begun).unwrap_or_else(PoisonError::into_inner);
        let last = *begun;
        drop(begun);
        let processed = consumer.context().progress().take();
        if !processed.is_empty() && commit_now(consumer, consumer.context(), &processed) != Outcome::Ok {
            consumer.context().progress().put_back(processed);
        }
        if last {
            return;
        }
    }
}

/// Commits, waits for the outcome and records it.
fn commit_now(consumer: &BaseConsumer<Member>, member: &Member, processed: &BTreeMap<i32, i64>) -> Outcome {
    let requested = clock::now();
    let Ok(offsets) = member.offsets(processed) else { return Outcome::Failed };
    let outcome = match consumer.commit(&offsets, CommitMode::Sync) {
        Ok(()) => Outcome::Ok,
        Err(_) => Outcome::Indeterminate,
    };
    for (&partition, &offset) in processed {
        if let (Ok(partition), Ok(offset)) = (u16::try_from(partition), u64::try_from(offset)) {
            member.diary.committed(Partition(partition), Position(offset), requested, outcome);
        }
    }
    outcome
}
