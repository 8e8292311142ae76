//! Effects: whether a fault that was set shows in the history as it must.
//!
//! A toxic that reads back as set and touches nobody proves nothing, so each kind of fault declares what it must do.

use super::histogram::Times;
use super::source::Sent;
use super::timeline::{FaultWindow, Span, Timeline};
use crate::facts::Effect;
use crate::history::{Connection, ConnectionEvent, Outcome};
use crate::units::Nanos;
use hdrhistogram::CreationError;

/// A loss that is noticed this long after the heal is still the fault's: a client learns of a dead connection when its
/// request times out, or when the proxy closes on removing the fault.
pub const NOTICED_WITHIN: Nanos = Nanos::from_secs(5);
/// What was under way may still be acknowledged this long after the injection.
const UNDER_WAY: Nanos = Nanos::SECOND;
/// The share of the declared delay that the median must rise by.
const SHARE: f64 = 0.8;

/// What was seen of one fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The effect shows.
    pub seen: bool,
    /// What shows, or what is missing.
    pub what: String,
}

/// Watches the sends around each fault.
#[derive(Clone, Debug)]
pub struct Effects {
    reference: Span,
    before: Times,
    watches: Vec<Watch>,
}

#[derive(Clone, Debug)]
struct Watch {
    silent: Span,
    during: Span,
    intended: u64,
    acknowledged: u64,
    service: Times,
}

impl Effects {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(timeline: &Timeline) -> Result<Self, CreationError> {
        let watch = |fault: &FaultWindow| {
            let during = Span { from: fault.injected, to: fault.heal_began };
            // A quarter for short faults: else nothing would be left to look at.
            let grace = UNDER_WAY.min(Nanos(during.length().0 / 4));
            let silent = Span { from: during.from.plus(grace), to: during.to };
            Ok(Watch { silent, during, intended: 0, acknowledged: 0, service: Times::new()? })
        };
        Ok(Self {
            reference: timeline.reference(),
            before: Times::new()?,
            watches: timeline.faults.iter().map(watch).collect::<Result<_, CreationError>>()?,
        })
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        if self.watches.is_empty() {
            return;
        }
        let service = sent.settled.since(sent.started);
        if self.reference.contains(sent.started) {
            self.before.record(service);
        }
        for watch in &mut self.watches {
            watch.intended += u64::from(watch.silent.contains(sent.intended));
            watch.acknowledged += u64::from(sent.outcome == Outcome::Ok && watch.silent.contains(sent.settled));
            if watch.during.contains(sent.started) {
                watch.service.record(service);
            }
        }
    }

    /// What was seen of each fault of the timeline.
    pub fn finish(&self, timeline: &Timeline, connections: &[Connection]) -> Vec<Seen> {
        let each = timeline.faults.iter().zip(&self.watches).map(|(fault, watch)| match fault.plan.effect {
            Effect::ConnectionsLost => connections_lost(fault, connections),
            Effect::Silence => watch.silence(),
            Effect::Slower { by } => watch.slower(&self.before, by),
            Effect::Nothing => Seen { seen: true, what: "none that clients must see".into() },
        });
        each.collect()
    }
}

/// When the connections were lost that a fault is held to have cost.
pub fn losses_of(fault: &FaultWindow) -> Span {
    Span { from: fault.began, to: fault.healed.plus(NOTICED_WITHIN).min(fault.until) }
}

fn connections_lost(fault: &FaultWindow, connections: &[Connection]) -> Seen {
    let span = losses_of(fault);
    let lost = connections.iter().filter(|row| row.event == ConnectionEvent::Lost && span.contains(row.at));
    let mut clients: Vec<_> = lost.map(|row| row.client.as_str()).collect();
    let losses = clients.len();
    clients.sort_unstable();
    clients.dedup();
    match clients.as_slice() {
        [] => Seen { seen: false, what: "no client lost a connection while it lasted".into() },
        all => Seen { seen: true, what: format!("{losses} connections lost, by {}", all.join(", ")) },
    }
}

