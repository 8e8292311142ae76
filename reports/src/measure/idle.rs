//! Idleness: whether workers did nothing while their process was gone or stood still.
//!
//! That nothing is seen of a worker proves something only where something would have been seen: a producer had sends due, a
//! consumer had received messages before, and others worked meanwhile.

use super::seen::Seen;
use super::signs::Client;
use super::source::{ConsumerEvent, Sent};
use super::timeline::{FaultWindow, Span, Timeline};
use crate::facts::Effect;
use crate::history::Outcome;
use crate::units::Nanos;

/// Watches the workers of each fault that must be idle in it.
#[derive(Clone, Debug)]
pub struct Idles {
    /// One for each fault of the timeline; none where it does not ask for idleness.
    each: Vec<Option<Idle>>,
}

/// One fault.
#[derive(Clone, Debug)]
struct Idle {
    workers: Vec<(Client, Did)>,
    /// From when its begin was asked for.
    began: Nanos,
    during: Span,
    /// Messages acknowledged or received meanwhile, by anybody else.
    others: u64,
}

/// What one worker did.
#[derive(Clone, Copy, Debug, Default)]
struct Did {
    /// Sends begun, or messages received, before the fault.
    before: u64,
    /// Sends that fell due while it lasted.
    due: u64,
    /// What it did all the same.
    during: u64,
}

impl Idles {
    /// Nothing seen yet.
    pub fn new(timeline: &Timeline) -> Self {
        Self { each: timeline.faults.iter().map(Idle::of).collect() }
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        let producer = Client::Producer(sent.message.producer);
        for idle in self.each.iter_mut().flatten() {
            let (began, during) = (idle.began, idle.during);
            match idle.of_worker(producer) {
                Some(did) => {
                    did.before += u64::from(sent.started < began);
                    did.due += u64::from(during.contains(sent.intended));
                    did.during += u64::from(during.contains(sent.started));
                }
                None => idle.others += u64::from(sent.outcome == Outcome::Ok && during.contains(sent.settled)),
            }
        }
    }

    /// A delivery or a settlement.
    pub fn event(&mut self, event: ConsumerEvent<'_>) {
        for idle in self.each.iter_mut().flatten() {
            let (began, during) = (idle.began, idle.during);
            match event {
                ConsumerEvent::Delivery(delivery) => match idle.of_worker(Client::Consumer(delivery.consumer)) {
                    Some(did) => {
                        did.before += u64::from(delivery.received < began);
                        did.during += u64::from(during.contains(delivery.received));
                    }
                    None => idle.others += u64::from(during.contains(delivery.received)),
                },
                ConsumerEvent::Settlement(settlement) => {
                    if let Some(did) = idle.of_worker(Client::Consumer(settlement.consumer)) {
                        did.during += u64::from(during.contains(settlement.requested));
                    }
                }
            }
        }
    }

    /// What was seen of a fault of the timeline.
    pub fn seen(&self, fault: usize) -> Seen {
        match self.each.get(fault) {
            Some(Some(idle)) => idle.seen(),
            Some(None) | None => Seen { seen: false, what: "no worker was to be idle".into() },
        }
    }
}

impl Idle {
    fn of(fault: &FaultWindow) -> Option<Self> {
        let workers = || fault.plan.clients.iter().filter_map(|name| Some((Client::named(name)?, Did::default())));
        (fault.plan.effect == Effect::Idle).then(|| Self {
            workers: workers().collect(),
            began: fault.began,
            during: Span { from: fault.injected, to: fault.heal_began },
            others: 0,
        })
    }

    fn of_worker(&mut self, client: Client) -> Option<&mut Did> {
        self.workers.iter_mut().find(|(worker, _)| *worker == client).map(|(_, did)| did)
    }

