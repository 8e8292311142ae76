//! When clients can be back after a fault: what the declared backoff allows, over all choices of jitter.

use super::validated::System;
use super::waits::{self, AttemptEnd, Interval, longest_wait, wait};
use crate::fault::{Outage, PlannedFault};
use crate::model::{ClientPolicy, Role};
use reports::facts::Envelope;
use reports::units::Nanos;
use std::time::Duration;

/// The earliest and the latest return, counted from the heal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// No choice of waits is faster.
    pub earliest: Duration,
    /// No choice of waits is slower.
    pub latest: Duration,
    /// How coarsely the client's attempts are dated: a measured return may lie later by this.
    pub resolution: Duration,
}

/// How long a node may take, after it was started again, until it answers: nobody knows it beforehand.
const STARTS_WITHIN: u64 = 30_000_000_000;

/// The return of all clients of a system, each role by its own envelope and the policy's request timeout; `None` where the
/// fault cuts no connections of clients.
pub fn of_system(fault: &PlannedFault, system: &System, client: &ClientPolicy) -> Option<Return> {
    let back = |role| of(fault, &system.envelope(client, role), client.request_timeout);
    let (producers, consumers) = (back(Role::Producer)?, back(Role::Consumer)?);
    Some(Return {
        earliest: producers.earliest.min(consumers.earliest),
        latest: producers.latest.max(consumers.latest),
        resolution: producers.resolution.max(consumers.resolution),
    })
}

/// The return that a policy allows after a fault; `None` where the fault cuts no connections of clients.
///
/// * Refused: connections are lost at the injection, attempts are refused at once.
/// * Reset: connections are lost at the injection or that much later; an attempt succeeds for a moment and is reset again.
///   With a time longer than nothing a client may stand connected at the heal, or have just been reset.
/// * Spent: connections are lost at any time, and an attempt may fail.
/// * Flapping: connections are lost whenever the link goes down. Who connected while it was up last is back already at the
///   heal; who was refused until it went up last keeps the wait that it had come to.
/// * Silent: nothing passes. A client notices by its request timeout, at the earliest, or when the heal (or the fault) closes
///   the connection, at the latest; attempts stay unanswered until the connect timeout or until they are closed.
/// * Held: as silent, but the heal closes nothing: what waits is answered then.
/// * Restart: as refused, for a time that nobody knows beforehand, because the node takes its own time to start.
/// * Vanished: as silent, but the heal closes nothing. What the client's own host sends again may reach the broker at any time
///   after it, on a connection that stood all the while; and an attempt that was under way may still fail.
///
/// Every first attempt after the heal succeeds.
fn of(fault: &PlannedFault, envelope: &Envelope, request_timeout: Duration) -> Option<Return> {
    let outage = fault.outage()?;
    let lasts = nanos(fault.lasts);
    let lost_at_once = Interval { from: 0, to: 0 };
    Some(match outage {
        Outage::Refused => after_loss(envelope, lost_at_once, lasts, AttemptEnd::AtOnce),
        Outage::Reset { after } if after.is_zero() => after_loss(envelope, lost_at_once, lasts, AttemptEnd::AtOnce),
        Outage::Reset { .. } => {
            // A connection that stood for a moment makes the next wait the first one again.
            let first = wait(envelope, 0);
            bounds(envelope, 0, first.to)
        }
        // Limits are reached at any time, and where connecting alone reaches one, attempts fail.
        Outage::Spent => after_loss(envelope, Interval { from: 0, to: lasts }, lasts, AttemptEnd::AtOnce),
        Outage::Flapping { down, up } => {
            let last = last_down(lasts, nanos(down), nanos(up));
            let since = after_loss(envelope, Interval { from: 0, to: last.to }, last.to, AttemptEnd::AtOnce);
            let up_before_the_heal = Duration::from_nanos(lasts - last.to);
            Return { earliest: Duration::ZERO, latest: since.latest.saturating_sub(up_before_the_heal), ..since }
        }
        Outage::Vanished => {
            let asked = nanos(request_timeout);
            // What was sent just before the heal is given up after it.
            let noticed = Interval { from: asked.min(lasts), to: lasts.saturating_add(asked) };
            let back = after_loss(envelope, noticed, lasts, AttemptEnd::Always(envelope.connect_timeout.0));
            Return { earliest: Duration::ZERO, ..back }
        }
        Outage::Silent { closed_after } => {
            let closed = closed_after.map_or(lasts, |after| nanos(after).min(lasts));
            let noticed = Interval { from: nanos(request_timeout).min(closed), to: closed };
            let unanswered = closed_after.map_or(u64::MAX, nanos);
            after_loss(envelope, noticed, lasts, AttemptEnd::After(envelope.connect_timeout.0.min(unanswered)))
        }
        Outage::Held => {
            let noticed = Interval { from: nanos(request_timeout).min(lasts), to: lasts };
            let silent = after_loss(envelope, noticed, lasts, AttemptEnd::After(envelope.connect_timeout.0));
            // Who has given nothing up, or is asking at the heal, is answered then.
            Return { earliest: Duration::ZERO, ..silent }
        }
        Outage::Restart => bounds(envelope, 0, longest_wait(envelope, lasts.saturating_add(STARTS_WITHIN))),
        // The client's own process is not there, or stands still: its backoff says nothing about its return. Nor does it where
        // connections stay, and which node serves them is up to the nodes.
        Outage::Frozen | Outage::Died | Outage::Alone => return None,
    })
}

