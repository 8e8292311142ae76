//! Dead letters: which messages were poisoned, whether consumers failed on them, and what the dead-letter queue held at the end.

use super::accounting::Example;
use super::seen::Seen;
use super::source::{ConsumerEvent, Reply, Sent};
use super::timeline::Timeline;
use crate::facts::{PoisonRule, TrialFacts};
use crate::history::{DeadLetter, Outcome, SettlementKind};
use crate::units::{MessageId, Nanos, Position};
use std::collections::BTreeMap;

/// How many examples a finding keeps.
const EXAMPLES: usize = 3;

/// The messages that faults poison, and those that producers gave up, followed through sends, deliveries and settlements. Memory grows with their number.
#[derive(Clone, Debug)]
pub struct Poisoned {
    /// By the fault's place in the timeline.
    rules: Vec<(usize, PoisonRule)>,
    messages: BTreeMap<MessageId, Fate>,
    given_up: BTreeMap<MessageId, GivenUp>,
    /// After so many attempts; none where producers give no messages up.
    producer_attempts: Option<u8>,
}

/// A message whose producer gave it up to the queue.
#[derive(Clone, Copy, Debug)]
struct GivenUp {
    attempts: u8,
    started: Nanos,
    acknowledged: bool,
}

/// What became of a poisoned message.
#[derive(Clone, Copy, Debug)]
struct Fate {
    fault: usize,
    started: Nanos,
    outcome: Outcome,
    position: Option<Position>,
    delivered: bool,
    failed: bool,
}

/// What the dead-letter queue held, against what it should hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterAccount {
    /// Entries as the run read them from the broker. `None`: it did not, or could not.
    pub read: Option<u64>,
    /// Rows of `dead_letters`.
    pub entries: u64,
    /// Poisoned messages that were acknowledged or delivered.
    pub poisoned: u64,
    /// Messages that their producers gave up, and whose dead letters were acknowledged.
    pub given_up: u64,
    /// Of all these, those that are not in the queue.
    pub missing: Sightings,
    /// In the queue, and neither poisoned nor given up.
    pub strangers: Sightings,
    /// In the queue once more.
    pub repeated: Sightings,
    /// Entries whose payload cannot be believed, or whose message or trace identity is missing or another one.
    pub misnamed: Sightings,
    /// Given up after fewer deliveries than the limit, or by its producer after another number of attempts than it says, or without
    /// a retry count.
    pub early: Sightings,
    /// How many entries were given up after how many retries.
    pub retries: BTreeMap<u16, u64>,
}

/// How often something was found, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// How often.
    pub count: u64,
    /// At most three.
    pub examples: Vec<Example>,
}

impl Sightings {
    fn add(&mut self, example: impl FnOnce() -> Example) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }
}

impl Poisoned {
    /// By the faults of a timeline; nothing sent yet.
    pub fn new(facts: &TrialFacts, timeline: &Timeline) -> Self {
        let rules = timeline.faults.iter().enumerate().filter_map(|(index, fault)| {
            let plan = &fault.plan;
            let rule = PoisonRule::new(&plan.name, plan.poison?, facts.workload.seed, (plan.at, plan.until));
            Some((index, rule))
        });
        Self {
            rules: rules.collect(),
            messages: BTreeMap::new(),
            given_up: BTreeMap::new(),
            producer_attempts: facts.limits.producer_attempts,
        }
    }

