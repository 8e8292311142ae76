//! What consumers show of faults that they bring about themselves: that they work longer on messages, or take part at all.
//!
//! *Held longer*: a consumer works on one message after the other, and asks for the settlement of each when it is done, alone or
//! together with others. So the work on the last `n` messages of which it asks the settlement lies between the receipt of the first of
//! them, or the request before where that came later, and this request: the *pace* is that time by message. The least
//! pace while the fault lasted must exceed the least before it by the time that was set. Waiting for a message, for its turn in a
//! batch, or for the next commit can make a pace longer; nothing but shorter work makes the least of many paces shorter.

use super::seen::{SHARE, Seen};
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
    /// What it asks to settle at one instant, by its receipts.
    request: Request,
    /// When it asked before.
    asked_before: Nanos,
    /// The least pace.
    before: Option<Nanos>,
    meanwhile: Option<Nanos>,
}

/// One request to settle.
#[derive(Clone, Debug, Default)]
struct Request {
    at: Nanos,
    received: Vec<Nanos>,
    /// It comes by the clock, and may come in the midst of the work on a message.
    commits: bool,
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
        if !matches!(fault.plan.effect, Effect::HeldLonger { .. } | Effect::TakesPart | Effect::StaysOn) {
            return None;
        }
        let consumer = |name: &String| match Client::named(name)? {
            Client::Consumer(consumer) => Some((consumer, Did::default())),
            Client::Producer(_) => None,
        };
        let to = if fault.plan.effect == Effect::StaysOn { Nanos(u64::MAX) } else { fault.heal_began };
        Some(Self {
            effect: fault.plan.effect,
            began: fault.began,
            during: Span { from: fault.injected, to },
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
        let covered: Vec<(Partition, Position)> = match settlement.kind {
            SettlementKind::Ack | SettlementKind::Nack | SettlementKind::DeadLetter => vec![place],
            SettlementKind::Commit => {
                let below = (settlement.partition, Position(0))..place;
                did.in_hand.range(below).map(|(place, _)| *place).collect()
            }
            SettlementKind::Claim | SettlementKind::Processed => return,
        };
        if settlement.requested != did.request.at {
            did.end_request(self.began, self.during);
            did.request.at = settlement.requested;
            did.request.commits = settlement.kind == SettlementKind::Commit;
        }
        for place in covered {
            did.request.received.extend(did.in_hand.remove(&place));
        }
    }

    fn seen(&self) -> Seen {
        let told: Vec<Result<String, String>> = self
            .consumers
            .iter()
            .map(|(consumer, did)| match self.effect {
                Effect::HeldLonger { by } => {
                    let mut did = did.clone();
                    did.end_request(self.began, self.during);
                    held_longer(*consumer, &did, by)
                }
                Effect::StaysOn => takes_part(*consumer, did, "after it had been asked to join"),
                _ => takes_part(*consumer, did, "while it lasted"),
            })
            .collect();
        let missing: Vec<&str> = told.iter().filter_map(|words| words.as_ref().err()).map(String::as_str).collect();
        if !missing.is_empty() || told.is_empty() {
            return Seen { seen: false, what: missing.join("; ") };
        }
        Seen { seen: true, what: told.into_iter().flatten().collect::<Vec<_>>().join("; ") }
    }
}

impl Did {
    /// Nothing more belongs to the request.
    fn end_request(&mut self, began: Nanos, during: Span) {
        let Request { at, mut received, commits } = std::mem::take(&mut self.request);
        received.sort_unstable();
        let least = match received.first() {
            None => return,
            Some(_) if at < began => &mut self.before,
            Some(first) if during.contains(*first) && during.contains(at) => &mut self.meanwhile,
            Some(_) => {
                self.asked_before = at;
                return;
            }
        };
        for (since, messages) in received.iter().rev().zip(1..) {
            // What was received before the last commit may have been begun before it.
            let begun = u64::from(commits && *since < self.asked_before);
            let messages: u64 = messages - begun;
            let took = at.since((*since).max(self.asked_before));
            if let Some(pace) = took.0.checked_div(messages).map(Nanos) {
                *least = Some(least.map_or(pace, |least| least.min(pace)));
            }
        }
        self.asked_before = at;
    }
}

fn held_longer(consumer: ConsumerId, did: &Did, by: Nanos) -> Result<String, String> {
    let name = format!("consumer-{}", consumer.0);
    let before = did
        .before
        .ok_or_else(|| format!("{name} had settled nothing before it, so that its pace cannot be compared"))?;
    let meanwhile = did.meanwhile.ok_or_else(|| {
        format!("{name} received and settled nothing while it lasted, so that its pace cannot be told")
    })?;
    let words = format!(
        "{name} worked at least {before} on a message before, at least {meanwhile} while it lasted; {by} more were set"
    );
    let enough = meanwhile.0 as f64 >= before.0 as f64 + SHARE * by.0 as f64;
    if enough { Ok(words) } else { Err(words) }
}

fn takes_part(consumer: ConsumerId, did: &Did, when: &str) -> Result<String, String> {
    match did.received {
        0 => Err(format!("consumer-{} received nothing {when}", consumer.0)),
        some => Ok(format!("consumer-{} received {some} messages {when}", consumer.0)),
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

    /// From the fault on, consumer-1 works so long on each message that it receives in it, one after the other; then a millisecond.
    fn works(mut rows: Rows, millis: u64) -> Rows {
        let mut done = Nanos::ZERO;
        for (delivery, row) in rows.deliveries.iter().zip(&mut rows.settlements) {
            if row.consumer.0 != 1 || delivery.received < Nanos::from_millis(110_000) {
                continue;
            }
            let begun = delivery.received.max(done);
            let work = if begun < Nanos::from_millis(115_000) { millis } else { 1 };
            done = begun.plus(Nanos::from_millis(work));
            (row.requested, row.settled) = (done, done.plus(Nanos(1000)));
        }
        rows
    }

    fn seen(rows: &Rows) -> Seen {
        Measures::of(rows).unwrap().faults[0].seen.clone()
    }

    #[test]
    fn who_works_longer_on_every_message_is_slow_whether_it_acknowledges_or_commits() {
        for rows in [sample::healthy(), sample::committed()] {
            let told = seen(&slow(works(rows, 220)));
            assert!(told.seen && told.what.contains("200 ms more were set"), "{told:?}");
        }
    }

    #[test]
    fn who_works_on_a_single_message_no_longer_than_before_is_not_slow() {
        let told = seen(&slow(sample::healthy()));
        assert!(!told.seen && told.what.contains("consumer-1 worked at least"), "{told:?}");
        let mut rows = works(sample::healthy(), 220);
        let mut of_one = rows.settlements.iter_mut().filter(|row| row.consumer.0 == 1);
        let row = of_one.find(|row| row.requested > Nanos::from_millis(112_200)).expect("one");
        row.requested = Nanos(row.requested.0 - 200_000_000);
        row.settled = Nanos(row.settled.0 - 200_000_000);
        assert!(!seen(&slow(rows)).seen);
    }

    #[test]
    fn neither_a_batch_nor_one_request_for_all_of_it_hides_the_pace() {
        // All are received at once, and settled by one request every 100 ms: five of 20 ms each, or a hundred of 1 ms.
        let batch = |by_request: usize| {
            let mut rows = sample::committed();
            let mut of_one: Vec<usize> =
                (0..rows.deliveries.len()).filter(|index| rows.deliveries[*index].consumer.0 == 1).collect();
            of_one.retain(|index| rows.deliveries[*index].received >= Nanos::from_millis(110_000));
            for (nth, index) in of_one.iter().enumerate() {
                let at = 110_100 + 100 * (nth / by_request) as u64;
                rows.deliveries[*index].received = Nanos::from_millis(110_001);
                rows.settlements[*index].requested = Nanos::from_millis(at);
                rows.settlements[*index].settled = Nanos::from_millis(at + 1);
            }
            let (mut plan, row) =
                sample::fault("slow-1", Effect::HeldLonger { by: Nanos::from_millis(15) }, None, 110_000, 115_000);
            plan.clients = vec!["consumer-1".to_owned()];
            (rows.facts.faults, rows.faults) = (vec![plan], vec![row]);
            seen(&rows)
        };
        assert!(batch(5).seen, "{:?}", batch(5));
        assert!(!batch(100).seen, "{:?}", batch(100));
    }

    #[test]
    fn a_pace_that_cannot_be_compared_or_told_is_not_seen() {
        let mut rows = slow(works(sample::healthy(), 220));
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

    #[test]
    fn who_stays_may_receive_it_later() {
        let mut rows = with(Effect::TakesPart, "consumer-1", sample::healthy());
        let heal = rows.faults[0].heal_requested.expect("asked");
        rows.deliveries.retain(|delivery| delivery.consumer.0 != 1 || delivery.received >= heal);
        assert!(!seen(&rows).seen, "{:?}", seen(&rows));
        rows.facts.faults[0].effect = Effect::StaysOn;
        assert!(seen(&rows).seen, "{:?}", seen(&rows));
    }
}
