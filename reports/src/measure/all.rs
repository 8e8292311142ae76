//! All measures of one trial.

use super::absence::absences;
use super::accounting::{Account, GroupTimes, LogAccount};
use super::ack;
use super::availability::Gaps;
use super::broker::BrokerAccount;
use super::churn::churn;
use super::dead_letters::DeadLetterAccount;
use super::error::MeasureError;
use super::lag;
use super::network::network;
use super::outcomes::Outcomes;
use super::passes::{Ends, Passes};
use super::pending::{by_consumer, longest_idle_ms};
use super::pool::pool;
use super::reconnect::{Return, Schedule, returns, strangers};
use super::refused::{Refusals, RefusedSends};
use super::resources::resources;
use super::rewriting::rewrites;
use super::seen::Seen;
use super::series::{self, Drawn};
use super::service::{Hidden, Recovered};
use super::signs::Client;
use super::soak::Soak;
use super::source::{History, IncompleteFile, Table};
use super::steady::{HOLD, Steady};
use super::storm::{Storm, most_within_a_second, peak_attempts_per_second, storms};
use super::timeline::{FaultWindow, NamedSpan, Span, Timeline};
use super::warming::warming;
use crate::facts::{Effect, TrialFacts};
use crate::history::{NodeChange, NodeEvent};
use crate::result::{
    AckRecovery, ClientResult, Counts, FaultRecovery, FaultResult, Generator, Known, Latencies, NetworkResult,
    NodeResult, NotShown, PhaseResult, PoolResult, Rates, Recovery, ResourceResult, RetryResult, WarmUp,
};
use crate::series::TrialSeries;
use crate::units::Nanos;

/// What checks, results and charts are made of. Instants are the history's, unless a type of [`crate::result`] or
/// [`crate::series`] says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// When the load and the faults really happened.
    pub timeline: Timeline,
    /// What is missing of the history.
    pub truncations: Vec<IncompleteFile>,
    /// Every message accounted for.
    pub account: Account,
    /// What the broker's log really held.
    pub log: LogAccount,
    /// Sends that did not end well, by reason.
    pub refused: RefusedSends,
    /// What happened to nodes.
    pub nodes: Vec<NodeChange>,
    /// What the broker says itself.
    pub broker: BrokerAccount,
    /// What the dead-letter queue held.
    pub dead_letters: DeadLetterAccount,
    /// Latencies of the load phase.
    pub latency: Latencies,
    /// Rates of the load phase.
    pub rates: Rates,
    /// The same for all windows.
    pub phases: Vec<PhaseResult>,
    /// The generator's lag.
    pub generator: Generator,
    /// Gaps between acknowledged sends.
    pub gaps: Gaps,
    /// In the order of the timeline.
    pub faults: Vec<FaultMeasures>,
    /// The largest number of connection attempts within a second, from the load's start on.
    pub peak_attempts_per_second: u64,
    /// Clients that tried again and again faster than their backoff can explain.
    pub storms: Vec<Storm>,
    /// Rows of `connections`.
    pub connection_rows: usize,
    /// Deliveries and settlements that came out of the order of time.
    pub late_events: u64,
    /// What became of unacknowledged messages.
    pub ack: AckRecovery,
    /// What processes used.
    pub resources: Vec<ResourceResult>,
    /// What passed between clients and broker.
    pub network: Option<NetworkResult>,
    /// Whether the load began with what should have been warm-up.
    pub warm_up: WarmUp,
    /// What crept over the load.
    pub soak: Soak,
    /// How hard the clients' pools of connections were pressed.
    pub pool: Option<PoolResult>,
    /// What became of sends that were tried again.
    pub retries: Option<RetryResult>,
    /// How often the broker began to rewrite its append-only file during the load.
    pub rewrites: u64,
    /// What charts draw.
    pub series: TrialSeries,
}