    /// A send.
    #[inline]
    pub fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        if !self.rules.is_empty() {
            self.enter(sent, reply.position);
        }
        match (reply.dead_letter, self.producer_attempts) {
            (Some(acknowledged), _) => self.give_up(sent, reply.attempts, acknowledged),
            // Its producer may have been killed while it gave it up.
            (None, Some(attempts)) if sent.outcome == Outcome::Indeterminate => self.give_up(sent, attempts, false),
            (None, _) => {}
        }
    }

    fn give_up(&mut self, sent: &Sent, attempts: u8, acknowledged: bool) {
        self.given_up.insert(sent.message, GivenUp { attempts, started: sent.started, acknowledged });
    }

    fn enter(&mut self, sent: &Sent, position: Option<Position>) {
        if let Some(fault) = self.fault_of(sent.message, sent.intended) {
            let Sent { started, outcome, .. } = *sent;
            let fate = Fate { fault, started, outcome, position, delivered: false, failed: false };
            self.messages.insert(sent.message, fate);
        }
    }

    /// A delivery or a settlement.
    #[inline]
    pub fn event(&mut self, event: ConsumerEvent<'_>) {
        if !self.messages.is_empty() {
            self.follow(event);
        }
    }

    fn follow(&mut self, event: ConsumerEvent<'_>) {
        match event {
            ConsumerEvent::Delivery(delivery) if delivery.payload_ok => {
                if let Some(fate) = self.messages.get_mut(&delivery.message) {
                    fate.delivered = true;
                }
            }
            ConsumerEvent::Settlement(settlement)
                if matches!(settlement.kind, SettlementKind::Nack | SettlementKind::DeadLetter) =>
            {
                let Some((producer, seq)) = settlement.message else { return };
                let message = MessageId { producer, partition: settlement.partition, seq };
                if let Some(fate) = self.messages.get_mut(&message) {
                    fate.failed = true;
                }
            }
            _ => {}
        }
    }

    /// A fault that poisons must be seen: consumers failed on a message that it poisoned. Of other faults what is known already.
    pub fn shown(&self, mut seen: Vec<Seen>) -> Vec<Seen> {
        for (index, _) in &self.rules {
            let of_fault = || self.messages.values().filter(|fate| fate.fault == *index);
            let (poisoned, failed) = (of_fault().count(), of_fault().filter(|fate| fate.failed).count());
            if let Some(seen) = seen.get_mut(*index) {
                let what = format!("consumers failed on {failed} of {poisoned} poisoned messages");
                *seen = Seen { seen: failed > 0, what };
            }
        }
        seen
    }

    /// Compares with the queue.
    pub fn account(&self, facts: &TrialFacts, letters: &[DeadLetter]) -> DeadLetterAccount {
        let demanded = self.messages.iter().filter(|(_, fate)| fate.delivered || fate.outcome == Outcome::Ok);
        let mut account = DeadLetterAccount {
            read: facts.end.as_ref().and_then(|end| end.dead_letters),
            entries: letters.len() as u64,
            poisoned: demanded.clone().count() as u64,
            given_up: self.given_up.values().filter(|given_up| given_up.acknowledged).count() as u64,
            ..DeadLetterAccount::default()
        };
        let mut held: BTreeMap<MessageId, u64> = BTreeMap::new();
        for letter in letters {
            self.take(letter, facts, &mut held, &mut account);
        }
        for (message, fate) in demanded.filter(|(message, _)| !held.contains_key(message)) {
            account.missing.add(|| Example {
                message: Some(*message),
                at: Some(fate.started),
                position: fate.position,
                ..Example::default()
            });
        }
        let promised = self.given_up.iter().filter(|(message, given_up)| {
            given_up.acknowledged && !held.contains_key(message) && !self.messages.contains_key(message)
        });
        for (message, given_up) in promised {
            let note = Some("its dead letter was acknowledged".to_owned());
            let (message, at) = (Some(*message), Some(given_up.started));
            account.missing.add(|| Example { message, at, note, ..Example::default() });
        }
        account
    }

    fn take(
        &self,
        letter: &DeadLetter,
        facts: &TrialFacts,
        held: &mut BTreeMap<MessageId, u64>,
        account: &mut DeadLetterAccount,
    ) {
        let message = letter.message;
        let example = |note: Option<String>| Example {
            message: letter.payload_ok.then_some(message),
            position: Some(letter.position),
            note,
            ..Example::default()
        };
        if !letter.payload_ok {
            account.misnamed.add(|| example(Some("its payload is damaged or foreign".to_owned())));
            return;
        }
        let copies = held.entry(message).or_default();
        *copies += 1;
        let (poisoned, given_up) = (self.fault_of(message, letter.intended).is_some(), self.given_up.get(&message));
        // Who gives a message up does not know whether a consumer will.
        if *copies > 1 + u64::from(poisoned && given_up.is_some()) {
            account.repeated.add(|| example(None));
        }
        if !poisoned && given_up.is_none() {
            account.strangers.add(|| example(None));
        }
        let names = [
            ("message", &letter.message_id, message.to_string()),
            ("trace", &letter.trace_id, message.trace(facts.trial_id)),
        ];
        if let Some((what, said, right)) = names.iter().find(|(_, said, right)| said.as_ref() != Some(right)) {
            let said = said.as_deref().unwrap_or("nothing");
            account.misnamed.add(|| example(Some(format!("its {what} identity is {said}, not {right}"))));
        }
        let tries = |retries: u16| retries.saturating_add(1);
        let enough = |retries: u16| {
            let of_producer = given_up.is_some_and(|given_up| tries(retries) == u16::from(given_up.attempts));
            of_producer
                || (poisoned || given_up.is_none())
                    && facts.limits.delivery_limit.is_none_or(|limit| tries(retries) >= limit)
        };
        match letter.retries {
            Some(retries) => {
                *account.retries.entry(retries).or_default() += 1;
                if !enough(retries) {
                    account.early.add(|| example(Some(format!("after {retries} retries"))));
                }
            }
            None => account.early.add(|| example(Some("it says no retry count".to_owned()))),
        }
    }

    fn fault_of(&self, message: MessageId, intended: Nanos) -> Option<usize> {
        self.rules.iter().find(|(_, rule)| rule.takes(message, intended)).map(|(index, _)| *index)
    }
}
