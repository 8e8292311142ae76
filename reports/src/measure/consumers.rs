//! What consumers show of faults that they bring about themselves: that they hold messages longer, or take part at all.
//!
//! *Held longer*: a message is held from its receipt until its settlement is asked for. The least time that a consumer held a
//! message which it received, and asked to settle, while the fault lasted must exceed the least before the fault by the time that
//! was set. A least time is what only the work itself makes longer: neither a batch nor a slow answer can make it shorter.

use super::effect::SHARE;
use super::seen::Seen;
use super::signs::Client;
use super::source::ConsumerEvent;
use super::timeline::{FaultWindow, Span, Timeline};
use crate::facts::Effect;
use crate::history::{Delivery, Settlement, SettlementKind};
use crate::units::{ConsumerId, Nanos, Partition, Position};
use std::collections::BTreeMap;

/// Watches the consumers of each fault of which one of the two is asked.
#[derive(Clone, Debug)]
pub struct ConsumersShown {
    /// One for each fault of the timeline; none where it asks for neither.
    each: Vec<Option<Watch>>,
}

/// One fault.
#[derive(Clone, Debug)]
struct Watch {
    effect: Effect,
    /// From when its begin was asked for.
    began: Nanos,
    during: Span,
    consumers: BTreeMap<ConsumerId, Did>,
}

/// What one consumer did.
#[derive(Clone, Debug, Default)]
struct Did {
    /// Messages received from the fault's begin until its heal was asked for.
    received: u64,
    /// What it has received until then and not asked to settle: since when it holds it.
    in_hand: BTreeMap<(Partition, Position), Nanos>,
    /// The least time that it held a message.
    before: Option<Nanos>,
    meanwhile: Option<Nanos>,
}

impl ConsumersShown {
    /// Nothing seen yet.
    pub fn new(timeline: &Timeline) -> Self {
        Self { each: timeline.faults.iter().map(Watch::of).collect() }
    }

    /// A delivery or a settlement.
    pub fn event(&mut self, event: ConsumerEvent<'_>) {
        for watch in self.each.iter_mut().flatten() {
            match event {
                ConsumerEvent::Delivery(delivery) => watch.delivery(delivery),
                ConsumerEvent::Settlement(settlement) => watch.settlement(settlement),
            }
        }
    }

    /// What was seen of a fault of the timeline.
    pub fn seen(&self, fault: usize) -> Seen {
        match self.each.get(fault) {
            Some(Some(watch)) => watch.seen(),
            Some(None) | None => Seen { seen: false, what: "no consumer was to show anything".into() },
        }
    }
}

impl Watch {
    fn of(fault: &FaultWindow) -> Option<Self> {
        if !matches!(fault.plan.effect, Effect::HeldLonger { .. } | Effect::TakesPart) {
            return None;
        }
        let consumer = |name: &String| match Client::named(name)? {
            Client::Consumer(consumer) => Some((consumer, Did::default())),
            Client::Producer(_) => None,
        };
        Some(Self {
            effect: fault.plan.effect,
            began: fault.began,
            during: Span { from: fault.injected, to: fault.heal_began },
            consumers: fault.plan.clients.iter().filter_map(consumer).collect(),
        })
    }

    fn delivery(&mut self, delivery: &Delivery) {
        let Some(did) = self.consumers.get_mut(&delivery.consumer) else { return };
        let at = delivery.received;
        if at >= self.during.to {
            return;
        }
        did.received += u64::from(at >= self.began);
        if matches!(self.effect, Effect::HeldLonger { .. }) {
            did.in_hand.insert((delivery.message.partition, delivery.position), at);
        }
    }

    fn settlement(&mut self, settlement: &Settlement) {
        let Some(did) = self.consumers.get_mut(&settlement.consumer) else { return };
        let Some(position) = settlement.position else { return };
        let place = (settlement.partition, position);
        // Of all that a commit covers, what stands last was received last.
        let since = match settlement.kind {
            SettlementKind::Ack | SettlementKind::Nack | SettlementKind::DeadLetter => did.in_hand.remove(&place),
            SettlementKind::Commit => {
                let covered = (settlement.partition, Position(0))..place;
                let covered: Vec<_> = did.in_hand.range(covered).map(|(place, since)| (*place, *since)).collect();
                for (place, _) in &covered {
                    did.in_hand.remove(place);
                }
                covered.last().map(|(_, since)| *since)
            }
            SettlementKind::Claim => None,
        };
        let Some(since) = since else { return };
        let least = match settlement.requested {
            asked if asked < self.began => &mut did.before,
            asked if self.during.contains(since) && self.during.contains(asked) => &mut did.meanwhile,
            _ => return,
        };
        let held = settlement.requested.since(since);
        *least = Some(least.map_or(held, |least| least.min(held)));
    }