    fn seen(&self) -> Seen {
        let length = self.during.length();
        let mut told = Vec::new();
        for (worker, did) in &self.workers {
            let silent = match worker {
                Client::Producer(_) if did.due == 0 => Err("had nothing to send while it lasted".to_owned()),
                Client::Producer(_) => Ok(format!("began none of the {} sends that were due in {length}", did.due)),
                Client::Consumer(_) if did.before == 0 => Err("had received nothing before it".to_owned()),
                Client::Consumer(_) if self.others == 0 => {
                    Err("received nothing, but nothing was sent or received by others either".to_owned())
                }
                Client::Consumer(_) => Ok(format!("received and settled nothing in {length}")),
            };
            match silent {
                _ if did.during > 0 => {
                    let what = format!("{worker} went on while it lasted: {} messages", did.during);
                    return Seen { seen: false, what };
                }
                Err(why) => {
                    return Seen { seen: false, what: format!("{worker} {why}, so that its silence says nothing") };
                }
                Ok(words) => told.push(format!("{worker} {words}")),
            }
        }
        Seen { seen: !told.is_empty(), what: told.join("; ") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::{Measures, sample};
    use super::*;
    use crate::facts::Cut;

    /// A worker whose process is gone from 110 s to 115 s, in a load in which everything stands still for that long.
    fn gone(worker: &str, stall: &[(u64, u64)]) -> Rows {
        let mut rows = sample::stalled(stall);
        let (mut plan, row) = sample::fault("crash-1", Effect::Idle, Some(Cut::Ended), 110_000, 115_000);
        plan.clients = vec![worker.to_owned()];
        rows.facts.faults.push(plan);
        rows.faults.push(row);
        rows
    }

    fn seen(rows: &Rows) -> Seen {
        Measures::of(rows).unwrap().faults[0].seen.clone()
    }

    #[test]
    fn a_producer_that_begins_nothing_though_sends_are_due_is_idle() {
        let mut rows = gone("producer-0", &[]);
        for send in rows.sends.iter_mut().filter(|send| send.message.producer.0 == 0) {
            if (110_000..115_000).contains(&(send.started.0 / 1_000_000)) {
                send.settled = Nanos::from_millis(115_010).plus(send.settled.since(send.started));
                send.started = Nanos::from_millis(115_010);
            }
        }
        let told = seen(&rows);
        assert!(told.seen && told.what.contains("producer-0 began none of the"), "{told:?}");
    }

    #[test]
    fn a_producer_that_goes_on_is_not_idle() {
        let told = seen(&gone("producer-0", &[]));
        assert!(!told.seen && told.what.contains("producer-0 went on while it lasted"), "{told:?}");
    }

    #[test]
    fn a_producer_that_had_nothing_to_send_shows_nothing() {
        let mut rows = gone("producer-0", &[]);
        rows.sends.retain(|send| !(110_000..115_100).contains(&(send.intended.0 / 1_000_000)));
        let told = seen(&rows);
        assert!(!told.seen && told.what.contains("had nothing to send"), "{told:?}");
    }

    fn without_consumer(mut rows: Rows, between: std::ops::Range<u64>) -> Rows {
        let within = |at: Nanos| between.contains(&(at.0 / 1_000_000));
        rows.deliveries.retain(|row| row.consumer.0 != 1 || !within(row.received));
        rows.settlements.retain(|row| row.consumer.0 != 1 || !within(row.requested));
        rows
    }

    #[test]
    fn a_consumer_that_receives_nothing_while_others_work_is_idle() {
        let told = seen(&without_consumer(gone("consumer-1", &[]), 110_000..115_000));
        assert!(told.seen && told.what.contains("consumer-1 received and settled nothing in 5.00 s"), "{told:?}");
        let told = seen(&without_consumer(gone("consumer-1", &[]), 110_000..114_000));
        assert!(!told.seen && told.what.contains("consumer-1 went on"), "{told:?}");
    }

    #[test]
    fn a_consumer_that_had_received_nothing_before_shows_nothing() {
        let told = seen(&without_consumer(gone("consumer-1", &[]), 0..200_000));
        assert!(!told.seen && told.what.contains("had received nothing before it"), "{told:?}");
    }

    #[test]
    fn silence_in_a_load_that_stands_still_shows_nothing() {
        let told = seen(&without_consumer(gone("consumer-1", &[(109_000, 116_000)]), 109_000..116_000));
        assert!(!told.seen && told.what.contains("nothing was sent or received by others either"), "{told:?}");
    }
}
