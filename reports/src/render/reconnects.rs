//! Who came back when: rows over all clients for the comparison, and one line for each client.

use super::cells::{Cell, Mark, Row, Weight};
use super::label::Shown;
use super::number;
use super::text::{ABSENT, one_line};
use crate::result::{Reconnect, RunResult, TrialResult};
use crate::units::Nanos;

/// The comparison's rows about one fault: the extremes over all clients.
pub(super) fn rows(result: &RunResult, fault: &str) -> Vec<Row> {
    let latest = |label, weight, pick: fn(&Reconnect) -> Option<Nanos>| {
        Row::new(label, weight, result, |trial| Cell::plain(number::time(of(trial, fault).filter_map(pick).max())))
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
        alarming("outside envelope", result, |trial| {
            of(trial, fault).map(|reconnect| reconnect.outside_envelope).sum()
        }),
        latest("heal → connected", Main, |reconnect| reconnect.connected_ns),
        latest("heal → first success", Main, |reconnect| reconnect.first_success_ns),
        Row::new("heal → steady", Main, result, |trial| steady(trial, fault)),
        alarming("never returned", result, |trial| {
            of(trial, fault).filter(|reconnect| reconnect.never_returned).count() as u64
        }),
    ]
}

fn of<'a>(trial: &'a TrialResult, fault: &'a str) -> impl Iterator<Item = &'a Reconnect> {
    trial.clients.iter().flat_map(|client| &client.reconnects).filter(move |reconnect| reconnect.fault == fault)
}

fn affected(trial: &TrialResult, fault: &str) -> usize {
    of(trial, fault).filter(|reconnect| reconnect.affected).count()
}

fn alarming(label: &'static str, result: &RunResult, pick: impl Fn(&TrialResult) -> u64) -> Row {
    let row = Row::new(label, Weight::Detail, result, |trial| {
        let amount = pick(trial);
        Cell { text: number::count(amount), mark: if amount > 0 { Mark::Alarm } else { Mark::None } }
    });
    let weight = if row.cells.iter().any(|cell| cell.mark == Mark::Alarm) { Weight::Main } else { Weight::Detail };
    Row { weight, ..row }
}

fn steady(trial: &TrialResult, fault: &str) -> Cell {
    match trial.recovery.faults.iter().find(|recovery| recovery.fault == fault) {
        None => Cell::plain(ABSENT.to_owned()),
        Some(recovery) => match recovery.steady_ns {
            Some(steady) => Cell::plain(steady.to_string()),
            None => Cell { text: "not reached".to_owned(), mark: Mark::Alarm },
        },
    }
}

/// One client and one fault, in words.
pub(super) struct Line {
    /// The trial's name.
    pub(super) trial: String,
    pub(super) fault: String,
    pub(super) client: String,
    pub(super) first_error: String,
    pub(super) attempts: String,
    pub(super) connected: String,
    pub(super) first_success: String,
    /// It never came back.
    pub(super) mark: Mark,
}

impl Line {
    /// The headings of its parts, in the order of [`Line::parts`].
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
pub(super) fn lines(shown: &[Shown<'_>]) -> Vec<Line> {
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

fn line(trial: &str, client: &str, reconnect: &Reconnect) -> Line {
    let (connected, mark) = if reconnect.never_returned {
        ("never".to_owned(), Mark::Alarm)
    } else {
        (number::time(reconnect.connected_ns), Mark::None)
    };
    Line {
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
