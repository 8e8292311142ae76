//! The comparison table: one column for each trial, the same rows wherever it is shown.

use super::label::labels;
use super::number;
use super::text::{ABSENT, one_line};
use super::winner::{Better, Race};
use crate::result::{Distribution, FaultResult, RunResult, TrialResult};
use crate::units::Nanos;

/// The table.
pub(super) struct Comparison {
    /// One for each trial.
    pub(super) columns: Vec<String>,
    pub(super) sections: Vec<Section>,
    /// What a reader must know to read it, each a sentence.
    pub(super) remarks: Vec<String>,
}

/// Rows that belong together.
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) rows: Vec<Row>,
}

/// One figure of every trial.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) weight: Weight,
    pub(super) cells: Vec<Cell>,
}

/// Whether a row is shown where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Main,
    Detail,
}

/// One figure.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) mark: Mark,
}

/// What is special about a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing.
    None,
    /// The best of its row.
    Best,
    /// Something went wrong.
    Alarm,
    /// It was measured, but under conditions under which it says little.
    Doubtful,
}

impl Comparison {
    /// The table of a run.
    pub(super) fn of(result: &RunResult) -> Self {
        let mut sections = vec![speed(result), messages(result)];
        sections.extend(fault_names(result).iter().map(|name| fault(result, name)));
        Self { columns: labels(result), sections, remarks: remarks(result) }
    }
}

fn speed(result: &RunResult) -> Section {
    let race = Race::of(result);
    let rate = |label, weight, pick: fn(&TrialResult) -> f64| {
        let marks = race.marks(Better::Higher, |trial| Some(pick(trial)).filter(|rate| *rate > 0.0));
        let texts = result.trials.iter().map(|trial| number::rate(pick(trial)));
        Row::marked(label, weight, texts.zip(marks))
    };
    let latency = |label, weight, pick: fn(&TrialResult) -> (&Distribution, u64)| {
        let known = |trial: &TrialResult| {
            let (distribution, value) = pick(trial);
            (distribution.count > 0).then_some(value)
        };
        let marks = race.marks(Better::Lower, |trial| known(trial).map(|value| value as f64));
        let texts = result.trials.iter().map(|trial| number::time(known(trial).map(Nanos)));
        Row::marked(label, weight, texts.zip(marks))
    };
    use Weight::{Detail, Main};
    Section {
        heading: "Speed over the load phase".to_owned(),
        rows: vec![
            rate("acknowledged", Main, |trial| trial.rates.acknowledged.msg_per_s),
            rate("consumed", Detail, |trial| trial.rates.consumed.msg_per_s),
            latency("response p50", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p50)),
            latency("response p99", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p99)),
            latency("response p99.9", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p99_9)),
            latency("response max", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.max)),
            latency("service p50", Main, |trial| (&trial.latency_ns.service, trial.latency_ns.service.p50)),
            latency("service p99", Main, |trial| (&trial.latency_ns.service, trial.latency_ns.service.p99)),
            latency("end-to-end p50", Main, |trial| (&trial.latency_ns.end_to_end, trial.latency_ns.end_to_end.p50)),
            latency("end-to-end p99", Main, |trial| (&trial.latency_ns.end_to_end, trial.latency_ns.end_to_end.p99)),
            generator_lag(result),
        ],
    }
}

fn generator_lag(result: &RunResult) -> Row {
    Row::new("generator lag p99", Weight::Detail, result, |trial| {
        let lag = &trial.generator.lag_ns;
        let mark = if trial.generator.saturated { Mark::Alarm } else { Mark::None };
        Cell { text: number::time((lag.count > 0).then_some(Nanos(lag.p99))), mark }
    })
}

fn messages(result: &RunResult) -> Section {
    let plain = |label, pick: fn(&TrialResult) -> u64| {
        Row::new(label, Weight::Main, result, |trial| Cell::plain(number::count(pick(trial))))
    };
    let finding = |label, weight, pick: fn(&TrialResult) -> u64| {
        let row = Row::new(label, weight, result, |trial| {
            let amount = pick(trial);
            Cell { text: number::count(amount), mark: if amount > 0 { Mark::Alarm } else { Mark::None } }
        });
        row.raised()
    };
    use Weight::{Detail, Main};
    Section {
        heading: "Messages of the whole trial".to_owned(),
        rows: vec![
            plain("offered", |trial| trial.counts.offered),
            plain("acknowledged", |trial| trial.counts.acknowledged),
            plain("indeterminate", |trial| trial.counts.indeterminate),
            failed(result),
            finding("lost", Main, |trial| trial.counts.lost),
            finding("duplicated", Main, |trial| trial.counts.duplicated),
            plain("redelivered", |trial| trial.counts.redelivered),
            finding("phantom", Detail, |trial| trial.counts.phantom),
            finding("corrupted", Detail, |trial| trial.counts.corrupted),
            finding("out of order", Detail, |trial| trial.counts.out_of_order),
            finding("resurrected", Detail, |trial| trial.counts.resurrected),
            Row::new("pending at the end", Detail, result, |trial| {
                let pending = trial.counts.pending_at_end;
                let mark = if pending.is_some_and(|amount| amount > 0) { Mark::Alarm } else { Mark::None };
                Cell { text: pending.map_or_else(|| ABSENT.to_owned(), number::count), mark }
            })
            .raised(),
        ],
    }
}

/// Refused sends: an alarm where no fault explains all of them.
fn failed(result: &RunResult) -> Row {
    let row = Row::new("failed", Weight::Detail, result, |trial| {
        let unexplained = trial.reasons.failed.iter().any(|reason| reason.sends > reason.explained);
        let mark = if unexplained { Mark::Alarm } else { Mark::None };
        Cell { text: number::count(trial.counts.failed), mark }
    });
    row.raised()
}