impl Watch {
    fn silence(&self) -> Seen {
        let (intended, length) = (self.intended, self.silent.length());
        match (intended, self.acknowledged) {
            (0, _) => {
                Seen { seen: false, what: "nothing was to be sent while it lasted, so silence says nothing".into() }
            }
            (_, 0) => Seen { seen: true, what: format!("no send acknowledged for {length}, {intended} intended") },
            (_, some) => {
                Seen { seen: false, what: format!("{some} sends were acknowledged while nothing should pass") }
            }
        }
    }

    fn slower(&self, before: &Times, by: Nanos) -> Seen {
        if before.count() == 0 || self.service.count() == 0 {
            let when = if before.count() == 0 { "before it" } else { "while it lasted" };
            return Seen { seen: false, what: format!("no sends {when}, so service times cannot be compared") };
        }
        let (was, is) = (before.quantile(0.5), self.service.quantile(0.5));
        let seen = is.0 as f64 >= was.0 as f64 + SHARE * by.0 as f64;
        Seen { seen, what: format!("median service time {was} before, {is} while it lasted; {by} more were set") }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::{Measures, sample};
    use super::*;

    fn seen(effect: Effect, rows: Rows) -> Seen {
        let mut rows = rows;
        rows.facts.faults[0].effect = effect;
        Measures::of(&rows).unwrap().faults[0].seen.clone()
    }

    /// A fault during which sends take this long, instead of an outage.
    fn slowed(millis: u64) -> Rows {
        let mut rows = sample::healthy();
        let outage = sample::failover();
        rows.facts.faults = outage.facts.faults;
        rows.faults = outage.faults;
        for send in &mut rows.sends {
            if (110_000..115_000).contains(&(send.started.0 / 1_000_000)) {
                send.settled = send.settled.plus(Nanos::from_millis(millis));
            }
        }
        rows
    }

    #[test]
    fn lost_connections_show_by_the_clients_that_lost_them() {
        let seen = seen(Effect::ConnectionsLost, sample::failover());
        assert!(seen.seen);
        assert_eq!(seen.what, "4 connections lost, by consumer-0, consumer-1, producer-0, producer-1");
    }

    #[test]
    fn a_loss_before_the_injection_or_long_after_the_heal_is_not_the_faults() {
        for millis in [109_999, 120_011] {
            let mut rows = sample::failover();
            rows.connections.retain(|row| row.at < Nanos::from_secs(sample::LOAD_S));
            rows.connections.push(sample::connection("producer-0", ConnectionEvent::Lost, millis));
            assert!(!seen(Effect::ConnectionsLost, rows).seen);
        }
    }

    #[test]
    fn silence_shows_when_nothing_is_acknowledged_though_something_was_due() {
        assert!(seen(Effect::Silence, sample::failover()).seen);
    }

    #[test]
    fn one_acknowledgement_breaks_the_silence_unless_it_was_under_way() {
        for (millis, silent) in [(110_900, true), (112_000, false), (115_001, true)] {
            let mut rows = sample::failover();
            rows.sends[1210].settled = Nanos::from_millis(millis);
            assert_eq!(seen(Effect::Silence, rows).seen, silent, "{millis}");
        }
    }

    #[test]
    fn silence_says_nothing_when_nothing_was_due() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| !(110_000..115_100).contains(&(send.intended.0 / 1_000_000)));
        let seen = seen(Effect::Silence, rows);
        assert!(!seen.seen && seen.what.contains("nothing was to be sent"), "{}", seen.what);
    }

    #[test]
    fn a_delay_shows_when_the_median_rises_by_most_of_it() {
        let by = Nanos::from_millis(200);
        assert!(seen(Effect::Slower { by }, slowed(200)).seen);
        assert!(seen(Effect::Slower { by }, slowed(165)).seen);
        let missed = seen(Effect::Slower { by }, slowed(150));
        assert!(!missed.seen && missed.what.contains("200 ms more were set"), "{}", missed.what);
    }

    #[test]
    fn a_delay_cannot_show_without_sends_before_it() {
        let mut rows = slowed(200);
        rows.facts.phases[1].from = Nanos::from_secs(110);
        let seen = seen(Effect::Slower { by: Nanos::from_millis(200) }, rows);
        assert!(!seen.seen && seen.what.contains("no sends before it"), "{}", seen.what);
    }
}
