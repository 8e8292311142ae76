//! Silence: whether a fault that lets nothing pass shows in the sends that it is done to.
//!
//! A silence that touched nobody is none: a toxic that was set on the wrong link, while answers happened to be late, looks
//! like one. So it must have lasted longer than an answer takes, and nobody may have been answered in it, not even with a
//! refusal.

use super::absence::{Absence, Absences};
use super::seen::Seen;
use super::source::{Completeness, Reply, Sent};
use super::timeline::Span;
use crate::histogram::Times;
use crate::history::{NEVER_SENT, Outcome};
use crate::plural::plural;
use crate::units::{Nanos, ProducerId};
use std::collections::BTreeMap;

/// What was under way may still be acknowledged this long after the injection.
const UNDER_WAY: Nanos = Nanos::SECOND;

/// What was sent, and answered, while nothing should pass.
#[derive(Clone, Debug)]
pub struct Silence {
    span: Span,
    intended: u64,
    /// Of these, while no other cut was in force.
    told_apart: u64,
    acknowledged: u64,
    /// When the first was due that no other cut touched.
    due: Option<Nanos>,
    /// Refusals that were answered in the silence and are not the client's for sure: of each producer how many, and when the
    /// last of these sends was begun.
    refused: BTreeMap<ProducerId, (u64, Nanos)>,
}

impl Silence {
    /// Nothing seen yet of a fault that lasted so long.
    pub fn of(during: Span) -> Self {
        // A quarter for short faults: else nothing would be left to look at.
        let grace = UNDER_WAY.min(Nanos(during.length().0 / 4));
        let span = Span { from: during.from.plus(grace), to: during.to };
        Self { span, intended: 0, told_apart: 0, acknowledged: 0, due: None, refused: BTreeMap::new() }
    }

    /// A send of a producer that the fault is done to. `shared`: another cut was in force when it was due.
    pub fn send(&mut self, sent: &Sent, reply: Reply<'_>, shared: bool) {
        if self.span.contains(sent.intended) {
            self.intended += 1;
            if !shared {
                self.told_apart += 1;
                self.due = Some(self.due.map_or(sent.intended, |first| first.min(sent.intended)));
            }
        }
        if !self.span.contains(sent.settled) {
            return;
        }
        let own = reply.error.is_some_and(|reason| reason.starts_with(NEVER_SENT));
        match sent.outcome {
            Outcome::Ok => self.acknowledged += 1,
            Outcome::Failed if !own => {
                let (count, last) = self.refused.entry(sent.message.producer).or_default();
                (*count, *last) = (*count + 1, sent.started.max(*last));
            }
            Outcome::Failed | Outcome::Indeterminate => {}
        }
    }

    /// Something was due in it that no other cut touched.
    pub const fn is_told_apart(&self) -> bool {
        self.told_apart > 0
    }

    /// Whether it shows. `answers`: how long acknowledgements took before the first fault.
    pub fn seen(&self, answers: &Times, absences: &Absences, connections: Completeness) -> Seen {
        let (intended, length) = (self.intended, self.span.length());
        let (refused, usual) = (self.refused_on_open_paths(absences, connections), answers.quantile(0.99));
        let waited = self.due.map_or(Nanos::ZERO, |due| self.span.to.since(due));
        let (seen, what) = match (intended, self.acknowledged, self.told_apart) {
            (0, _, _) => (false, "nothing was to be sent while it lasted, so silence says nothing".into()),
            (_, 0, 0) => {
                (false, "another cut was in force whenever a send was due, so its silence cannot be told apart".into())
            }
            (_, 0, _) if refused > 0 => (
                false,
                format!(
                    "sends refused while nothing should pass, to producers that were not known to be away: {refused}"
                ),
            ),
            (_, 0, _) if answers.count() == 0 => {
                (false, "no send was acknowledged before it, so nobody knows how long a silence says anything".into())
            }
            (_, 0, _) if waited < usual => (
                false,
                format!("no send had waited for longer than {waited}, and an answer took up to {usual} before it"),
            ),
            (_, 0, _) => (true, format!("no send acknowledged for {length}, {intended} intended")),
            (_, some, _) => (false, format!("{} acknowledged while nothing should pass", plural(some, "send"))),
        };
        Seen { seen, what }
    }