/// One fault, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultMeasures {
    /// When it really was.
    pub window: FaultWindow,
    /// Whether it shows.
    pub seen: Seen,
    /// When service was steady again.
    pub recovered: Recovered,
    /// Each client's return.
    pub returns: Vec<Return>,
    /// Clients that it is not done to, and that lost a connection while it was in force all the same.
    pub strangers: Vec<String>,
    /// Heal → first acknowledged send.
    pub first_success: Option<Nanos>,
}

impl Measures {
    /// Measures a history. Reads each large table once, and a second time where there are faults or findings.
    ///
    /// # Errors
    /// Where the history cannot be read, or does not say when the load was.
    pub fn of(history: &impl History) -> Result<Self, MeasureError> {
        let facts = history.facts();
        let connections = history.connections()?;
        let timeline = Timeline::of(facts, &history.faults()?)?;
        let windows = timeline.windows();
        let mut ends = Ends {
            refusals: Refusals::new(&timeline.faults, &connections),
            outcomes: Outcomes::new(&timeline, timeline.drawn_until(facts)),
        };
        let inspections = history.inspections()?;
        let broker = BrokerAccount::of(facts, &inspections);
        let (passes, log) = Passes::over(history, &timeline, &windows, &broker, &mut ends)?;
        let (changes, gauges) = (history.group_changes()?, history.gauges()?);
        let pending = by_consumer(&gauges, &changes);
        let groups = GroupTimes::of(&changes, &connections, &facts.files, &timeline.faults);
        let (account, log) = passes.account(history, &groups, &broker, log, &mut ends.outcomes)?;
        let recovered = passes.recovered(history, &timeline)?;
        let phases = phases(&passes, &windows, &timeline)?;
        let load = passes.latency.of_window(&passes.segments, timeline.load)?;
        let end = facts.end.as_ref().map_or(passes.last, |end| end.at);
        let envelope_of = |name: &str| facts.clients.iter().find(|client| client.name == name);
        let absences =
            absences(&connections, &timeline.process_ends(), |name| envelope_of(name).map(|client| client.envelope));
        let shown = (&absences, history.completeness(Table::Connections));
        let seen = passes.effects.finish(&timeline, shown, &passes.idles, &passes.consumers);
        let seen = passes.poisoned.shown(seen);
        let whole = account.counts.offered >= facts.workload.offered;
        let schedule = if whole { Schedule::Whole } else { Schedule::Gaps };
        let returns = returns(facts, schedule, &timeline, &passes.signs, &absences, end);
        let faults = timeline.faults.iter().zip(&recovered).zip(seen).zip(returns).enumerate();
        let faults = faults.map(|(index, (((window, recovered), seen), returns))| FaultMeasures {
            first_success: first_send(&returns),
            strangers: strangers(&timeline, index, &absences),
            window: window.clone(),
            seen,
            recovered: recovered.clone(),
            returns,
        });
        let acknowledged = passes.volumes.of_window(&passes.segments, timeline.load).acknowledged;
        let (latency, rates) = (phases[0].latency_ns, phases[0].rates);
        let ((seconds, blocks), readings) = (passes.seconds.finish(), history.resources()?);
        let soak = Soak::of(&readings, &seconds, &timeline);
        let idle = facts.idle.map(|idle| Span { from: idle.from, to: idle.to });
        let generator = match facts.workload.closed_loop {
            true => lag::unscheduled(facts.limits.generator_lag),
            false => passes.lag.finish(&timeline, &recovered, facts.limits.generator_lag),
        };
        let generator = lag::less_what_the_system_held_up(generator, history, (&timeline, &recovered), &readings)?;
        Ok(Self {
            faults: faults.collect(),
            dead_letters: passes.poisoned.account(facts, &history.dead_letters()?),
            broker,
            refused: ends.refusals.finish(),
            nodes: history.nodes()?.into_owned(),
            generator,
            gaps: passes.gaps,
            peak_attempts_per_second: peak_attempts_per_second(&connections, timeline.load.from),
            storms: storms(&facts.clients, &connections),
            connection_rows: connections.len(),
            late_events: passes.late,
            resources: resources(&readings, (timeline.load, idle), acknowledged.messages, &soak),
            network: network(
                facts.end.as_ref(),
                &account.counts,
                &facts.workload,
                (acknowledged, timeline.load.length().as_secs_f64()),
            ),
            warm_up: warming(&seconds, &timeline, &facts.workload),
            soak,
            pool: pool(&gauges),
            retries: passes.retries.found(),
            rewrites: rewrites(&gauges, timeline.load),
            series: series::draw(Drawn {
                facts,
                timeline: &timeline,
                blocks,
                seconds,
                outcomes: ends.outcomes.finish(),
                percentiles: load.percentiles(),
                connections: &connections,
                gauges: &gauges,
                inspections: &inspections,
                ack: ack::series(&account.handover, &pending, timeline.load.from),
            }),
            ack: ack::recovery(
                &account.handover,
                &pending,
                longest_idle_ms(&gauges),
                churn(&changes, timeline.load),
                &timeline,
            ),
            truncations: history.truncations(),
            account,
            log,
            latency,
            rates,
            phases,
            timeline,
        })
    }

