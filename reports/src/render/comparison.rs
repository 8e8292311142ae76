//! The comparison table: one column for each trial, the same rows wherever it is shown.

use super::cells::{Cell, Mark, Row, Section, Weight};
use super::label::labels;
use super::number;
use super::text::{ABSENT, one_line};
use super::why::{why_again, why_refused};
use super::winner::{Better, Race};
use crate::result::{Distribution, FaultResult, Interval, PoolResult, RetryResult, RunResult, TrialResult, Unit};
use crate::units::Nanos;

/// The table.
pub(super) struct Comparison {
    /// One for each trial.
    pub(super) columns: Vec<String>,
    pub(super) sections: Vec<Section>,
    /// What a reader must know to read it, each a sentence.
    pub(super) remarks: Vec<String>,
}

impl Comparison {
    /// The table of a run.
    pub(super) fn of(result: &RunResult) -> Self {
        let mut sections = vec![speed(result), messages(result)];
        sections.extend(super::recoveries::ack(result));
        sections.extend(fault_names(result).iter().map(|name| fault(result, name)));
        let sections = sections.into_iter().map(|section| section.possible(result)).collect();
        Self { columns: labels(result), sections, remarks: remarks(result) }
    }
}

fn speed(result: &RunResult) -> Section {
    let race = Race::of(result);
    let rate = |label, weight, interval: &str, pick: fn(&TrialResult) -> f64| {
        let marks = race.marks_within(Better::Higher, interval, |trial| Some(pick(trial)).filter(|rate| *rate > 0.0));
        let texts = result.trials.iter().map(|trial| number::rate(pick(trial)));
        Row::marked(label, weight, texts.zip(marks)).within(intervals(result, interval))
    };
    let latency = |label: &'static str, weight, pick: fn(&TrialResult) -> (&Distribution, u64)| {
        let interval = label.replace([' ', '.'], "-");
        let known = |trial: &TrialResult| {
            let (distribution, value) = pick(trial);
            (distribution.count > 0).then_some(value)
        };
        let marks = race.marks_within(Better::Lower, &interval, |trial| known(trial).map(|value| value as f64));
        let texts = result.trials.iter().map(|trial| number::time(known(trial).map(Nanos)));
        Row::marked(label, weight, texts.zip(marks)).within(intervals(result, &interval))
    };
    use Weight::{Detail, Main};
    Section {
        heading: "Speed over the load phase".to_owned(),
        rows: vec![
            rate("acknowledged", Main, "throughput", |trial| trial.rates.acknowledged.msg_per_s),
            rate("consumed", Detail, "", |trial| trial.rates.consumed.msg_per_s).of_consumers(),
            latency("response p50", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p50)),
            latency("response p99", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p99)),
            latency("response p99.9", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.p99_9)),
            latency("response max", Main, |trial| (&trial.latency_ns.response, trial.latency_ns.response.max)),
            latency("service p50", Main, |trial| (&trial.latency_ns.service, trial.latency_ns.service.p50)),
            latency("service p99", Main, |trial| (&trial.latency_ns.service, trial.latency_ns.service.p99)),
            latency("end-to-end p50", Main, |trial| (&trial.latency_ns.end_to_end, trial.latency_ns.end_to_end.p50))
                .of_consumers(),
            latency("end-to-end p99", Main, |trial| (&trial.latency_ns.end_to_end, trial.latency_ns.end_to_end.p99))
                .of_consumers(),
            longest_gap(result, &race),
            refused(result),
            generator_lag(result),
        ]
        .into_iter()
        .chain(super::yardstick::row(result))
        .chain(warm(result))
        .chain(pool(result))
        .chain(retries(result))
        .collect(),
    }
}

/// Where each trial's figure lies with 95 % confidence, unless it reads the same at both ends.
fn intervals<'r>(result: &'r RunResult, figure: &str) -> impl Iterator<Item = Option<String>> + use<'r> {
    let figure = figure.to_owned();
    result.trials.iter().map(move |trial| {
        let Interval { low, high, unit } = trial.intervals.get(&figure)?;
        let show = |value: f64| match unit {
            Unit::Nanoseconds => number::time(Some(Nanos(value.round().max(0.0) as u64))),
            _ => number::rate(value),
        };
        let (low, high) = (show(*low), show(*high));
        (low != high).then(|| format!("{low} to {high}"))
    })
}

/// The longest time without an acknowledgement while one was due; a detail where it is shorter than a second everywhere.
fn longest_gap(result: &RunResult, race: &Race<'_>) -> Row {
    let gap = |trial: &TrialResult| (trial.counts.offered > 0).then_some(trial.recovery.longest_gap_ns);
    let weight = if result.trials.iter().filter_map(gap).any(|gap| gap >= Nanos::SECOND) {
        Weight::Main
    } else {
        Weight::Detail
    };
    let marks = race.marks(Better::Lower, |trial| gap(trial).map(|gap| gap.0 as f64));
    Row::marked("longest outage", weight, result.trials.iter().map(|trial| number::time(gap(trial))).zip(marks))
}

