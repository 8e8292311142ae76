//! Recovery of acknowledgements, as result and charts show it.

use super::accounting::{Crash, Handover};
use super::churn::Churn;
use super::pending::ByConsumer;
use super::timeline::Timeline;
use crate::result::{AckRecovery, ConsumerPending, CrashRecovery, Takeover};
use crate::series::{AckMark, AckSeries, CrashSpan, GaugeSeries};
use crate::units::{ConsumerId, Nanos};

/// As the result shows it.
pub(super) fn recovery(
    handover: &Handover,
    pending: &ByConsumer,
    idle_ms: Option<u64>,
    churn: Churn,
    timeline: &Timeline,
) -> AckRecovery {
    let takeovers = handover.takeovers.iter().map(|((from, by), messages)| Takeover {
        from: from.map(name),
        by: name(*by),
        messages: *messages,
    });
    let most = |points: &[(Nanos, f64)]| points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    let each = pending.iter().map(|(consumer, points)| ConsumerPending {
        consumer: consumer.clone(),
        most: most(points),
        last: points.last().map_or(0.0, |(_, value)| *value),
    });
    AckRecovery {
        takeovers: takeovers.collect(),
        stolen: handover.stolen,
        crashes: handover.crashes.iter().map(|crash| crash_recovery(crash, timeline)).collect(),
        rewinds: handover.rewound.times,
        rewound_messages: handover.rewound.positions,
        largest_rewind: handover.rewound.most,
        partitions_given_up: churn.given_up,
        partitions_moved: churn.moved,
        pending: each.collect(),
        longest_idle_ms: idle_ms,
    }
}

/// As the chart shows it.
pub(super) fn series(handover: &Handover, pending: &ByConsumer, start: Nanos) -> AckSeries {
    let marks = |marks: &[(Nanos, ConsumerId, u64)]| {
        let mark = |(at, consumer, messages): &(Nanos, ConsumerId, u64)| AckMark {
            consumer: name(*consumer),
            at_s: seconds_since(start, *at),
            messages: *messages,
        };
        marks.iter().map(mark).collect()
    };
    let span = |crash: &Crash| CrashSpan {
        consumer: name(crash.consumer),
        at_s: seconds_since(start, crash.at),
        held: crash.held,
        first_s: crash.first.map(|at| seconds_since(start, at)),
        recovered_s: crash.recovered.map(|at| seconds_since(start, at)),
        left: crash.left,
    };
    let lines = pending.iter().map(|(consumer, points)| GaugeSeries {
        metric: "pending".to_owned(),
        subject: consumer.clone(),
        points: points.iter().map(|(at, value)| (seconds_since(start, *at), *value)).collect(),
    });
    AckSeries {
        pending: lines.collect(),
        taken: marks(&handover.taken),
        again: marks(&handover.again),
        crashes: handover.crashes.iter().map(span).collect(),
    }
}

fn crash_recovery(crash: &Crash, timeline: &Timeline) -> CrashRecovery {
    CrashRecovery {
        consumer: name(crash.consumer),
        at_ms: (seconds_since(timeline.load.from, crash.at) * 1e3).round() as i64,
        held: crash.held,
        unseen: crash.unseen,
        first_taken_over_ns: crash.first.map(|at| at.since(crash.at)),
        recovered_ns: crash.recovered.map(|at| at.since(crash.at)),
        left: crash.left,
    }
}

fn name(consumer: ConsumerId) -> String {
    format!("consumer-{}", consumer.0)
}