    /// What happened to nodes, as the result shows it.
    pub fn node_results(&self) -> Vec<NodeResult> {
        let each = self.nodes.iter().map(|change| NodeResult {
            node: change.node.clone(),
            event: match change.event {
                NodeEvent::Started => "started",
                NodeEvent::Ready => "ready",
                NodeEvent::Ended => "ended",
                NodeEvent::Restarted => "restarted",
                NodeEvent::Elected => "elected",
            }
            .to_owned(),
            at_s: (change.at.0 as f64 - self.timeline.load.from.0 as f64) / 1e9,
            exit: change.exit,
            asked_for: change.asked_for,
            words: change.words.clone(),
        });
        each.collect()
    }

    /// Counts, with what the broker still held.
    pub fn counts(&self) -> Counts {
        Counts { pending_at_end: self.broker.held(), ..self.account.counts }
    }

    /// The faults, as the result shows them.
    pub fn fault_results(&self, facts: &TrialFacts) -> Vec<FaultResult> {
        let since = |at: Option<Nanos>| at.map(|at| self.timeline.since_load(at));
        let each = self.faults.iter().map(|fault| {
            let (plan, row) = (&fault.window.plan, fault.window.row.as_ref());
            FaultResult {
                name: plan.name.clone(),
                kind: plan.kind.clone(),
                target: row.map_or_else(|| plan.target.clone(), |row| row.target.clone()),
                detail: plan.detail.clone(),
                injected_ns: since(row.and_then(|row| row.injected)),
                healed_ns: since(row.and_then(|row| row.healed)),
                confirmed: fault.window.confirmed(),
                evidence: row.map_or_else(|| unasked(&plan.name, facts), |row| row.evidence.clone()),
                effect_seen: fault.seen.seen,
                effect_demanded: plan.effect != Effect::Nothing,
                effect: fault.seen.what.clone(),
            }
        });
        each.collect()
    }

    /// The clients with their returns, as the result shows them.
    pub fn client_results(&self) -> Vec<ClientResult> {
        let first = self.faults.first().map_or(&[][..], |fault| &fault.returns);
        let each = first.iter().enumerate().map(|(index, client)| ClientResult {
            client: client.client.clone(),
            reconnects: self.faults.iter().map(|fault| fault.returns[index].reconnect.clone()).collect(),
        });
        each.collect()
    }

    /// Return to service, as the result shows it.
    pub fn recovery(&self, facts: &TrialFacts) -> Recovery {
        Recovery {
            faults: (self.faults.iter()).map(|fault| fault.recovery(&self.timeline, facts.limits.recovered)).collect(),
            longest_gap_ns: self.gaps.longest,
            unavailable_ns: self.gaps.unavailable,
            longest_gap_by_producer_ns: (self.gaps.by_producer.iter())
                .map(|(producer, gap)| (format!("producer-{}", producer.0), *gap))
                .collect(),
            peak_attempts_per_second: self.peak_attempts_per_second,
            delivery_counts: self.account.delivery_counts.clone(),
            redelivered_by_cause: self.account.redelivered_by_cause.clone(),
            unsettled: self.account.unsettled,
            ack: self.ack.clone(),
            drained_ns: self.drained(facts),
        }
    }