    fn seen(&self) -> Seen {
        let told: Vec<Result<String, String>> = self
            .consumers
            .iter()
            .map(|(consumer, did)| match self.effect {
                Effect::HeldLonger { by } => held_longer(*consumer, did, by),
                _ => takes_part(*consumer, did),
            })
            .collect();
        let missing: Vec<&str> = told.iter().filter_map(|words| words.as_ref().err()).map(String::as_str).collect();
        if !missing.is_empty() || told.is_empty() {
            return Seen { seen: false, what: missing.join("; ") };
        }
        Seen { seen: true, what: told.into_iter().flatten().collect::<Vec<_>>().join("; ") }
    }
}

fn held_longer(consumer: ConsumerId, did: &Did, by: Nanos) -> Result<String, String> {
    let name = format!("consumer-{}", consumer.0);
    let before = did.before.ok_or_else(|| {
        format!("{name} had settled nothing before it, so that how long it held messages cannot be compared")
    })?;
    let meanwhile = did.meanwhile.ok_or_else(|| {
        format!("{name} received and settled nothing while it lasted, so that its pace cannot be told")
    })?;
    let words = format!(
        "{name} held each message {before} at least before, {meanwhile} at least while it lasted; {by} more were set"
    );
    let enough = meanwhile.0 as f64 >= before.0 as f64 + SHARE * by.0 as f64;
    if enough { Ok(words) } else { Err(words) }
}

fn takes_part(consumer: ConsumerId, did: &Did) -> Result<String, String> {
    match did.received {
        0 => Err(format!("consumer-{} received nothing while it lasted", consumer.0)),
        some => Ok(format!("consumer-{} received {some} messages while it lasted", consumer.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::{Measures, sample};
    use super::*;

    /// A fault on this consumer from 110 s to 115 s.
    fn with(effect: Effect, consumer: &str, mut rows: Rows) -> Rows {
        let (mut plan, row) = sample::fault("slow-1", effect, None, 110_000, 115_000);
        plan.clients = vec![consumer.to_owned()];
        rows.facts.faults.push(plan);
        rows.faults.push(row);
        rows
    }

    fn slow(rows: Rows) -> Rows {
        with(Effect::HeldLonger { by: Nanos::from_millis(200) }, "consumer-1", rows)
    }

    /// What consumer-1 received in the fault is settled so much later.
    fn later(mut rows: Rows, by_ms: u64) -> Rows {
        for row in rows.settlements.iter_mut().filter(|row| row.consumer.0 == 1) {
            if (110_000..115_000).contains(&(row.requested.0 / 1_000_000)) {
                row.requested = row.requested.plus(Nanos::from_millis(by_ms));
                row.settled = row.settled.plus(Nanos::from_millis(by_ms));
            }
        }
        rows
    }

    fn seen(rows: &Rows) -> Seen {
        Measures::of(rows).unwrap().faults[0].seen.clone()
    }

    #[test]
    fn who_holds_every_message_longer_is_slow_whether_it_acknowledges_or_commits() {
        for rows in [sample::healthy(), sample::committed()] {
            let told = seen(&slow(later(rows, 200)));
            assert!(told.seen && told.what.contains("200 ms more were set"), "{told:?}");
        }
    }

    #[test]
    fn who_holds_a_single_message_no_longer_than_before_is_not_slow() {
        let told = seen(&slow(sample::healthy()));
        assert!(!told.seen && told.what.contains("consumer-1 held each message"), "{told:?}");
        let mut rows = later(sample::healthy(), 200);
        let row = rows.settlements.iter_mut().find(|row| row.consumer.0 == 1 && row.requested.0 > 112_200_000_000);
        let row = row.expect("one");
        row.requested = Nanos(row.requested.0 - 200_000_000);
        assert!(!seen(&slow(rows)).seen);
    }

    #[test]
    fn a_pace_that_cannot_be_compared_or_told_is_not_seen() {
        let mut rows = slow(later(sample::healthy(), 200));
        rows.settlements.retain(|row| row.consumer.0 != 1 || row.requested >= Nanos::from_millis(110_000));
        assert!(seen(&rows).what.contains("had settled nothing before"), "{:?}", seen(&rows));
        let mut rows = slow(sample::healthy());
        rows.settlements.retain(|row| row.consumer.0 != 1 || row.requested < Nanos::from_millis(110_000));
        assert!(seen(&rows).what.contains("received and settled nothing while it lasted"), "{:?}", seen(&rows));
    }

    #[test]
    fn who_joins_must_receive_something() {
        let told = seen(&with(Effect::TakesPart, "consumer-1", sample::healthy()));
        assert!(told.seen && told.what.contains("consumer-1 received"), "{told:?}");
        let told = seen(&with(Effect::TakesPart, "consumer-2", sample::healthy()));
        assert!(!told.seen && told.what.contains("consumer-2 received nothing"), "{told:?}");
    }
}
