//! Generator lag: how late sends were started, while nothing but the generator can have made them late.
//!
//! During an outage the sends under way fill the window of what a producer may have in flight, and later ones start
//! late. That is the system's doing, so lag is measured over what was intended before the first fault, and over whole
//! seconds in which service was steady again. Without a fault: over the whole load phase. Where less than a second is left
//! of the load to measure it over, it is unknown, and with it whether the generator was saturated.
//!
//! A system that is slow without a fault fills that window too. So where the lag is above its limit, what counts is the lag less
//! the time without a place ([`Places`]); but only where producers had time to spare (`headroom.rs`), for else their own clients
//! may be what did not make places.

use super::by_second::TimesBySecond;
use super::error::MeasureError;
use super::headroom::producers_had_time;
use super::places::Places;
use super::service::Recovered;
use super::source::{History, Sent};
use super::steady::Steady;
use super::timeline::{Span, Timeline};
use crate::histogram::Times;
use crate::history::Resource;
use crate::result::{Distribution, Generator};
use crate::units::Nanos;
use hdrhistogram::CreationError;

/// Lag before the first fault, and of each second from then on.
#[derive(Clone, Debug)]
pub struct Lag {
    load: Span,
    faults_from: Nanos,
    before: Times,
    seconds: TimesBySecond,
}

impl Lag {
    /// Empty.
    ///
    /// # Errors
    /// See [`Times::new`].
    pub fn new(timeline: &Timeline) -> Result<Self, CreationError> {
        let faults_from = timeline.reference().to;
        Ok(Self { load: timeline.load, faults_from, before: Times::new()?, seconds: TimesBySecond::default() })
    }

    /// A send.
    pub fn send(&mut self, sent: &Sent) {
        self.record(sent.intended, sent.started.since(sent.intended));
    }

    /// No more sends will come.
    pub fn end_of_sends(&mut self) {
        self.seconds.rest();
    }

    /// A send that was due then, and started so late.
    fn record(&mut self, intended: Nanos, lag: Nanos) {
        if !self.load.contains(intended) {
            return;
        }
        if intended < self.faults_from {
            self.before.record(lag);
            return;
        }
        let second = (intended.since(self.faults_from).0 / Nanos::SECOND.0) as usize;
        self.seconds.record(second, lag);
    }

    /// The lag that counts, with what came of each fault of the timeline.
    pub fn finish(self, timeline: &Timeline, recovered: &[Recovered], limit: Nanos) -> Generator {
        let disturbed: Vec<_> = timeline
            .faults
            .iter()
            .zip(recovered)
            .map(|(fault, recovered)| {
                let to = match recovered.sending {
                    Steady::From(at) | Steady::NotShown { until: at, .. } => at,
                    Steady::NoReference => Nanos(u64::MAX),
                };
                Span { from: fault.began, to: to.max(fault.healed) }
            })
            .collect();
        let mut lag = self.before;
        let mut measured = self.faults_from.since(self.load.from);
        for (second, packed) in self.seconds.into_seconds().enumerate() {
            let from = self.faults_from.plus(Nanos::from_secs(second as u64));
            let to = from.plus(Nanos::SECOND);
            let free = disturbed.iter().all(|span| to <= span.from || span.to <= from);
            if free && !packed.is_empty() {
                lag.merge_coarse(&packed.unpack());
                measured = measured.plus(Nanos::SECOND);
            }
        }
        // A fault that begins with the load leaves an instant before it, which shows nothing.
        let enough = timeline.faults.is_empty() || measured >= Nanos::SECOND;
        let lag_ns = if enough { lag.distribution() } else { Distribution::default() };
        let saturated = (lag_ns.count > 0).then_some(lag_ns.p99 > limit.0);
        Generator { lag_ns, limit_ns: limit, saturated, own_lag_ns: None }
    }
}

/// A generator that is saturated by its lag, judged again by its own, with a second reading of the sends; as it is where nobody knows
/// whether producers had the time to take what the system answered.
pub fn less_what_the_system_held_up(
    generator: Generator,
    history: &impl History,
    (timeline, recovered): (&Timeline, &[Recovered]),
    readings: &[Resource],
) -> Result<Generator, MeasureError> {
    let places = history.facts().workload.in_flight.and_then(|places| usize::try_from(places).ok());
    let (Some(places), Some(true)) = (places, generator.saturated) else { return Ok(generator) };
    if !producers_had_time(history, readings, timeline.load) {
        return Ok(generator);
    }
    let (mut lag, mut places) = (Lag::new(timeline)?, Places::new(places));
    history.each_send(|sent, _| places.send(sent, |start| lag.record(start.intended, start.own_lag)))?;
    places.finish(|start| lag.record(start.intended, start.own_lag));
    let own = lag.finish(timeline, recovered, generator.limit_ns);
    Ok(Generator { own_lag_ns: Some(own.lag_ns), saturated: own.saturated, ..generator })
}