fn seconds_since(start: Nanos, at: Nanos) -> f64 {
    if at >= start { at.since(start).as_secs_f64() } else { -start.since(at).as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::super::{Measures, Rows, sample};
    use super::*;
    use crate::facts::{FileEnd, FileFacts, WriterEnd};
    use crate::history::{Deliveries, GroupEvent, Writer};
    use crate::units::Position;

    const CRASH_MS: u64 = 110_000;

    /// Consumer 0 is killed ten seconds into the load, with what it received in the second before not settled.
    fn crashed(mut rows: Rows) -> Rows {
        let at = Nanos::from_millis(CRASH_MS);
        let end = Some(FileEnd { how: WriterEnd::Killed { at }, bytes: 0, rows: 0, digest: String::new() });
        rows.facts.files = vec![FileFacts { end, ..Writer::<Deliveries>::facts("consumer-0") }];
        let begin = Nanos::from_millis(CRASH_MS - 1000);
        rows.settlements.retain(|ack| ack.consumer != ConsumerId(0) || ack.requested < begin);
        rows.deliveries.retain(|delivery| delivery.consumer != ConsumerId(0) || delivery.received < at);
        rows
    }

    /// What consumer 0 had in hand when it was killed.
    fn in_hand(rows: &Rows) -> Vec<crate::history::Delivery> {
        let last = rows.settlements.iter().filter(|ack| ack.consumer == ConsumerId(0)).map(|ack| ack.settled).max();
        let held = rows.deliveries.iter().filter(|delivery| delivery.consumer == ConsumerId(0));
        held.filter(|delivery| Some(delivery.received) > last).cloned().collect()
    }

    fn recovered(rows: &Rows) -> AckRecovery {
        Measures::of(rows).unwrap().ack
    }

    #[test]
    fn what_a_killed_consumer_had_is_followed_until_the_last_of_it_is_settled() {
        let mut rows = crashed(sample::healthy());
        let held = in_hand(&rows);
        for (number, delivery) in (0..).zip(&held) {
            rows.settlements.push(sample::claim(delivery, 1, CRASH_MS + 2000));
            let again = sample::again(delivery, 1, CRASH_MS + 2002 + number * 10);
            rows.settlements.push(sample::ack_of(&again));
            rows.deliveries.push(again);
        }
        let ack = recovered(&rows);
        let crash = &ack.crashes[0];
        let count = held.len() as u64;
        assert!(count > 40, "{count}");
        assert_eq!((crash.consumer.as_str(), crash.at_ms, crash.held, crash.left), ("consumer-0", 10_000, count, 0));
        assert_eq!(crash.first_taken_over_ns, Some(Nanos::from_millis(2001)));
        assert_eq!(crash.recovered_ns, Some(Nanos::from_millis(2004 + (count - 1) * 10)));
        assert_eq!((ack.takeovers[0].messages, ack.takeovers[0].from.as_deref()), (count, Some("consumer-0")));
        assert_eq!(ack.stolen, 0, "it was dead");
    }

    #[test]
    fn what_nobody_takes_over_is_left() {
        let mut rows = crashed(sample::healthy());
        let held = in_hand(&rows).len() as u64;
        rows.inspections.iter_mut().for_each(|last| last.pending = held);
        let crash = &recovered(&rows).crashes[0];
        assert_eq!((crash.held, crash.left, crash.first_taken_over_ns, crash.recovered_ns), (held, held, None, None));
    }

    #[test]
    fn what_the_broker_does_not_hold_any_more_was_settled_by_the_killed_one_without_a_record() {
        for rows in [crashed(sample::healthy()), crashed(sample::committed())] {
            let crash = &recovered(&rows).crashes[0];
            assert_eq!((crash.held, crash.unseen, crash.left), (0, in_hand(&rows).len() as u64, 0));
        }
        let mut rows = crashed(sample::healthy());
        rows.inspections.clear();
        let crash = &recovered(&rows).crashes[0];
        assert_eq!((crash.unseen, crash.left), (0, in_hand(&rows).len() as u64), "nobody was asked");
    }

    #[test]
    fn a_killed_process_has_crashed_once_however_many_files_it_had() {
        let mut rows = crashed(sample::healthy());
        let file = rows.facts.files[0].clone();
        rows.facts.files.push(FileFacts { name: "settlements.consumer-0.arrows".into(), ..file });
        assert_eq!(recovered(&rows).crashes.len(), 1);
    }

    #[test]
    fn where_positions_are_committed_the_next_owner_goes_back_and_commits_what_was_in_hand() {
        let mut rows = crashed(sample::committed());
        let held = in_hand(&rows);
        rows.group_changes.push(sample::assigned(1, 0, CRASH_MS + 3000));
        for delivery in &held {
            rows.deliveries.push(sample::again(delivery, 1, CRASH_MS + 3500));
        }
        let last = sample::again(held.last().unwrap(), 1, CRASH_MS + 3600);
        rows.settlements.push(sample::commit_of(&last));
        let ack = recovered(&rows);
        let (crash, count) = (&ack.crashes[0], held.len() as u64);
        assert_eq!((crash.held, crash.left, ack.rewinds), (count, 0, 1));
        assert_eq!(crash.first_taken_over_ns, Some(Nanos::from_millis(3500)));
        assert_eq!(crash.recovered_ns, Some(Nanos::from_millis(3602)));
        let span = held.last().unwrap().position.0 + 1 - held[0].position.0;
        assert_eq!((ack.rewound_messages, ack.largest_rewind), (span, span));
        assert_eq!(rows.group_changes.last().map(|change| change.event), Some(GroupEvent::Assigned));
        assert!(held[0].position > Position(0));
    }
}