/// How hard pools of connections were pressed, where there are any.
fn pool(result: &RunResult) -> Vec<Row> {
    if result.trials.iter().all(|trial| trial.pool.is_none()) {
        return Vec::new();
    }
    let row = |label, pick: fn(&PoolResult) -> String| {
        Row::new(label, Weight::Main, result, move |trial| {
            Cell::plain(trial.pool.as_ref().map_or_else(|| ABSENT.to_owned(), pick))
        })
    };
    vec![
        row("pool in use, most", |pool| number::count(pool.most_active)),
        row("pool waiting, most", |pool| number::count(pool.most_waiting)),
        row("pool longest wait", |pool| number::time(Some(Nanos(pool.longest_wait_ns)))),
    ]
}

/// What became of sends that were tried again, where any was.
fn retries(result: &RunResult) -> Vec<Row> {
    if result.trials.iter().all(|trial| trial.retries.is_none()) {
        return Vec::new();
    }
    let row = |label, pick: fn(&RetryResult) -> u64| {
        Row::new(label, Weight::Main, result, move |trial| {
            Cell::plain(number::count(trial.retries.as_ref().map_or(0, pick)))
        })
    };
    let mut rows = vec![
        row("tried again", |retries| retries.messages),
        row("of these acknowledged", |retries| retries.acknowledged),
    ];
    if result.trials.iter().any(|trial| trial.retries.is_some_and(|retries| retries.given_up > 0)) {
        rows.push(row("given up", |retries| retries.given_up));
        rows.push(row("of these dead letters", |retries| retries.dead_lettered));
    }
    rows
}

/// How long it took to be refused, apart from the latencies of what was served; no detail where anything was.
fn refused(result: &RunResult) -> Row {
    let any = result.trials.iter().any(|trial| trial.latency_ns.refused.count > 0);
    let weight = if any { Weight::Main } else { Weight::Detail };
    Row::new("until refused p50", weight, result, |trial| {
        let refused = &trial.latency_ns.refused;
        Cell::plain(number::time((refused.count > 0).then_some(Nanos(refused.p50))))
    })
}

/// From when on the load was like its rest; a detail where it was from its start everywhere, or that cannot be told.
fn warm(result: &RunResult) -> Option<Row> {
    result.trials.iter().find(|trial| trial.warm_up.is_some())?;
    let is_cold = |trial: &TrialResult| trial.warm_up.as_ref().is_some_and(|warm_up| !warm_up.signs.is_empty());
    let weight = if result.trials.iter().any(is_cold) { Weight::Main } else { Weight::Detail };
    Some(Row::new("load → warm", weight, result, |trial| {
        let Some(warm_up) = &trial.warm_up else { return Cell::plain(ABSENT.to_owned()) };
        let mark = if is_cold(trial) { Mark::Doubtful } else { Mark::None };
        let text = match warm_up.warm_after_ns {
            Some(after) => number::time(Some(after)),
            None if is_cold(trial) => "not shown".to_owned(),
            None => ABSENT.to_owned(),
        };
        Cell::new(text, mark)
    }))
}

fn generator_lag(result: &RunResult) -> Row {
    Row::new("generator lag p99", Weight::Detail, result, |trial| {
        let lag = trial.generator.lag();
        let mark = if trial.generator.saturated == Some(true) { Mark::Alarm } else { Mark::None };
        Cell::new(number::time((lag.count > 0).then_some(Nanos(lag.p99))), mark)
    })
}

fn messages(result: &RunResult) -> Section {
    let plain = |label, pick: fn(&TrialResult) -> u64| {
        Row::new(label, Weight::Main, result, |trial| Cell::plain(number::count(pick(trial))))
    };
    let finding = |label, weight, pick: fn(&TrialResult) -> u64| {
        let row = Row::new(label, weight, result, |trial| {
            let amount = pick(trial);
            Cell::new(number::count(amount), if amount > 0 { Mark::Alarm } else { Mark::None })
        });
        row.raised()
    };
    use Weight::{Detail, Main};
    let pending = Row::new("pending at the end", Detail, result, |trial| {
        let pending = trial.counts.pending_at_end;
        let mark = if pending.is_some_and(|amount| amount > 0) { Mark::Alarm } else { Mark::None };
        Cell::new(pending.map_or_else(|| ABSENT.to_owned(), number::count), mark)
    });
    let rows = vec![
        plain("offered", |trial| trial.counts.offered),
        plain("acknowledged", |trial| trial.counts.acknowledged),
        plain("indeterminate", |trial| trial.counts.indeterminate),
        failed(result),
        finding("lost", Main, |trial| trial.counts.lost),
        finding("duplicated", Main, |trial| trial.counts.duplicated),
        plain("redelivered", |trial| trial.counts.redelivered).of_consumers(),
        finding("phantom", Detail, |trial| trial.counts.phantom),
        finding("corrupted", Detail, |trial| trial.counts.corrupted),
        finding("out of order", Detail, |trial| trial.counts.out_of_order).of_consumers(),
        finding("resurrected", Detail, |trial| trial.counts.resurrected).of_consumers(),
        pending.raised().of_consumers(),
    ];
    Section {
        heading: "Messages of the whole trial".to_owned(),
        rows: rows.into_iter().chain(super::recoveries::log(result)).collect(),
    }
}

