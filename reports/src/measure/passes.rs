//! The passes over the large tables: each row is read once for all measures that need it, and again only where a first
//! reading raises a question.

use super::accounting::{Account, Audit, GroupTimes, Handovers, Inquiry, Ledger, LogAccount, LogLedger};
use super::availability::{Availability, Gaps};
use super::broker::BrokerAccount;
use super::consumers::ConsumersShown;
use super::dead_letters::Poisoned;
use super::effect::Effects;
use super::error::MeasureError;
use super::idle::Idles;
use super::lag::Lag;
use super::latency::Latency;
use super::outcomes::Outcomes;
use super::rates::Volumes;
use super::refused::Refusals;
use super::retries::Retries;
use super::seconds::Seconds;
use super::service::{Recovered, Reference, Service};
use super::signs::Signs;
use super::source::{ConsumerEvent, History, Sent, Table};
use super::timeline::{NamedSpan, Segments, Timeline};
use crate::facts::{SizeRule, TrialFacts};
use crate::history::{Delivery, Outcome};
use crate::units::Nanos;

/// Everything that one reading of sends, deliveries and settlements fills.
pub(super) struct Passes {
    pub(super) segments: Segments,
    pub(super) ledger: Ledger,
    pub(super) latency: Latency,
    pub(super) volumes: Volumes,
    pub(super) seconds: Seconds,
    pub(super) gaps: Gaps,
    pub(super) lag: Lag,
    pub(super) effects: Effects,
    pub(super) idles: Idles,
    pub(super) consumers: ConsumersShown,
    pub(super) signs: Signs,
    pub(super) poisoned: Poisoned,
    pub(super) retries: Retries,
    pub(super) reference: Reference,
    sizes: SizeRule,
    has_faults: bool,
    /// Events that came out of order.
    pub(super) late: u64,
    /// The last instant of any row.
    pub(super) last: Nanos,
}

/// How sends ended that did not end well.
pub(super) struct Ends<'a> {
    pub(super) refusals: Refusals<'a>,
    pub(super) outcomes: Outcomes,
}

impl Passes {
    pub(super) fn over(
        history: &impl History,
        timeline: &Timeline,
        windows: &[NamedSpan],
        broker: &BrokerAccount,
        ends: &mut Ends<'_>,
    ) -> Result<(Self, Audit), MeasureError> {
        let mut log = audit(history, broker)?;
        let mut passes = Self::new(history.facts(), timeline, windows)?;
        // A long load has many slots: they go before the next pass.
        let mut availability = Availability::new(timeline.load, history.facts().workload.producers);
        history.each_send(|sent, reply| {
            passes.send(sent);
            availability.send(sent);
            passes.effects.send(sent, reply);
            passes.poisoned.send(sent, reply);
            passes.retries.send(sent, reply);
            log.send(sent, reply);
            ends.refusals.send(sent, reply);
            ends.outcomes.send(sent);
        })?;
        passes.gaps = availability.gaps();
        drop(availability);
        passes.seconds.end_of_sends();
        passes.lag.end_of_sends();
        passes.late = history.each_event(|event| passes.event(event))?;
        log.against(&passes.ledger);
        Ok((passes, log))
    }

    fn new(facts: &TrialFacts, timeline: &Timeline, windows: &[NamedSpan]) -> Result<Self, MeasureError> {
        let segments = Segments::of(windows);
        Ok(Self {
            ledger: Ledger::new(facts),
            latency: Latency::new(&segments)?,
            volumes: Volumes::new(&segments),
            seconds: Seconds::new(timeline, timeline.drawn_until(facts)),
            gaps: Gaps::default(),
            lag: Lag::new(timeline)?,
            effects: Effects::new(timeline)?,
            idles: Idles::new(timeline),
            consumers: ConsumersShown::new(timeline),
            signs: Signs::new(timeline),
            poisoned: Poisoned::new(facts, timeline),
            retries: Retries::default(),
            reference: Reference::new(timeline, facts.has_consumers())?,
            segments,
            sizes: SizeRule::of(&facts.workload),
            has_faults: !timeline.faults.is_empty(),
            late: 0,
            last: timeline.load.to,
        })
    }

