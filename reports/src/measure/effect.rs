//! Effects: whether a fault that was set shows in the history as it must.
//!
//! A toxic that reads back as set and touches nobody proves nothing, so each kind of fault declares what it must do, and
//! to whom. Where several are in force, each is judged by what it alone explains.

use super::absence::Absences;
use super::consumers::ConsumersShown;
use super::explain::Explained;
use super::idle::Idles;
use super::seen::{SHARE, Seen};
use super::signs::Client;
use super::silence::Silence;
use super::source::{Completeness, Reply, Sent};
use super::timeline::{FaultWindow, Span, Timeline};
use crate::facts::Effect;
use crate::histogram::Times;
use crate::history::Outcome;
use crate::plural::plural;
use crate::units::{Nanos, ProducerId};
use hdrhistogram::CreationError;

/// Sends from which on a median says what is usual.
const ENOUGH: u64 = 20;

/// Watches the sends around each fault.
#[derive(Clone, Debug)]
pub struct Effects {
    reference: Span,
    before: Times,
    /// When the first fault began.
    first: Nanos,
    /// How long an acknowledgement took that came before that: of sends of the load, and of all.
    answers_in_load: Times,
    answers: Times,
    watches: Vec<Watch>,
}

/// One fault, and what was sent while it lasted by the clients that it is done to.
#[derive(Clone, Debug)]
struct Watch {
    on: Producers,
    silence: Silence,
    during: Span,
    others: Vec<Other>,
    /// Times of sends that no other fault touched.
    alone: Times,
    /// Of those that another delay touched too, and the least that the others added.
    joined: Times,
    others_added: Option<Nanos>,
    /// Sends that a cut touched too, so that their times say nothing of a delay.
    in_cuts: u64,
    /// The quiet time just before it, since the last other fault was healed, and the times of its sends; empty if another one was in
    /// force when it began.
    before: Span,
    quiet: Times,
}

/// Another fault that is in force at the same time.
#[derive(Clone, Debug)]
struct Other {
    on: Producers,
    span: Span,
    does: Does,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Cut,
    Slow(Nanos),
}

/// Those of the producers that a fault is done to; `None`: all.
#[derive(Clone, Debug)]
struct Producers(Option<Vec<ProducerId>>);

impl Producers {
    fn of(fault: &FaultWindow) -> Self {
        let named = |name: &String| match Client::named(name) {
            Some(Client::Producer(producer)) => Some(producer),
            _ => None,
        };
        let clients = &fault.plan.clients;
        Self((!clients.is_empty()).then(|| clients.iter().filter_map(named).collect()))
    }

    fn hold(&self, producer: ProducerId) -> bool {
        self.0.as_ref().is_none_or(|some| some.contains(&producer))
    }
}

impl Effects {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(timeline: &Timeline) -> Result<Self, CreationError> {
        let watches = timeline.faults.iter().map(|fault| Watch::new(fault, &timeline.faults, timeline.load));
        Ok(Self {
            reference: timeline.reference(),
            before: Times::new()?,
            first: timeline.faults.iter().map(|fault| fault.began).min().unwrap_or_default(),
            answers_in_load: Times::new()?,
            answers: Times::new()?,
            watches: watches.collect::<Result<_, CreationError>>()?,
        })
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        if self.watches.is_empty() {
            return;
        }
        if self.reference.contains(sent.started) {
            self.before.record(sent.settled.since(sent.started));
        }
        if sent.settled < self.first && sent.outcome == Outcome::Ok {
            let took = sent.settled.since(sent.started);
            self.answers.record(took);
            if self.reference.contains(sent.started) {
                self.answers_in_load.record(took);
            }
        }
        for watch in self.watches.iter_mut().filter(|watch| watch.on.hold(sent.message.producer)) {
            watch.send(sent, reply);
        }
    }

    /// What was seen of each fault of the timeline.
    pub fn finish(
        &self,
        timeline: &Timeline,
        (absences, connections): (&Absences, Completeness),
        idles: &Idles,
        consumers: &ConsumersShown,
    ) -> Vec<Seen> {
        // A warm-up may be slow, and is asked only where the load had no time to answer.
        let answers = if self.answers_in_load.count() > 0 { &self.answers_in_load } else { &self.answers };
        let each = timeline.faults.iter().zip(&self.watches).enumerate().map(|(index, (fault, watch))| {
            let contact = || contact_lost(timeline, index, absences);
            match fault.plan.effect {
                Effect::ConnectionsLost => contact(),
                // Without a send that was due, only connections can tell.
                Effect::Silence if !watch.silence.is_told_apart() && contact().seen => contact(),
                // Nor is it known how long to wait for an answer if there was none before.
                Effect::Silence if answers.count() == 0 && contact().seen => contact(),
                Effect::Silence => watch.silence.seen(answers, absences, connections),
                Effect::Slower { by } => watch.slower(&self.before, by),
                Effect::Idle => idles.seen(index),
                Effect::HeldLonger { .. } | Effect::TakesPart | Effect::StaysOn => consumers.seen(index),
                Effect::PacketsDropped => packets_dropped(fault),
                Effect::Nothing => Seen { seen: true, what: "none that clients must see".into() },
            }
        });
        each.collect()
    }
}