    /// Refusals of producers of which nobody recorded that a connection was away between the last such send and the end of
    /// the silence: for all that is known, the broker has given those. Where rows are missing, who was away may have come back.
    fn refused_on_open_paths(&self, absences: &Absences, connections: Completeness) -> u64 {
        let recorded = |away: &&Absence| connections == Completeness::Whole || away.back.is_some();
        let open = |producer: ProducerId, from| {
            let each = absences.get(&format!("producer-{}", producer.0));
            each.is_none_or(|each: &Vec<Absence>| {
                !each.iter().filter(recorded).any(|away| away.overlaps(from, self.span.to))
            })
        };
        let refused = self.refused.iter().filter(|(producer, (_, last))| open(**producer, *last));
        refused.map(|(_, (count, _))| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Measures, Rows, sample};
    use super::*;
    use crate::facts::Effect;

    fn seen(mut rows: Rows) -> Seen {
        rows.facts.faults[0].effect = Effect::Silence;
        Measures::of(&rows).unwrap().faults[0].seen.clone()
    }

    #[test]
    fn silence_shows_when_nothing_is_acknowledged_though_something_was_due() {
        assert!(seen(sample::failover()).seen);
    }

    #[test]
    fn one_acknowledgement_breaks_the_silence_unless_it_was_under_way() {
        for (millis, silent) in [(110_900, true), (112_000, false), (115_001, true)] {
            let mut rows = sample::failover();
            rows.sends[1210].settled = Nanos::from_millis(millis);
            assert_eq!(seen(rows).seen, silent, "{millis}");
        }
    }

    #[test]
    fn silence_is_none_that_was_shorter_than_an_answer_takes() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| !(110_000..114_990).contains(&(send.intended.0 / 1_000_000)));
        assert!(seen(rows.clone()).seen);
        for send in rows.sends.iter_mut().filter(|send| send.settled < Nanos::from_secs(109)) {
            send.settled = send.settled.plus(Nanos::from_millis(30));
        }
        let seen = seen(rows);
        assert!(!seen.seen && seen.what.contains("an answer took up to"), "{}", seen.what);
    }

    #[test]
    fn a_refusal_breaks_the_silence_if_its_producer_had_its_connections_and_did_not_refuse_it_itself() {
        let refused = |error: &str| {
            let mut rows = sample::failover();
            rows.sends[1210].settled = Nanos::from_millis(112_000);
            (rows.sends[1210].outcome, rows.sends[1210].error) = (Outcome::Failed, Some(error.to_owned()));
            rows
        };
        assert!(seen(refused("OOM")).seen, "its connection was lost");
        let connected = |mut rows: Rows| {
            rows.connections.retain(|row| row.at < Nanos::from_secs(sample::LOAD_S));
            seen(rows)
        };
        let open = connected(refused("OOM"));
        assert!(!open.seen && open.what.contains("sends refused while nothing should pass"), "{}", open.what);
        assert!(connected(refused("never sent: the queue is full")).seen);
        let mut untold = refused("OOM");
        untold.connections.clear();
        assert!(!seen(untold).seen, "nobody recorded that it was cut off");
    }

    #[test]
    fn without_an_answer_before_it_nobody_knows_how_long_a_silence_says_anything() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| send.settled >= Nanos::from_secs(110));
        assert!(seen(rows.clone()).what.contains("4 connections lost"));
        rows.connections.clear();
        let seen = seen(rows);
        assert!(!seen.seen && seen.what.contains("no send was acknowledged before it"), "{}", seen.what);
    }

    #[test]
    fn silence_shows_by_connections_only_when_nothing_was_due() {
        let mut rows = sample::failover();
        rows.sends.retain(|send| !(110_000..115_100).contains(&(send.intended.0 / 1_000_000)));
        assert!(seen(rows.clone()).what.contains("4 connections lost"));
        rows.connections.clear();
        let seen = seen(rows);
        assert!(!seen.seen && seen.what.contains("nothing was to be sent"), "{}", seen.what);
    }
}
