//! Dead letters: which messages were poisoned, whether consumers failed on them, and what the dead-letter queue held at the end.

use super::accounting::Example;
use super::seen::Seen;
use super::source::{ConsumerEvent, Sent};
use super::timeline::Timeline;
use crate::facts::{PoisonRule, TrialFacts};
use crate::history::{DeadLetter, Outcome, SettlementKind};
use crate::units::{MessageId, Nanos, Position};
use std::collections::BTreeMap;

/// How many examples a finding keeps.
const EXAMPLES: usize = 3;

/// The messages that faults poison, followed through sends, deliveries and settlements. Memory grows with their number.
#[derive(Clone, Debug)]
pub struct Poisoned {
    /// By the fault's place in the timeline.
    rules: Vec<(usize, PoisonRule)>,
    messages: BTreeMap<MessageId, Fate>,
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
    /// Of these, those that are not in the queue.
    pub missing: Sightings,
    /// In the queue and not poisoned.
    pub strangers: Sightings,
    /// In the queue once more.
    pub repeated: Sightings,
    /// Entries whose payload cannot be believed, or whose message or trace identity is missing or another one.
    pub misnamed: Sightings,
    /// Given up after fewer deliveries than the limit, or without a retry count.
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
        Self { rules: rules.collect(), messages: BTreeMap::new() }
    }

    /// A send.
    #[inline]
    pub fn send(&mut self, sent: &Sent, position: Option<Position>) {
        if !self.rules.is_empty() {
            self.enter(sent, position);
        }
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
        if *copies > 1 {
            account.repeated.add(|| example(None));
        }
        if self.fault_of(message, letter.intended).is_none() {
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
        let enough = |retries: u16| facts.limits.delivery_limit.is_none_or(|limit| retries.saturating_add(1) >= limit);
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