/// Of a closed loop: nothing was due at any time, so nothing was late.
pub fn unscheduled(limit: Nanos) -> Generator {
    Generator { lag_ns: Distribution::default(), limit_ns: limit, saturated: Some(false), own_lag_ns: None }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Rows;
    use super::super::{Measures, sample};
    use crate::facts::CoresFacts;
    use crate::history::Send;
    use crate::result::Generator;
    use crate::units::Nanos;

    /// The lag of a history whose sends intended between these instants (in ms) start 20 ms late.
    fn late_between(mut rows: Rows, from: u64, to: u64) -> Generator {
        for send in &mut rows.sends {
            if (from..to).contains(&(send.intended.0 / 1_000_000)) {
                send.started = send.intended.plus(Nanos::from_millis(20));
            }
        }
        Measures::of(&rows).unwrap().generator
    }

    #[test]
    fn without_a_schedule_nothing_is_late() {
        let mut rows = sample::healthy();
        rows.facts.workload.closed_loop = true;
        let generator = late_between(rows, 0, 1_000_000);
        assert_eq!((generator.saturated, generator.lag_ns.count), (Some(false), 0));
    }

    #[test]
    fn a_generator_on_time_is_not_saturated() {
        let generator = late_between(sample::healthy(), 0, 0);
        assert_eq!(generator.saturated, Some(false));
        assert_eq!(generator.lag_ns.count, 3000);
        assert!((49_000..51_000).contains(&generator.lag_ns.p99));
    }

    #[test]
    fn a_generator_that_is_late_without_a_fault_is_saturated() {
        assert_eq!(late_between(sample::healthy(), 110_000, 112_000).saturated, Some(true));
        assert_eq!(late_between(sample::failover(), 101_000, 105_000).saturated, Some(true));
    }

    #[test]
    fn sends_that_wait_behind_an_outage_are_not_the_generators_lag() {
        let generator = late_between(sample::failover(), 110_000, 117_100);
        assert_eq!(generator.saturated, Some(false));
        assert!((2100..2300).contains(&generator.lag_ns.count), "{generator:?}");
    }

    /// Sends that start 20 ms late from 110 to 112 s, because answers of a producer that may have so many under way come late.
    fn held_up(places: Option<u64>, cores: f64) -> Generator {
        let mut rows = sample::healthy();
        rows.facts.workload.in_flight = places;
        let late = |send: &Send| (110_000..112_000).contains(&(send.intended.0 / 1_000_000));
        for send in rows.sends.iter_mut().filter(|send| late(send)) {
            send.started = send.intended.plus(Nanos::from_millis(20));
            send.settled = send.started.plus(Nanos::from_millis(20));
        }
        let used = |at: Nanos, producer: u16| sample::has_used(&format!("producer-{producer}"), at, cores);
        let (from, to) = (rows.facts.phases[1].from, rows.facts.phases[1].to);
        rows.resources = [from, to].into_iter().flat_map(|at| [used(at, 0), used(at, 1)]).collect();
        let (busy, stolen, own) = (to.since(from), Nanos::ZERO, Nanos::ZERO);
        rows.facts.end.as_mut().unwrap().cores = Some(CoresFacts { from, to, cores: 2, busy, stolen, own });
        Measures::of(&rows).unwrap().generator
    }

    #[test]
    fn what_waited_for_answers_is_not_the_generators_lag_unless_a_producer_had_no_time_to_take_them() {
        // Each producer sends one each 20 ms: with one place, the next waits for the answer.
        let known = held_up(Some(1), 0.5);
        assert_eq!(known.saturated, Some(false), "{known:?}");
        assert!(known.own_lag_ns.is_some_and(|own| own.count == 3000 && own.p99 < 5_000_000), "{known:?}");
        assert!(known.lag_ns.p99 > 19_000_000, "{known:?}");
        for (places, cores) in [(None, 0.5), (Some(1), 0.95)] {
            let open = held_up(places, cores);
            assert_eq!((open.saturated, open.own_lag_ns), (Some(true), None), "{places:?} {cores}");
        }
        // With places to spare all of it is the generator's.
        let own = held_up(Some(1000), 0.5);
        assert_eq!((own.saturated, own.own_lag_ns.map(|own| own.p99)), (Some(true), Some(own.lag_ns.p99)));
    }

    #[test]
    fn a_generator_that_is_late_after_service_is_steady_again_is_saturated() {
        assert_eq!(late_between(sample::failover(), 120_000, 125_000).saturated, Some(true));
    }

    #[test]
    fn being_late_in_the_warm_up_does_not_count() {
        assert_eq!(late_between(sample::healthy(), 98_000, 100_000).saturated, Some(false));
    }

    #[test]
    fn a_fault_over_the_whole_load_leaves_the_lag_unknown() {
        let mut rows = sample::failover();
        let (from, to) = (rows.facts.phases[1].from, rows.facts.phases[1].to);
        (rows.facts.faults[0].at, rows.facts.faults[0].until) = (from, to);
        let fault = &mut rows.faults[0];
        (fault.inject_requested, fault.injected) = (from, Some(from));
        (fault.heal_requested, fault.healed) = (Some(to), Some(to));
        let generator = Measures::of(&rows).unwrap().generator;
        assert_eq!((generator.lag_ns.count, generator.saturated), (0, None));
        // It is injected a moment after it was asked for: what was sent until then is no measurement.
        let began = from.plus(Nanos::from_millis(43));
        (rows.faults[0].inject_requested, rows.faults[0].injected) = (began, Some(began));
        let generator = Measures::of(&rows).unwrap().generator;
        assert_eq!((generator.lag_ns.count, generator.saturated), (0, None));
    }
}