/// Who lost a connection to a cut, or was away already and tried in vain while it, and no other cut, was in force.
fn contact_lost(timeline: &Timeline, index: usize, absences: &Absences) -> Seen {
    let fault = &timeline.faults[index];
    let (mut losers, mut kept, mut losses, mut failed) = (Vec::new(), Vec::new(), 0, 0);
    for (client, absences) in absences.iter().filter(|(client, _)| fault.is_done_to(client)) {
        let explained = Explained::of(timeline, client);
        let lost = absences
            .iter()
            .filter(|away| away.lost.is_some_and(|lost| explained.loss(away.opened, lost) == Some(index)));
        let lost = lost.count();
        let attempts = absences.iter().flat_map(|away| &away.attempts);
        let vain = attempts.filter(|attempt| !attempt.succeeded && explained.only_cut_at(attempt.at) == Some(index));
        let vain = vain.count();
        if lost > 0 {
            losers.push(client.as_str());
        } else if vain > 0 {
            kept.push(client.as_str());
            failed += vain;
        }
        losses += lost;
    }
    let told = [
        (!losers.is_empty()).then(|| format!("{} lost, by {}", plural(losses as u64, "connection"), losers.join(", "))),
        (!kept.is_empty()).then(|| {
            format!("{} failed of who was away already: {}", plural(failed as u64, "attempt"), kept.join(", "))
        }),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let untouched =
        fault.plan.clients.iter().filter(|name| !losers.contains(&name.as_str()) && !kept.contains(&name.as_str()));
    let untouched: Vec<&str> = untouched.map(String::as_str).collect();
    match (told.is_empty(), untouched.is_empty()) {
        (true, _) => Seen { seen: false, what: unseen(timeline, index) },
        (false, true) => Seen { seen: true, what: told.join("; ") },
        (false, false) => {
            Seen { seen: false, what: format!("{}, but none by {}", told.join("; "), untouched.join(", ")) }
        }
    }
}

/// That packets vanish shows in no client's times for certain: it is counted where it is done.
fn packets_dropped(fault: &FaultWindow) -> Seen {
    match fault.row.as_ref().and_then(|row| row.dropped) {
        None => Seen { seen: false, what: "nobody counted the packets that it dropped".into() },
        Some(0) => Seen { seen: false, what: "no packet was dropped on one of its paths".into() },
        Some(some) => Seen { seen: true, what: format!("{} dropped", plural(some, "packet")) },
    }
}

fn unseen(timeline: &Timeline, index: usize) -> String {
    let fault = &timeline.faults[index];
    let covers = |other: &&FaultWindow| {
        other.plan.name != fault.plan.name
            && other.cut().is_some()
            && other.began <= fault.injected
            && fault.heal_began <= other.healed
    };
    timeline.faults.iter().find(covers).map_or_else(
        || "no client lost a connection while it lasted".into(),
        |other| format!("{} was in force all the while, so it cannot be told apart from it", other.plan.name),
    )
}

/// From the heal of the last fault before it to its begin; nothing where another one is in force then.
fn quiet_before(fault: &FaultWindow, all: &[FaultWindow], load: Span) -> Span {
    let others = || all.iter().filter(|other| other.plan.name != fault.plan.name && other.began <= fault.began);
    let healed = others().map(|other| other.healed).max().unwrap_or(load.from);
    Span { from: healed.min(fault.began), to: fault.began }.within(load)
}

impl Watch {
    fn new(fault: &FaultWindow, all: &[FaultWindow], load: Span) -> Result<Self, CreationError> {
        let during = Span { from: fault.injected, to: fault.heal_began };
        let other = |other: &FaultWindow| {
            let does = match (other.cut(), other.plan.effect) {
                (Some(_), _) => Does::Cut,
                (None, Effect::Slower { by }) => Does::Slow(by),
                (None, _) => return None,
            };
            let shares = other.plan.name != fault.plan.name && other.began < during.to && during.from < other.healed;
            shares.then(|| Other { on: Producers::of(other), span: other.in_force(), does })
        };
        Ok(Self {
            on: Producers::of(fault),
            silence: Silence::of(during),
            during,
            others: all.iter().filter_map(other).collect(),
            alone: Times::new()?,
            joined: Times::new()?,
            others_added: None,
            in_cuts: 0,
            before: quiet_before(fault, all, load),
            quiet: Times::new()?,
        })
    }

    fn send(&mut self, sent: &Sent, reply: Reply<'_>) {
        if self.before.contains(sent.started) {
            self.quiet.record(sent.settled.since(sent.started));
        }
        let shared = self.others(sent).any(|other| other.cuts(sent.intended, sent.intended));
        self.silence.send(sent, reply, shared);
        if !self.during.contains(sent.started) {
            return;
        }
        if self.others(sent).any(|other| other.cuts(sent.started, sent.settled)) {
            self.in_cuts += 1;
            return;
        }
        let service = sent.settled.since(sent.started);
        let added = self.others(sent).map(|other| other.adds(sent.started)).sum();
        if added == 0 {
            self.alone.record(service);
        } else {
            self.joined.record(service);
            self.others_added = Some(self.others_added.map_or(Nanos(added), |least| least.min(Nanos(added))));
        }
    }

    fn others(&self, sent: &Sent) -> impl Iterator<Item = &Other> {
        let producer = sent.message.producer;
        self.others.iter().filter(move |other| other.on.hold(producer))
    }

    /// Compares with the quiet time just before it, or, where that had too few sends, with the load before the first fault.
    fn slower(&self, first: &Times, by: Nanos) -> Seen {
        let before = if self.quiet.count() >= ENOUGH { &self.quiet } else { first };
        let (during, also) = match self.alone.count() {
            0 => (&self.joined, self.others_added),
            _ => (&self.alone, None),
        };
        if before.count() == 0 || during.count() == 0 {
            let what = match (before.count(), self.in_cuts) {
                (0, _) => "no sends before it, so service times cannot be compared",
                (_, 0) => "no sends while it lasted, so service times cannot be compared",
                (_, _) => "a cut was in force whenever something was sent, so its delay cannot be shown",
            };
            return Seen { seen: false, what: what.into() };
        }
        let more = by.plus(also.unwrap_or_default());
        let set = also.map_or_else(String::new, |others| format!(", {others} of it by others"));
        let (was, is) = (before.quantile(0.5), during.quantile(0.5));
        Seen {
            seen: is.0 as f64 >= was.0 as f64 + SHARE * more.0 as f64,
            what: format!("median service time {was} before, {is} while it lasted; {more} more were set{set}"),
        }
    }
}

impl Other {
    fn cuts(&self, from: Nanos, to: Nanos) -> bool {
        self.does == Does::Cut && self.span.from <= to && from < self.span.to
    }

    fn adds(&self, at: Nanos) -> u64 {
        match self.does {
            Does::Slow(by) if self.span.contains(at) => by.0,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::{Measures, sample};
    use super::*;
    use crate::history::ConnectionEvent;

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
    fn dropped_packets_are_believed_where_they_were_counted() {
        for (dropped, believed) in [(None, false), (Some(0), false), (Some(7), true)] {
            let mut rows = sample::failover();
            rows.faults[0].dropped = dropped;
            assert_eq!(seen(Effect::PacketsDropped, rows).seen, believed, "{dropped:?}");
        }
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
    fn a_delay_shows_when_the_median_rises_by_most_of_it() {
        let by = Nanos::from_millis(200);
        assert!(seen(Effect::Slower { by }, slowed(200)).seen);
        assert!(seen(Effect::Slower { by }, slowed(165)).seen);
        let missed = seen(Effect::Slower { by }, slowed(150));
        assert!(!missed.seen && missed.what.contains("200 ms more were set"), "{}", missed.what);
    }

    #[test]
    fn a_delay_is_compared_with_the_quiet_time_just_before_it_and_not_with_a_slow_start() {
        let by = Nanos::from_millis(200);
        let mut rows = slowed(200);
        for send in rows.sends.iter_mut().filter(|send| send.started < Nanos::from_secs(105)) {
            send.settled = send.settled.plus(Nanos::from_millis(900));
        }
        let (plan, row) = sample::fault("first-1", Effect::Nothing, None, 104_000, 105_000);
        rows.facts.faults.push(plan);
        rows.faults.push(row);
        rows.facts.faults.sort_by_key(|fault| fault.at);
        rows.facts.faults[1].effect = Effect::Slower { by };
        let measures = Measures::of(&rows).unwrap();
        assert!(measures.faults[1].seen.seen, "{}", measures.faults[1].seen.what);
        // While another fault is in force nothing is quiet.
        rows.facts.faults[0].until = Nanos::from_millis(110_500);
        rows.faults.iter_mut().filter(|row| row.name == "first-1").for_each(|row| {
            row.heal_requested = Some(Nanos::from_millis(110_500));
            row.healed = Some(Nanos::from_millis(110_501));
        });
        let measures = Measures::of(&rows).unwrap();
        assert!(!measures.faults[1].seen.seen, "{}", measures.faults[1].seen.what);
    }

    #[test]
    fn a_delay_cannot_show_without_sends_before_it() {
        let mut rows = slowed(200);
        rows.facts.phases[1].from = Nanos::from_secs(110);
        let seen = seen(Effect::Slower { by: Nanos::from_millis(200) }, rows);
        assert!(!seen.seen && seen.what.contains("no sends before it"), "{}", seen.what);
    }
}