/// The names of all faults of all trials, in the order in which they first appear.
pub(super) fn fault_names(result: &RunResult) -> Vec<String> {
    let mut names = Vec::new();
    for fault in result.trials.iter().flat_map(|trial| &trial.faults) {
        if !names.contains(&fault.name) {
            names.push(fault.name.clone());
        }
    }
    names
}

fn fault(result: &RunResult, name: &str) -> Section {
    let of = |trial: &TrialResult| trial.faults.iter().find(|fault| fault.name == name).cloned();
    let stated = |label, pick: fn(&FaultResult) -> (bool, &'static str, &'static str)| {
        Row::new(label, Weight::Main, result, |trial| match of(trial).as_ref().map(pick) {
            None => Cell::plain(ABSENT.to_owned()),
            Some((true, yes, _)) => Cell::plain(yes.to_owned()),
            Some((false, _, no)) => Cell { text: no.to_owned(), mark: Mark::Alarm },
        })
    };
    let lasted = Row::new("lasted", Weight::Detail, result, |trial| {
        let fault = of(trial);
        let span = fault.and_then(|fault| Some(fault.healed_ns?.since(fault.injected_ns?)));
        Cell::plain(number::time(span))
    });
    let mut rows = vec![
        stated("confirmed", |fault| (fault.confirmed, "yes", "no")),
        stated("effect", |fault| (fault.effect_seen, "seen", "not seen")),
        lasted,
    ];
    rows.extend(super::reconnects::rows(result, name));
    Section { heading: fault_heading(result, name), rows }
}

fn fault_heading(result: &RunResult, name: &str) -> String {
    let fault = result.trials.iter().flat_map(|trial| &trial.faults).find(|fault| fault.name == name);
    let name = one_line(name);
    fault.map_or_else(
        || format!("Fault {name}"),
        |fault| {
            let parts = [fault.kind.as_str(), &fault.target, &fault.detail];
            let parts: Vec<String> = parts.iter().map(|part| one_line(part)).filter(|part| !part.is_empty()).collect();
            format!("Fault {name}: {}", parts.join(", "))
        },
    )
}

fn remarks(result: &RunResult) -> Vec<String> {
    let labels = labels(result);
    let saturated: Vec<&String> = labels
        .iter()
        .zip(&result.trials)
        .filter(|(_, trial)| trial.generator.saturated)
        .map(|(label, _)| label)
        .collect();
    let mut remarks = Vec::new();
    if !saturated.is_empty() {
        let names = super::text::listed(&saturated);
        remarks.push(format!(
            "Sends were late on {names}: the load generator did not keep up, or a stall filled what may be in flight. \
             Speed is not compared."
        ));
    }
    for (label, trial) in labels.iter().zip(&result.trials) {
        remarks.extend(why_refused(trial).into_iter().chain(why_again(trial)).map(|told| format!("{label}: {told}")));
        remarks.extend(trial.notes.iter().map(|note| format!("{label}: {}", one_line(note))));
    }
    remarks
}

/// So many reasons are named.
const REASONS: usize = 5;

/// Refused sends and their reasons, the most frequent first.
fn why_refused(trial: &TrialResult) -> Option<String> {
    let reasons = &trial.reasons.failed;
    let each = reasons.iter().take(REASONS).map(|reason| {
        let fault = match reason.explained {
            0 => "",
            explained if explained == reason.sends => " (a fault explains it)",
            _ => " (a fault explains a part)",
        };
        format!("{} × {}{fault}", number::count(reason.sends), one_line(&reason.words))
    });
    let each: Vec<_> = each.collect();
    (!each.is_empty())
        .then(|| format!("{} sends were refused: {}", number::count(trial.counts.failed), each.join(", ")))
}

/// Redeliveries and their causes, the most frequent first.
fn why_again(trial: &TrialResult) -> Option<String> {
    let mut causes: Vec<_> = trial.recovery.redelivered_by_cause.iter().collect();
    causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let told = |cause: &str| {
        match cause {
        "claim" => "taken over from another consumer".to_owned(),
        "crash" => "its consumer was killed".to_owned(),
        "rebalance" => "the partition changed hands after a fault".to_owned(),
        "rebalance-without-fault" => {
            "the partition changed hands without a fault: a batch took longer than the poll interval, or a consumer joined \
             or left"
                .to_owned()
        }
        "reconnect" => "after a lost connection".to_owned(),
        "own-pending" => "read again from the consumer's own pending entries".to_owned(),
        "duplicate" => "stored twice".to_owned(),
        other => one_line(other),
    }
    };
    let each: Vec<_> =
        causes.iter().map(|(cause, count)| format!("{} {}", number::count(**count), told(cause))).collect();
    let all = number::count(trial.counts.redelivered);
    (!each.is_empty()).then(|| format!("{all} deliveries beyond the first: {}", each.join("; ")))
}

impl Row {
    pub(super) fn new(
        label: &'static str,
        weight: Weight,
        result: &RunResult,
        cell: impl Fn(&TrialResult) -> Cell,
    ) -> Self {
        Self { label, weight, cells: result.trials.iter().map(cell).collect() }
    }

    fn marked(label: &'static str, weight: Weight, cells: impl Iterator<Item = (String, Mark)>) -> Self {
        Self { label, weight, cells: cells.map(|(text, mark)| Cell { text, mark }).collect() }
    }

    /// A detail that found something is no detail.
    fn raised(mut self) -> Self {
        if self.cells.iter().any(|cell| cell.mark == Mark::Alarm) {
            self.weight = Weight::Main;
        }
        self
    }
}

impl Cell {
    pub(super) const fn plain(text: String) -> Self {
        Self { text, mark: Mark::None }
    }
}