    /// End of load → the last delivery or settlement, where nothing was left after it.
    fn drained(&self, facts: &TrialFacts) -> Option<Nanos> {
        let drained = facts.end.as_ref().is_some_and(|end| end.drained && !end.interrupted);
        let last = self.account.last_event.unwrap_or(self.timeline.load.to);
        drained.then(|| last.since(self.timeline.load.to))
    }
}

impl FaultMeasures {
    fn recovery(&self, timeline: &Timeline, limit: Option<Nanos>) -> FaultRecovery {
        let service = self.recovered.service;
        let attempts = self.returns.iter().flat_map(|back| &back.reconnect.attempts);
        FaultRecovery {
            fault: self.window.plan.name.clone(),
            first_success_ns: self.first_success,
            sending_steady_ns: self.since_heal(self.recovered.sending),
            consuming_steady_ns: self.since_heal(self.recovered.consuming),
            steady_ns: self.since_heal(service),
            peak_attempts_per_second: most_within_a_second(attempts.map(|attempt| attempt.at_ns)),
            not_shown: self.not_shown(timeline, limit),
        }
    }

    fn since_heal(&self, steady: Steady) -> Option<Nanos> {
        match steady {
            Steady::From(at) => Some(at.since(self.window.healed)),
            Steady::NotShown { .. } | Steady::NoReference => None,
        }
    }

    /// Why service was not shown to be steady: `None` where it was. Bad for longer than the limit is known to be bad.
    pub fn not_shown(&self, timeline: &Timeline, limit: Option<Nanos>) -> Option<NotShown> {
        let (known, why) = match self.recovered.service {
            Steady::From(_) => return None,
            Steady::NoReference => {
                let why = "nothing was carried before the first fault, so there is nothing to compare with";
                (Known::Unknown, why.to_owned())
            }
            Steady::NotShown { earliest, until } => {
                let bad_for = earliest.since(self.window.healed);
                let known = if bad_for > limit.unwrap_or(HOLD) { Known::Bad } else { Known::Unknown };
                (known, self.ending(until, timeline))
            }
        };
        Some(NotShown { known, why })
    }

    /// What ended judging.
    fn ending(&self, until: Nanos, timeline: &Timeline) -> String {
        let instant = |at: Nanos| format!("+{}", timeline.since_load(at));
        match &self.recovered.hidden_by {
            Some(Hidden::InForce(name)) => format!("another fault, {name}, was still in force"),
            Some(Hidden::Began(name, at)) => format!("the next fault, {name}, began at {}", instant(*at)),
            None => format!("the load ended at {}", instant(until)),
        }
    }
}

fn first_send(returns: &[Return]) -> Option<Nanos> {
    let producers = returns.iter().filter(|client| matches!(Client::named(&client.client), Some(Client::Producer(_))));
    producers.filter_map(|client| client.reconnect.first_success_ns).min()
}

fn phases(passes: &Passes, windows: &[NamedSpan], timeline: &Timeline) -> Result<Vec<PhaseResult>, MeasureError> {
    let each = windows.iter().map(|window| {
        let volume = passes.volumes.of_window(&passes.segments, window.span);
        Ok(PhaseResult {
            name: window.name.clone(),
            from_ns: timeline.since_load(window.span.from),
            to_ns: timeline.since_load(window.span.to),
            latency_ns: passes.latency.of_window(&passes.segments, window.span)?.figures(),
            rates: volume.rates(window.span),
        })
    });
    each.collect()
}
/// What is known of a fault that has no row.
fn unasked(fault: &str, facts: &TrialFacts) -> String {
    let why = facts.end.as_ref().and_then(|end| end.untriggered.get(fault));
    why.map_or_else(|| "no row in the history's faults".into(), |why| format!("not injected: {why}"))
}
