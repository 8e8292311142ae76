//! Who came back when: rows over all clients for the comparison, and one line for each client.

use super::cells::{Cell, Mark, Row, Weight};
use super::label::Shown;
use super::number;
use super::text::{ABSENT, one_line};
use super::winner::{Better, Race};
use crate::result::{FaultRecovery, Known, NotShown, Reconnect, RunResult, TrialResult};
use crate::units::Nanos;

/// The comparison's rows about one fault: the extremes over all clients.
pub(super) fn rows(result: &RunResult, fault: &str) -> Vec<Row> {
    let race = Race::of(result);
    let returned = |label, pick: fn(&Reconnect) -> Option<Nanos>| {
        let latest = |trial: &TrialResult| of(trial, fault).filter_map(pick).max();
        // Who is not back has no time at which all were.
        let all = |trial: &TrialResult| of(trial, fault).all(|one| !one.never_returned && one.cut_short.is_none());
        let counts = |trial: &TrialResult| latest(trial).filter(|_| all(trial)).map(|time| time.0 as f64);
        let texts = result.trials.iter().map(|trial| number::time(latest(trial)));
        Row::marked(label, Weight::Main, texts.zip(race.marks(Better::Lower, counts)))
    };
    let steady = |label, pick: fn(&FaultRecovery) -> Option<Nanos>| {
        let time = |trial: &TrialResult| pick(recovery(trial, fault)?).map(|time| time.0 as f64);
        let marks = race.marks(Better::Lower, time);
        let cells = result.trials.iter().zip(marks).map(|(trial, mark)| steady(trial, fault, pick).marked(mark));
        Row { label, weight: Weight::Main, of_consumers: false, cells: cells.collect() }
    };
    let summed = |label, weight, pick: fn(&Reconnect) -> u64| {
        Row::new(label, weight, result, |trial| Cell::plain(number::count(of(trial, fault).map(pick).sum())))
    };
    use Weight::{Detail, Main};
    vec![
        Row::new("clients cut off", Detail, result, |trial| {
            let all = of(trial, fault).count();
            Cell::plain(if all == 0 { ABSENT.to_owned() } else { format!("{} of {all}", affected(trial, fault)) })
        }),
        Row::new("first error", Main, result, |trial| {
            Cell::plain(number::time(of(trial, fault).filter_map(|reconnect| reconnect.first_error_ns).min()))
        }),
        summed("attempts", Main, |reconnect| reconnect.attempts.len() as u64),
        Row::new("most attempts within 1 s", Main, result, |trial| {
            let recovery = recovery(trial, fault);
            Cell::plain(
                recovery.map_or_else(|| ABSENT.to_owned(), |recovery| number::count(recovery.peak_attempts_per_second)),
            )
        }),
        alarming("outside envelope", result, |trial| {
            of(trial, fault).map(|reconnect| reconnect.outside_envelope).sum()
        }),
        returned("heal → all connected", |reconnect| reconnect.connected_ns),
        Row::new("slowest to connect", Detail, result, |trial| Cell::plain(slowest(trial, fault))),
        returned("heal → all working", |reconnect| reconnect.first_success_ns),
        steady("heal → sending steady", |recovery| recovery.sending_steady_ns),
        steady("heal → consuming steady", |recovery| recovery.consuming_steady_ns).of_consumers(),
        steady("heal → steady", |recovery| recovery.steady_ns),
        alarming("not returned", result, |trial| {
            of(trial, fault).filter(|reconnect| reconnect.never_returned).count() as u64
        }),
        Row::new("cut off again before", Detail, result, |trial| {
            Cell::plain(
                number::count(of(trial, fault).filter(|reconnect| reconnect.cut_short.is_some()).count() as u64),
            )
        }),
    ]
}

fn of<'a>(trial: &'a TrialResult, fault: &'a str) -> impl Iterator<Item = &'a Reconnect> {
    trial.clients.iter().flat_map(|client| &client.reconnects).filter(move |reconnect| reconnect.fault == fault)
}

fn recovery<'a>(trial: &'a TrialResult, fault: &str) -> Option<&'a FaultRecovery> {
    trial.recovery.faults.iter().find(|recovery| recovery.fault == fault)
}

/// The client that was connected last, and over which of its connections where it has several.
fn slowest(trial: &TrialResult, fault: &str) -> String {
    let all = trial.clients.iter().flat_map(|client| client.reconnects.iter().map(move |back| (client, back)));
    let of_fault = all.filter(|(_, back)| back.fault == fault && back.connected_ns.is_some());
    let slowest = of_fault.max_by_key(|(_, back)| back.connected_ns);
    slowest.map_or_else(
        || ABSENT.to_owned(),
        |(client, back)| match several(back) {
            None => one_line(&client.client),
            Some(peer) => format!("{}, {peer}", one_line(&client.client)),
        },
    )
}