/// The last time within an outage in which a link that flaps is down, up to the heal at the latest.
fn last_down(lasts: u64, down: u64, up: u64) -> Interval {
    let turn = down.saturating_add(up).max(1);
    let from = lasts.saturating_sub(1) / turn * turn;
    Interval { from, to: from.saturating_add(down).min(lasts) }
}

/// The return of a client that loses its connection within an interval of the outage.
fn after_loss(envelope: &Envelope, lost: Interval, lasts: u64, failing: AttemptEnd) -> Return {
    let attempt = waits::first_attempt_after(envelope, lost, lasts, failing);
    bounds(envelope, attempt.from, attempt.to)
}

fn bounds(envelope: &Envelope, earliest: u64, latest: u64) -> Return {
    Return {
        earliest: Duration::from_nanos(earliest),
        latest: Duration::from_nanos(latest),
        resolution: envelope.resolution.into(),
    }
}

fn nanos(duration: Duration) -> u64 {
    Nanos::from(duration).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::tests::{fault as built, on};
    use crate::fault::{Select, Target};
    use crate::model::{Direction, Link, OptionValue, Selection};
    use proptest::prelude::*;

    fn fault((kind, given): (&str, &[(&'static str, OptionValue)]), seconds: f64) -> PlannedFault {
        PlannedFault {
            when: None,
            name: "fault".to_owned(),
            at: Duration::from_secs(10),
            lasts: Duration::from_secs_f64(seconds),
            target: on(Direction::Downstream),
            fault: built(kind, given),
            systems: Vec::new(),
            after: None,
        }
    }

    fn exactly(after: Duration) -> Return {
        Return { earliest: after, latest: after, resolution: Duration::ZERO }
    }

    fn envelope(first: f64, factor: f64, max: f64, below: f64, above: f64) -> Envelope {
        Envelope {
            first: Nanos((first * 1e9) as u64),
            factor,
            max: Nanos((max * 1e9) as u64),
            jitter_below: below,
            jitter_above: above,
            resolution: Nanos::ZERO,
            connect_timeout: Nanos::SECOND,
        }
    }

    const DOWN: (&str, &[(&str, OptionValue)]) = ("down", &[]);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn without_jitter_waits_of_one_two_four_reach_two_seconds_past_a_five_second_outage() {
        let back = of(&fault(DOWN, 5.0), &envelope(1.0, 2.0, 16.0, 0.0, 0.0), SECOND);
        assert_eq!(back, Some(exactly(2 * SECOND)));
    }

    #[test]
    fn jitter_widens_the_return_to_both_sides() {
        let back = of(&fault(DOWN, 5.0), &envelope(1.0, 2.0, 16.0, 0.2, 0.2), SECOND).unwrap();
        // 0.8 + 1.6 + 3.2 and 1.2 + 2.4 + 4.8.
        assert_eq!((back.earliest.as_millis(), back.latest.as_millis()), (600, 3400));
    }

    #[test]
    fn unanswered_attempts_cost_the_connect_timeout() {
        let policy = envelope(1.0, 1.0, 1.0, 0.0, 0.0);
        let given: &[(&str, OptionValue)] = &[("after", OptionValue::Duration(SECOND / 2))];
        let kind = ("timeout", given);
        let back = of(&fault(kind, 4.0), &policy, SECOND).unwrap();
        // Lost at 0.5; attempts at 1.5 (closed at 2.0), 3.0 (closed at 3.5), 4.5.
        assert_eq!(back.latest, SECOND / 2);
    }

    #[test]
    fn a_black_hole_that_nobody_noticed_costs_one_wait_after_the_heal() {
        let policy = envelope(2.0, 2.0, 8.0, 0.0, 0.0);
        let given: &[(&str, OptionValue)] = &[("after", OptionValue::Duration(Duration::ZERO))];
        let kind = ("timeout", given);
        let back = of(&fault(kind, 3.0), &policy, Duration::from_secs(60)).unwrap();
        assert_eq!(back, exactly(2 * SECOND));
    }

    fn flap(down: u64, up: u64) -> (&'static str, Vec<(&'static str, OptionValue)>) {
        let times = [("down", down), ("up", up)];
        ("flap", times.map(|(key, seconds)| (key, OptionValue::Duration(Duration::from_secs(seconds)))).into())
    }

    #[test]
    fn a_flap_is_over_for_clients_when_the_link_comes_up_for_the_last_time() {
        let policy = envelope(1.0, 1.0, 1.0, 0.0, 0.0);
        let (kind, given) = flap(1, 4);
        // Down from 5 to 6, up until the heal at 8: an attempt just before 6 is repeated just before 7.
        assert_eq!(of(&fault((kind, &given), 8.0), &policy, SECOND), Some(exactly(Duration::ZERO)));
        // Down from 5 to the heal at 6.
        let back = of(&fault((kind, &given), 6.0), &policy, SECOND).unwrap();
        assert_eq!((back.earliest, back.latest), (Duration::ZERO, SECOND));
    }

    #[test]
    fn the_last_time_down_ends_with_its_length_or_with_the_heal() {
        for (lasts, from, to) in [(8, 5, 6), (6, 5, 6), (5, 0, 1), (11, 10, 11), (1, 0, 1)] {
            assert_eq!(last_down(lasts, 1, 4), Interval { from, to }, "{lasts}");
        }
        assert_eq!(last_down(5, 9, 4), Interval { from: 0, to: 5 });
    }

    #[test]
    fn a_limit_may_be_reached_at_the_heal_by_who_has_come_to_any_wait() {
        let policy = envelope(1.0, 2.0, 4.0, 0.0, 0.0);
        let given: &[(&str, OptionValue)] = &[("bytes", OptionValue::Bytes(1))];
        let back = of(&fault(("limit-data", given), 5.0), &policy, SECOND).unwrap();
        assert_eq!((back.earliest, back.latest), (Duration::ZERO, 4 * SECOND));
    }

    #[test]
    fn slowness_cuts_nothing() {
        let given: &[(&str, OptionValue)] = &[("delay", OptionValue::Duration(SECOND))];
        let kind = ("latency", given);
        assert_eq!(of(&fault(kind, 5.0), &envelope(1.0, 2.0, 16.0, 0.2, 0.2), SECOND), None);
    }

    #[test]
    fn a_cut_between_brokers_leaves_the_clients_connected() {
        let between = PlannedFault {
            target: Target::Link {
                link: Link::Peer,
                direction: Direction::Both,
                clients: Selection::All,
                nodes: Selection::All,
            },
            ..fault(DOWN, 5.0)
        };
        assert_eq!(of(&between, &envelope(1.0, 2.0, 16.0, 0.2, 0.2), SECOND), None);
    }

    fn on_a_node(kind: &str, seconds: f64) -> PlannedFault {
        PlannedFault { target: Target::Node(Select::Any), ..fault((kind, &[]), seconds) }
    }

    #[test]
    fn a_node_that_is_started_again_is_found_by_the_wait_of_the_moment_however_long_it_takes() {
        let policy = envelope(1.0, 2.0, 16.0, 0.2, 0.2);
        let back = of(&on_a_node("kill", 1.0), &policy, SECOND).unwrap();
        // Waits of 0.8 + 1.6 + 3.2 + 6.4 + 12.8 s fit into the 31 s; the next one is the longest there is.
        assert_eq!((back.earliest, back.latest), (Duration::ZERO, Duration::from_millis(19_200)));
        let patient = envelope(20.0, 2.0, 160.0, 0.0, 0.0);
        assert_eq!(of(&on_a_node("restart", 0.0), &patient, SECOND).unwrap().latest, Duration::from_secs(40));
    }

    #[test]
    fn a_node_that_stood_still_answers_who_still_waits_for_it_at_once() {
        let policy = envelope(2.0, 2.0, 8.0, 0.0, 0.0);
        let back = of(&on_a_node("pause", 3.0), &policy, SECOND).unwrap();
        assert_eq!((back.earliest, back.latest), (Duration::ZERO, 2 * SECOND));
    }

    #[test]
    fn a_workers_own_end_says_nothing_about_its_backoff() {
        let crash =
            PlannedFault { target: Target::Worker(vec!["consumer-0".to_owned()]), ..fault(("crash", &[]), 2.0) };
        assert_eq!(of(&crash, &envelope(1.0, 2.0, 16.0, 0.2, 0.2), SECOND), None);
    }

    #[test]
    fn full_jitter_ends_too() {
        let back = of(&fault(DOWN, 600.0), &envelope(0.001, 1.0, 0.001, 1.0, 1.0), SECOND).unwrap();
        assert_eq!(back.earliest, Duration::ZERO);
        assert_eq!(back.latest, Duration::from_millis(2));
    }

    /// One life of a client: its waits are chosen by `shares`, 0 the shortest and 1 the longest, repeated as needed.
    fn simulate(envelope: &Envelope, lost: u64, lasts: u64, failing: AttemptEnd, shares: &[f64]) -> u64 {
        let mut now = lost;
        for index in 0.. {
            let wait = wait(envelope, index);
            let share = shares[index as usize % shares.len()];
            now += wait.from + ((wait.to - wait.from) as f64 * share) as u64;
            if now >= lasts {
                break;
            }
            now = failing.end(now, lasts);
        }
        now - lasts
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_simulated_return_lies_within(
            first in 0.01..2.0_f64, factor in 1.0..3.0_f64, max in 2.0..20.0_f64, below in 0.0..0.9_f64,
            above in 0.0..1.0_f64, lasts in 0.5..30.0_f64, notice in 0.0..1.0_f64, refused in any::<bool>(),
            shares in prop::collection::vec(0.0..=1.0_f64, 1..12),
        ) {
            let envelope = envelope(first, factor, max, below, above);
            let lasts = (lasts * 1e9) as u64;
            let failing = if refused { AttemptEnd::AtOnce } else { AttemptEnd::After(1_000_000_000) };
            let lost = Interval { from: 0, to: lasts / 2 };
            let allowed = after_loss(&envelope, lost, lasts, failing);
            let back = simulate(&envelope, (lost.to as f64 * notice) as u64, lasts, failing, &shares);
            prop_assert!(Duration::from_nanos(back) >= allowed.earliest);
            prop_assert!(Duration::from_nanos(back) <= allowed.latest);
        }

        #[test]
        fn the_bounds_are_reached_and_not_merely_safe(
            first in 0.1..2.0_f64, factor in 1.0..3.0_f64, jitter in 0.05..0.5_f64, lasts in 0.5..5.0_f64,
        ) {
            let envelope = envelope(first, factor, 16.0, jitter, jitter);
            let lasts = (lasts * 1e9) as u64;
            let allowed = after_loss(&envelope, Interval { from: 0, to: 0 }, lasts, AttemptEnd::AtOnce);
            // The latest comes from an attempt just before the heal and then the longest wait; the earliest from the
            // shortest waits, or from an attempt at the heal.
            let mut returns = Vec::new();
            for count in 0..30 {
                for step in 0..=2_000 {
                    for last in [0.0, 1.0] {
                        let mut shares = vec![f64::from(step) / 2_000.0; count];
                        shares.extend([last; 200]);
                        returns.push(simulate(&envelope, 0, lasts, AttemptEnd::AtOnce, &shares));
                    }
                }
            }
            let slack = lasts / 200 + 1_000;
            let near = |wanted: Duration| {
                let wanted = wanted.as_nanos() as u64;
                returns.iter().any(|seen| seen.abs_diff(wanted) <= slack)
            };
            prop_assert!(near(allowed.earliest), "earliest {:?}", allowed.earliest);
            prop_assert!(near(allowed.latest), "latest {:?}", allowed.latest);
        }
    }
}