    fn send(&mut self, sent: &Sent) {
        self.ledger.send(sent);
        let bytes = self.sizes.bytes(sent.message);
        if let Some(segment) = self.segments.holding(sent.intended) {
            self.latency.send(segment, sent);
            self.volumes.segments[segment].offered.add(bytes);
        }
        if let Some(segment) = self.segments.holding(sent.started) {
            self.volumes.segments[segment].sent.add(bytes);
        }
        if let Some(segment) = self.segments.holding(sent.settled).filter(|_| sent.outcome == Outcome::Ok) {
            self.volumes.segments[segment].acknowledged.add(bytes);
        }
        self.seconds.send(sent);
        self.lag.send(sent);
        self.idles.send(sent);
        self.signs.send(sent);
        if self.has_faults {
            self.reference.send(sent);
        }
        self.last = self.last.max(sent.settled);
    }

    fn event(&mut self, event: ConsumerEvent<'_>) {
        self.last = self.last.max(event.at());
        self.idles.event(event);
        self.consumers.event(event);
        self.poisoned.event(event);
        match event {
            ConsumerEvent::Delivery(delivery) => {
                if self.ledger.delivery(delivery) {
                    self.first_delivery(delivery);
                }
                self.signs.delivery(delivery);
            }
            ConsumerEvent::Settlement(settlement) => {
                self.ledger.settlement(settlement);
                self.signs.settlement(settlement);
            }
        }
    }

    fn first_delivery(&mut self, delivery: &Delivery) {
        if let Some(segment) = self.segments.holding(delivery.intended) {
            self.latency.first_delivery(segment, delivery);
        }
        if let Some(segment) = self.segments.holding(delivery.received) {
            self.volumes.segments[segment].consumed.add(self.sizes.bytes(delivery.message));
        }
        self.seconds.first_delivery(delivery);
        if self.has_faults {
            self.reference.first_delivery(delivery);
        }
    }

    /// The account, with a second reading of the deliveries where bits do not answer everything, and one of the sends
    /// where something was lost, or is missing from the log: to say when it was sent, and whether it can still come.
    pub(super) fn account(
        &self,
        history: &impl History,
        groups: &GroupTimes,
        broker: &BrokerAccount,
        mut log: Audit,
        outcomes: &mut Outcomes,
    ) -> Result<(Account, LogAccount), MeasureError> {
        let mut inquiry = None;
        let mut handovers = Handovers::wanted(&self.ledger, groups, broker);
        if self.ledger.needs_inquiry() {
            inquiry = Some(Inquiry::new(&self.ledger, groups, history.completeness(Table::Settlements)));
        }
        if inquiry.is_some() || handovers.is_some() {
            history.each_event(|event| {
                if let Some(inquiry) = &mut inquiry {
                    inquiry.event(event);
                }
                if let Some(handovers) = &mut handovers {
                    handovers.event(event);
                }
            })?;
        }
        let mut account = self.ledger.close(inquiry, handovers);
        let consumed = history.facts().has_consumers();
        if (consumed && account.counts.lost > 0) || log.wants_sends() {
            history.each_send(|sent, reply| {
                let missing = log.resend(&self.ledger, sent, reply);
                let lost = match consumed {
                    true => account.resend(&self.ledger, broker, &log, (sent, reply)),
                    false => missing,
                };
                if lost {
                    outcomes.lost(sent);
                }
            })?;
        }
        let log = log.finish();
        if !consumed {
            account.take_from_log(&log);
        }
        Ok((account, log))
    }

    /// When service was steady after each fault: a second reading of the sends, now that it is known what is slow.
    pub(super) fn recovered(
        &self,
        history: &impl History,
        timeline: &Timeline,
    ) -> Result<Vec<Recovered>, MeasureError> {
        if timeline.faults.is_empty() {
            return Ok(Vec::new());
        }
        let mut service = Service::after(&self.reference);
        history.each_send(|sent, _| service.send(sent))?;
        Ok(service.recovered(timeline))
    }
}

/// What was read of the broker's log.
fn audit(history: &impl History, broker: &BrokerAccount) -> Result<Audit, MeasureError> {
    let mut read = LogLedger::new(broker);
    history.each_logged(|row| read.entry(row))?;
    let cut = history.truncations().into_iter().find(|cut| cut.table.is_none_or(|table| table == Table::Log));
    Ok(Audit::of(read, history.facts(), broker, cut.map(|cut| cut.what)))
}