/// The connection that was back last, where the client has more than its only one.
pub(super) fn several(reconnect: &Reconnect) -> Option<String> {
    reconnect.slowest_peer.as_deref().filter(|peer| *peer != "main").map(one_line)
}

fn affected(trial: &TrialResult, fault: &str) -> usize {
    of(trial, fault).filter(|reconnect| reconnect.affected).count()
}

fn alarming(label: &'static str, result: &RunResult, pick: impl Fn(&TrialResult) -> u64) -> Row {
    let row = Row::new(label, Weight::Detail, result, |trial| {
        let amount = pick(trial);
        Cell::new(number::count(amount), if amount > 0 { Mark::Alarm } else { Mark::None })
    });
    let weight = if row.cells.iter().any(|cell| cell.mark == Mark::Alarm) { Weight::Main } else { Weight::Detail };
    Row { weight, ..row }
}

fn steady(trial: &TrialResult, fault: &str, pick: fn(&FaultRecovery) -> Option<Nanos>) -> Cell {
    let Some(recovery) = recovery(trial, fault) else { return Cell::plain(ABSENT.to_owned()) };
    match (pick(recovery), &recovery.not_shown) {
        (Some(steady), _) => Cell::plain(steady.to_string()),
        (None, Some(NotShown { known: Known::Bad, .. })) => Cell::new("not reached".to_owned(), Mark::Alarm),
        (None, _) => Cell::plain("not shown".to_owned()),
    }
}

/// A sentence for each fault after which steady service was not shown.
pub(super) fn not_shown(trial: &TrialResult) -> impl Iterator<Item = String> {
    trial.recovery.faults.iter().filter_map(|recovery| {
        let NotShown { known, why } = recovery.not_shown.as_ref()?;
        let said = match known {
            Known::Bad => "service was not steady again",
            Known::Unknown => "whether service was steady again is not shown",
        };
        Some(format!("after {}, {said}: {}", one_line(&recovery.fault), one_line(why)))
    })
}

/// One client and one fault, in words.
pub(super) struct ReturnLine {
    /// The trial's name.
    pub(super) trial: String,
    pub(super) fault: String,
    pub(super) client: String,
    pub(super) first_error: String,
    pub(super) attempts: String,
    pub(super) connected: String,
    pub(super) first_success: String,
    /// It did not come back.
    pub(super) mark: Mark,
}

impl ReturnLine {
    /// The headings of its parts, in the order of [`ReturnLine::parts`].
    pub(super) const HEADINGS: [&str; 7] =
        ["system", "fault", "client", "first error", "attempts", "heal → connected", "heal → first success"];

    pub(super) fn parts(&self) -> [&str; 7] {
        [
            &self.trial,
            &self.fault,
            &self.client,
            &self.first_error,
            &self.attempts,
            &self.connected,
            &self.first_success,
        ]
    }
}

/// A line for each client and each fault that touched it, in the order of trials, faults and clients.
pub(super) fn lines(shown: &[Shown<'_>]) -> Vec<ReturnLine> {
    let mut lines = Vec::new();
    for shown in shown {
        for fault in &shown.trial.faults {
            for client in &shown.trial.clients {
                let touched =
                    client.reconnects.iter().filter(|reconnect| reconnect.fault == fault.name && touches(reconnect));
                lines.extend(touched.map(|reconnect| line(&shown.label, &client.client, reconnect)));
            }
        }
    }
    lines
}

/// The client noticed the fault.
pub(super) fn touches(reconnect: &Reconnect) -> bool {
    reconnect.affected
        || reconnect.first_error_ns.is_some()
        || reconnect.never_returned
        || !reconnect.attempts.is_empty()
}

fn line(trial: &str, client: &str, reconnect: &Reconnect) -> ReturnLine {
    let (connected, mark) = if reconnect.never_returned {
        (format!("not within {}", reconnect.watched_ns), Mark::Alarm)
    } else if reconnect.cut_short.is_some() {
        ("cut off again".to_owned(), Mark::None)
    } else {
        let connected = number::time(reconnect.connected_ns);
        let peer = several(reconnect).map_or_else(String::new, |peer| format!(" ({peer})"));
        (format!("{connected}{peer}"), Mark::None)
    };
    ReturnLine {
        trial: trial.to_owned(),
        fault: one_line(&reconnect.fault),
        client: one_line(client),
        first_error: number::time(reconnect.first_error_ns),
        attempts: number::count(reconnect.attempts.len() as u64),
        connected,
        first_success: number::time(reconnect.first_success_ns),
        mark,
    }
}