/// Refused sends: an alarm where no fault explains all of them.
fn failed(result: &RunResult) -> Row {
    let row = Row::new("failed", Weight::Detail, result, |trial| {
        let unexplained = trial.reasons.failed.iter().any(|reason| reason.sends > reason.explained);
        let mark = if unexplained { Mark::Alarm } else { Mark::None };
        Cell::new(number::count(trial.counts.failed), mark)
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
    let stated = |label, pick: fn(&FaultResult) -> (bool, &'static str)| {
        Row::new(label, Weight::Main, result, |trial| match of(trial).as_ref().map(pick) {
            None => Cell::plain(ABSENT.to_owned()),
            Some((true, word)) => Cell::plain(word.to_owned()),
            Some((false, word)) => Cell::new(word.to_owned(), Mark::Alarm),
        })
    };
    let lasted = Row::new("lasted", Weight::Detail, result, |trial| {
        let fault = of(trial);
        let span = fault.and_then(|fault| Some(fault.healed_ns?.since(fault.injected_ns?)));
        Cell::plain(number::time(span))
    });
    let done_to = || {
        Row::new("done to", Weight::Main, result, |trial| {
            Cell::plain(of(trial).map_or_else(|| ABSENT.to_owned(), |fault| one_line(&fault.target)))
        })
    };
    let mut rows = vec![
        stated("confirmed", |fault| (fault.confirmed, if fault.confirmed { "yes" } else { "no" })),
        stated("effect", |fault| (fault.effect_seen, fault.effect_word())),
        lasted,
    ];
    if common_target(result, name).is_none() {
        rows.insert(0, done_to());
    }
    rows.extend(super::reconnects::rows(result, name));
    Section { heading: fault_heading(result, name), rows }
}

/// What a fault was done to in all trials that met it; `None`: not to the same in each, as whoever led was not the same.
fn common_target(result: &RunResult, name: &str) -> Option<String> {
    let mut met = result.trials.iter().flat_map(|trial| &trial.faults).filter(|fault| fault.name == name);
    let target = met.next()?.target.clone();
    met.all(|fault| fault.target == target).then_some(target)
}

fn fault_heading(result: &RunResult, name: &str) -> String {
    let fault = result.trials.iter().flat_map(|trial| &trial.faults).find(|fault| fault.name == name);
    let name = one_line(name);
    fault.map_or_else(
        || format!("Fault {name}"),
        |fault| {
            let target = common_target(result, &fault.name).unwrap_or_default();
            let parts = [fault.kind.as_str(), &target, &fault.detail];
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
        .filter(|(_, trial)| trial.generator.saturated == Some(true))
        .map(|(label, _)| label)
        .collect();
    let mut remarks = Vec::new();
    if result.scenario.workload.closed_loop {
        remarks.push(
            "The load is unlimited: each message waits until there is a place for it, and is due then. Throughput is what the broker \
             and its clients took; latencies leave out the time for which a message would have waited, so they are not those of a load with a rate."
                .to_owned(),
        );
    }
    if !saturated.is_empty() {
        let names = super::text::listed(&saturated);
        remarks.push(format!(
            "Sends were late on {names}: the load generator did not keep up, or a stall filled what may be in flight. \
             Speed is not compared."
        ));
    }
    remarks.extend(super::proxied::remark(&result.trials, &labels));
    remarks.extend(super::yardstick::remark(&result.trials).map(|told| format!("{told}.")));
    for (label, trial) in labels.iter().zip(&result.trials) {
        remarks.extend(super::reconnects::not_shown(trial).map(|why| format!("{label}: {why}")));
        remarks.extend(why_refused(trial).into_iter().chain(why_again(trial)).map(|told| format!("{label}: {told}")));
        remarks.extend(super::busy::remark(trial).map(|told| format!("{label}: {told}.")));
        remarks.extend(trial.notes.iter().map(|note| format!("{label}: {}", one_line(note))));
    }
    remarks
}
