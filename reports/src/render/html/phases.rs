//! Latency and rates before, during and after each fault.

use super::elements::{grouped, titled};
use crate::render::label::Shown;
use crate::render::number;
use crate::render::text::{ABSENT, one_line};
use crate::result::{Distribution, PhaseResult, TrialResult};
use crate::units::Nanos;
use maud::{Markup, html};

struct Column {
    heading: &'static str,
    of_consumers: bool,
    figure: fn(&PhaseResult) -> String,
}

const COLUMNS: [Column; 9] = [
    of_all("Seconds", |phase| format!("{:.1} to {:.1}", phase.from_ns.as_secs_f64(), phase.to_ns.as_secs_f64())),
    of_all("Offered", |phase| number::decimal(phase.rates.offered.msg_per_s)),
    of_all("Acknowledged", |phase| number::decimal(phase.rates.acknowledged.msg_per_s)),
    of_consumers("Consumed", |phase| number::decimal(phase.rates.consumed.msg_per_s)),
    of_all("Response p50", |phase| time(&phase.latency_ns.response, |times| times.p50)),
    of_all("Response p99", |phase| time(&phase.latency_ns.response, |times| times.p99)),
    of_all("Response max", |phase| time(&phase.latency_ns.response, |times| times.max)),
    of_all("Service p99", |phase| time(&phase.latency_ns.service, |times| times.p99)),
    of_consumers("End-to-end p99", |phase| time(&phase.latency_ns.end_to_end, |times| times.p99)),
];

const fn of_all(heading: &'static str, figure: fn(&PhaseResult) -> String) -> Column {
    Column { heading, of_consumers: false, figure }
}

const fn of_consumers(heading: &'static str, figure: fn(&PhaseResult) -> String) -> Column {
    Column { heading, of_consumers: true, figure }
}

fn time(distribution: &Distribution, pick: fn(&Distribution) -> u64) -> String {
    number::time((distribution.count > 0).then(|| Nanos(pick(distribution))))
}

pub(super) fn section(shown: &[Shown<'_>]) -> Markup {
    if shown.iter().all(|shown| shown.trial.phases.is_empty()) {
        return html! {};
    }
    let has_consumers = shown.iter().any(|shown| shown.trial.has_consumers);
    let columns: Vec<&Column> = COLUMNS.iter().filter(|column| has_consumers || !column.of_consumers).collect();
    let headings: Vec<&str> = std::iter::once("Window").chain(columns.iter().map(|column| column.heading)).collect();
    let body = html! {
        p class="lead" { "A latency belongs to the window in which its message was due, a rate to the window in which the messages were counted. Rates are in msg/s." }
        (grouped("Figures of each window", &headings, shown, |shown| html! { @for phase in &shown.trial.phases { (row(phase, shown.trial, &columns)) } }))
    };
    titled("phases", "Before, during and after", &body)
}

fn row(phase: &PhaseResult, trial: &TrialResult, columns: &[&Column]) -> Markup {
    let figure = |column: &Column| {
        if column.of_consumers && !trial.has_consumers { ABSENT.to_owned() } else { (column.figure)(phase) }
    };
    html! {
        tr {
            th scope="row" { (one_line(&phase.name)) }
            @for column in columns { td { (figure(column)) } }
        }
    }
}
